-- daily: counts of contacts per business day, cell and combination of codes. Additive.
SELECT
    month, day, cell,
    customer_key IS NOT NULL AS identified,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below,
    count(*) AS contacts,
    count(resolved) AS resolved_known,
    count(*) FILTER (WHERE resolved) AS resolved,
    count(confirmed) AS confirmed_known,
    count(*) FILTER (WHERE confirmed) AS confirmed
FROM touches
GROUP BY
    month, day, cell, customer_key IS NOT NULL,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below
