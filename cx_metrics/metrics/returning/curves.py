"""How soon customers come back: curves over the days since an issue, and the day by which half of them are back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.metrics.output import reasons
from cx_metrics.metrics.returning.issues import count_issues, issue_effects, only_intent
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.statistics.survival import DAYS, Difference, Floats, came_back, daily_grid, difference, half_by
from cx_metrics.store.marts.mart import Mart

TOP_INTENTS, MOST_INTENTS = 4, 6
LEAST_AT_RISK = 10
LEAST_REPEATS = 10
CURVE_COLUMNS = ("intent", "day", "value", "low", "high", "n", "at_risk", "reason")
_HALF_COLUMNS = ("value", "low", "high", "n", "reason")
CHANGE_COLUMNS = ("window", "value", "before", "difference", "low", "high", "z", "p", "n", "n_before", "reason")


def repeat_curves(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of issues whose customer had come back about them by each day, by intent.

    Kaplan-Meier on whole days: issues too young for a day play their part in the days before.

    Args:
        mart: Where to count.
        slice: Which issues; its window, or else each intent's own, tells them from repeats. Where it names intents, the
            six of them with most issues are told, else the four of all.

    Returns:
        Per intent (most issues first) and ``day`` 0 to 30: ``value`` in 0..1, at 1, 3, 7, 14 and 30 days its 95%
        interval, ``n`` issues, ``at_risk``, those not back before and old enough for that day, and ``reason``: a day
        for which fewer than 10 are is not known.
    """
    issues = count_issues(mart, replace(slice, by=("intent",), grain=None))
    most = MOST_INTENTS if "intent" in dict(slice.where) else TOP_INTENTS
    totals = issues.groupby("intent")["issues"].sum().sort_values(ascending=False, kind="stable")
    names = [str(name) for name in totals.index[:most]]
    effects = issue_effects(mart, names)
    parts = [_curve(name, issues[issues["intent"] == name], deff) for name, deff in zip(names, effects, strict=True)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CURVE_COLUMNS))


def half_times(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The day by which half of those who come back about an issue within its window are back.

    Of issues old enough to know their whole window; most customers never come back, so there is no half of all.

    Returns:
        Per group ``value``, the day (1: within 24 hours) with the ends of its 95% interval, ``n``, those who came back,
        and ``reason``: with fewer than 10 of them nothing is said. Sorted by the slice's dimensions.
    """
    issues = count_issues(mart, replace(slice, grain=None))
    known = issues[issues["lived"] >= issues["window_days"]]
    back = known[(known["came_on"] > 0) & (known["came_on"] <= known["window_days"])]
    keys = list(slice.by)
    groups = [(key, own.index) for key, own in issues.groupby(keys, sort=True)] if keys else [((), issues.index)]
    names = [str(dict(zip(keys, key, strict=True)).get("intent", only_intent(slice))) for key, _ in groups]
    deffs = issue_effects(mart, names).max(axis=1)
    rows = [
        dict(zip(keys, key, strict=True)) | _half(back.loc[back.index.intersection(own)], float(deff))
        for (key, own), deff in zip(groups, deffs, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=[*keys, *_HALF_COLUMNS])
    return frame.astype({"value": "Int64", "low": "Int64", "high": "Int64", "reason": object})


def cohort_change(mart: Mart, now: Slice, before: Slice) -> pd.DataFrame:
    """How the share that comes back differs between the issues of two periods, the newest included.

    Within the slice's window (7 days without one), by Kaplan-Meier, so that issues too young for it count as far as
    they are known.

    Returns:
        One row: ``value`` now and ``before`` in 0..1, their ``difference`` with its 95% interval, ``z`` and ``p``, the
        issues ``n`` and ``n_before``, the ``window`` and ``reason``, why there is no difference.
    """
    days = now.window_days
    (share, n_eff, n), (share0, n_eff0, n0) = (_known_share(mart, each, days) for each in (now, before))
    found, reason = Difference(*(5 * [np.nan])), None
    if min(n_eff, n_eff0) > 0:
        found = difference(share, n_eff, share0, n_eff0)
    else:
        which = "this" if n_eff == 0 else "the earlier"
        reason = f"fewer than {LEAST_AT_RISK} issues of {which} period are known so long"
    row = dict(zip(CHANGE_COLUMNS, (days, share, share0, *found, n, n0, reason), strict=True))
    return pd.DataFrame([row], columns=list(CHANGE_COLUMNS)).astype({"reason": object})


def _curve(intent: str, issues: pd.DataFrame, deff: Floats) -> pd.DataFrame:
    grid = daily_grid(issues["came_on"], issues["lived"], issues["issues"])
    share = came_back(grid)
    low, high = share.ends(deff)
    days = np.arange(DAYS + 1)
    n = int(issues["issues"].sum())
    enough = np.concatenate([[n >= LEAST_AT_RISK], grid.at_risk >= LEAST_AT_RISK])
    frame = pd.DataFrame({"intent": intent, "day": days, "value": np.concatenate([[0.0], share.value])})
    frame["value"] = frame["value"].where(enough)
    drawn = enough & np.isin(days, WINDOWS)
    for name, end in (("low", low), ("high", high)):
        frame[name] = np.where(drawn, np.concatenate([[0.0], end]), np.nan)
    frame = frame.assign(n=n, at_risk=np.concatenate([[n], grid.at_risk]))
    frame["reason"] = reasons(
        frame["value"],
        (frame["n"] < LEAST_AT_RISK, f"fewer than {LEAST_AT_RISK} issues"),
        (frame["at_risk"] < LEAST_AT_RISK, f"fewer than {LEAST_AT_RISK} issues are known so long"),
    )
    return frame[list(CURVE_COLUMNS)]


def _half(back: pd.DataFrame, deff: float) -> dict[str, object]:
    counts = np.bincount(back["came_on"], back["issues"], DAYS + 1).astype(np.int64)[1:]
    n = int(counts.sum())
    ends: tuple[int | None, ...] = half_by(counts, deff=deff) if n >= LEAST_REPEATS else (None, None, None)
    reason = None if n >= LEAST_REPEATS else f"fewer than {LEAST_REPEATS} customers are known to have come back"
    return dict(zip(_HALF_COLUMNS, (*ends, n, reason), strict=True))


def _known_share(mart: Mart, slice: Slice, days: int) -> tuple[float, float, int]:
    """Share back within so many days, the n it rests on (0 where fewer than 10 are at risk), and the issues."""
    issues = count_issues(mart, replace(slice, by=(), grain=None))
    grid = daily_grid(issues["came_on"], issues["lived"], issues["issues"])
    share = came_back(grid)
    n, deff = int(issues["issues"].sum()), issue_effects(mart, [only_intent(slice)])[0]
    if grid.at_risk[days - 1] < LEAST_AT_RISK:
        return np.nan, 0.0, n
    return float(share.value[days - 1]), float(share.n_eff[days - 1] / deff[days - 1]), n
