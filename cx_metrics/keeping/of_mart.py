"""What can be wrong with the mart, the forecast and the signals: files, age, and the figures themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from pyarrow import ArrowException

from cx_metrics.errors import StoreError
from cx_metrics.keeping.finding import CLI, REFRESH, REPAIR, Finding, Weight
from cx_metrics.keeping.fresh import differences
from cx_metrics.reviews.signals import found_of
from cx_metrics.store.home import Home
from cx_metrics.store.marts.forecasts import is_made_from, read_forecasts
from cx_metrics.store.marts.freshness import why_stale
from cx_metrics.store.marts.mart import MANIFEST, Manifest, read_manifest


def of_mart(home: Home, *, quick: bool) -> Iterator[Finding]:
    """Whether the mart is there, whole, of the present lake, and says what a fresh computation says.

    Args:
        home: To be held for writing.
        quick: Leave out the fresh computation, which takes as long as a full refresh.
    """
    present = read_manifest(home.mart)
    if present is None:
        yield from _absent(home)
        return
    if damaged := [*_damaged(home.mart, present)]:
        yield from damaged
    elif why := why_stale(home, present):
        yield Finding("freshness", str(home.mart), why, REFRESH)
    elif not quick:
        yield from _compared(home, present)
    yield from _forecast(home, present)
    yield from _signals(home, present)


def _absent(home: Home) -> Iterator[Finding]:
    if (home.mart / MANIFEST).exists():
        yield Finding("mart", str(home.mart / MANIFEST), "can't be read", f"{REFRESH} --full")
    elif home.lake.contacts.files():
        yield Finding("freshness", str(home.mart), "there is none, though contacts are loaded", REFRESH)


def _damaged(folder: Path, present: Manifest) -> Iterator[Finding]:
    for name in sorted(present.named()):
        if said := _trouble(folder / name, digest=present.digests.get(name)):
            yield Finding("mart", str(folder / name), said, REPAIR)


def _trouble(file: Path, *, digest: str | None) -> str | None:
    try:
        if digest is None:
            pq.ParquetFile(file).read()
            return None
        with file.open("rb") as opened:
            same = hashlib.file_digest(opened, "sha256").hexdigest() == digest
        return None if same else "the file's bytes are not those that were written"
    except FileNotFoundError:
        return "the file is gone"
    except (OSError, ArrowException) as error:
        return f"the file can't be read: {str(error).splitlines()[0]}"


def _compared(home: Home, present: Manifest) -> Iterator[Finding]:
    try:
        for difference in differences(home, present):
            yield Finding("mart", str(home.mart), difference, REPAIR)
    except StoreError as error:
        said = f"a fresh computation to compare it with stopped: {error}"
        yield Finding("mart", str(home.mart), said, "see what else is told, then run doctor again")


def _forecast(home: Home, present: Manifest) -> Iterator[Finding]:
    if not is_made_from(home.forecast, present.version):
        yield Finding("freshness", str(home.forecast), "it is not that of the present mart", REFRESH)
        return
    try:
        read_forecasts(home.forecast)
    except (OSError, ArrowException) as error:
        yield Finding("forecast", str(home.forecast), f"it can't be read: {str(error).splitlines()[0]}", REPAIR)


def _signals(home: Home, present: Manifest) -> Iterator[Finding]:
    """They are found at the first question where they aren't kept: nothing is wrong, but somebody waits."""
    if found_of(home) != present.version:
        said = "the signals that are kept are not those of the present mart"
        yield Finding("signals", str(home.folder / "signals"), said, f"{CLI} signals", Weight.WARNING)
