-- codes: one row per contact, with the windows (1, 3, 7, 14, 30 days) its times fall into.
-- followed_within   smallest window after its anchor in which the next contact starts; NULL: none
-- repeat_within     smallest window after the previous anchor in which it starts; NULL: first for every window
-- mature_for        largest window after its anchor that had passed at the cut-off; 0: none; NULL: takes no part
-- left_edge_below   smallest window from the start of the data in which it starts; NULL: none
-- tied              the next contact starts at the same instant
-- The commonest answer of each comes first, because ten million rows ask.
WITH spans AS (
    SELECT
        *,
        date_diff('microsecond', anchor, next_started_at) AS to_next,
        date_diff('microsecond', previous_anchor, started_at) AS since_previous,
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
        WHEN to_next <= 1 * 86400000000 THEN 1
        WHEN to_next <= 3 * 86400000000 THEN 3
        WHEN to_next <= 7 * 86400000000 THEN 7
        WHEN to_next <= 14 * 86400000000 THEN 14
        ELSE 30
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
        WHEN age >= 30 * 86400000000 THEN 30
        WHEN age >= 14 * 86400000000 THEN 14
        WHEN age >= 7 * 86400000000 THEN 7
        WHEN age >= 3 * 86400000000 THEN 3
        WHEN age >= 1 * 86400000000 THEN 1
        WHEN anchor IS NOT NULL THEN 0
    END AS TINYINT) AS mature_for,
    CAST(CASE
        WHEN into_data >= 30 * 86400000000 THEN NULL
        WHEN into_data < 1 * 86400000000 THEN 1
        WHEN into_data < 3 * 86400000000 THEN 3
        WHEN into_data < 7 * 86400000000 THEN 7
        WHEN into_data < 14 * 86400000000 THEN 14
        ELSE 30
    END AS TINYINT) AS left_edge_below,
    resolved,
    confirmed,
    next_started_at = started_at AS tied
FROM spans
