-- The months of contacts whose neighbours can be others now: those of a changed customer that end at most 30 days
-- before the first change, and start at most 30 days after the latest anchor of whatever starts up to the last one.
-- A change between two contacts can part them, so that latest anchor need not be the changed contact's own.
WITH open_late AS (
    SELECT month, customer_key, customer_id, started_at, anchor FROM contacts WHERE started_at >= $floor
    UNION ALL
    SELECT month, customer_key, customer_id, started_at, anchor
    FROM contacts
    WHERE started_at < $floor AND ended_at >= $floor
),

candidates AS (
    SELECT month, customer_key, started_at, anchor, last_at
    FROM open_late
    INNER JOIN changes USING (customer_key)
    WHERE
        customer_id IS NOT NULL
        AND started_at <= $later_cutoff
        AND anchor >= first_at - INTERVAL 30 DAY
),

reaches AS (
    SELECT customer_key, max(anchor) AS reach
    FROM (
        SELECT customer_key, anchor FROM candidates WHERE started_at <= last_at
        UNION ALL
        SELECT customer_key, last_anchor AS anchor FROM changes
    ) AS anchors
    GROUP BY customer_key
)

SELECT DISTINCT month
FROM candidates
INNER JOIN reaches USING (customer_key)
WHERE started_at <= reach + INTERVAL 30 DAY
