"""What can be wrong with the folder of a home: who may read it, what lies about, and whether there is room."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from cx_metrics.errors import StoreError
from cx_metrics.keeping.finding import CLI, REFRESH, REPAIR, Finding, Weight
from cx_metrics.store.home import Home
from cx_metrics.store.lake.object_store import is_url
from cx_metrics.store.lake.restoring import folder_of
from cx_metrics.store.ledger import utc_now
from cx_metrics.store.marts.mart import MANIFEST, read_manifest

LEAST_FREE = 200_000_000
"""Bytes below which a disk is called full whatever the size of the home."""

_HALF_WRITTEN = re.compile(r"\.(new|draft|part)$|\.json\.\d+$|#\d+$")
_SECRETS = (".streamlit/secrets.toml",)
_OPEN_TO_OTHERS = stat.S_IRWXO


def of_home(home: Home) -> Iterator[Finding]:
    """Everything about the folder itself."""
    yield from _permissions(home)
    if folder_of(home).is_dir():
        yield Finding("restore", str(folder_of(home)), "a restore was interrupted in the middle", REPAIR)
    yield from _room(home)
    yield from _leftovers(home)


def leftovers(home: Home) -> list[Path]:
    """Files and folders that work which was stopped has left behind; to be asked while nobody writes."""
    work = home.folder / "work"
    scratch = [each for each in work.glob("*-*") if not _is_used(each)] if work.is_dir() else []
    places = [home.folder, home.folder / "signals", home.forecast]
    if not is_url(home.lake.place):
        places.append(Path(home.lake.place))
    half = [each for place in places for each in _walk(place, deep=place == Path(home.lake.place))]
    return [*scratch, *(each for each in half if _HALF_WRITTEN.search(each.name)), *_unnamed(home)]


def _walk(place: Path, *, deep: bool) -> Iterator[Path]:
    return (each for each in (place.rglob("*") if deep else place.glob("*")) if each.is_file())


def _is_used(folder: Path) -> bool:
    pid = folder.name.partition("-")[0]
    return pid.isdigit() and Path(f"/proc/{pid}").exists() if Path("/proc/self").exists() else False


def _unnamed(home: Home) -> list[Path]:
    """Files in the mart's folder that no mart names."""
    present = read_manifest(home.mart)
    if present is None or not home.mart.is_dir():
        return []
    known = present.named() | set(present.retired) | {MANIFEST}
    return [each for each in home.mart.rglob("*") if each.is_file() and str(each.relative_to(home.mart)) not in known]


def _leftovers(home: Home) -> Iterator[Finding]:
    for each in leftovers(home):
        yield Finding(
            "leftovers", str(each), "was left behind by work that was stopped; nothing needs it", REPAIR, Weight.WARNING
        )
    for table in (home.lake.contacts, home.lake.superseded):
        unneeded: list[str] = []
        # What can't be read is told of as such.
        with contextlib.suppress(StoreError):
            unneeded = table.unneeded()
        if unneeded:
            number = f"{len(unneeded)} file{'s' * (len(unneeded) != 1)}"
            said = f"{number} that no snapshot of the last week needs take up room"
            yield Finding("leftovers", table.place, said, REPAIR, Weight.WARNING)


def _permissions(home: Home) -> Iterator[Finding]:
    if os.name != "posix":
        return
    if home.folder.stat().st_mode & _OPEN_TO_OTHERS:
        said = "every user of this machine may look into the home, with all that customers said"
        yield Finding("permissions", str(home.folder), said, f"chmod o-rwx {home.folder}", Weight.WARNING)
    for root in (Path.home(), Path(__file__).parents[2]):
        for name in _SECRETS:
            file = root / name
            if file.is_file() and file.stat().st_mode & _OPEN_TO_OTHERS:
                said = "every user of this machine may read the secrets of the sign-in"
                yield Finding("secrets", str(file), said, f"chmod o-rwx {file}", Weight.WARNING)


def _room(home: Home) -> Iterator[Finding]:
    """A refresh writes the mart once more before the old one goes, and a load may rewrite the newest months."""
    free = shutil.disk_usage(home.folder).free
    size = sum(each.stat().st_size for each in home.mart.rglob("*") if each.is_file()) if home.mart.is_dir() else 0
    if free < max(2 * size, LEAST_FREE):
        said = f"{free / 1e6:,.0f} MB are free, {max(2 * size, LEAST_FREE) / 1e6:,.0f} MB are needed for a refresh"
        yield Finding("room", str(home.folder), said, "make room on this disk", Weight.WARNING)


def of_clock(home: Home) -> Iterator[Finding]:
    """Whether what was built was built in the future: the clock was wrong then, or is now."""
    present = read_manifest(home.mart)
    ahead = present.built_at - utc_now() if present else timedelta()
    if present and ahead > timedelta(minutes=5):
        said = f"it was built at {present.built_at:%Y-%m-%d %H:%M} UTC, which is still to come: a clock was or is wrong"
        yield Finding("clock", str(home.mart), said, f"set the clock of this machine, then {REFRESH} --full")


def holder(home: Home, said: str) -> Finding:
    """That somebody writes, so that nothing that changes meanwhile was looked at."""
    return Finding("lock", str(home.folder), said, f"wait until it is done, then {CLI} doctor", Weight.WARNING)
