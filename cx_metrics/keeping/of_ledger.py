"""What can be wrong between the ledger of loads and the lake: contacts that nobody loaded, loads without contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow.parquet as pq
from pyarrow import ArrowException
from sqlalchemy import select

from cx_metrics.keeping.finding import REPAIR, RESTORE, Finding, Weight
from cx_metrics.store import ledger
from cx_metrics.store.engines.workbench import workbench
from cx_metrics.store.home import Home
from cx_metrics.store.lake.tables import KEY
from cx_metrics.store.records import Load, LoadState, Operation


@dataclass(frozen=True)
class _Held:
    """What the lake holds: versions of contacts by load and source, what replaced them, and doubled contacts."""

    versions: Counter[int]
    sources: dict[int, set[str]]
    replaced_by: Counter[int]
    doubled: int


def of_ledger(home: Home) -> Iterator[Finding]:
    """Whether the lake holds what the ledger says; to be asked while holding the home for writing."""
    with home.session() as session:
        loads = {row.id: row for row in ledger.loads(session)}
        operations = session.scalars(select(Operation).order_by(Operation.id)).all()
    for operation in operations:
        if operation.open:
            about = f"load {operation.load_id}" if operation.load_id else f"operation {operation.id}"
            said = f"it was interrupted in the middle ({operation.kind})"
            yield Finding("ledger", about, said, REPAIR)
    if any(operation.open for operation in operations):
        return
    yield from _numbers(home, operations=[*operations], loads=loads)
    held = _held(home)
    if held.doubled:
        yield Finding("ledger", home.lake.contacts.place, f"{held.doubled} contacts are there twice", RESTORE)
    erased = any(operation.load_id is None for operation in operations)
    for number in sorted(set(loads) | set(held.versions) | set(held.replaced_by)):
        row = loads.get(number)
        if wrong := _trouble(number, row, held, loads=loads, erased=erased):
            yield Finding("ledger", f"load {number}", wrong, RESTORE)
    for row in loads.values():
        if row.state == LoadState.LOADED:
            yield from _files_of(home, row, erased=erased)


def _trouble(number: int, row: Load | None, held: _Held, *, loads: dict[int, Load], erased: bool) -> str | None:
    versions = held.versions[number]
    if row is None or row.state != LoadState.LOADED:
        state = f"is {row.state}" if row else "is not in the ledger"
        if versions or held.replaced_by[number]:
            return f"it {state}, but the lake holds {versions:,} of its contacts"
        return None
    if held.sources.get(number, {row.source}) != {row.source}:
        return f"it is of {row.source}, but the lake holds contacts of {', '.join(sorted(held.sources[number]))}"
    brought = row.added + row.replaced
    if versions < brought and not erased:
        return f"the lake holds {versions:,} of the {brought:,} contacts it brought"
    inherits = any(
        other.state == LoadState.WITHDRAWN and other.source == row.source and other.id < number
        for other in loads.values()
    )
    most = row.accepted if inherits else brought
    return f"the lake holds {versions:,} contacts of it, it brought {most:,}" if versions > most else None


def _numbers(home: Home, *, operations: list[Operation], loads: dict[int, Load]) -> Iterator[Finding]:
    """The lake's commits carry the numbers of operations: a lake and records of different days show it."""
    done, newest = home.lake.contacts.done(), max((operation.id for operation in operations), default=0)
    if done > newest:
        said = f"the lake knows operation {done}, the records end with {newest}: the records are older than the lake"
        yield Finding("ledger", home.lake.contacts.place, said, RESTORE)
    committed = max((each.id for each in operations if _reached(each, loads)), default=0)
    if done < committed:
        said = f"the records say operation {committed} reached the lake, which ends with {done}: the lake is older"
        yield Finding("ledger", home.lake.contacts.place, said, RESTORE)


def _reached(operation: Operation, loads: dict[int, Load]) -> bool:
    if operation.load_id is None:
        return False
    state = loads[operation.load_id].state
    return state == LoadState.WITHDRAWN or (operation.kind == "load" and state == LoadState.LOADED)


def _held(home: Home) -> _Held:
    lake = home.lake
    with home.scratch() as folder, workbench(home.settings, folder) as connection:
        versions: Counter[int] = Counter()
        sources: dict[int, set[str]] = {}
        for table in (lake.contacts, lake.superseded):
            for load, source, count in _rows(
                connection, f"SELECT load, source, count(*) FROM {table.relation()} GROUP BY load, source"
            ):
                versions[load] += count
                sources.setdefault(load, set()).add(source)
        by = f"SELECT superseded_by, count(*) FROM {lake.superseded.relation()} GROUP BY 1"
        key = ", ".join(KEY)
        twice = (
            f"SELECT count(*) FROM (FROM {lake.contacts.relation()} SELECT {key} GROUP BY {key} HAVING count(*) > 1)"
        )
        return _Held(versions, sources, Counter(dict(_rows(connection, by))), _rows(connection, twice)[0][0])


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _files_of(home: Home, row: Load, *, erased: bool) -> Iterator[Finding]:
    """The rows a load confirmed, without which withdrawing another load would lose them; and its rejected rows."""
    if row.unchanged:
        file = home.lake.claims(row.id)
        try:
            with file.open("rb") as opened:
                claimed = pq.ParquetFile(opened).metadata.num_rows
        except (OSError, ArrowException):
            claimed = -1
        if claimed != row.unchanged and not (erased and 0 <= claimed < row.unchanged):
            number = f"has {claimed:,}" if claimed >= 0 else "is gone or unreadable"
            said = f"the list of {row.unchanged:,} contacts it confirmed {number}"
            yield Finding("ledger", str(file), said, RESTORE)
    if row.rejected and not erased and not home.rejects_file(row.id).exists():
        said = f"the {row.rejected:,} rows that load {row.id} rejected are not listed any more"
        yield Finding("ledger", str(home.rejects_file(row.id)), said, "load the extract with --dry-run", Weight.WARNING)
