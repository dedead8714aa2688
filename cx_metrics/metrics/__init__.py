"""Metrics: the questions a mart answers, each as one frame that page, chart, CSV and CLI share.

slice        which contacts, which days, grouped how
periods      the days the data knows in full, and the periods they make
selection    a slice as SQL, every value bound as a parameter
values       the values that can be filtered by
outcomes     counts by what happened within a window, with design effect, reasons and interval
volume, repeats, resolution, customers    the metrics
trend        volumes with the band they should fall in; sparklines
movers       what changed against a comparison period; Pareto shares; the table of intents
catalogue    every metric with its meaning, and the one door to compute it
chart_data   the rows of every chart and table of the pages by name
output       frames as rows and as CSV
"""
