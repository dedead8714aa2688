-- self_help: contacts that came although the customer had tried an article or flow before, per business day, cell,
-- article and combination of codes. Additive. Amounts as in daily.
SELECT
    month, day, cell,
    self_help AS article,
    customer_key IS NOT NULL AS identified,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below,
    count(*) AS contacts,
    count(handle_micros) FILTER (WHERE direct_micros IS NULL) AS measured,
    count(*) FILTER (WHERE direct_micros IS NULL AND handle_micros IS NULL) AS unmeasured,
    CAST(coalesce(sum(handle_micros) FILTER (WHERE direct_micros IS NULL), 0) AS BIGINT) AS handle_micros,
    CAST(coalesce(sum(direct_micros), 0) AS BIGINT) AS direct_micros,
    count(downstream_micros) AS downstream_known,
    CAST(coalesce(sum(downstream_micros), 0) AS BIGINT) AS downstream_micros
FROM touches
WHERE self_help IS NOT NULL
GROUP BY
    month, day, cell, self_help, customer_key IS NOT NULL,
    before_cutoff, followed_within, repeat_within, mature_for, left_edge_below
