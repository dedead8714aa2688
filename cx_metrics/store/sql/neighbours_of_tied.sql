-- neighbours of the customers in `tied`, who have contacts that start together: in full order, which costs texts.
SELECT
    month, cell, customer_key, started_at, anchor, resolved, confirmed,
    lead(started_at) OVER in_order AS next_started_at,
    lag(anchor) OVER in_order AS previous_anchor
FROM (
    SELECT month, cell, customer_key, pair_key, source, contact_id, started_at, anchor, resolved, confirmed
    FROM contacts
    WHERE customer_id IS NOT NULL
) AS identified
SEMI JOIN tied USING (customer_key)
WHERE started_at <= $watermark
WINDOW in_order AS (PARTITION BY pair_key ORDER BY started_at, source, contact_id)
UNION ALL
SELECT
    month, cell, customer_key, started_at, NULL AS anchor, resolved, confirmed,
    NULL AS next_started_at, NULL AS previous_anchor
FROM (SELECT * FROM contacts WHERE customer_id IS NOT NULL) AS identified
SEMI JOIN tied USING (customer_key)
WHERE started_at > $watermark
