-- Which dimensions hold any value, in one row.
SELECT
    count_if(intent <> '(none)') > 0 AS intent,
    count_if(category <> '(none)') > 0 AS category,
    count_if(channel <> '(none)') > 0 AS channel,
    count_if(segment <> '(none)') > 0 AS segment,
    count_if(product <> '(none)') > 0 AS product,
    count_if(region <> '(none)') > 0 AS region,
    count_if(team <> '(none)') > 0 AS team
FROM cells
