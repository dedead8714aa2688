"""How numbers, days and times are written on every page: the only place that turns one into text. Pure.

Numbers follow ``cx_metrics.charts.numbers``: a card, a chart and a table say the same to the last digit. What
is missing is said in words: ``not known``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from cx_metrics.charts.numbers import (
    THIN,
    UNKNOWN,
    Number,
    change,
    compact,
    count,
    duration,
    interval,
    is_known,
    likely,
    money,
    money_compact,
    number,
    percent,
    points,
    price,
)

__all__ = [
    "THIN",
    "UNKNOWN",
    "change",
    "compact",
    "count",
    "day",
    "day_span",
    "duration",
    "estimate",
    "interval",
    "is_known",
    "likely",
    "listing",
    "money",
    "money_compact",
    "number",
    "percent",
    "plural",
    "points",
    "price",
    "stamp",
    "unknown",
]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(on: date, *, year: int | None = None, weekday: bool = False) -> str:
    """A day: ``17 Nov``, with its year unless that is the one given.

    Args:
        on: The day.
        year: The year that needs no saying: the data's current one.
        weekday: Whether to begin with it: ``Mon 17 Nov``.
    """
    begin = f"{_WEEKDAYS[on.weekday()]} " if weekday else ""
    end = "" if on.year == year else f" {on.year}"
    return f"{begin}{on.day} {_MONTHS[on.month - 1]}{end}"


def day_span(first: date, last: date, *, year: int | None = None) -> str:
    """A period, both days included: ``21 Oct – 17 Nov``, with years unless both are the one given."""
    if first == last:
        return day(first, year=year)
    return f"{day(first, year=last.year)} – {day(last, year=year if first.year == last.year else None)}"


def stamp(at: datetime | None, zone: str | ZoneInfo, *, year: int | None = None) -> str:
    """A point in time in the business time zone: ``17 Nov, 23:41``.

    Args:
        at: In UTC where it has no offset; None is ``not known``.
        zone: The business time zone.
        year: The year that needs no saying.
    """
    if at is None:
        return UNKNOWN
    zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    return f"{day(local.date(), year=year)}, {local:%H:%M}"


def unknown(reason: str | None) -> str:
    """Why there is no number: ``not known: no customer ids in this data``."""
    return f"{UNKNOWN}: {reason}" if reason else UNKNOWN


def estimate(
    value: Number, low: Number = None, high: Number = None, reason: str | None = None, *, digits: int = 0
) -> str:
    """A share with its interval, or why there is none: ``71 %, likely 70 – 72 %``."""
    if not is_known(value):
        return unknown(reason)
    return f"{percent(value, digits)}, {likely(low, high, digits)}" if is_known(low) else percent(value, digits)


def plural(n: Number, one: str, many: str | None = None) -> str:
    """So many of something: ``1 contact``, ``12 345 contacts``."""
    said = count(n)
    return f"{said} {one if said == '1' else many or f'{one}s'}"


def listing(words: Sequence[str], *, last: str = "and") -> str:
    """Words in a row: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
