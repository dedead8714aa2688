"""Metrics: the questions a mart answers, each as one frame that page, chart, CSV and CLI share.

slice        which contacts, which days, grouped how
periods      the days the data knows in full, and the periods they make
selection    a slice as SQL, every value bound as a parameter
values       the values that can be filtered by
outcomes     counts by what happened within a window, with design effect, reasons and interval
volume, repeats, resolution, customers    the metrics
issues, came_back    first contacts by how soon the customer came back about them
cohorts, curves    weeks of first contacts and what became of them; how soon customers return
concentration, chains    how much the busiest make; the longest chains and who returns, by pseudonym
repeat_drivers    what goes with coming back: one joint model; a change split into rates and mix
cost, cpx    what contacts cost, exact in its sums; how many come per unit of X
units        units of X of a period, as far as they were entered
cost_frames  cost by intent, category, channel and period, what changed, and who brings most of it
what_if      what fewer contacts of an intent would save
chargeback   who pays; the statement of a month
bills        a statement as tables
trend        volumes with the band they should fall in; sparklines
movers       what changed against a comparison period; Pareto shares; the table of intents
survey_counts, survey_weights, survey_scores    who was asked and answered; answers weighted to everybody; their quality
surveys      the survey metrics
survey_reach, survey_doubt, feedback    who is silent; what a score could be; the two questions after a contact
verdicts     every intent against its target, judged anew once a week
process, fcr_weeks    a weekly share with the limits it usually keeps; FCR by week, and by window for any intent
claims       what agents claim, what customers do and what they say
kept, expectations    whether hours promised were kept; hours until solved; urgent contacts in slow channels
ownership    who answers for each intent, and what nobody answers for
priorities, taxonomy    intents by their value to customer and company; whether the list of intents is fit to manage by
intents_by_cost, attention    every intent by what it costs; which of them need a decision
standing     how things stand in a period, for the executive's page and brief
my_intents   what each owner answers for
alerts, spikes    what proactive messages did, with and without a hold-out; days on which an intent leaps
self_help    what customers had tried before they contacted us, and how it failed
channel_fit  which channel fits which reason
forecasts    the coming weeks as the last refresh forecast them, in contacts and in money
info         what a metric says about itself
catalogue    every metric with its meaning, and the one door to compute it
chart_data   the rows of every chart and table of the pages by name
output       frames as rows and as CSV
"""
