-- The months of contacts that a moved cut-off can make mature, or immature: 30 days from their anchor may lie
-- between the two cut-offs. $floor is 30 days before the earlier one.
SELECT month FROM contacts WHERE started_at > $floor AND started_at <= $later_cutoff
UNION
SELECT month FROM contacts WHERE started_at <= $floor AND ended_at > $floor AND ended_at <= $later_cutoff
