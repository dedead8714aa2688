-- Contacts of each day since one, by intent.
SELECT cells.intent, daily.day, CAST(sum(daily.contacts) AS BIGINT) AS contacts
FROM daily
INNER JOIN cells USING (month, cell)
WHERE daily.day >= $first_day
GROUP BY cells.intent, daily.day
