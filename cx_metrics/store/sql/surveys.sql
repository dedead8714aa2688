-- surveys: what customers who were asked said, per business day, cell and combination of codes. Additive.
-- ..._top: answers of 4 or 5 out of 5.
SELECT
    month, day, cell,
    customer_key IS NOT NULL AS identified,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below,
    count(*) AS offered,
    count(*) FILTER (WHERE answered) AS answered,
    count(csat) AS csat_n,
    count(*) FILTER (WHERE csat >= 4) AS csat_top,
    CAST(coalesce(sum(csat), 0) AS BIGINT) AS csat_sum,
    count(nps) AS nps_n,
    count(*) FILTER (WHERE nps >= 9) AS nps_promoters,
    count(*) FILTER (WHERE nps <= 6) AS nps_detractors,
    count(ces) AS ces_n,
    CAST(coalesce(sum(ces), 0) AS BIGINT) AS ces_sum,
    CAST(coalesce(sum(ces * ces), 0) AS BIGINT) AS ces_sumsq,
    count(outcome) AS outcome_n,
    count(*) FILTER (WHERE outcome >= 4) AS outcome_top,
    CAST(coalesce(sum(outcome), 0) AS BIGINT) AS outcome_sum,
    count(feeling) AS feeling_n,
    count(*) FILTER (WHERE feeling >= 4) AS feeling_top,
    CAST(coalesce(sum(feeling), 0) AS BIGINT) AS feeling_sum,
    count(confirmed) AS confirmed_known,
    count(*) FILTER (WHERE confirmed) AS confirmed,
    count(*) FILTER (WHERE follow_up) AS follow_ups
FROM touches
WHERE offered
GROUP BY
    month, day, cell, customer_key IS NOT NULL,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below
