"""A backup of a home that is being used: the records, the lake and the lists of rejected rows of one moment.

The mart, the forecast and the signals are not in it: a refresh makes them from the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.errors import StoreError
from cx_metrics.keeping import dump
from cx_metrics.keeping.archive import FORMAT, Contents, Writer, check_free
from cx_metrics.keeping.pin import Pinned, pinned, same_but_loads
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.ledger import utc_now
from cx_metrics.store.records import Load, LoadState
from cx_metrics.store.trouble import told

_TRIES = 3


@dataclass(frozen=True)
class Backup:
    """What was written.

    Attributes:
        path: Where.
        loads: Loads that count.
        contacts: Contacts in the lake.
        files: Files in it.
        bytes: Their size.
    """

    path: Path
    loads: int
    contacts: int
    files: int
    bytes: int


def back_up(home: Home, target: Path, *, progress: Progress = silent) -> Backup:
    """Write a backup and read it again; nothing waits for it, and it waits for an erasure only.

    Args:
        home: May be in use; a load under way is in the backup as a whole or not at all.
        target: A folder that isn't there yet, or a file whose name ends in ``.zip``.
        progress: Told the steps.

    Raises:
        BadUse: The target is there already.
        StoreError: There is no room, or the home can't be read; nothing is left of the backup.
    """
    check_free(target)
    with told("The backup", folder=target.absolute().parent):
        for _ in range(_TRIES):
            if (done := _try(home, target, progress=progress)) is not None:
                return done
    raise StoreError("Files went away while they were copied, as by an erasure: no backup was made. Try again.")


def _try(home: Home, target: Path, *, progress: Progress) -> Backup | None:
    """None where files went away or somebody was erased meanwhile."""
    writer = Writer(target)
    try:
        with pinned(home, patience=home.settings.lock_wait, progress=progress) as (connection, lake):
            _write_records(connection, writer, progress=part(progress, 0.0, 0.2))
            _write_lake(lake, writer, progress=part(progress, 0.2, 0.8))
            _write_rejects(home, connection, writer)
            contents = _contents(home, connection, lake, writer)
            if not same_but_loads(home, connection):
                return None
        progress("reading it again", 0.8)
        writer.finish(contents)
    except FileNotFoundError:
        return None
    finally:
        writer.discard()
    sizes = [kept.size for kept in writer.files.values()]
    return Backup(target, contents.loads, contents.contacts, len(sizes), sum(sizes))


def _write_records(connection: Connection, writer: Writer, *, progress: Progress) -> None:
    names = dump.tables()
    for number, name in enumerate(names):
        progress(f"copying records: {name}", number / len(names))
        with writer.adding(f"records/{name}.jsonl") as target:
            dump.write_table(connection, name, target)


def _write_lake(lake: Pinned, writer: Writer, *, progress: Progress) -> None:
    for number, (name, path) in enumerate(lake.files.items()):
        progress("copying contacts", number / len(lake.files))
        with lake.store.open_input_file(path) as source:
            writer.copy(f"lake/{name}", source)


def _write_rejects(home: Home, connection: Connection, writer: Writer) -> None:
    """Those of the loads of that moment; some may have gone by their age."""
    for number in connection.execute(select(Load.id).where(Load.rejected > 0).order_by(Load.id)).scalars():
        file = home.rejects_file(number)
        if file.exists():
            with file.open("rb") as source:
                writer.copy(f"rejects/{file.name}", source)


def _contents(home: Home, connection: Connection, lake: Pinned, writer: Writer) -> Contents:
    counted = select(func.count()).select_from(Load).where(Load.state == LoadState.LOADED)
    return Contents(
        format=FORMAT,
        made_at=utc_now(),
        program=database.HEAD,
        timezone=home.settings.timezone,
        currency=home.settings.currency,
        loads=connection.execute(counted).scalar_one(),
        contacts=lake.contacts,
        files=writer.files,
    )
