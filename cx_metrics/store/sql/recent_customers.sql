-- recent_customers: the mature contacts since a day, per customer within each intent, and within all together ('*').
-- Most customers have one; those are only counted by their codes, with no customer named.
WITH recent AS (
    SELECT cells.intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below
    FROM touches
    INNER JOIN cells USING (month, cell)
    WHERE day >= $first_day AND mature_for >= 1
),

grouped AS (
    SELECT intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below FROM recent
    UNION ALL
    SELECT '*' AS intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below FROM recent
),

customers AS (
    SELECT
        intent, customer_key, count(*) AS contacts,
        max(followed_within) AS followed_within, max(repeat_within) AS repeat_within,
        max(mature_for) AS mature_for, max(left_edge_below) AS left_edge_below
    FROM grouped
    GROUP BY intent, customer_key
)

SELECT
    intent, CAST(NULL AS BIGINT) AS customer_key,
    followed_within, repeat_within, mature_for, left_edge_below, count(*) AS contacts
FROM customers
WHERE contacts = 1
GROUP BY intent, followed_within, repeat_within, mature_for, left_edge_below
UNION ALL
SELECT
    intent, customer_key,
    followed_within, repeat_within, mature_for, left_edge_below, count(*) AS contacts
FROM grouped
SEMI JOIN (SELECT intent, customer_key FROM customers WHERE contacts > 1) AS several USING (intent, customer_key)
GROUP BY intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below
