"""How an extract's time columns are written, found out from its data; what it does not tell is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import duckdb

from cx_metrics.contacts import dates, stamps
from cx_metrics.contacts.dates import Question, Shape
from cx_metrics.contacts.expressions import KEEP, Query
from cx_metrics.contacts.patterns import NAMED_FORMATS
from cx_metrics.contacts.stamps import Reading
from cx_metrics.errors import BadMapping

SAMPLE_ROWS = 10_000
"""How many rows tell whether the whole extract must be looked through for its dates."""


def read_times(query: Query, *, relation: str, connection: duckdb.DuckDBPyConnection) -> tuple[Query, bool]:
    """The query with the reading of every time column, and whether all rows were looked at for it.

    The first rows are enough where every stamp in them is ISO; else the whole extract is counted.

    Raises:
        BadMapping: The order of day and month, or the zone, is not told and must be said.
    """
    sample = f"(SELECT * FROM {relation} LIMIT {SAMPLE_ROWS})"
    whole = any(shape.has_order for shape in _shapes(query, source=sample, connection=connection))
    return (settled(query, relation=relation if whole else sample, connection=connection), whole)


def settled(query: Query, *, relation: str, connection: duckdb.DuckDBPyConnection) -> Query:
    """The query with the reading of every time column, judged by all rows of a relation.

    Raises:
        BadMapping: The order of day and month, or the zone, is not told and must be said.
    """
    shapes = _shapes(query, source=relation, connection=connection)
    declared = {reading.format for reading in query.readings.values()} - {None, *NAMED_FORMATS}
    decided = dates.decide(shapes, declared=[pattern for pattern in declared if pattern])
    unknown = [decision for decision in decided.values() if isinstance(decision, Question)]
    readings = dict(query.readings)
    for column, order in decided.items():
        if not isinstance(order, Question):
            own = [shape for shape in shapes if shape.column == column]
            readings[column] = replace(readings[column], order=order, forms=dates.forms(own, order=order))
    told = replace(query, readings=readings)
    _ask(told, unknown=unknown, zoneless=zoneless(told, source=relation, connection=connection))
    return told


def zoneless(query: Query, *, source: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The time fields with stamps that no zone is known for, among the rows of ``source``."""
    if query.clock.zone is not None:
        return []
    names = [field.name for field in query.times]
    tests = ", ".join(f"coalesce(bool_or(l_{name} IS NOT NULL), false)" for name in names)
    found = connection.execute(f"SELECT {tests} FROM {query.local_stamps(source)}").fetchone()
    assert found is not None
    return [name for name, needed in zip(names, found, strict=True) if needed]


def has_surprises(query: Query, *, source: str, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether bad rows hold stamps that the first rows did not prepare for: day and month, or no zone."""
    undecided = [f"t_{field.name}" for field in query.times if field.reading == Reading(None)]
    if undecided:
        tests = " OR ".join(f"coalesce({stamps.is_undecided(text)}, false)" for text in undecided)
        found = connection.execute(f"SELECT bool_or({tests}) FROM {query.texts(source)}").fetchone()
        if found is not None and found[0]:
            return True
    return bool(zoneless(query, source=source, connection=connection))


def _shapes(query: Query, *, source: str, connection: duckdb.DuckDBPyConnection) -> list[Shape]:
    columns = {name: f"t_{name}" for name, reading in query.readings.items() if reading.format is None}
    if KEEP in columns:
        columns[KEEP] = KEEP
    if not columns:
        return []
    scan = stamps.shape_scan(columns, source=query.texts(source))
    return [Shape(*row) for row in connection.execute(scan).fetchall()]


def _ask(query: Query, *, unknown: Iterable[Question], zoneless: Iterable[str]) -> None:
    labels = {filled.field.name: filled.label for filled in query.fit.filled}
    asked = []
    for question in unknown:
        if question.column == KEEP:
            say = f"Map '{query.fit.mapping.keep_by}' to a time with its format, or keep by another column"
        else:
            say = "Say which in the mapping: " + " or ".join(f'format = "{answer}"' for answer in question.answers)
        asked.append(f"{_named(question.column, labels)}: {question.what}. {say}.")
    asked += [
        f"{_named(name, labels)}: its stamps have no offset and no time zone is known. "
        'Say it in the mapping, timezone = "Europe/Rome", or with --timezone Europe/Rome.'
        for name in zoneless
    ]
    if asked:
        lines = "".join(f"\n  - {line}" for line in asked)
        raise BadMapping(f"The mapping {query.fit.mapping.name} leaves open how to read times:{lines}")


def _named(column: str, labels: dict[str, str]) -> str:
    return f"{column} ('{labels[column]}')" if column in labels else column
