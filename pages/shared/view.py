"""What the shared filters ask for, worked out from their values. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cx_metrics.metrics.periods import last_full_day
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.store.marts.mart import MartFacts

WEEKS = {
    "Last week": 1,
    "Last 4 weeks": 4,
    "Last 13 weeks": 13,
    "Last 26 weeks": 26,
    "Last 52 weeks": 52,
}
ALL_DATA = "All data"
CUSTOM = "Chosen days"
PERIODS = (*WEEKS, ALL_DATA, CUSTOM)
DEFAULT_PERIOD = "Last 4 weeks"

BEFORE = "against the days before"
YEAR_BEFORE = "against a year before"
NO_COMPARISON = "no comparison"
COMPARISONS = (BEFORE, YEAR_BEFORE, NO_COMPARISON)


@dataclass(frozen=True)
class View:
    """What a page shows.

    Attributes:
        now: The period and the filters.
        before: The same over the comparison period; None where there is none.
        comparison: Why there is no comparison, or which one it is, in words.
    """

    now: Slice
    before: Slice | None
    comparison: str

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the period."""
        if self.now.from_on is None or self.now.to_on is None:
            raise ValueError("a view always has both ends")
        return self.now.from_on, self.now.to_on


def view(
    facts: MartFacts,
    *,
    period: str,
    comparison: str,
    chosen: tuple[date, date] | None,
    where: Mapping[str, Sequence[str]],
) -> View:
    """The view that the filters' values ask for; anything not allowed counts as the default."""
    first, last = bounds(facts)
    days = _days(period, chosen=chosen, first=first, last=last)
    filters = tuple((name, tuple(sorted(values))) for name, values in sorted(where.items()) if values)
    now = Slice(from_on=days[0], to_on=days[1], where=filters)
    if comparison == NO_COMPARISON:
        return View(now, None, "No comparison.")
    before = now.previous() if comparison != YEAR_BEFORE else _a_year_before(now, days)
    if before.from_on is None or before.from_on < first:
        return View(
            now, None, f"No comparison: the data starts on {first}, so the earlier period is not known in full."
        )
    return View(now, before, "the days before" if comparison != YEAR_BEFORE else "the same days a year before")


def is_print(asked: str | None) -> bool:
    """Whether the address asks for a page without anything to click: ``print=1``."""
    return asked == "1"


def usual_grain(asked: View) -> Grain:
    """The grain that shows a period best: days up to 13 weeks, then weeks, then months beyond three years."""
    first, last = asked.days
    n_days = (last - first).days + 1
    return "day" if n_days <= 13 * 7 else "week" if n_days <= 3 * 366 else "month"


def bounds(facts: MartFacts) -> tuple[date, date]:
    """First and last day a period can have: the data's first, and the last day known in full."""
    first = facts.data_from or date.today()
    full = last_full_day(facts)
    return first, full if full is not None and full >= first else max(facts.data_to or first, first)


def _days(period: str, *, chosen: tuple[date, date] | None, first: date, last: date) -> tuple[date, date]:
    if period == CUSTOM and chosen is not None:
        return chosen
    if period == ALL_DATA:
        return first, last
    weeks = WEEKS.get(period, WEEKS[DEFAULT_PERIOD])
    return max(first, last - timedelta(days=7 * weeks - 1)), last


def _a_year_before(now: Slice, days: tuple[date, date]) -> Slice:
    """The same weekdays 52 weeks earlier, so that weekends meet weekends."""
    shift = timedelta(weeks=52)
    return replace(now, from_on=days[0] - shift, to_on=days[1] - shift)
