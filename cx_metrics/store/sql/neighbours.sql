-- neighbours: each contact with the next start and the previous anchor of the same customer and intent, and of the
-- same customer whatever the intent (any_...).
-- Contacts without a customer id or after the cut-off take no part: they have neither.
-- Contacts of a customer that start together come in any order here; neighbours_of_tied.sql mends those.
SELECT
    *,
    true AS takes_part,
    lead(started_at) OVER of_intent AS next_started_at,
    lag(anchor) OVER of_intent AS previous_anchor,
    lead(started_at) OVER of_any AS any_next_started_at,
    lag(anchor) OVER of_any AS any_previous_anchor
FROM contacts
WHERE customer_key IS NOT NULL AND started_at <= $watermark
WINDOW
    of_intent AS (PARTITION BY pair_key ORDER BY started_at),
    of_any AS (PARTITION BY customer_key ORDER BY started_at)
UNION ALL
SELECT
    *,
    false AS takes_part,
    NULL AS next_started_at, NULL AS previous_anchor, NULL AS any_next_started_at, NULL AS any_previous_anchor
FROM contacts
WHERE customer_key IS NULL OR started_at > $watermark
