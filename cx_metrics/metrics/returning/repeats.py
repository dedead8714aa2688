"""How often customers have to come back."""

from __future__ import annotations

import pandas as pd

from cx_metrics.metrics.outcomes import add_rate, add_reason, count_outcomes, days_in_words
from cx_metrics.metrics.output import answer
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart


def recontact_rate(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of mature contacts whose customer came back for the same intent within the window.

    Returns:
        One row per group and period with contacts: value = ``followed`` / ``mature`` in 0..1 with its 95%
        interval, n = mature.
    """
    outcomes = count_outcomes(mart, slice, counts=("mature", "followed"), n="mature", unit="contact")
    counts = outcomes.frame
    frame = add_rate(counts, successes=counts["followed"], n=counts["mature"])
    within = counts["window"].map(days_in_words)
    too_early = "too early: no contact is older than " + within + " at the data cut-off"
    frame = add_reason(frame, (counts["mature"] == 0, too_early))
    return answer(frame, keys=outcomes.keys, parts=("followed", "mature"))


def repeat_share(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of contacts that follow an earlier one of the same customer and intent within the window.

    Returns:
        One row per group and period with contacts: value = ``repeats`` / n in 0..1 with its 95% interval, n =
        contacts with a customer id before the data cut-off.
    """
    outcomes = count_outcomes(mart, slice, counts=("repeats",), n="in_time", unit="contact")
    counts = outcomes.frame
    frame = add_reason(add_rate(counts, successes=counts["repeats"], n=counts["in_time"]))
    return answer(frame, keys=outcomes.keys, parts=("repeats",))
