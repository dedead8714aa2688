"""Statistics: pure functions over arrays and counts, and nothing else.

No database, no files, no screen: what comes in are aggregates (counts, sums, a series of days), what goes out
are intervals, verdicts and bands. statsmodels is used where it has the method and is imported inside the
function that needs it, because that import alone takes about two seconds.

    estimate    a number with its interval and its n, or the reason why there is none
    intervals   Wilson interval of a proportion on an effective sample size
    clusters    how much less contacts say than independent ones would, because customers come more than once
    verdict     met, missed, or why neither can be said yet
    band        what a count of contacts should have been, judged by its own past only
"""
