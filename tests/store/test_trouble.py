"""A full disk, a database that goes away, wrong clocks, two at once: one sentence, nothing lost, and it works again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from cx_metrics.config import Settings
from cx_metrics.errors import StoreError
from cx_metrics.keeping.doctor import examine
from cx_metrics.keeping.finding import Finding, Weight
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.marts import mart
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.records import LoadState
from tests.missing import missing
from tests.store import works
from tests.store.extracts import PLAIN, bring_in, lake_rows, row, write
from tests.store.killing import Killing, killing
from tests.store.postgres import Server, postgres_server
from tests.store.test_every_step import state

ROOT = Path(__file__).parents[2]
NO_ROOM = r"no room left|No space left"


@pytest.fixture(scope="module")
def killer() -> Iterator[Killing]:
    with killing() as process:
        yield process


def wrong(home: Home) -> list[Finding]:
    return [each for each in examine(home, quick=True) if each.weight is Weight.WRONG]


@pytest.mark.parametrize("work", ["load_second", "withdraw_first", "refresh"])
def test_a_disk_that_is_full_from_any_write_on(tmp_path: Path, killer: Killing, work: str) -> None:
    """Every fifth write, as those between them end alike."""
    begins = {"load_second": works.with_first, "withdraw_first": works.with_second, "refresh": works.with_second}
    begins[work](str(tmp_path / "prepared"), "")
    before = state(works.home_at(tmp_path / "prepared"))
    for at in range(2, 200, 5):
        folder = tmp_path / str(at)
        shutil.copytree(tmp_path / "prepared", folder)
        home = works.home_at(folder)
        end = killer.run(f"tests.store.works:{work}", str(folder), "", below=folder, at=at, fills=True)
        assert not end.killed
        if end.deeds < at:
            break
        if end.error:
            assert end.error.startswith("StoreError: "), end
            assert "room" in end.error or "No space left" in end.error, end
        with home.writing("room again"):
            repair(home)
        after = state(home)
        killer.run(f"tests.store.works:{work}", str(folder), "", below=folder)
        if end.error and after == before:
            assert work == "refresh" or state(home) != before
        bring_up_to_date(home)
        assert wrong(home) == []
    assert at > 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "none", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False).returncode:
        missing("a small disk can't be mounted here: that takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_small_disk_fills_and_has_room_again(small_disk: Path) -> None:
    home = works.home_at(small_disk / "home")
    bring_in(home, works.FIRST)
    bring_up_to_date(home)
    before = state(home)
    extract = write(small_disk.parent / "many.csv", [row(str(n), "2026-01-05 10:00:00") for n in range(60_000)])
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(small_disk)
        file.write(b"x" * max(free.f_bavail * free.f_bsize - 200_000, 0))
    with pytest.raises(StoreError, match=NO_ROOM):
        load(home, extract, source="desk", mapping=PLAIN, actor="tester")
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    with pytest.raises(StoreError, match=NO_ROOM):
        bring_up_to_date(home, full=True)
    with pytest.raises(StoreError, match="no room left"):
        _write_much(home)
    with open_mart(home.mart) as opened:
        assert opened.facts.contacts == 2
    ballast.unlink()
    bring_up_to_date(home)
    assert state(home) == before
    assert wrong(home) == []
    write(extract, works.SECOND)
    load(home, extract, source="desk", mapping=PLAIN, actor="tester")
    bring_up_to_date(home)
    assert len(lake_rows(home)) == 3
    assert wrong(home) == []


def _write_much(home: Home) -> None:
    with home.session() as session:
        for number in range(400):
            ledger.audit(session, actor="a", action="b", subject=str(number), before=None, after={"said": "e" * 900})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own, as it is stopped and started."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def served_home(server: Server, tmp_path: Path) -> Home:
    name = f"cx_{uuid4().hex}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return works.home_at(tmp_path / "home", server.format(name))


def test_a_database_that_stops_and_starts_again(
    server: Server, served_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(served_home, works.FIRST)
    bring_up_to_date(served_home)
    monkeypatch.setenv("CX_HOME", str(served_home.folder))
    monkeypatch.setenv("CX_DATABASE_URL", served_home.settings.database_url)
    command = [sys.executable, "-m", "cx_metrics"]
    server.stop()
    try:
        with pytest.raises(StoreError, match="database does not answer"), served_home.session() as session:
            ledger.loads(session)
        for asked in ("loads", "refresh"):
            done = subprocess.run([*command, asked], cwd=ROOT, check=False, capture_output=True, text=True)
            assert done.returncode == 1
            assert "Traceback" not in done.stderr
            assert "CX_DATABASE_URL" in done.stderr or "does not answer" in done.stderr
        (found,) = wrong(served_home)
        assert found.check == "records"
    finally:
        server.start()
    with served_home.session() as session:
        assert [entry.state for entry in ledger.loads(session)] == [LoadState.LOADED]
    works.load_second(str(served_home.folder), served_home.settings.database_url)
    bring_up_to_date(served_home)
    assert wrong(served_home) == []


@pytest.mark.parametrize("step", ["entered in the ledger", "replaced rows kept", "contacts written"])
def test_connections_cut_in_the_middle_of_a_load(server: Server, served_home: Home, step: str) -> None:
    bring_in(served_home, works.FIRST)
    before = state(served_home)
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")

    def cut(said: str, _share: float) -> None:
        if said == step:
            with admin.connect() as connection:
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                )

    path = write(served_home.folder / "second.csv", works.SECOND)
    try:
        load(served_home, path, source="desk", mapping=PLAIN, actor="tester", progress=cut)
        refused = False
    except StoreError:
        refused = True
    admin.dispose()
    with served_home.writing("next"):
        repair(served_home)
    if refused and step != "contacts written":
        assert state(served_home) == before
        load(served_home, path, source="desk", mapping=PLAIN, actor="tester")
    bring_up_to_date(served_home)
    assert len(lake_rows(served_home)) == 3
    assert wrong(served_home) == []


@pytest.mark.parametrize("days", [-200, 400])
def test_a_clock_that_jumps_between_loads_and_refreshes(tmp_path: Path, days: int) -> None:
    """Another process, whose clock is wrong, loads and refreshes between two whose clock is right."""
    home = works.home_at(tmp_path / "home")
    works.with_first(str(home.folder), "")
    first = mart.read_manifest(home.mart)
    assert first is not None
    with killing(clock=days * 86_400) as jumped:
        for work in ("load_second", "refresh"):
            assert jumped.run(f"tests.store.works:{work}", str(home.folder), "", below=tmp_path / "none").error == ""
        second = mart.read_manifest(home.mart)
        assert second is not None
        assert abs((second.built_at - first.built_at) - timedelta(days=days)) < timedelta(hours=1)
        assert not is_stale(home)
        with home.session() as session:
            assert [entry.id for entry in ledger.loads(session)] == [2, 1]
        works.withdraw_first(str(home.folder), "")
        bring_up_to_date(home)
        third = mart.read_manifest(home.mart)
        assert third is not None
        assert third.version != second.version
        assert max(third.retired.values()) <= ledger.utc_now()
        assert (
            jumped.run("tests.store.works:withdraw_second", str(home.folder), "", below=tmp_path / "none").error == ""
        )
    bring_up_to_date(home)
    assert lake_rows(home) == []
    assert wrong(home) == []


def test_two_processes_load_one_file_at_once(home: Home) -> None:
    path = write(home.folder / "extract.csv", [row(str(n), "2026-01-05 10:00:00") for n in range(500)])
    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.store.extracts import PLAIN\n"
        "from tests.store.works import home_at\n"
        "from cx_metrics.store.lake.loading import load\nhome = home_at(sys.argv[1], sys.argv[2])\n"
        "sys.stdin.readline()\n"
        "load(home, Path(sys.argv[3]), source='desk', mapping=PLAIN, actor='tester')\n"
    )
    command = [sys.executable, "-c", script, str(home.folder), home.settings.database_url, str(path)]
    jobs = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) for _ in range(2)]
    starting = [threading.Thread(target=job.communicate, args=("go\n",)) for job in jobs]
    for each in starting:
        each.start()
    for each in starting:
        each.join()
    assert [job.returncode for job in jobs] == [0, 0]
    assert len(lake_rows(home)) == 500
    with home.session() as session:
        both = sorted((entry.added, entry.replaced, entry.unchanged) for entry in ledger.loads(session))
    assert both == [(0, 0, 500), (500, 0, 0)]
    bring_up_to_date(home)
    assert wrong(home) == []


def test_a_home_that_may_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made"):
        Home(Settings(home=tmp_path / "file" / "home")).folder  # noqa: B018  the question is the test
