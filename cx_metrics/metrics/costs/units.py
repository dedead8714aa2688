"""How many units of X (orders, devices, ...) belong to a period, as far as they were entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Literal, Self

import numpy as np

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.metrics.periods import day_range, known_days, period_lengths
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.marts.mart import Mart, MartFacts

Cadence = Literal["day", "week", "month", "quarter", "year"]

NO_UNITS = "no units to divide by were entered: add orders, devices or customers in Settings"
_GAPS: dict[Cadence, tuple[int, int]] = {
    "day": (1, 1),
    "week": (7, 7),
    "month": (28, 31),
    "quarter": (90, 92),
    "year": (365, 366),
}
_LONGEST: dict[Cadence, int] = {cadence: longest for cadence, (_, longest) in _GAPS.items()}


@dataclass(frozen=True)
class PeriodUnits:
    """Units of one period, or why they can't be told."""

    units: Decimal | None
    reason: str | None = None


@dataclass(frozen=True)
class Units:
    """The entries of one unit of X, by day.

    Attributes:
        name: What is counted.
        entries: Day and units, in order of days.
        cadence: What stretch of days one entry stands for; None where the days tell none, as for one entry.
    """

    name: str
    entries: tuple[tuple[date, Decimal], ...]
    cadence: Cadence | None

    @classmethod
    def decided(cls, decisions: Decisions, name: str | None) -> Self | None:
        """The units of that name, or the first by name; None where none were entered at all.

        Raises:
            BadUse: None of that name were entered, but others were.
        """
        names = decisions.unit_names
        if name is not None and name not in names and names:
            raise BadUse(f"unknown unit '{name}': {did_you_mean(name, names)}")
        if not names:
            return None
        chosen = names[0] if name is None else name
        entries = tuple(sorted((entry.on, entry.units) for entry in decisions.x_units if entry.name == chosen))
        return cls(chosen, entries, _cadence([on for on, _ in entries]))

    def within(self, first: date | None, last: date | None, *, known: tuple[date, date]) -> PeriodUnits:
        """Units of the days from first to last; where an end is open, those of the days the data knows.

        Args:
            first: First day, or None.
            last: Last day, inclusive, or None.
            known: First and last day of the data: what comes after brought no contacts yet.
        """
        start, end = first or known[0], min(last or known[1], known[1])
        if self.cadence in (None, "day"):
            return self._total([units for on, units in self.entries if start <= on <= end])
        spans = [(on, self._ends(at), units) for at, (on, units) in enumerate(self.entries)]
        touched = [span for span in spans if span[0] <= (last or end) and span[1] >= start]
        is_cut = any((first and on < first) or (last and until > last) for on, until, _ in touched)
        if is_cut:
            whole = f"choose whole {self.cadence}s"
            return PeriodUnits(None, f"units of '{self.name}' are known per {self.cadence}: {whole}")
        return self._total([units for _, _, units in touched])

    def _total(self, units: Sequence[Decimal]) -> PeriodUnits:
        total = sum(units, Decimal())
        if total > 0:
            return PeriodUnits(total)
        return PeriodUnits(None, f"no units of '{self.name}' in this period")

    def _ends(self, at: int) -> date:
        """Last day of what an entry stands for."""
        assert self.cadence is not None
        on = self.entries[at][0]
        if at + 1 < len(self.entries):
            following = self.entries[at + 1][0]
            if (following - on).days <= _LONGEST[self.cadence]:
                return following - timedelta(days=1)
        return _later(on, self.cadence) - timedelta(days=1)


def unit_names(mart: Mart) -> tuple[str, ...]:
    """Names of the units of X that were entered, sorted."""
    return mart.decisions.unit_names


def units_by_period(units: Units, facts: MartFacts, slice: Slice, starts: Sequence[date]) -> list[PeriodUnits]:
    """Units of the slice's days, or of each period of its grain that begins on a day given."""
    known = known_days(facts)
    if known is None:
        return [PeriodUnits(None, "no contacts in the data yet")] * max(len(starts), 1)
    if slice.grain is None:
        return [units.within(slice.from_on, slice.to_on, known=known)]
    found = []
    for start, last in zip(starts, _lasts(starts, slice.grain), strict=True):
        first = max(start, slice.from_on or start)
        found.append(units.within(first, min(last, slice.to_on or last), known=known))
    return found


def _lasts(starts: Sequence[date], grain: Grain) -> list[date]:
    days = np.array(starts, dtype="datetime64[D]")
    lengths = period_lengths(days, grain)
    return [start + timedelta(days=int(n) - 1) for start, n in zip(starts, lengths, strict=True)]


def _cadence(days: Sequence[date]) -> Cadence | None:
    """What stretch the entries stand for, from the steps between most of them."""
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not steps:
        return None
    usual = median(steps)
    found = (cadence for cadence, (shortest, longest) in _GAPS.items() if shortest <= usual <= longest)
    return next(found, None)


def _later(on: date, cadence: Cadence) -> date:
    """The day one stretch later: of months, the same day of a later month, or its last."""
    if cadence in ("day", "week"):
        return on + timedelta(days=_LONGEST[cadence])
    months = {"month": 1, "quarter": 3}.get(cadence, 12)
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    following = day_range(date(year, month + 1, 1), date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1))
    return date(year, month + 1, min(on.day, following.size - 1))
