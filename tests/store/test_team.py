"""Two app processes and two nightly loads, one of another machine, on one PostgreSQL database and one lake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.store import ledger
from cx_metrics.store.decided import follow_ups
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.records import LoadState
from tests.store.conftest import MIGRATED, new_database
from tests.store.extracts import bring_in, lake_rows, row
from tests.store.s3_server import KEYS, new_bucket, s3_server

pytestmark = pytest.mark.xdist_group("object store")

PROJECT = Path(__file__).parents[2]
NIGHTS, ROWS = 2, 50
SECONDS = 180

_NIGHTLY = """
import sys, time
from pathlib import Path
from cx_metrics.config import settings
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from tests.store.extracts import PLAIN, row, write
name, gates = sys.argv[1], [Path(gate) for gate in sys.argv[2:]]
home = Home(settings())
def wait_at_gate(step, share):
    if step == "contacts written" and gates:
        gates[0].touch()
        while gates[0].exists():
            time.sleep(0.02)
for night in range(2):
    rows = [row(f"{name}-{night}-{n}", f"2026-02-0{1 + night} 10:00:00", customer_id="c") for n in range(50)]
    path = write(home.folder / f"{name}.csv", rows)
    load(home, path, source=name, mapping=PLAIN, actor="nightly", progress=wait_at_gate)
    bring_up_to_date(home)
    gates.clear()
"""


@dataclass(frozen=True)
class Team:
    """What one installation shares.

    Attributes:
        home: The folder of the machine that serves the pages.
        environment: Of its processes.
        folder: For what the test itself writes.
    """

    home: Home
    environment: dict[str, str]
    folder: Path

    @contextmanager
    def running(self, *command: str, home: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """A process of this installation."""
        own = self.environment | ({"CX_HOME": str(home)} if home else {})
        process = subprocess.Popen([sys.executable, *command], cwd=PROJECT, env=own)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def team(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with s3_server() as address, new_database(postgres, copy_of=MIGRATED) as url:
        shared = {
            **KEYS,
            "AWS_ENDPOINT_URL": address,
            "CX_DATABASE_URL": url,
            "CX_LAKE_URL": f"s3://{new_bucket(address)}/lake",
            "CX_HOME": str(tmp_path / "home"),
            "CX_MEMORY": "300MB",
            "CX_LOCK_WAIT": "120",
            "CX_USER": "tester",
        }
        for name, value in shared.items():
            monkeypatch.setenv(name, value)
        yield Team(Home(Settings()), {**os.environ, **shared}, tmp_path)


def test_nobody_who_reads_waits_for_a_writer_and_writers_take_turns(team: Team) -> None:
    home, stop, gate = team.home, team.folder / "stop", team.folder / "gate"
    bring_in(home, [row("0", "2026-02-01 09:00:00")])
    bring_up_to_date(home)
    reads = [team.folder / "app-1.jsonl", team.folder / "app-2.jsonl"]
    reader = ("-m", "tests.store.reading", str(stop))
    with team.running(*reader, str(reads[0])) as one, team.running(*reader, str(reads[1])) as two:
        _until(lambda: all(map(_pages, reads)), (one, two))
        with (
            team.running("-c", _NIGHTLY, "calls", str(gate)) as here,
            team.running("-c", _NIGHTLY, "desk 2", home=team.folder / "another machine") as there,
        ):
            _until(gate.exists, (one, two, here))
            # The first nightly load holds the lock, its contacts are in the lake, and it waits for the readers.
            before = [len(_pages(file)) for file in reads]
            _until(lambda: all(len(_pages(f)) >= n + 3 for f, n in zip(reads, before, strict=True)), (one, two))
            # Nor does an app that starts now wait, although the mart is not that of the present lake.
            reads.append(team.folder / "app-3.jsonl")
            with team.running(*reader, str(reads[2])) as three:
                _until(lambda: len(_pages(reads[2])) >= 2, (three,))
            gate.unlink()
            assert [here.wait(SECONDS), there.wait(SECONDS)] == [0, 0]
        bring_up_to_date(home)
        all_of_it = 1 + 2 * NIGHTS * ROWS
        _until(lambda: all(_pages(file)[-1]["facts"] == all_of_it for file in reads[:2]), (one, two))
        stop.touch()
        assert [one.wait(SECONDS), two.wait(SECONDS)] == [0, 0]
    for file in reads:
        _check_pages(_pages(file))
    assert all(len({page["version"] for page in _pages(file)}) >= 2 for file in reads[:2])
    assert {page["facts"] for page in _pages(reads[2])} == {1}
    assert len(lake_rows(home)) == all_of_it
    assert not is_stale(home)
    with open_mart(home.mart) as mart:
        assert mart.facts.contacts == all_of_it
    with home.session() as session:
        assert [entry.state for entry in ledger.loads(session)] == [LoadState.LOADED] * (1 + 2 * NIGHTS)
        assert len(follow_ups.done(session)) >= sum(len(_pages(file)) for file in reads)


def _check_pages(pages: list[dict[str, int]]) -> None:
    """Each page tells one mart; later pages tell no older one."""
    for page in pages:
        assert page["facts"] == page["daily"] == page["touches"] == page["volume"]
        assert page["facts"] % ROWS == 1
    seen = [page["facts"] for page in pages]
    assert seen == sorted(seen)


def _pages(file: Path) -> list[dict[str, int]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if "\n" in line]


def _until(holds: Callable[[], object], processes: tuple[subprocess.Popen[bytes], ...]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert all(process.poll() is None for process in processes), "a process ended early"
        assert time.monotonic() < deadline, "nothing happened for too long"
        time.sleep(0.05)
