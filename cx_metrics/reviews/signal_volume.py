"""Signals about contacts: intents that rise by more than their past and chance let expect, and everything at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from cx_metrics.charts.numbers import percent
from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.periods import as_date
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews import signal_words as words
from cx_metrics.reviews.signal import Figures, Level, Signal
from cx_metrics.reviews.signal_series import DailySeries, last_day
from cx_metrics.statistics.anomaly import GAP, LEARN, WEEK, Judged, Watched, watch
from cx_metrics.statistics.band import MAD_TO_SD
from cx_metrics.store.marts.mart import Mart

PRICED_DAYS = 28
"""Days whose cost says what a contact costs."""
PAUSE_SHARE = 0.05
"""A stop is recommended where the excess costs as much of the whole bill, whether it was seen again or not."""
FALSE_RATES = {Level.WATCH: 0.67, Level.INVESTIGATE: 0.20, Level.PAUSE: 0.10}
"""Share of false ones among signals of each level, by simulation (``make bench-signals``), on the cautious side."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """What contacts cost.

    Attributes:
        per_contact: Money, by intent; only where it is known.
        why_not: Why it isn't, by intent.
        weekly_bill: All contacts of a week; 0 where nothing is known.
        per_any: Money per contact of all intents together; None where it is not known.
    """

    per_contact: dict[str, float]
    why_not: dict[str, str]
    weekly_bill: float
    per_any: float | None


def prices(mart: Mart, series: DailySeries) -> Prices:
    """What contacts cost in the last 28 full days."""
    on = last_day(series)
    frame = cost(mart, Slice(from_on=on - timedelta(days=PRICED_DAYS - 1), to_on=on, by=("intent",)))
    known = frame[frame["value"].notna() & (frame["contacts"] > 0)]
    each = (known["value"] / known["contacts"]).astype(float)
    unknown = frame[frame["value"].isna()]
    total, contacts = float(known["value"].sum()), float(known["contacts"].sum())
    return Prices(
        dict(zip(known["intent"], each, strict=True)),
        dict(zip(unknown["intent"], unknown["reason"], strict=True)),
        total / PRICED_DAYS * WEEK,
        total / contacts if contacts else None,
    )


def volume_signals(mart: Mart, series: DailySeries, priced: Prices) -> list[Signal]:
    """The signals about contacts that stand on the last full day; an alarm stands for 3 days after it was last seen."""
    if not series.names:
        return []
    seen = watch(series.counts, exposure=series.exposure)
    found = [_of_row(mart, series, seen, row, priced) for row in range(len(series.names))]
    everything = _of_everything(series, seen, priced, mart.decisions.currency)
    return [signal for signal in (everything, *found) if signal is not None]


def _of_row(mart: Mart, series: DailySeries, seen: Watched, row: int, priced: Prices) -> Signal | None:
    """The signal of one series that stands on the last day, if any."""
    stands = _stands(seen, row)
    if stands is None:
        return None
    at, begin = stands
    arm, n_days = _surer(seen, row, at)
    money, why = _per_week(series, seen, row, at, priced)
    level = _level(seen, row, at, costs=money, bill=priced.weekly_bill)
    intent, category = series.names[row]
    further = (
        words.chance(float(arm.p[row, at]), n_days=n_days),
        words.settled() if seen.accepted[row, at] else "",
        _against_all(arm, at),
        words.weekly_cost(money, mart.decisions.currency, why=why),
    )
    return _signal(
        series,
        Figures(*(float(a[row, at]) for a in (arm.observed, arm.expected, arm.low, arm.high))),
        name=_name(intent, category),
        further=further,
        at=at,
        begin=begin,
        n_days=n_days,
        level=level,
        money=money,
        false_rate=FALSE_RATES[level],
        intent=intent,
        category=category,
        owner=mart.decisions.owned.get(intent) if intent else None,
    )


def _stands(seen: Watched, row: int) -> tuple[int, int] | None:
    """The day on which a series was last seen to stand out, and the first of that episode."""
    alarms, hints = np.flatnonzero(seen.alarm[row]), np.flatnonzero(seen.hint[row])
    present = seen.alarm.shape[1] - 1
    if alarms.size and present - alarms[-1] <= GAP:
        return int(alarms[-1]), int(seen.since[row, alarms[-1]])
    return (present, _begin(hints)) if hints.size and hints[-1] == present else None


def _signal(
    series: DailySeries,
    figures: Figures,
    *,
    name: str,
    further: tuple[str, ...],
    at: int,
    begin: int,
    n_days: int,
    level: Level,
    money: float | None,
    false_rate: float | None,
    intent: str | None = None,
    category: str | None = None,
    owner: str | None = None,
) -> Signal:
    on, since_on = as_date(series.days[at]), as_date(series.days[begin])
    rise = words.rise(figures, n_days=n_days, on=on, unit=series.unit)
    parts = (f"{name}: {rise}{words.since(since_on)}", *further, words.mostly(false_rate))
    return Signal(
        intent=intent,
        kind="volume",
        level=level,
        since_on=since_on,
        on=on,
        per_week_money=money,
        sentence=" ".join(part for part in parts if part),
        false_rate=false_rate,
        owner=owner,
        category=category,
        days=n_days,
        **figures._asdict(),
    )


def _level(seen: Watched, row: int, at: int, *, costs: float | None, bill: float) -> Level:
    if not seen.alarm[row, at]:
        return Level.WATCH
    is_dear = costs is not None and bill > 0 and costs > PAUSE_SHARE * bill
    return Level.PAUSE if seen.again[row, at] or is_dear else Level.INVESTIGATE


def _surer(seen: Watched, row: int, at: int) -> tuple[Judged, int]:
    """The day or the week up to it, whichever stands out more."""
    day_q, week_q = (np.nan_to_num(arm.q[row, at], nan=1.0) for arm in (seen.days, seen.weeks))
    return (seen.days, 1) if day_q <= week_q else (seen.weeks, WEEK)


def _per_week(series: DailySeries, seen: Watched, row: int, at: int, priced: Prices) -> tuple[float | None, str | None]:
    """What the contacts beyond the expected ones of the last 7 days cost, or why that is not known."""
    arm = seen.weeks if np.isfinite(seen.weeks.expected[row, at]) else seen.days
    excess = max(float(arm.observed[row, at] - arm.expected[row, at]), 0.0)
    members = series.members(row)
    known = [priced.per_contact[intent] for intent in members if intent in priced.per_contact]
    if not known:
        return None, next((priced.why_not[intent] for intent in members if intent in priced.why_not), None)
    return excess * float(np.mean(known)), None


def _name(intent: str | None, category: str | None) -> str:
    return words.quoted(intent) if intent else f"The small intents of {words.quoted(str(category))} together"


def _against_all(arm: Judged, at: int) -> str:
    rise = float(arm.together[at])
    return f"Most intents are up {percent(rise - 1)}; this is beyond that." if rise > 1 else ""


def _begin(days: NDArray[np.intp]) -> int:
    """First day of the last episode."""
    cuts = np.flatnonzero(np.diff(days) > GAP)
    return int(days[cuts[-1] + 1]) if cuts.size else int(days[0])


def _of_everything(series: DailySeries, seen: Watched, priced: Prices, currency: str) -> Signal | None:
    """One signal where most intents rise together."""
    flagged = np.flatnonzero(seen.days.everything | seen.weeks.everything)
    if not flagged.size or len(series.days) - 1 - flagged[-1] > GAP:
        return None
    at = int(flagged[-1])
    arm, n_days = (seen.weeks, WEEK) if seen.weeks.everything[at] else (seen.days, 1)
    observed, expected = _sums(seen.days)
    last = slice(max(at - WEEK + 1, 0), at + 1)
    excess = float((observed[last] - expected[last]).sum())
    money = None if priced.per_any is None else excess * priced.per_any
    further = (
        "The cause is likely one for all: look there first. Intents are judged against this common rise.",
        words.weekly_cost(money, currency, why=None),
    )
    return _signal(
        series,
        _totals(arm, at),
        name=f"Most intents rise together, the middle one by {percent(arm.together[at] - 1)}. All contacts",
        further=further,
        at=at,
        begin=_begin(flagged),
        n_days=n_days,
        level=Level.INVESTIGATE,
        money=money,
        false_rate=None,
    )


def _sums(arm: Judged) -> tuple[Floats, Floats]:
    """Contacts of all series together, and what was expected of them without the common rise; per day."""
    known = np.isfinite(arm.expected)
    observed, expected = (np.where(known, counts, 0).sum(axis=0) for counts in (arm.observed, arm.expected))
    return observed, expected / arm.together


def _totals(arm: Judged, at: int) -> Figures:
    """Contacts of all series and what was expected of them, with the spread of the last 56 days' totals."""
    observed, expected = _sums(arm)
    past = slice(max(at - LEARN, 0), at)
    known = expected[past] > 0
    ratios = observed[past][known] / expected[past][known]
    spread = MAD_TO_SD * float(np.median(np.abs(ratios - np.median(ratios))))
    usual = float(expected[at])
    low, high = usual * max(1 - 1.96 * spread, 0.0), usual * (1 + 1.96 * spread)
    return Figures(float(observed[at]), usual, low, high)
