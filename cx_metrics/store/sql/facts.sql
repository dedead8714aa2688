-- The mart in one row: contacts, those with a customer id, first and last business day.
SELECT
    CAST(coalesce(sum(contacts), 0) AS BIGINT) AS contacts,
    CAST(coalesce(sum(CASE WHEN identified THEN contacts END), 0) AS BIGINT) AS identified,
    min(day) AS data_from,
    max(day) AS data_to
FROM daily
