"""Killed with SIGKILL at every step it passes, a load or withdrawal is done or undone at the next start."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.records import LoadState, Operation
from tests.store.extracts import PLAIN, bring_in, lake_rows, row, write

FIRST = [row("1", "2026-01-05 10:00:00", customer_id="a"), row("2", "2026-01-06 10:00:00", customer_id="a")]
SECOND = [
    row("1", "2026-02-05 10:00:00", customer_id="a"),
    row("2", "2026-01-06 10:00:00", customer_id="a"),
    row("3", "2026-02-06 10:00:00", customer_id="b"),
]


class Killer:
    """Counts the steps a piece of work passes and ends the process, as kill -9 does, at the one asked for."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def __call__(self, step: str, share: float) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def _load(home: Home, progress: Killer) -> None:
    path = home.folder / "second.csv"
    load(home, path, source="desk", mapping=PLAIN, actor="tester", progress=progress)


def _withdraw(home: Home, progress: Killer) -> None:
    take_back(home, 2, progress=progress)


def _refresh(home: Home, progress: Killer) -> None:
    bring_up_to_date(home, progress=progress)


def _run(work: Callable[[Home, Killer], None], folder: Path, at: int) -> None:
    work(_home(folder), Killer(at))


def _home(folder: Path) -> Home:
    return Home(Settings(home=folder, memory="500MB", lock_wait=20, user="tester"))


def _prepare(folder: Path, work: Callable[[Home, Killer], None]) -> None:
    home = _home(folder)
    bring_in(home, FIRST)
    bring_up_to_date(home)
    write(home.folder / "second.csv", SECOND)
    if work is not _load:
        load(home, home.folder / "second.csv", source="desk", mapping=PLAIN, actor="tester")
    if work is _withdraw:
        bring_up_to_date(home)


@pytest.mark.parametrize("work", [_load, _withdraw, _refresh], ids=["load", "withdraw", "refresh"])
def test_killed_at_every_step(
    tmp_path: Path, work: Callable[[Home, Killer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker of a parallel test run has a main module that a new process can't run again.
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_killed"])
    prepared = tmp_path / "prepared"
    _prepare(prepared, work)
    whole = tmp_path / "whole"
    shutil.copytree(prepared, whole)
    counter = Killer(0)
    work(_home(whole), counter)
    bring_up_to_date(_home(whole))
    before, after = lake_rows(_home(prepared)), lake_rows(_home(whole))
    assert counter.passed >= (8 if work is _load else 3)
    for at in range(1, counter.passed + 1):
        folder = tmp_path / f"killed-{at}"
        shutil.copytree(prepared, folder)
        child = context.Process(target=_run, args=(work, folder, at))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL, f"step {at} was not reached"
        _check_next_start(_home(folder), before=before, after=after)
        shutil.rmtree(folder)


def _check_next_start(home: Home, *, before: object, after: object) -> None:
    bring_up_to_date(home)
    found = lake_rows(home)
    assert found in (before, after)
    with home.session() as session:
        assert session.query(Operation).filter(Operation.open).count() == 0
        assert all(entry.state != LoadState.LOADING for entry in ledger.loads(session))
        loaded = {entry.id for entry in ledger.loads(session) if entry.state == LoadState.LOADED}
    if before != after:
        assert (2 in loaded) == (len(found) == 3)
    assert not is_stale(home)
    assert open_mart(home.mart).facts.contacts == len(found)
    assert not any((home.folder / "work").iterdir())
