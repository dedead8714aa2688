"""Days on which an intent brought far more contacts than a usual day: outages, mailings, mistakes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from cx_metrics.metrics.periods import as_date, full_days_within
from cx_metrics.metrics.reasons.trend import daily_counts
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

Floats = NDArray[np.float64]

WEEKS_AROUND = 4
LEAST_WEEKS = 4
TIMES_USUAL = 2.0
SPREADS = 5.0
"""Square roots of a usual day's contacts by which a spike exceeds it: far beyond what chance alone brings."""


@dataclass(frozen=True)
class Spike:
    """One run of days with far more contacts than usual.

    Attributes:
        first_on: Its first day.
        on: Its heaviest day.
        contacts: Contacts on that day.
        usual: Contacts of a usual day of that weekday.
    """

    first_on: date
    on: date
    contacts: int
    usual: float

    @property
    def extra(self) -> float:
        """Contacts beyond a usual day's."""
        return self.contacts - self.usual

    @property
    def lift(self) -> float:
        """The extra contacts in multiples of a usual day's."""
        return self.extra / self.usual


def spikes(mart: Mart, slice: Slice, intent: str) -> list[Spike]:
    """The spikes of an intent over all full days of the data, oldest first.

    A spike day has at least twice the contacts of a usual day of its weekday, and exceeds it by five times the square
    root of them. A usual day is the median of that weekday in the four weeks before and after, of at least four days.

    Args:
        mart: Where to count.
        slice: Its filters; its days play no part, nor does its intent.
        intent: Whose contacts.
    """
    others = [(name, values) for name, values in slice.where if name != "intent"]
    asked = replace(slice, from_on=None, to_on=None, by=(), where=tuple(sorted([*others, ("intent", (intent,))])))
    if not mart.query("SELECT 1 FROM cells WHERE intent = $intent LIMIT 1", {"intent": intent}).size:
        return []
    days = full_days_within(mart.facts, asked)
    _, counts = daily_counts(mart, asked, days)
    if not counts.size:
        return []
    own = counts[0]
    usual = _usual(own)
    high = np.flatnonzero((own >= TIMES_USUAL * usual) & (own - usual >= SPREADS * np.sqrt(usual)) & (usual > 0))
    runs = np.split(high, np.flatnonzero(np.diff(high) > 1) + 1) if high.size else []
    peaks = [(run[0], run[int(np.argmax(own[run] - usual[run]))]) for run in runs]
    return [Spike(as_date(days[a]), as_date(days[at]), int(own[at]), float(usual[at])) for a, at in peaks]


def _usual(counts: Floats) -> Floats:
    """Median of the same weekday in the weeks around each day; NaN with fewer than four such days."""
    shifts = [weeks * 7 for weeks in range(-WEEKS_AROUND, WEEKS_AROUND + 1) if weeks]
    around = np.full((len(shifts), counts.size), np.nan)
    for row, shift in zip(around, shifts, strict=True):
        if abs(shift) < counts.size:
            row[max(0, -shift) : counts.size - max(0, shift)] = counts[max(0, shift) : counts.size + min(0, shift)]
    enough = (~np.isnan(around)).sum(axis=0) >= LEAST_WEEKS
    usual = np.full(counts.size, np.nan)
    if enough.any():
        usual[enough] = np.nanmedian(around[:, enough], axis=0)
    return usual
