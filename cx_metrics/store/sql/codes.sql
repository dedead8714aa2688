-- codes: one row per contact, with the days and windows (1, 3, 7, 14, 30 days) its times fall into.
-- followed_within      whole days, rounded up, after its anchor until the next contact starts, 1 to 30; NULL: none
-- repeat_within        smallest window after the previous anchor in which it starts; NULL: first for every window
-- mature_for           whole days, at most 30, that had passed after its anchor at the cut-off; NULL: takes no part
-- left_edge_below      smallest window from the start of the data in which it starts; NULL: none
-- any_followed_within  smallest window after its anchor in which the customer's next contact starts, whatever it is
-- any_repeat_within    the same as repeat_within, whatever the customer's previous contact was about
-- tied                 the customer's next contact starts at the same instant
-- The commonest answer of each comes first, because ten million rows ask.
WITH spans AS (
    SELECT
        *,
        date_diff('microsecond', anchor, next_started_at) AS to_next,
        date_diff('microsecond', previous_anchor, started_at) AS since_previous,
        date_diff('microsecond', anchor, any_next_started_at) AS to_any,
        date_diff('microsecond', any_previous_anchor, started_at) AS since_any,
        date_diff('microsecond', anchor, $watermark) AS age,
        date_diff('microsecond', $data_start, started_at) AS into_data
    FROM neighbours
)

SELECT
    month,
    local_date(started_at) AS day,
    cell,
    customer_key,
    started_at <= $watermark AS before_cutoff,
    CAST(CASE
        WHEN to_next IS NULL OR to_next > 30 * 86400000000 THEN NULL
        WHEN to_next <= 86400000000 THEN 1
        ELSE (to_next + 86399999999) // 86400000000
    END AS TINYINT) AS followed_within,
    CAST(CASE
        WHEN since_previous IS NULL OR since_previous > 30 * 86400000000 THEN NULL
        WHEN since_previous <= 1 * 86400000000 THEN 1
        WHEN since_previous <= 3 * 86400000000 THEN 3
        WHEN since_previous <= 7 * 86400000000 THEN 7
        WHEN since_previous <= 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS repeat_within,
    CAST(CASE
        WHEN NOT takes_part THEN NULL
        WHEN age >= 30 * 86400000000 THEN 30
        WHEN age <= 0 THEN 0
        ELSE age // 86400000000
    END AS TINYINT) AS mature_for,
    CAST(CASE
        WHEN into_data >= 30 * 86400000000 THEN NULL
        WHEN into_data < 1 * 86400000000 THEN 1
        WHEN into_data < 3 * 86400000000 THEN 3
        WHEN into_data < 7 * 86400000000 THEN 7
        WHEN into_data < 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS left_edge_below,
    CAST(CASE
        WHEN to_any IS NULL OR to_any > 30 * 86400000000 THEN NULL
        WHEN to_any <= 1 * 86400000000 THEN 1
        WHEN to_any <= 3 * 86400000000 THEN 3
        WHEN to_any <= 7 * 86400000000 THEN 7
        WHEN to_any <= 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS any_followed_within,
    CAST(CASE
        WHEN since_any IS NULL OR since_any > 30 * 86400000000 THEN NULL
        WHEN since_any <= 1 * 86400000000 THEN 1
        WHEN since_any <= 3 * 86400000000 THEN 3
        WHEN since_any <= 7 * 86400000000 THEN 7
        WHEN since_any <= 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS any_repeat_within,
    ended_at IS NOT NULL AS ended,
    CASE WHEN ended_at >= started_at THEN date_diff('second', started_at, ended_at) END AS ended_after_s,
    urgency, self_help, handle_micros, direct_micros, downstream_micros, resolved,
    asked OR answered AS offered,
    answered, csat, nps, ces, outcome, feeling, confirmed, follow_up,
    any_next_started_at = started_at AS tied
FROM spans
