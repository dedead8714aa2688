-- touches: one row per contact, without its texts but urgency and self-help. For what is no sum of counts: distinct
-- customers, chains, quantiles, dispersion. Codes of neighbours as in links.sql; of its own:
-- mature_for           whole days, at most 30, that had passed after its anchor at the cut-off; NULL: takes no part
-- left_edge_below      smallest window from the start of the data in which it starts; NULL: none
-- A customer's contacts that don't start together are known by when they start, the others by source and id.
WITH aged AS (
    SELECT
        *,
        date_diff('microsecond', anchor, $watermark) AS age,
        date_diff('microsecond', $data_start, started_at) AS into_data
    FROM contacts
)

SELECT
    aged.month,
    local_date(aged.started_at) AS day,
    aged.cell,
    aged.customer_key,
    aged.started_at <= $watermark AS before_cutoff,
    coalesce(links.followed_within, tied_links.followed_within) AS followed_within,
    coalesce(links.repeat_within, tied_links.repeat_within) AS repeat_within,
    CAST(CASE
        WHEN aged.customer_key IS NULL OR aged.started_at > $watermark THEN NULL
        WHEN aged.age >= 30 * 86400000000 THEN 30
        WHEN aged.age <= 0 THEN 0
        ELSE aged.age // 86400000000
    END AS TINYINT) AS mature_for,
    CAST(CASE
        WHEN aged.into_data >= 30 * 86400000000 THEN NULL
        WHEN aged.into_data < 1 * 86400000000 THEN 1
        WHEN aged.into_data < 3 * 86400000000 THEN 3
        WHEN aged.into_data < 7 * 86400000000 THEN 7
        WHEN aged.into_data < 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS left_edge_below,
    coalesce(links.any_followed_within, tied_links.any_followed_within) AS any_followed_within,
    coalesce(links.any_repeat_within, tied_links.any_repeat_within) AS any_repeat_within,
    aged.ended_at IS NOT NULL AS ended,
    CASE
        WHEN aged.ended_at >= aged.started_at THEN date_diff('second', aged.started_at, aged.ended_at)
    END AS ended_after_s,
    aged.urgency, aged.self_help, aged.handle_micros, aged.direct_micros, aged.downstream_micros, aged.resolved,
    aged.asked OR aged.answered AS offered,
    aged.answered, aged.csat, aged.nps, aged.ces, aged.outcome, aged.feeling, aged.confirmed, aged.follow_up
FROM aged
LEFT JOIN links
    ON aged.customer_key = links.customer_key AND aged.started_at = links.started_at
LEFT JOIN tied_links
    ON
        aged.customer_key = tied_links.customer_key
        AND aged.source = tied_links.source
        AND aged.contact_id = tied_links.contact_id
