-- cells: what the cells of a month stand for; a missing dimension is '(none)'.
SELECT
    month,
    cell,
    coalesce(max(intent), '(none)') AS intent,
    coalesce(max(category), '(none)') AS category,
    coalesce(max(channel), '(none)') AS channel,
    coalesce(max(segment), '(none)') AS segment,
    coalesce(max(product), '(none)') AS product,
    coalesce(max(region), '(none)') AS region,
    coalesce(max(team), '(none)') AS team
FROM contacts
GROUP BY month, cell
