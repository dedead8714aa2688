-- touches, those of the months to rebuild.
SELECT
    month, day, cell, customer_key, before_cutoff,
    followed_within, repeat_within, mature_for, left_edge_below, resolved, confirmed
FROM touches_around
SEMI JOIN rebuild USING (month)
