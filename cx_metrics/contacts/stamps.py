"""Time columns as SQL: local stamps and stamps that say their offset, whatever way they are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cx_metrics.contacts.dates import DAY_MONTH, ISO_LOCAL, ISO_ZONED, Form, Order
from cx_metrics.contacts.patterns import says_offset
from cx_metrics.contacts.quoting import literal, matches
from cx_metrics.contacts.zones import FIRST_YEAR, to_utc

_NEVER = "CAST(NULL AS TIMESTAMP)"


@dataclass(frozen=True)
class Reading:
    """How one time column is written.

    Attributes:
        format: What the mapping says: a strptime pattern, ``epoch_s``, ``epoch_ms`` or ``iso``; else None.
        order: Which of day and month comes first where the year is last; None where that does not occur.
        forms: The day-and-month forms that occur, the most frequent first.
    """

    format: str | None
    order: Order | None = None
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True)
class Clock:
    """What turns stamps into UTC: the zone of local ones, and the newest time that is possible."""

    zone: str | None
    newest: datetime


def local(text: str, *, reading: Reading) -> str:
    """The SQL of a stamp that says no offset, as a naive timestamp; NULL for any other text."""
    if reading.format in ("epoch_s", "epoch_ms"):
        return _NEVER
    if reading.format not in (None, "iso"):
        return _NEVER if says_offset(reading.format) else _parsed(text, reading.format)
    known = "".join(f" WHEN {matches(text, form.regex)} THEN {_parsed(text, form.pattern)}" for form in reading.forms)
    return f"CASE WHEN {matches(text, ISO_LOCAL)} THEN try_cast({text} AS TIMESTAMP){known} END"


def zoned(text: str, *, reading: Reading) -> str:
    """The SQL of a stamp that says its offset, in UTC; NULL for any other text."""
    match reading.format:
        case "epoch_s":
            return _unix(text, digits=11, micros=1_000_000)
        case "epoch_ms":
            return _unix(text, digits=14, micros=1_000)
        case None | "iso":
            compact = f"replace(replace({text}, ' +', '+'), ' -', '-')"
            parsed = f"timezone('UTC', try_cast({compact} AS TIMESTAMPTZ))"
            return f"CASE WHEN {matches(text, ISO_ZONED)} THEN {parsed} END"
        case pattern if not says_offset(pattern):
            return _NEVER
        case pattern if "%z" in pattern:
            offset = f"regexp_replace({text}, '[Zz]$', '+00')"
            return f"timezone('UTC', {_parsed(offset, pattern)})"
        case pattern:
            return _parsed(text, pattern)


def utc(stamp: str, *, zoned: str, clock: Clock) -> str:
    """The SQL of a stamp in UTC.

    Args:
        stamp: The column that holds `local` of it.
        zoned: The SQL of `zoned` of it.
        clock: The zone of local stamps; without one they are NULL.
    """
    shifted = to_utc(stamp, zone=clock.zone, until_year=clock.newest.year) if clock.zone else "NULL"
    return f"CASE WHEN {stamp} IS NOT NULL THEN {shifted} ELSE {zoned} END"


def possible(stamp: str, *, clock: Clock) -> str:
    """The SQL test that a UTC stamp lies between 1990 and the newest possible time."""
    return f"{stamp} BETWEEN TIMESTAMP '{FIRST_YEAR}-01-01' AND TIMESTAMP '{clock.newest}'"


def is_undecided(text: str) -> str:
    """The SQL test for a stamp whose order of day and month must be known."""
    return matches(text, DAY_MONTH)


def shape_scan(columns: dict[str, str], *, source: str) -> str:
    """The query for the written forms of stamps: column, shape, n, n_day_first, n_month_first, both_ways.

    Args:
        columns: The SQL text of each time column, by the key the rows are given back under.
        source: What to select from.
    """
    cells = ", ".join(f"{{'key': {literal(key)}, 'stamp': {text}}}" for key, text in columns.items())
    slashed = "translate(stamp, '.-', '//')"
    first, second = (f"try_cast(split_part({slashed}, '/', {part}) AS UTINYINT)" for part in (1, 2))
    known = matches("stamp", f"({ISO_LOCAL})|({ISO_ZONED})|({DAY_MONTH})")
    return f"""
        SELECT key, shape, count(*),
            count(*) FILTER (first BETWEEN 13 AND 31 AND second BETWEEN 1 AND 12),
            count(*) FILTER (second BETWEEN 13 AND 31 AND first BETWEEN 1 AND 12),
            min(stamp) FILTER (first BETWEEN 1 AND 12 AND second BETWEEN 1 AND 12 AND first <> second)
        FROM (
            SELECT key, stamp, translate(stamp, '012345678', '999999999') AS shape,
                {first} AS first, {second} AS second
            FROM (SELECT unnest([{cells}], recursive := true) FROM {source})
            WHERE stamp IS NOT NULL AND {known}
        )
        GROUP BY ALL
        ORDER BY ALL"""


def _unix(text: str, *, digits: int, micros: int) -> str:
    whole = matches(text, rf"\d{{1,{digits}}}")
    return f"CASE WHEN {whole} THEN make_timestamp(try_cast({text} AS BIGINT) * {micros}) END"


def _parsed(text: str, pattern: str) -> str:
    return f"try_strptime({text}, {literal(pattern)})"
