"""One moment of a home that is being used: records and lake as they agree, before a load or after it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyarrow import fs
from sqlalchemy import Connection, Engine, select

from cx_metrics.contacts.progress import Progress
from cx_metrics.errors import Busy
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.lake import object_store
from cx_metrics.store.lake.tables import Table
from cx_metrics.store.records import Operation

_PAUSE = 0.2
_VERSION = re.compile(r"^(\d{20})\.(json|checkpoint.*parquet)$")

Moment = tuple[tuple[int, str, bool], ...]


@dataclass(frozen=True)
class Pinned:
    """A moment of the lake.

    Attributes:
        store: The file system it lies in.
        files: Where each file lies in it, by the name it has below the lake.
        contacts: How many contacts count.
    """

    store: fs.FileSystem
    files: dict[str, str]
    contacts: int


@contextmanager
def pinned(home: Home, *, patience: float, progress: Progress) -> Iterator[tuple[Connection, Pinned]]:
    """A connection on which the records stay as they were at one moment, and the lake of that moment.

    A load or withdrawal that is under way does not matter: where its commit is in the lake of that moment it will be
    finished after a restore, else undone. An erasure is waited for: what it has erased already must not come back.

    Raises:
        Busy: For so many seconds there was no moment at which records and lake stood still.
    """
    engine, deadline = database.engine(home.settings.records_url), time.monotonic() + patience
    while True:
        with _frozen(engine) as connection:
            moment = _moment(connection)
            if not any(kind in ("erase", "forget") and is_open for _, kind, is_open in moment):
                found = _pin(home)
                if moment == _now(engine) and found == _pin(home):
                    yield connection, found
                    return
        if time.monotonic() >= deadline:
            raise Busy("The home was being written all the time: no backup was made. Try again when it is quiet.")
        progress("waiting for a moment at which nothing is written", 0.0)
        time.sleep(_PAUSE)


def same_but_loads(home: Home, connection: Connection) -> bool:
    """Whether no erasure has begun since the moment of a connection."""
    engine = database.engine(home.settings.records_url)
    return {each[:2] for each in _now(engine) if each[1] in ("erase", "forget")} == {
        each[:2] for each in _moment(connection) if each[1] in ("erase", "forget")
    }


def store_of(place: str) -> tuple[fs.FileSystem, str]:
    """The file system of a place and the path in it."""
    if object_store.is_url(place):
        return object_store.file_system().fs, place.removeprefix(object_store.SCHEME)
    return fs.LocalFileSystem(), place


@contextmanager
def _frozen(engine: Engine) -> Iterator[Connection]:
    is_sqlite = engine.dialect.name == "sqlite"
    still = engine if is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
    with still.connect() as opened:
        if is_sqlite:
            opened.exec_driver_sql("BEGIN")
        yield opened


def _moment(connection: Connection) -> Moment:
    asked = select(Operation.id, Operation.kind, Operation.open).order_by(Operation.id)
    return tuple((row.id, row.kind, row.open) for row in connection.execute(asked))


def _now(engine: Engine) -> Moment:
    with engine.connect() as connection:
        return _moment(connection)


def _pin(home: Home) -> Pinned:
    """Contacts come first: what a load replaced is written before its contacts."""
    store, root = store_of(home.lake.place)
    files: dict[str, str] = {}
    for name, table in (("contacts", home.lake.contacts), ("superseded", home.lake.superseded)):
        files |= {f"{name}/{each}": f"{root}/{name}/{each}" for each in _files_of(table, store, f"{root}/{name}")}
    for folder, wanted in ((f"{root}/claims", r"load-\d+\.parquet$"), (root, r"withdraw-\d+\.parquet$")):
        for found in store.get_file_info(fs.FileSelector(folder, allow_not_found=True)):
            if re.match(wanted, found.base_name):
                files[found.path.removeprefix(f"{root}/")] = found.path
    contacts = sum(file.rows for file in home.lake.contacts.snapshot())
    return Pinned(store, files, contacts)


def _files_of(table: Table, store: fs.FileSystem, root: str) -> list[str]:
    """The files of a table's newest snapshot, and of the log up to it."""
    opened = table.opened()
    if opened is None:
        return []
    logs = [each.base_name for each in store.get_file_info(fs.FileSelector(f"{root}/_delta_log"))]
    versions = [name for name in logs if (at := _VERSION.match(name)) and int(at[1]) <= opened.version()]
    data = [each.place.removeprefix(f"{table.place}/") for each in table.snapshot()]
    return [*(f"_delta_log/{name}" for name in sorted(versions)), *sorted(data)]
