"""The contacts themselves, for one intent and period: the one place where a page reads the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from cx_metrics.contacts.schema import DIMENSIONS, FIELDS, NONE
from cx_metrics.store.home import Home
from cx_metrics.store.workbench import workbench

Filters = Sequence[tuple[str, Sequence[str]]]


def count_contacts(home: Home, *, where: Filters, from_on: date, to_on: date) -> int:
    """How many contacts of these filters were opened on these business days, both included."""
    frame = _select(home, "count(*) AS n", where=where, from_on=from_on, to_on=to_on, tail="")
    return int(frame["n"].iloc[0])


def contacts(
    home: Home, *, where: Filters, from_on: date, to_on: date, limit: int | None = None, offset: int = 0
) -> pd.DataFrame:
    """The contacts of these filters and business days, newest first; times in UTC, text as it came.

    Args:
        home: Whose lake.
        where: Dimensions with the values allowed, as a slice has them; ``(none)`` stands for a missing value.
        from_on: First business day.
        to_on: Last business day, inclusive.
        limit: How many at most; None for all.
        offset: How many to leave out first.

    Returns:
        Every column of a contact that has a value in some row asked for, one row a contact.
    """
    columns = ", ".join(f'"{field.name}"' for field in FIELDS)
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    tail = f"ORDER BY started_at DESC, source, contact_id {page}"
    frame = _select(home, columns, where=where, from_on=from_on, to_on=to_on, tail=tail)
    return frame.dropna(axis="columns", how="all") if len(frame) else frame


def _select(
    home: Home, columns: str, *, where: Filters, from_on: date, to_on: date, tail: str
) -> pd.DataFrame:
    zone = home.settings.zone
    start, end = _utc(from_on, zone), _utc(to_on + timedelta(days=1), zone)
    conditions = ["started_at >= $start", "started_at < $end", "month BETWEEN $first AND $last"]
    params: dict[str, object] = {
        "start": start,
        "end": end,
        "first": f"{start:%Y-%m}",
        "last": f"{end:%Y-%m}",
    }
    for number, (name, values) in enumerate(where):
        if name not in DIMENSIONS:
            raise ValueError(f"{name} is no dimension")
        conditions.append(f"coalesce(\"{name}\", '{NONE}') IN (SELECT unnest($values{number}))")
        params[f"values{number}"] = list(values)
    with home.scratch() as folder, workbench(home.settings, folder) as connection:
        return connection.execute(
            f"SELECT {columns} FROM {home.lake.contacts.relation()} WHERE {' AND '.join(conditions)} {tail}", params
        ).df()


def _utc(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a business day, in UTC without an offset."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
