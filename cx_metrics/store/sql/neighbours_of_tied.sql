-- neighbours of the customers in `tied`, who have contacts that start together: in full order, which costs texts.
SELECT
    customer_key,
    source,
    contact_id,
    started_at,
    anchor,
    lead(started_at) OVER of_intent AS next_started_at,
    lag(anchor) OVER of_intent AS previous_anchor,
    lead(started_at) OVER of_any AS any_next_started_at,
    lag(anchor) OVER of_any AS any_previous_anchor
FROM (SELECT * FROM contacts WHERE customer_key IS NOT NULL) AS identified
SEMI JOIN tied USING (customer_key)
WHERE started_at <= $watermark
WINDOW
    of_intent AS (PARTITION BY pair_key ORDER BY started_at, source, contact_id),
    of_any AS (PARTITION BY customer_key ORDER BY started_at, source, contact_id)
