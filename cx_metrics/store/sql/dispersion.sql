-- For one window: per intent and unit the sums over customers from which a design effect follows.
-- Trials: mature contacts, or eligible issues; successes: those of them that were followed.
WITH trials AS (
    SELECT
        intent, customer_key, contacts,
        CASE WHEN followed_within <= $window_days THEN contacts ELSE 0 END AS followed,
        CASE WHEN repeat_within <= $window_days OR left_edge_below <= $window_days THEN 0 ELSE 1 END AS is_issue
    FROM recent_customers
    WHERE mature_for >= $window_days
),

clusters AS (
    SELECT
        intent, contacts AS clusters, 1 AS n, CASE WHEN followed > 0 THEN 1 ELSE 0 END AS successes,
        is_issue AS issues, CASE WHEN followed > 0 THEN is_issue ELSE 0 END AS followed_issues
    FROM trials
    WHERE customer_key IS NULL
    UNION ALL
    SELECT
        intent, 1 AS clusters,
        CAST(sum(contacts) AS BIGINT) AS n,
        CAST(sum(followed) AS BIGINT) AS successes,
        CAST(sum(contacts * is_issue) AS BIGINT) AS issues,
        CAST(sum(followed * is_issue) AS BIGINT) AS followed_issues
    FROM trials
    WHERE customer_key IS NOT NULL
    GROUP BY intent, customer_key
),

units AS (
    SELECT intent, 'contact' AS unit, clusters, n, successes FROM clusters
    UNION ALL
    SELECT intent, 'issue' AS unit, clusters, issues AS n, followed_issues AS successes FROM clusters WHERE issues > 0
)

SELECT
    intent,
    $window_days AS window_days,
    unit,
    CAST(sum(clusters) AS BIGINT) AS clusters,
    CAST(sum(clusters * n) AS BIGINT) AS n,
    CAST(sum(clusters * successes) AS BIGINT) AS successes,
    CAST(sum(clusters * n * n) AS BIGINT) AS sum_nn,
    CAST(sum(clusters * n * successes) AS BIGINT) AS sum_ny,
    CAST(sum(clusters * successes * successes) AS BIGINT) AS sum_yy
FROM units
GROUP BY intent, unit
ORDER BY intent, unit
