"""A home from a backup: into either kind of database, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.errors import BadUse, StoreError
from cx_metrics.keeping import dump
from cx_metrics.keeping.archive import Contents, Place, read_contents, root_of, verify
from cx_metrics.keeping.pin import store_of
from cx_metrics.store import database, durable, ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake import restoring
from cx_metrics.store.lake.object_store import is_url
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.trouble import told

_BLOCK = 1 << 20


def restore(home: Home, backup: Path, *, actor: str, replace: bool = False, progress: Progress = silent) -> Contents:
    """Put what a backup holds into a home; its mart is made by the next refresh.

    Killed in the middle it is finished or undone by the next start. A load that was under way when the backup was
    made is finished or undone as well.

    Args:
        home: Empty, unless it is to be replaced; its records may be in another kind of database than they were.
        backup: The folder or file.
        actor: Who restores, for the audit trail.
        replace: Whether what the home holds goes.
        progress: Told the steps.

    Raises:
        BadUse: The home holds something, or the backup is of a newer version.
        StoreError: The backup is damaged, or there is no room; the home is as it was.
    """
    contents = read_contents(backup)
    if contents.program > database.HEAD:
        raise BadUse(f"{backup} was made by a newer CX Insight ({contents.program}, this is {database.HEAD}).")
    progress("comparing checksums", 0.0)
    root = root_of(backup)
    verify(root, contents)
    with told("The restore", folder=home.folder), home.writing(f"restore of {backup.name}", progress=progress):
        restoring.finish(home)
        _check_empty(home, replace=replace)
        token = f"{uuid4().hex}: backup of {contents.made_at:%Y-%m-%d %H:%M} UTC"
        try:
            _unpack(home, root, contents, token=token, progress=part(progress, 0.3, 0.8))
            progress("writing records", 0.8)
            _write_records(home, root, contents, token=token, actor=actor)
        finally:
            restoring.finish(home)
        repair(home, progress=progress)
    return contents


def _check_empty(home: Home, *, replace: bool) -> None:
    lake = home.lake.contacts.opened() is not None
    if lake and is_url(home.lake.place):
        raise BadUse(f"There is a lake at {home.lake.place}: set CX_LAKE_URL to an empty place, and restore there.")
    if replace:
        return
    with home.session() as session:
        records = not dump.is_empty(session.connection())
    if lake or records:
        raise BadUse(
            f"The home {home.folder} holds {'contacts' if lake else 'records'} already. Restore into an empty one, or "
            "say --replace: what it holds is lost then."
        )


def _unpack(home: Home, root: Place, contents: Contents, *, token: str, progress: Progress) -> None:
    """Lake and lists of rejected rows, each beside its place."""
    folder = restoring.folder_of(home)
    folder.mkdir()
    (folder / restoring.TOKEN).write_text(token, encoding="utf-8")
    durable.settle([folder / restoring.TOKEN, folder])
    for place in restoring.places(home):
        shutil.rmtree(restoring.staged(place), ignore_errors=True)
        restoring.staged(place).mkdir(parents=True)
    names = [name for name in contents.files if not name.startswith("records/")]
    for number, name in enumerate(names):
        progress("unpacking", number / len(names))
        kind, _, rest = name.partition("/")
        with root.joinpath(name).open("rb") as source:
            _copy(source, home, rest, is_lake=kind == "lake")
    for place in restoring.places(home):
        durable.settle([*restoring.staged(place).rglob("*"), restoring.staged(place)])


def _copy(source: IO[bytes], home: Home, name: str, *, is_lake: bool) -> None:
    place = str(home.lake.place if is_lake else home.folder / "rejects")
    store, path = store_of(place if is_url(place) else str(restoring.staged(Path(place))))
    target = f"{path}/{name}"
    if ".." in Path(name).parts:
        raise StoreError(f"The backup names a file outside of itself: {name}. Use another one.")
    store.create_dir(target.rpartition("/")[0], recursive=True)
    with store.open_output_stream(target) as opened:
        shutil.copyfileobj(source, opened, _BLOCK)


def _write_records(home: Home, root: Place, contents: Contents, *, token: str, actor: str) -> None:
    made = database.engine(home.settings.records_url)
    with database.changing(made) as connection:
        if made.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        database.migrate_on(connection, to="base")
        database.migrate_on(connection, to=contents.program)
        with ExitStack() as opened:
            dump.read_tables(connection, _tables(root, contents, opened))
        database.migrate_on(connection, to=database.HEAD)
        with Session(connection) as session:
            after = {"loads": contents.loads, "contacts": contents.contacts}
            ledger.audit(session, actor=actor, action=restoring.ACTION, subject=token, before=None, after=after)
            session.flush()


def _tables(root: Place, contents: Contents, opened: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    """Each table's file, those that others refer to first, as the backup wrote them."""
    for name in contents.files:
        if name.startswith("records/"):
            yield Path(name).stem, opened.enter_context(root.joinpath(name).open("rb"))
