"""Killed with SIGKILL at every step it passes, an erasure is finished, or not begun, at the next start."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.records import Audit, Operation
from tests.store.extracts import lake_rows
from tests.store.person import PERSON, known_everywhere, places_with
from tests.store.test_killed import Killer


def _erase(home: Home, progress: Killer) -> None:
    privacy.erase_customer(home, PERSON, actor="dpo", progress=progress)


def _forget(home: Home, progress: Killer) -> None:
    months = (ledger.utc_now().year - 2026) * 12 + ledger.utc_now().month - 2
    privacy.forget(home, months=max(months, 1), actor="dpo", progress=progress)


def _run(work: Callable[[Home, Killer], None], folder: Path, at: int) -> None:
    work(_home(folder), Killer(at))


def _home(folder: Path) -> Home:
    return Home(Settings(home=folder, memory="500MB", lock_wait=20, user="tester"))


@pytest.mark.parametrize(
    ("work", "action", "word"),
    [(_erase, "erase customer", PERSON), (_forget, "forget contacts", "T-5001")],
    ids=["erase", "forget"],
)
def test_killed_at_every_step(
    tmp_path: Path,
    work: Callable[[Home, Killer], None],
    action: str,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A worker of a parallel test run has a main module that a new process can't run again.
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_erase_killed"])
    prepared, whole = tmp_path / "prepared", tmp_path / "whole"
    known_everywhere(_home(prepared))
    shutil.copytree(prepared, whole)
    counter = Killer(0)
    work(_home(whole), counter)
    before, after = lake_rows(_home(prepared)), lake_rows(_home(whole))
    assert before != after
    assert counter.passed >= 11
    for at in range(1, counter.passed + 1):
        folder = tmp_path / f"killed-{at}"
        shutil.copytree(prepared, folder)
        child = context.Process(target=_run, args=(work, folder, at))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL, f"step {at} was not reached"
        _check_next_start(_home(folder), before=before, after=after, action=action, word=word)
        shutil.rmtree(folder)


def _check_next_start(home: Home, *, before: object, after: object, action: str, word: str) -> None:
    bring_up_to_date(home)
    found = lake_rows(home)
    with home.session() as session:
        assert session.query(Operation).filter(Operation.open).count() == 0
        told = session.query(Audit).filter(Audit.action == action).count()
    assert not any((home.folder / "erasing").glob("*"))
    assert (found, told) in ((before, 0), (after, 1))
    if told:
        assert places_with(home, word) == []
    assert not is_stale(home)
    assert open_mart(home.mart).facts.contacts == len(found)
