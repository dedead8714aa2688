"""Signals that build up over weeks: FCR that misses its target, cost above its band, fewer customers heard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.charts.numbers import count, money, number, percent
from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.heard.survey_reach import OLD_ENOUGH, WEEKS
from cx_metrics.metrics.heard.surveys import reach
from cx_metrics.metrics.periods import as_date, last_full_day
from cx_metrics.metrics.reasons.trend import full_week_days
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.reviews import signal_words as words
from cx_metrics.reviews.signal import Level, Signal
from cx_metrics.reviews.signal_volume import PAUSE_SHARE, Prices
from cx_metrics.statistics.band import MAD_TO_SD
from cx_metrics.statistics.many import false_discovery_rate
from cx_metrics.statistics.share_trend import share_trend
from cx_metrics.statistics.verdict import Verdict
from cx_metrics.store.marts.mart import Mart

FALSE_VERDICTS = 0.05
"""Share of false ones accepted among missed targets, and among intents we hear less of."""
COST_WEEKS = 16
"""Weeks before the last one whose cost says what is ordinary."""
COST_SPREADS = 3.0
LEAST_SHARE = 0.01
"""A week's cost calls only where the excess is so much of the whole bill."""
_LEAST_SPREAD = 0.05
_FCR_WEEKS = 4


def fcr_signals(mart: Mart, priced: Prices) -> list[Signal]:
    """Intents whose FCR misses its target in the verdict weeks, at a false discovery rate of 5 %."""
    frame = verdicts(mart)
    missed = (frame["verdict"] == Verdict.MISSED.value) & (frame["q_value"].astype(float) <= FALSE_VERDICTS)
    return [_missed(row, priced, mart) for row in frame[missed].to_dict("records")]


def _missed(row: Mapping[Any, Any], priced: Prices, mart: Mart) -> Signal:
    intent = str(row["intent"])
    target, value, low, high = (float(row[name]) for name in ("target", "value", "low", "high"))
    n = int(row["n"])
    begin, end = (pd.Timestamp(str(row[name])).date() for name in ("from", "to"))
    each = priced.per_contact.get(intent)
    costs = None if each is None else (target - value) * n / _FCR_WEEKS * each
    said = (
        (
            f"{words.quoted(intent)}: {percent(value)} of the first contacts solved it "
            f"(likely {percent(low)} to {percent(high)}, {count(n)} of them, {words.day(begin)} to {words.day(end)}), "
            f"where the target is {percent(target)}."
        ),
        words.spared(costs, mart.decisions.currency, why=priced.why_not.get(intent)),
        words.mostly(FALSE_VERDICTS),
    )
    return Signal(
        intent=intent,
        kind="fcr",
        level=Level.INVESTIGATE,
        since_on=begin,
        on=end,
        expected=target,
        low=target,
        high=1.0,
        observed=value,
        per_week_money=costs,
        sentence=" ".join(said),
        false_rate=FALSE_VERDICTS,
        owner=mart.decisions.owned.get(intent),
        days=(end - begin).days + 1,
    )


def cost_signals(mart: Mart, *, but: Collection[str]) -> list[Signal]:
    """Intents whose last full week cost far more than the 16 weeks before let expect.

    Args:
        mart: Whose data.
        but: Intents whose contacts have a signal already: that says what they cost.
    """
    days = full_week_days(mart.facts, Slice(), weeks=COST_WEEKS + 1)
    if days.size < 7 * (COST_WEEKS + 1):
        return []
    asked = Slice(from_on=as_date(days[0]), to_on=as_date(days[-1]), by=("intent",), grain="week")
    weekly = cost(mart, asked).pivot(index="intent", columns="period", values="value")
    if weekly.shape[1] < COST_WEEKS + 1:
        return []
    bill = float(weekly.sum().median())
    known = weekly.dropna()
    found = [_dear(str(intent), row.to_numpy(dtype=float), mart, asked, bill) for intent, row in known.iterrows()]
    return [signal for signal in found if signal is not None and signal.intent not in but]


def _dear(
    intent: str, costs: np.ndarray[tuple[int], np.dtype[np.float64]], mart: Mart, asked: Slice, bill: float
) -> Signal | None:
    assert asked.to_on is not None
    before, last = costs[:-1], float(costs[-1])
    usual = float(np.median(before))
    spread = max(MAD_TO_SD * float(np.median(np.abs(before - usual))), _LEAST_SPREAD * usual)
    high, excess = usual + COST_SPREADS * spread, last - usual
    if last <= high or excess < LEAST_SHARE * bill:
        return None
    begin, currency = asked.to_on - timedelta(days=6), mart.decisions.currency
    low = max(usual - COST_SPREADS * spread, 0.0)
    said = (
        (
            f"{words.quoted(intent)}: cost {money(last, currency)} in the week from {words.day(begin)}, "
            f"where {money(low, currency)} to {money(high, currency)} are ordinary."
        ),
        "Its contacts have no signal: look at handling, visits and refunds first.",
        words.weekly_cost(excess, currency, why=None),
        words.mostly(None),
    )
    return Signal(
        intent=intent,
        kind="cost",
        level=Level.INVESTIGATE if excess > PAUSE_SHARE * bill else Level.WATCH,
        since_on=begin,
        on=asked.to_on,
        expected=usual,
        low=low,
        high=high,
        observed=last,
        per_week_money=excess,
        sentence=" ".join(said),
        false_rate=None,
        owner=mart.decisions.owned.get(intent),
        days=7,
    )


def reach_signals(mart: Mart) -> list[Signal]:
    """Intents of whose customers we hear fewer and fewer, over the last 26 full weeks that answers are known of."""
    days = full_week_days(mart.facts, Slice(), weeks=WEEKS)
    last_on = last_full_day(mart.facts)
    if not days.size or last_on is None:
        return []
    old = [as_date(day) for day in days if as_date(day) + timedelta(days=6) + OLD_ENOUGH <= last_on]
    end = max((day for day in old if day.weekday() == 0), default=None)
    if end is None:
        return []
    asked = Slice(from_on=as_date(days[0]), to_on=end + timedelta(days=6), by=("intent",), grain="week")
    frame = reach(mart, asked)
    frame = frame[frame["value"].notna()]
    lines = {
        intent: share_trend(weeks["answered"].astype(float), weeks["n"]) for intent, weeks in frame.groupby("intent")
    }
    known = {intent: line for intent, line in lines.items() if line is not None}
    q = false_discovery_rate([line.p for line in known.values()])
    return [
        _silent(str(intent), line.first, line.last, line.p, mart, asked)
        for (intent, line), sure in zip(known.items(), q, strict=True)
        if sure <= FALSE_VERDICTS and line.last < line.first
    ]


def _silent(intent: str, first: float, last: float, p: float, mart: Mart, asked: Slice) -> Signal:
    assert asked.from_on is not None
    assert asked.to_on is not None
    weeks = ((asked.to_on - asked.from_on).days + 1) // 7
    now, before = number(100 * last, 1), number(100 * first, 1)
    said = (
        (
            f"{words.quoted(intent)}: customers answer our survey after {now} of 100 contacts; {weeks} weeks before "
            f"it was {before} (by the line through the weeks from {words.day(asked.from_on)})."
        ),
        f"Chance alone brings such a fall about once in {count(1 / max(p, 1e-6))}.",
        "What silence costs is not known.",
        words.mostly(FALSE_VERDICTS),
    )
    return Signal(
        intent=intent,
        kind="reach",
        level=Level.WATCH,
        since_on=asked.from_on,
        on=asked.to_on,
        expected=first,
        low=first,
        high=1.0,
        observed=last,
        per_week_money=None,
        sentence=" ".join(said),
        false_rate=FALSE_VERDICTS,
        owner=mart.decisions.owned.get(intent),
        days=7 * weeks,
    )
