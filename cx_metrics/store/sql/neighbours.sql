-- neighbours: each contact with the next start and the previous anchor of the same customer and intent.
-- Contacts without a customer id or after the cut-off take no part: they have neither, and no anchor.
-- Contacts of a pair that start together come in any order here; neighbours_of_tied.sql mends those.
SELECT
    month, cell, customer_key, started_at, anchor, resolved, confirmed,
    lead(started_at) OVER in_order AS next_started_at,
    lag(anchor) OVER in_order AS previous_anchor
FROM contacts
WHERE customer_id IS NOT NULL AND started_at <= $watermark
WINDOW in_order AS (PARTITION BY pair_key ORDER BY started_at)
UNION ALL
SELECT
    month, cell, NULL AS customer_key, started_at, NULL AS anchor, resolved, confirmed,
    NULL AS next_started_at, NULL AS previous_anchor
FROM contacts
WHERE customer_id IS NULL
UNION ALL
SELECT
    month, cell, customer_key, started_at, NULL AS anchor, resolved, confirmed,
    NULL AS next_started_at, NULL AS previous_anchor
FROM contacts
WHERE customer_id IS NOT NULL AND started_at > $watermark
