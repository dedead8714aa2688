-- touches: one row per contact, without its texts but urgency and self-help. For what is no sum of counts: distinct customers,
-- chains, quantiles, dispersion.
SELECT * EXCLUDE (tied) FROM untied_codes
ANTI JOIN tied USING (customer_key)
UNION ALL
SELECT * EXCLUDE (tied) FROM tied_codes
