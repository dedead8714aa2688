"""Statistics: pure functions over arrays and counts, and nothing else.

No database, no files, no screen: what comes in are aggregates (counts, sums, a series of days), what goes out
are intervals, verdicts and bands. statsmodels is used where it has the method and is imported inside the
function that needs it, because that import alone takes about two seconds.

    estimate    a number with its interval and its n, or the reason why there is none
    intervals   Wilson interval of a proportion on an effective sample size
    clusters    how much less contacts say than independent ones would, because customers come more than once
    verdict     met, missed, or why neither can be said yet
    many        how many of many verdicts are so by chance
    shrinkage   shares of many small groups, pulled towards their mean
    control     control charts: the limits a process keeps by itself, and signals
    raking      weights that make those who answered look like everybody
    nonresponse how wrong a score can be because most stay silent; do those who answered behave like everybody?
    scores      net promoter score, means, and how far answers of one customer are alike
    share_trend, answer_effects    whether a share rises or falls; what goes with it, all attributes together
    rates       contacts per exposure: their interval, and whether they trend
    splits      what part of a change each factor of a product brought
    concentration    how much of a whole a few bring, and how sure their order is
    band        what a count of contacts should have been, judged by its own past only
"""
