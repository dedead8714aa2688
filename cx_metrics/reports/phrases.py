"""The pieces that sentences about a period are made of: words, names, numbers that matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from cx_metrics.charts.numbers import Known, count, is_known, percent
from cx_metrics.metrics.slice import Slice

Role = Literal["words", "strong", "name", "quoted"]

_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen")
_MOST_TIMES = 100_000
_ALMOST_ONE, _FEW = 0.995, 0.005


@dataclass(frozen=True)
class Part:
    """A piece of a sentence.

    Attributes:
        text: What it says.
        role: ``words`` of our own, a ``strong`` number, a ``name`` from the data, or words ``quoted`` that may hold
            such names.
    """

    text: str
    role: Role = "words"


def words(text: str) -> Part:
    """Words of our own."""
    return Part(text)


def strong(text: str) -> Part:
    """A number that the sentence is about."""
    return Part(text, "strong")


def name(text: object) -> Part:
    """A name from the data."""
    return Part(str(text), "name")


def quoted(text: object) -> Part:
    """Words that may hold names from the data: why something is not known."""
    return Part(str(text), "quoted")


def has(value: Any) -> bool:
    """Whether there is a number to tell."""
    return is_known(value)


def plural(n: Known, one: str, many: str | None = None) -> str:
    """So many of something: ``1 contact``, ``12 345 contacts``."""
    said = count(n)
    return f"{said} {one if said == '1' else many or f'{one}s'}"


def of_100(share: float) -> str:
    """A share as people say it: ``8 of 100``; with a decimal below 1."""
    return f"{percent(share, 1 if _FEW <= share * 100 < 1 else 0)[:-2]} of 100"


def per_units(value: float) -> tuple[int, str]:
    """Of how many units to say it so that a ratio is no small fraction: ``(100, "100")``, ``(1000, "1 000")``."""
    times = 100
    while 0 < value * times < 1 and times < _MOST_TIMES:
        times *= 10
    return times, count(times)


def in_period(slice: Slice) -> str:
    """The length of a period: ``in these four weeks``, ``in these 30 days``, ``on this day``."""
    n_days = _n_days(slice)
    return {1: "on this day", 7: "in this week"}.get(n_days, f"in these {_length(n_days)}")


def in_comparison(slice: Slice, compare: Slice) -> str:
    """What a period is compared with: ``in the four weeks before``, ``a year before``."""
    if slice.from_on is None or compare.from_on is None or compare.to_on is None:
        return "in the comparison period"
    if compare.to_on == slice.from_on - timedelta(days=1):
        n_days = _n_days(slice)
        short = {1: "on the day before", 7: "in the week before"}
        return short.get(n_days, f"in the {_length(n_days)} before")
    if slice.from_on - compare.from_on == timedelta(weeks=52):
        return "in the same weeks a year before"
    return "in the comparison period"


def _n_days(slice: Slice) -> int:
    assert slice.from_on is not None
    assert slice.to_on is not None
    return (slice.to_on - slice.from_on).days + 1


def _length(n_days: int) -> str:
    weeks, rest = divmod(n_days, 7)
    if rest:
        return f"{n_days} days"
    return f"{_SMALL[weeks - 1] if weeks <= len(_SMALL) else count(weeks)} weeks"
