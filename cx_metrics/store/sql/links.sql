-- links: the contacts that have a neighbour within 30 days, or one that starts together with them.
-- followed_within      whole days, rounded up, after its anchor until the next contact starts, 1 to 30; NULL: none
-- repeat_within        smallest window (1, 3, 7, 14, 30 days) after the previous anchor in which it starts; NULL: none
-- any_followed_within  smallest window after its anchor in which the customer's next contact starts, whatever it is
-- any_repeat_within    the same as repeat_within, whatever the customer's previous contact was about
-- tied                 the customer's next contact starts at the same instant
-- The commonest answer of each comes first, because ten million rows ask.
WITH spans AS (
    SELECT
        customer_key, source, contact_id, started_at,
        date_diff('microsecond', anchor, next_started_at) AS to_next,
        date_diff('microsecond', previous_anchor, started_at) AS since_previous,
        date_diff('microsecond', anchor, any_next_started_at) AS to_any,
        date_diff('microsecond', any_previous_anchor, started_at) AS since_any,
        coalesce(any_next_started_at = started_at, false) AS tied
    FROM neighbours
)

SELECT
    customer_key, source, contact_id, started_at, tied,
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
    END AS TINYINT) AS any_repeat_within
FROM spans
-- Neighbours of the same intent are never nearer than those of any.
WHERE tied OR to_any <= 30 * 86400000000 OR since_any <= 30 * 86400000000
