"""What every column of an extract was taken for, with what people should know about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from cx_metrics.contacts.expressions import KEEP, Query
from cx_metrics.contacts.fit import Fit
from cx_metrics.contacts.schema import BY_NAME
from cx_metrics.contacts.zones import repeated_hours


@dataclass(frozen=True)
class ColumnUse:
    """What one column was taken for.

    Attributes:
        header: The extract's column, or None where the mapping fills a field without one.
        field: The field it fills, or None where it fills none.
        note: What to know about it, or None.
    """

    header: str | None
    field: str | None
    note: str | None


def uses(query: Query, *, staged: str, connection: duckdb.DuckDBPyConnection) -> tuple[ColumnUse, ...]:
    """The use of every column of the extract in its order, then of fields that no column fills.

    Args:
        query: What the extract was staged with.
        staged: The accepted contacts, to count what deserves a note.
        connection: Where they are.
    """
    fit = query.fit
    notes = _field_notes(query, staged=staged, connection=connection)
    by_position: dict[int, list[ColumnUse]] = defaultdict(list)
    for filled in fit.filled:
        for n, at in enumerate(filled.positions):
            note = None if n else "; ".join(notes[filled.field.name]) or None
            by_position[at].append(ColumnUse(fit.headers[at], filled.field.name, note))
    for at, equals in fit.drops:
        listed = ", ".join(f"'{text}'" for text in equals)
        by_position[at].append(ColumnUse(fit.headers[at], None, f"rows with {listed} are dropped"))
    if fit.keep is not None:
        note = "tells the newest row of a contact"
        by_position[fit.keep].append(ColumnUse(fit.headers[fit.keep], None, note))
    found = [
        use for at, header in enumerate(fit.headers) for use in by_position.get(at, [ColumnUse(header, None, None)])
    ]
    constants = [ColumnUse(None, name, f"always {value!r}") for name, value in fit.constants.items()]
    return (*found, *constants, *_absent(fit))


def _absent(fit: Fit) -> list[ColumnUse]:
    found = []
    for missing in fit.absent:
        if missing.of in BY_NAME:
            found.append(ColumnUse(None, missing.of, str(missing)))
        else:
            decides = "; file order decides" if missing.of == KEEP else ""
            found.append(ColumnUse(None, None, f"{missing.of}: {missing}{decides}"))
    return found


def _field_notes(query: Query, *, staged: str, connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = defaultdict(list)
    for name in (field.name for field in query.times):
        if order := query.readings[name].order:
            notes[name].append(f"read as {order}")
        if count := _repeated(query, name, staged=staged, connection=connection):
            notes[name].append(f"{count:,} in an hour that occurs twice, read as the first")
    if "ended_at" in query.readings:
        (early,) = _row(connection, f"SELECT count(*) FILTER (ended_at < started_at) FROM {staged}")
        if early:
            notes["ended_at"].append(f"{early:,} before the start; those count from their start")
    return notes


def _repeated(query: Query, name: str, *, staged: str, connection: duckdb.DuckDBPyConnection) -> int:
    if query.clock.zone is None:
        return 0
    spans = repeated_hours(query.clock.zone, until_year=query.clock.newest.year)
    low, high = _row(connection, f"SELECT min({name}), max({name}) FROM {staged}")
    inside = [(start, end) for start, end in spans if low is not None and start <= high and end > low]
    if not inside:
        return 0
    tests = " OR ".join(f"({name} >= {_at(start)} AND {name} < {_at(end)})" for start, end in inside)
    (count,) = _row(connection, f"SELECT count(*) FILTER ({tests}) FROM {staged}")
    return int(count)


def _at(moment: datetime) -> str:
    return f"TIMESTAMP '{moment}'"


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found
