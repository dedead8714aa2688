-- lake, as far as the months to rebuild can depend on it.
SELECT * FROM lake_near
UNION ALL
SELECT * FROM lake_far WHERE customer_id IN (SELECT customer_id FROM long_lived)
