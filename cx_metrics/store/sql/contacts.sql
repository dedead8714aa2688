-- contacts: one narrow row per contact of the lake files at hand; amounts in millionths, which add up exactly. None
-- is above a thousand million, so that a double still tells one millionth from the next.
-- Keys stand for texts, because texts carried through a sort are what costs.
SELECT
    CAST(replace(month, '-', '') AS INTEGER) AS month,
    key64(intent, category, channel, segment, product, region, team) AS cell,
    customer_id,
    CASE WHEN customer_id IS NOT NULL THEN key64(customer_id) END AS customer_key,
    CASE WHEN customer_id IS NOT NULL THEN key64(customer_id, intent) END AS pair_key,
    source,
    contact_id,
    started_at,
    ended_at,
    CASE WHEN ended_at >= started_at THEN ended_at ELSE started_at END AS anchor,
    intent, category, channel, segment, product, region, team, urgency, self_help,
    CAST(round(CAST(handle_minutes AS DOUBLE) * 1000000) AS BIGINT) AS handle_micros,
    CAST(round(CAST(direct_cost AS DOUBLE) * 1000000) AS BIGINT) AS direct_micros,
    CAST(round(CAST(downstream_cost AS DOUBLE) * 1000000) AS BIGINT) AS downstream_micros,
    resolved,
    survey_offered_at IS NOT NULL AS asked,
    survey_answered_at IS NOT NULL
    OR coalesce(csat, nps, ces, outcome, feeling) IS NOT NULL OR coalesce(confirmed, follow_up) IS NOT NULL AS answered,
    CAST(csat AS TINYINT) AS csat,
    CAST(nps AS TINYINT) AS nps,
    CAST(ces AS TINYINT) AS ces,
    CAST(outcome AS TINYINT) AS outcome,
    CAST(feeling AS TINYINT) AS feeling,
    confirmed,
    follow_up
FROM lake
