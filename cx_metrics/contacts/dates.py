"""Which of day and month comes first in an extract's stamps: told by its data, else asked, never guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Order = Literal["day first", "month first"]

_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
_ISO_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"

ISO_LOCAL = rf"{_ISO_DATE}([T ]{_CLOCK})?"
"""ISO stamps without an offset, as a regular expression; a slash may stand for the dash."""

ISO_ZONED = rf"{_ISO_DATE}[T ]{_CLOCK} ?(Z|UTC|[+-](0\d|1[0-5])(:?[0-5]\d)?)"
"""ISO stamps with their offset."""

DAY_MONTH = (
    r"\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})"
    r"((, |,| |T)\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?[AaPp][Mm])?)?"
)
"""Stamps whose year is last, with two or four digits: day or month may come first."""

_SHAPE = re.compile(
    r"9{1,2}(?P<sep1>[/.-])9{1,2}(?P<sep2>[/.-])(?P<year>9{4}|9{2})"
    r"((?P<gap>, |,| |T)9{1,2}:99(?P<seconds>:99)?(?P<fraction>\.9+)?((?P<space> ?)(?P<half>[AaPp][Mm]))?)?"
)
_CLEAR_SHARE = 0.95
_DAY = re.compile(r"%-?d")
_MONTH = re.compile(r"%-?[mbB]")


@dataclass(frozen=True)
class Shape:
    """One written form of stamps in one column, and what it says about the order of day and month.

    Attributes:
        column: The column's key, as the caller names it.
        shape: The text with every digit as 9, such as ``99/9/9999 99:99``.
        n: How often the form occurs.
        n_day_first: How many of them can only be read as day, month, year.
        n_month_first: How many can only be read as month, day, year.
        both_ways: A stamp of this form that either order can read, with different dates; or None.
    """

    column: str
    shape: str
    n: int
    n_day_first: int = 0
    n_month_first: int = 0
    both_ways: str | None = None

    @property
    def has_order(self) -> bool:
        """Whether the form has a day and a month whose order must be known."""
        return _SHAPE.fullmatch(self.shape) is not None


@dataclass(frozen=True)
class Form:
    """How to read one written form: which texts it covers, and their strptime pattern."""

    regex: str
    pattern: str


@dataclass(frozen=True)
class Question:
    """An order of day and month that the extract does not tell.

    Attributes:
        column: The column's key, as the caller names it.
        what: What is not known, with an example and its two readings.
        answers: The strptime patterns that would each settle it.
    """

    column: str
    what: str
    answers: tuple[str, str]


def decide(shapes: Iterable[Shape], *, declared: Iterable[str]) -> dict[str, Order | Question]:
    """The order of day and month of every column that has such stamps, or the question to ask.

    All time columns of an extract are judged together: a part above 12 in any of them tells the order of all.
    Where both orders occur, the rarer one must be a few slips (5 % at most), and no column may differ.

    Args:
        shapes: The written forms of every time column.
        declared: strptime patterns that the mapping names for its other time columns.
    """
    by_column = defaultdict(list)
    for shape in shapes:
        if shape.has_order:
            by_column[shape.column].append(shape)
    common = _order([shape for column in by_column.values() for shape in column])
    orders = {order for pattern in declared if (order := order_of(pattern))}
    if common is None and len(orders) == 1:
        common = next(iter(orders))
    return {column: _of_column(column, found, common=common) for column, found in by_column.items()}


def forms(shapes: Iterable[Shape], *, order: Order) -> tuple[Form, ...]:
    """How to read each of these written forms in this order of day and month, the most frequent first."""
    counts: dict[Form, int] = defaultdict(int)
    for shape in shapes:
        if (match := _SHAPE.fullmatch(shape.shape)) is not None:
            counts[_form(match, order=order)] += shape.n
    return tuple(sorted(counts, key=lambda form: (-counts[form], form.pattern)))


def order_of(pattern: str) -> Order | None:
    """The order of day and month a strptime pattern says; None where the year comes first or no day is."""
    day, month, year = _DAY.search(pattern), _MONTH.search(pattern), re.search(r"%-?[yY]", pattern)
    if not (day and month and year) or year.start() < min(day.start(), month.start()):
        return None
    return "day first" if day.start() < month.start() else "month first"


def _order(shapes: Iterable[Shape]) -> Order | None:
    found = list(shapes)
    n_day, n_month = sum(s.n_day_first for s in found), sum(s.n_month_first for s in found)
    if max(n_day, n_month) < _CLEAR_SHARE * (n_day + n_month) or n_day == n_month:
        return None
    return "day first" if n_day > n_month else "month first"


def _of_column(column: str, shapes: list[Shape], *, common: Order | None) -> Order | Question:
    own = _order(shapes)
    n_day, n_month = sum(s.n_day_first for s in shapes), sum(s.n_month_first for s in shapes)
    if common and (own == common or not (n_day or n_month)):
        return common
    both_ways = [shape for shape in shapes if shape.both_ways]
    if not (n_day or n_month or both_ways):
        return "day first"
    most = max(both_ways or shapes, key=lambda shape: shape.n)
    match = _SHAPE.fullmatch(most.shape)
    assert match is not None
    answers = _form(match, order="day first").pattern, _form(match, order="month first").pattern
    if most.both_ways:
        one, other = (_in_words(most.both_ways, pattern) for pattern in answers)
        what = f"'{most.both_ways}' can be {one} or {other}"
    else:
        what = f"{n_day:,} stamps can only be day/month and {n_month:,} only month/day"
    return Question(column, f"the order of day and month can't be told: {what}", answers)


def _form(match: re.Match[str], *, order: Order) -> Form:
    part = match.groupdict()
    first, second = ("%d", "%m") if order == "day first" else ("%m", "%d")
    pattern = f"{first}{part['sep1']}{second}{part['sep2']}{'%Y' if len(part['year']) == 4 else '%y'}"
    regex = rf"\d{{1,2}}[{part['sep1']}]\d{{1,2}}[{part['sep2']}]\d{{{len(part['year'])}}}"
    if part["gap"]:
        pattern += f"{part['gap']}{'%I' if part['half'] else '%H'}:%M"
        regex += rf"{part['gap']}\d{{1,2}}:\d{{2}}"
    if part["seconds"]:
        pattern, regex = pattern + ":%S", regex + r":\d{2}"
    if part["fraction"]:
        pattern, regex = pattern + ".%f", regex + r"\.\d+"
    if part["half"]:
        pattern, regex = pattern + f"{part['space']}%p", regex + f"{part['space']}[AaPp][Mm]"
    return Form(regex, pattern)


def _in_words(text: str, pattern: str) -> str:
    date_pattern = pattern[: 6 + len("%Y")]
    date_text = re.split(r"[, T]", text, maxsplit=1)[0]
    day = datetime.strptime(date_text, date_pattern)
    return f"{day.day} {day:%B %Y}"
