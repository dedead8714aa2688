-- daily: counts and sums of contacts per business day, cell and combination of codes. Additive.
-- measured: contacts that have no cost of their own but a handle time; unmeasured: contacts with neither.
SELECT
    month, day, cell,
    customer_key IS NOT NULL AS identified,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below,
    count(*) AS contacts,
    count(resolved) AS resolved_known,
    count(*) FILTER (WHERE resolved) AS resolved,
    count(confirmed) AS confirmed_known,
    count(*) FILTER (WHERE confirmed) AS confirmed,
    count(*) FILTER (WHERE ended) AS ended,
    count(*) FILTER (WHERE offered) AS offered,
    count(*) FILTER (WHERE answered) AS answered,
    count(handle_micros) FILTER (WHERE direct_micros IS NULL) AS measured,
    count(*) FILTER (WHERE direct_micros IS NULL AND handle_micros IS NULL) AS unmeasured,
    CAST(coalesce(sum(handle_micros) FILTER (WHERE direct_micros IS NULL), 0) AS BIGINT) AS handle_micros,
    CAST(coalesce(sum(direct_micros), 0) AS BIGINT) AS direct_micros,
    count(downstream_micros) AS downstream_known,
    CAST(coalesce(sum(downstream_micros), 0) AS BIGINT) AS downstream_micros
FROM touches
GROUP BY
    month, day, cell, customer_key IS NOT NULL,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below
