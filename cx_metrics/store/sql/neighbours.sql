-- neighbours: when the next contact of the same customer and intent starts and which anchor the previous one has, and
-- the same whatever the intent (any_...). Only what neighbours depend on, because columns carried through a sort cost.
-- Contacts without a customer id or after the cut-off take no part.
-- Contacts of a customer that start together come in any order here; neighbours_of_tied.sql mends those.
SELECT
    customer_key,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS contact_id,
    started_at,
    anchor,
    lead(started_at) OVER of_intent AS next_started_at,
    lag(anchor) OVER of_intent AS previous_anchor,
    lead(started_at) OVER of_any AS any_next_started_at,
    lag(anchor) OVER of_any AS any_previous_anchor
FROM contacts
WHERE customer_key IS NOT NULL AND started_at <= $watermark
WINDOW
    of_intent AS (PARTITION BY pair_key ORDER BY started_at),
    of_any AS (PARTITION BY customer_key ORDER BY started_at)
