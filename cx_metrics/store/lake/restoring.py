"""The last steps of a restore: what was unpacked takes the place of what was there, once the records say so.

A restore unpacks the lake beside its place and writes the records in one transaction, which leaves its token in the
audit trail. What a crash leaves is judged by that token: where the trail has it, the rest is done; where not, nothing
has happened.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import select

from cx_metrics.store import durable
from cx_metrics.store.home import Home
from cx_metrics.store.lake import object_store
from cx_metrics.store.records import Audit

ACTION = "restore"
"""What the audit trail calls a restore."""

TOKEN = "token"


def folder_of(home: Home) -> Path:
    """Where a restore notes what it does; there while one is going on, or was interrupted."""
    return home.folder / "restoring"


def staged(place: Path) -> Path:
    """Where what will be at a place is unpacked: beside it, on the same disk."""
    return place.with_name(f"{place.name}.restored")


def places(home: Home) -> list[Path]:
    """The folders that a restore puts new ones in place of."""
    own = [] if object_store.is_url(home.lake.place) else [Path(home.lake.place)]
    return [*own, home.folder / "rejects"]


def finish(home: Home) -> bool:
    """Finish or undo a restore that is under way; to be called while holding the home for writing.

    Returns:
        Whether there was one whose records had been written.
    """
    folder = folder_of(home)
    if not folder.is_dir():
        return False
    committed = _is_committed(home, folder / TOKEN)
    for place in places(home):
        if committed:
            _put(place)
        shutil.rmtree(staged(place), ignore_errors=True)
    if not committed and object_store.is_url(home.lake.place):
        _empty(home.lake.place)
    shutil.rmtree(folder)
    return committed


def _is_committed(home: Home, token: Path) -> bool:
    if not token.exists():
        return False
    with home.session() as session:
        asked = select(Audit.id).where(Audit.action == ACTION, Audit.subject == token.read_text(encoding="utf-8"))
        return session.scalars(asked).first() is not None


def _put(place: Path) -> None:
    old = place.with_name(f"{place.name}.replaced")
    if staged(place).is_dir():
        if place.is_dir():
            os.replace(place, old)
        os.replace(staged(place), place)
        durable.settle([place])
    shutil.rmtree(old, ignore_errors=True)


def _empty(url: str) -> None:
    """It was empty when the restore began: what is there was put there by it."""
    store = object_store.file_system().fs
    store.delete_dir_contents(url.removeprefix(object_store.SCHEME), missing_dir_ok=True)
