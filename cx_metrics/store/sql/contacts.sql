-- contacts: one narrow row per contact of the lake files at hand.
-- Keys stand for texts, because texts carried through a sort are what costs.
SELECT
    CAST(replace(month, '-', '') AS INTEGER) AS month,
    key64(intent, category, channel, segment, product, region, team) AS cell,
    customer_id,
    key64(customer_id) AS customer_key,
    key64(key64(customer_id), intent) AS pair_key,
    source,
    contact_id,
    started_at,
    ended_at,
    CASE WHEN ended_at >= started_at THEN ended_at ELSE started_at END AS anchor,
    intent, category, channel, segment, product, region, team,
    resolved,
    confirmed
FROM lake
