"""Which contacts a question is about, over which days, and how the answer is grouped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Self, cast, get_args

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.store.marts import mart

Grain = Literal["day", "week", "month"]

GRAINS: tuple[Grain, ...] = get_args(Grain)
WINDOWS = mart.WINDOWS
"""Days within which another contact counts as a repeat; one has to be chosen."""
DEFAULT_WINDOW = 7
_YEARS = range(1900, 2200)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Slice:
    """The frame of a question: days, filters, grouping and window.

    Attributes:
        from_on: First business day, or None for the data's first.
        to_on: Last business day, inclusive, or None for the data's last.
        by: Dimensions to group by, in the order of the answer's columns.
        grain: Length of the periods the answer is split into, or None for one answer over all days.
        where: Dimensions with the values allowed, both sorted. Values of one dimension are alternatives;
            several dimensions must all hold.
        window: Days within which another contact counts as a repeat; None for each intent's own, 7 where it has none.
        unit: Name of the X that contacts are divided by, for contacts per X; None for the first there is.

    Raises:
        BadUse: A dimension, grain or window is unknown, or the period ends before it starts.
    """

    from_on: date | None = None
    to_on: date | None = None
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    window: int | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        for dimension in (*self.by, *(name for name, _ in self.where)):
            _check_choice("dimension", dimension, DIMENSIONS)
        if self.grain is not None:
            _check_choice("grain", self.grain, GRAINS)
        if self.window is not None and self.window not in WINDOWS:
            raise BadUse(f"unknown window {self.window}: allowed: {', '.join(map(str, WINDOWS))} (days)")
        if self.from_on and self.to_on and self.from_on > self.to_on:
            raise BadUse(f"the period starts on {self.from_on}, after it ends on {self.to_on}: swap the two")

    @classmethod
    def parse(
        cls,
        *,
        from_on: str | None = None,
        to_on: str | None = None,
        by: str | None = None,
        grain: str | None = None,
        where: Iterable[str] = (),
        window: str | None = None,
        unit: str | None = None,
    ) -> Self:
        """The slice that a command line or a link asks for; None and empty text mean not given.

        Args:
            from_on: First day as ``YYYY-MM-DD``.
            to_on: Last day, inclusive.
            by: Dimensions, separated by commas; one named twice counts once.
            grain: ``day``, ``week`` or ``month``.
            where: Filters as ``DIMENSION=VALUE``.
            window: Days as a whole number.
            unit: Name of the X that contacts are divided by.

        Raises:
            BadUse: One of them can't be understood; the sentence says what is allowed.
        """
        names = dict.fromkeys(part.strip() for part in (by or "").split(",") if part.strip())
        return cls(
            from_on=_parse_day(from_on),
            to_on=_parse_day(to_on),
            by=tuple(names),
            grain=cast("Grain | None", grain or None),
            where=_parse_filters(where),
            window=_parse_window(window),
            unit=unit or None,
        )

    @property
    def window_days(self) -> int:
        """Days within which another contact counts as a repeat, for intents that have no window of their own."""
        return DEFAULT_WINDOW if self.window is None else self.window

    def closed(self, first_on: date, last_on: date) -> Self:
        """The same slice with its open ends at the given days, or at its other end where that lies beyond."""
        to_on = self.to_on or max(last_on, self.from_on or last_on)
        return replace(self, from_on=self.from_on or min(first_on, to_on), to_on=to_on)

    def previous(self) -> Self:
        """The same slice over the same number of days just before.

        Raises:
            BadUse: The period has an open end.
        """
        if self.from_on is None or self.to_on is None:
            raise BadUse("a comparison with the days before needs a period with a first and a last day")
        n_days = self.to_on - self.from_on + timedelta(days=1)
        return replace(self, from_on=self.from_on - n_days, to_on=self.from_on - timedelta(days=1))

    def sentence(self) -> str:
        """The slice in words, as in ``contacts with channel 'chat' or 'phone', 2026-01-01 to 2026-01-31``."""
        filters = " and ".join(
            f"{dimension} {' or '.join(repr(value) for value in values)}" for dimension, values in self.where
        )
        parts = [f"contacts with {filters}" if filters else "all contacts", self._days_in_words()]
        parts.append(f"by {' and '.join(self.by)}" if self.by else "")
        parts.append(f"per {self.grain}" if self.grain else "")
        parts.append(f"repeats within {self.window} days" if self.window else "")
        return ", ".join(part for part in parts if part)

    def _days_in_words(self) -> str:
        if self.from_on and self.to_on:
            return f"{self.from_on} to {self.to_on}"
        if self.from_on:
            return f"from {self.from_on} on"
        return f"up to {self.to_on}" if self.to_on else ""


def _check_choice(what: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise BadUse(f"unknown {what} '{word}': {did_you_mean(word, allowed)}")


def _parse_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise BadUse(f"'{text}' is no date: write a day of the calendar as YYYY-MM-DD, for example 2026-01-31")
    return day


def _parse_window(text: str | None) -> int | None:
    if not text:
        return None
    if text not in map(str, WINDOWS):
        raise BadUse(f"unknown window '{text}': allowed: {', '.join(map(str, WINDOWS))} (days)")
    return int(text)


def _parse_filters(filters: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    allowed: dict[str, set[str]] = {}
    for text in filters:
        dimension, equals, value = text.partition("=")
        if not equals or not value:
            raise BadUse(f"the filter '{text}' can't be read: write DIMENSION=VALUE, for example channel=phone")
        allowed.setdefault(dimension.strip(), set()).add(value)
    return tuple((dimension, tuple(sorted(values))) for dimension, values in sorted(allowed.items()))
