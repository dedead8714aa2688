"""The weeks in which customers first asked, and how many of each week had come back so many days later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cx_metrics.metrics.outcomes import days_in_words
from cx_metrics.metrics.output import reasons
from cx_metrics.metrics.periods import as_date, full_days_within, period_starts
from cx_metrics.metrics.returning.issues import count_issues, issue_effects, only_intent
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.process import MOST_IMMATURE, is_over
from cx_metrics.statistics.survival import came_back, daily_grid
from cx_metrics.store.marts.mart import Mart, MartFacts

COLUMN_DAYS = (1, 2, 3, 7, 14, 21, 30)
LEAST_WEEKS, MOST_WEEKS = 13, 53
LEAST_ISSUES = 10
"""Below it a cell says nothing: one customer more or less moves it by more than 10 points."""
FEW_ISSUES = 30
COHORT_COLUMNS = ("period", "days", "value", "low", "high", "n", "came_back", "young", "known", "few", "reason")
_NO_ISSUES = "no new issues in this week"
_TOO_FEW = f"fewer than {LEAST_ISSUES} new issues in this week"


def cohorts(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of a week's issues whose customer had come back about them within 1, 2, 3, 7, 14, 21 and 30 days.

    A cell is known once so many days have passed since its week ended, and at most 5 % of its issues are still younger,
    counted from the end of the first contact, because that took long to end; as with the weeks of first contact
    resolution. By Kaplan-Meier these few count as far as they are known. Any other cell has no value: never half-known.

    Args:
        mart: Where to count.
        slice: The weeks from its first to its last day, and as many before that there are at least 13; at most 53. Its
            window, or else each intent's own, tells issues from repeats.

    Returns:
        One row per week (``period``, its Monday as ISO text) and ``days``: ``value`` in 0..1 with its 95% interval,
        ``n`` issues, of which ``came_back`` so far and ``young`` aren't that old, ``known``, ``few`` (fewer than 30
        issues) and ``reason``, why there is no value: not yet known, or fewer than 10 issues.
    """
    mondays = cohort_weeks(mart.facts, slice)
    if not mondays:
        return pd.DataFrame(columns=list(COHORT_COLUMNS))
    asked = replace(slice, from_on=mondays[0], to_on=mondays[-1] + timedelta(days=6), by=(), grain="week")
    issues = count_issues(mart, asked)
    place = {str(monday): at for at, monday in enumerate(mondays)}
    issues["week"] = issues["period"].map(place).astype("int64")
    share = came_back(
        daily_grid(issues["came_on"], issues["lived"], issues["issues"], rows=issues["week"], n_rows=len(mondays))
    )
    low, high = share.ends(issue_effects(mart, [only_intent(slice)]))
    columns = []
    for days in COLUMN_DAYS:
        cells = _cells(issues, mondays, days).assign(over=is_over(mart.facts, mondays, days=days))
        estimate = {"value": share.value, "low": low, "high": high}
        columns.append(_judged(cells.assign(**{name: ends[:, days - 1] for name, ends in estimate.items()})))
    frame = pd.concat(columns).sort_values(["period", "days"], ignore_index=True)
    return frame[list(COHORT_COLUMNS)]


def cohort_weeks(facts: MartFacts, slice: Slice) -> list[date]:
    """Mondays of the weeks that a slice's days touch, with those before that make at least 13, of 53 at most."""
    days = full_days_within(facts, replace(slice, from_on=None))
    if not days.size:
        return []
    mondays = [as_date(day) for day in np.unique(period_starts(days, "week"))]
    inside = sum(slice.from_on is None or monday + timedelta(days=6) >= slice.from_on for monday in mondays)
    return mondays[-min(max(inside, LEAST_WEEKS), MOST_WEEKS) :]


def _cells(issues: pd.DataFrame, mondays: list[date], days: int) -> pd.DataFrame:
    """Of each week the issues, those younger than so many days, and those known to have come back within them."""
    n, size = issues["issues"], len(mondays)
    parts = {
        "n": n,
        "young": n.where(issues["lived"] < days, 0),
        "came_back": n.where(issues["came_on"].between(1, issues["lived"].clip(upper=days)), 0),
    }
    counts = {name: np.bincount(issues["week"], part, size).astype(np.int64) for name, part in parts.items()}
    return pd.DataFrame({"period": list(map(str, mondays)), "days": days, **counts})


def _judged(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells without what is half-known or rests on too few, and why."""
    known = cells["over"] & (cells["young"] <= MOST_IMMATURE * cells["n"]) & (cells["n"] > 0)
    shown = known & (cells["n"] >= LEAST_ISSUES)
    estimate = cells[["value", "low", "high"]].astype(float).where(shown)
    within = days_in_words(int(cells["days"].iloc[0]))
    young = cells["young"].astype(str) + " of " + cells["n"].astype(str) + f" issues are not yet {within} old"
    reason = reasons(
        estimate["value"],
        (cells["n"] == 0, _NO_ISSUES),
        (known, _TOO_FEW),
        (cells["young"] > 0, "not yet known: " + young + " at the data cut-off"),
        (~cells["over"], f"not yet known: {within} after its end are not over yet"),
    )
    back = cells["came_back"].astype("Int64").where(shown)
    return cells.assign(**estimate, known=known, came_back=back, few=cells["n"] < FEW_ISSUES, reason=reason)
