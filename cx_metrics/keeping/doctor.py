"""The doctor: looks at everything a home holds and says what is wrong, and what mends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import Busy, StoreError
from cx_metrics.keeping.finding import RESTORE, Finding, Weight
from cx_metrics.keeping.of_home import holder, leftovers, of_clock, of_home
from cx_metrics.keeping.of_lake import of_lake
from cx_metrics.keeping.of_ledger import of_ledger
from cx_metrics.keeping.of_mart import of_mart
from cx_metrics.keeping.of_records import of_records
from cx_metrics.reviews import signals
from cx_metrics.store.home import Home
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.marts.freshness import bring_up_to_date, decided
from cx_metrics.store.marts.mart import MANIFEST, open_mart

_PATIENCE = 10.0
"""Seconds to wait for another writer before only what it can't change is looked at."""


def examine(home: Home, *, quick: bool = False, progress: Progress = silent) -> tuple[Finding, ...]:
    """Everything that is wrong with a home, the worst first; nothing is changed.

    Args:
        home: The home.
        quick: Leave out the fresh computation of the mart, which takes as long as a full refresh.
        progress: Told what is being looked at.
    """
    progress("folder", 0.0)
    found = [*of_home(home)]
    progress("records", 0.1)
    records = [*of_records(home)]
    progress("lake", 0.2)
    lake = [*of_lake(home)]
    found += [*records, *lake]
    if not records and not lake:
        found += _held(home, quick=quick, progress=progress)
    return tuple(sorted(found, key=lambda each: each.weight is Weight.WARNING))


def mend(home: Home, *, progress: Progress = silent) -> None:
    """Do what is safe: finish or undo interrupted work, sweep what it left, compute a wrong mart anew.

    Raises:
        StoreError: The records or the lake can't be used: what is told of them comes first.
    """
    with home.writing("doctor --repair", progress=progress):
        repair(home, progress=progress)
        for path in leftovers(home):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for table in (home.lake.contacts, home.lake.superseded):
            table.unneeded(remove=True)
        found = [*of_clock(home), *of_mart(home, quick=False)]
        wrong = {each.check for each in found if each.weight is Weight.WRONG}
    if "forecast" in wrong:
        shutil.rmtree(home.forecast, ignore_errors=True)
    if home.lake.contacts.files() or (home.mart / MANIFEST).exists():
        bring_up_to_date(home, full=bool(wrong & {"mart", "clock"}), progress=progress)
        with open_mart(home.mart, decisions=decided(home)) as mart:
            signals.current(home, mart)


def _held(home: Home, *, quick: bool, progress: Progress) -> list[Finding]:
    """What can only be compared while nobody writes."""
    patient = replace(home, settings=home.settings.model_copy(update={"lock_wait": _PATIENCE}))
    try:
        with patient.writing("doctor"):
            progress("ledger", 0.4)
            found = [*_readable(home, of_ledger)]
            if any(each.weight is Weight.WRONG for each in found):
                # What a wrong lake gives is wrong: that is told when the lake is right.
                return found
            progress("mart", 0.5)
            return [*found, *of_clock(home), *_readable(home, lambda each: of_mart(each, quick=quick))]
    except Busy as error:
        return [holder(home, str(error))]


def _readable(home: Home, look: Callable[[Home], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; a lake that can't be read is told of by its own look, and stops this one."""
    try:
        yield from look(home)
    except StoreError as error:
        yield Finding("lake", home.lake.place, str(error), RESTORE)
