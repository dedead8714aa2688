-- changed_rows: the contacts of lake files that came or went, those that neighbours can depend on.
SELECT customer_key, started_at, anchor
FROM contacts
WHERE customer_id IS NOT NULL AND started_at <= $later_cutoff
