-- changes: per customer from when to when contacts came or went, also over a cut-off that moved.
SELECT customer_key, min(started_at) AS first_at, max(started_at) AS last_at, max(anchor) AS last_anchor
FROM (
    SELECT customer_key, started_at, anchor FROM changed_rows
    UNION ALL
    SELECT customer_key, started_at, anchor
    FROM contacts
    WHERE customer_id IS NOT NULL AND started_at > $earlier_cutoff AND started_at <= $later_cutoff
) AS changed
GROUP BY customer_key
