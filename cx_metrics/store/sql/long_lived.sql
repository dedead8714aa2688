-- long_lived: customers with a contact that was open for over 28 days and ended late enough to matter.
-- Two calendar months have at least 59 days, so a neighbour from beyond the two months around, within 30 days of the
-- other's anchor, means a contact open for over 28 days. The contacts of those customers are read whatever their month.
SELECT DISTINCT customer_id
FROM contacts
WHERE customer_id IS NOT NULL AND ended_at >= $floor AND ended_at > started_at + INTERVAL 28 DAY
