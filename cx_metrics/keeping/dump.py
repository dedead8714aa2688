"""The records in a form that no database owns: a file of JSON lines for each table, a line for each row.

A line is a list of values in the order of the columns, which the first line names. Values that JSON has no form for
say what they are: ``{"datetime": "2026-01-01T00:00:00"}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

from sqlalchemy import JSON, Connection, MetaData, String, Table, delete, func, inspect, select, text

from cx_metrics.store.records import Base

_ROWS_AT_ONCE = 1000


def tables() -> list[str]:
    """Names of the tables, each after those it refers to."""
    return [table.name for table in Base.metadata.sorted_tables]


def write_table(connection: Connection, name: str, target: IO[bytes]) -> None:
    """Write all rows of a table."""
    table = Base.metadata.tables[name]
    target.write(_line(list(table.columns.keys())))
    ordered = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(ordered):
        target.write(_line([_plain(value) for value in row]))


def read_tables(connection: Connection, files: Iterator[tuple[str, IO[bytes]]]) -> None:
    """Put the rows of files into the tables of a database at the version they were written at.

    What a migration put there goes first. Numbers that are given out go on behind those that were.
    """
    known = MetaData()
    known.reflect(connection)
    for column in (column for table in known.tables.values() for column in table.columns):
        if isinstance(column.type, JSON):
            column.type.none_as_null = True
    for name, source in files:
        table = known.tables[name]
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            connection.execute(delete(table))
        columns = json.loads(source.readline())
        rows = (dict(zip(columns, map(_value, json.loads(line)), strict=True)) for line in source)
        while some := [_fitting(table, row) for row in islice(rows, _ROWS_AT_ONCE)]:
            connection.execute(table.insert(), some)
        _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows by a counter of its own; SQLite goes on behind the highest number."""
    key = table.primary_key.columns
    if connection.dialect.name != "postgresql" or len(key) != 1:
        return
    (column,) = key
    found = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
    ).scalar()
    if found:
        highest = connection.execute(select(func.max(column))).scalar()
        if highest:
            connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": found, "highest": highest})


def is_empty(connection: Connection) -> bool:
    """Whether nobody has loaded or decided anything here: what is there was put there by migrations."""
    if not inspect(connection).has_table("loads"):
        return True
    counted = ("loads", "audit", "operations", "reviews", "intents")
    present = [name for name in counted if name in Base.metadata.tables]
    asked = (select(func.count()).select_from(Base.metadata.tables[name]) for name in present)
    return not any(connection.execute(each).scalar_one() for each in asked)


def _fitting(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row as the database takes it: SQLite keeps exact numbers as texts."""
    return {
        name: f"{value:f}" if isinstance(value, Decimal) and isinstance(table.columns[name].type, String) else value
        for name, value in row.items()
    }


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, (dict, list)):
        return {"json": value}
    return value


_READERS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "json": lambda value: value,
}


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, plain),) = value.items()
    return _READERS[kind](plain)
