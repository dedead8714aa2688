-- daily_any: counts per business day and cell by the codes of the order in which a customer's contacts follow each
-- other whatever they are about. All codes are windows here. Additive.
SELECT
    month, day, cell,
    customer_key IS NOT NULL AS identified,
    before_cutoff,
    any_followed_within AS followed_within,
    any_repeat_within AS repeat_within,
    CAST(CASE
        WHEN mature_for >= 30 THEN 30
        WHEN mature_for >= 14 THEN 14
        WHEN mature_for >= 7 THEN 7
        WHEN mature_for >= 3 THEN 3
        WHEN mature_for >= 1 THEN 1
        ELSE mature_for
    END AS TINYINT) AS mature_for,
    left_edge_below,
    count(*) AS contacts
FROM touches
GROUP BY ALL
