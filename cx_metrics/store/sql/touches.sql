-- touches: one row per contact, without a word of text. For distinct customers and for dispersion.
SELECT
    month, day, cell, customer_key, before_cutoff,
    followed_within, repeat_within, mature_for, left_edge_below, resolved, confirmed
FROM untied_codes
ANTI JOIN tied USING (customer_key)
UNION ALL
SELECT
    month, day, cell, customer_key, before_cutoff,
    followed_within, repeat_within, mature_for, left_edge_below, resolved, confirmed
FROM tied_codes
