-- recent_customers: the mature contacts since a day, by customer and codes; within each intent, and within all
-- together (''; no intent is an empty text). Customers with one contact there are told in sum, without a key: they
-- are most, and all alike.
WITH recent AS (
    SELECT cells.intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below
    FROM touches
    INNER JOIN cells USING (month, cell)
    WHERE day >= $first_day AND mature_for >= 1
),

often AS (
    SELECT intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below
    FROM recent
    SEMI JOIN (
        SELECT customer_key FROM recent GROUP BY customer_key HAVING count(*) > 1
    ) AS customers USING (customer_key)
),

several AS (
    SELECT
        '' AS intent, customer_key,
        followed_within, repeat_within, mature_for, left_edge_below, CAST(count(*) AS INTEGER) AS contacts
    FROM often
    GROUP BY customer_key, followed_within, repeat_within, mature_for, left_edge_below
    UNION ALL
    SELECT
        intent, customer_key,
        followed_within, repeat_within, mature_for, left_edge_below, CAST(count(*) AS INTEGER) AS contacts
    FROM often
    SEMI JOIN (
        SELECT intent, customer_key FROM often GROUP BY intent, customer_key HAVING count(*) > 1
    ) AS customers USING (intent, customer_key)
    GROUP BY intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below
),

all_less_several AS (
    SELECT '' AS intent, followed_within, repeat_within, mature_for, left_edge_below, CAST(count(*) AS INTEGER) AS contacts
    FROM recent
    GROUP BY followed_within, repeat_within, mature_for, left_edge_below
    UNION ALL
    SELECT intent, followed_within, repeat_within, mature_for, left_edge_below, CAST(count(*) AS INTEGER) AS contacts
    FROM recent
    GROUP BY intent, followed_within, repeat_within, mature_for, left_edge_below
    UNION ALL
    SELECT intent, followed_within, repeat_within, mature_for, left_edge_below, -contacts AS contacts
    FROM several
)

SELECT intent, customer_key, followed_within, repeat_within, mature_for, left_edge_below, contacts
FROM several
UNION ALL
SELECT
    intent, CAST(NULL AS BIGINT) AS customer_key,
    followed_within, repeat_within, mature_for, left_edge_below, CAST(sum(contacts) AS INTEGER) AS contacts
FROM all_less_several
GROUP BY intent, followed_within, repeat_within, mature_for, left_edge_below
HAVING sum(contacts) > 0
