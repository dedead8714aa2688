"""The daily series that volume signals judge: intents with enough contacts, and a category's small ones together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.costs.units import Units
from cx_metrics.metrics.periods import Days, as_date, full_days_within
from cx_metrics.metrics.reasons.trend import daily_counts
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.anomaly import LEARN, POOL, WARM_UP
from cx_metrics.store.marts.mart import Mart

Floats = NDArray[np.float64]

REACH = WARM_UP + POOL + 2 * LEARN
"""Days that are looked at: what comes before bears on no present signal."""
LEAST_A_DAY = 3.0
"""Contacts a day in the last 56 days from which an intent is judged by itself."""
JUDGED, LEARNING, TOO_SMALL = "judged", "learning", "too small"
STATE_COLUMNS = ("intent", "category", "state", "reason")


@dataclass(frozen=True, eq=False)
class DailySeries:
    """What is judged.

    Attributes:
        days: The days, in order.
        names: Per row its intent, or None with the category whose small intents it adds up.
        counts: Contacts: a row per name, a column per day.
        exposure: Units of X on each day, or None.
        unit: Their name.
        states: ``intent``, ``category``, ``state`` and ``reason`` of every intent of these days.
    """

    days: Days
    names: tuple[tuple[str | None, str | None], ...]
    counts: Floats
    exposure: Floats | None
    unit: str | None
    states: pd.DataFrame

    def members(self, row: int) -> list[str]:
        """The intents a row adds up."""
        intent, category = self.names[row]
        if intent is not None:
            return [intent]
        own = (self.states["category"] == category) & (self.states["state"] == TOO_SMALL)
        return list(self.states.loc[own, "intent"])


def daily_series(mart: Mart) -> DailySeries:
    """The series of the last 278 full days."""
    days = full_days_within(mart.facts, Slice())[-REACH:]
    groups, counts = daily_counts(mart, Slice(by=("intent", "category")), days)
    states, by_intent = _states(groups, counts)
    names: list[tuple[str | None, str | None]] = []
    series = []
    for intent, state, own in zip(states["intent"], states["state"], by_intent, strict=True):
        if state != TOO_SMALL:
            names.append((intent, None))
            series.append(own)
    small = states["state"] == TOO_SMALL
    for category in sorted(states.loc[small, "category"].unique()):
        at = np.flatnonzero(small & (states["category"] == category))
        together = by_intent[at].sum(axis=0)
        if at.size > 1 and together[-LEARN:].mean() >= LEAST_A_DAY:
            names.append((None, category))
            series.append(together)
    unit, exposure = _exposure(mart, days)
    stacked = np.array(series).reshape(len(series), days.size)
    return DailySeries(days, tuple(names), stacked, exposure, unit, states)


def _states(groups: pd.DataFrame, counts: Floats) -> tuple[pd.DataFrame, Floats]:
    """Every intent with the category most of its contacts have and its state, sorted; and its counts."""
    intents = sorted(set(groups["intent"]))
    by_intent = np.zeros((len(intents), counts.shape[1]))
    rows = []
    for place, intent in enumerate(intents):
        at = np.flatnonzero(groups["intent"] == intent)
        by_intent[place] = counts[at].sum(axis=0)
        category = groups["category"].iloc[at[int(np.argmax(counts[at].sum(axis=1)))]]
        state, reason = _state(by_intent[place])
        rows.append((intent, category, state, reason))
    return pd.DataFrame(rows, columns=list(STATE_COLUMNS), dtype=object), by_intent


def _state(counts: Floats) -> tuple[str, str | None]:
    """Whether an intent can be judged, and why not; it is as old as its first contact."""
    age = counts.size - int(np.argmax(counts > 0))
    if age <= WARM_UP:
        return LEARNING, f"learning: {age} day{'s' * (age != 1)} of contacts, more than {WARM_UP} are needed"
    usual = float(counts[-LEARN:].mean())
    if usual < LEAST_A_DAY:
        few = f"{usual:.1f} contacts a day, at least {LEAST_A_DAY:.0f} are needed"
        return TOO_SMALL, f"too small: {few}; such intents are judged together by category"
    return JUDGED, None


def _exposure(mart: Mart, days: Days) -> tuple[str | None, Floats | None]:
    """The first unit of X, by name, that every one of the days has; None where there is none."""
    for name in mart.decisions.unit_names:
        units = Units.decided(mart.decisions, name)
        entered = dict(units.entries) if units else {}
        known = [float(entered.get(as_date(on), 0)) for on in days]
        if known and min(known) > 0:
            return name, np.array(known)
    return None, None


def last_day(series: DailySeries) -> date:
    """The last day that is judged."""
    return as_date(series.days[-1])
