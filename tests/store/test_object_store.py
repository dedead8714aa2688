"""A lake in an object store does what one in a folder does, to the last digit, and says in words what it is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from cx_metrics.config import Settings, settings
from cx_metrics.errors import BadInput, StoreError
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.lake.object_store import file_system
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import MONTHLY_TABLES, open_mart, read_manifest
from cx_metrics.store.privacy.asking import erase_customer
from cx_metrics.store.records import LoadState, Operation
from tests.store.extracts import bring_in, lake_rows, row
from tests.store.s3_server import KEYS, new_bucket, s3_server

pytestmark = pytest.mark.xdist_group("object store")

FIRST = [row(str(n), f"2026-0{1 + n % 3}-{1 + n % 28:02} 10:00:00", customer_id=f"c{n % 7}") for n in range(60)]
SECOND = [
    row("0", "2026-02-05 11:00:00", customer_id="c0", handle_minutes="7"),
    *FIRST[1:9],
    row("late", "2026-04-05 12:00:00", customer_id="c1"),
]
THIRD = [row("other", "2026-04-06 12:00:00", customer_id="c2", intent="Visit")]


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def stored(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose lake is a bucket of its own."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": store}.items():
        monkeypatch.setenv(name, value)
    return _home(tmp_path / "stored", f"s3://{new_bucket(store)}/cx/lake")


def _home(folder: Path, lake_url: str = "") -> Home:
    return Home(Settings(home=folder, lake_url=lake_url, memory="500MB", lock_wait=20, user="tester"))


@dataclass(frozen=True)
class Step:
    """Something done to a home, and the months of the mart that a refresh rebuilds after it."""

    do: Callable[[Home], object]
    months: tuple[str, ...]


STEPS = {
    "first load": Step(lambda home: bring_in(home, FIRST), ("2026-01", "2026-02", "2026-03")),
    "corrected load": Step(lambda home: bring_in(home, SECOND), ("2026-01", "2026-02", "2026-03", "2026-04")),
    "another source": Step(lambda home: bring_in(home, THIRD, source="crm"), ("2026-04",)),
    "taken back": Step(lambda home: take_back(home, 2), ("2026-01", "2026-02", "2026-03")),
}


def test_it_gives_what_a_folder_gives_step_by_step(stored: Home, tmp_path: Path) -> None:
    folder = _home(tmp_path / "folder")
    for name, step in STEPS.items():
        reports = []
        for home in (stored, folder):
            step.do(home)
            assert is_stale(home), name
            reports.append(bring_up_to_date(home))
            assert not is_stale(home), name
        assert reports[0].months_rebuilt == reports[1].months_rebuilt, name
        assert set(step.months) <= set(reports[0].months_rebuilt), name
        assert reports[0].full == (name == "first load")
        assert lake_rows(stored) == lake_rows(folder), name
        assert _mart(stored) == _mart(folder), name
        assert _drilled(stored) == _drilled(folder), name
    assert bring_up_to_date(stored, full=True).full
    assert _mart(stored) == _mart(folder)
    assert not (stored.folder / "lake").exists()


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.store.test_object_store import SECOND, _home
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.lake.loading import load
from tests.store.extracts import PLAIN, write
home = _home(Path(sys.argv[1]), sys.argv[2])
def end(step, share):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] in ("superseded rows planned", "contacts restored"):
    take_back(home, 2, progress=end)
else:
    path = write(home.folder / "second.csv", SECOND)
    load(home, path, source="desk", mapping=PLAIN, actor="tester", progress=end)
"""


@pytest.mark.parametrize(
    ("step", "loaded"),
    [
        ("known rows noted", {1}),
        ("replaced rows kept", {1}),
        ("contacts written", {1, 2}),
        ("superseded rows planned", {1, 2}),
        ("contacts restored", {1}),
    ],
)
def test_killed_between_lake_and_ledger_it_is_done_or_undone(stored: Home, step: str, loaded: set[int]) -> None:
    bring_in(stored, FIRST)
    first = lake_rows(stored)
    if step in ("superseded rows planned", "contacts restored"):
        bring_in(stored, SECOND)
    second = lake_rows(stored)
    command = [sys.executable, "-c", _KILLED, str(stored.folder), stored.lake.place, step]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2], env=dict(os.environ), timeout=120)
    assert done.returncode == -signal.SIGKILL
    bring_up_to_date(stored)
    with stored.session() as session:
        assert session.query(Operation).filter(Operation.open).count() == 0
        assert {entry.id for entry in ledger.loads(session) if entry.state == LoadState.LOADED} == loaded
    assert stored.lake.claims(2).exists() == (2 in loaded)
    if loaded == {1}:
        assert lake_rows(stored) == first
        assert stored.lake.superseded.files() == []
    else:
        take_back(stored, 2)
        assert lake_rows(stored) == first != second or step == "contacts written"
    assert not any(stored.lake.kept(number).exists() for number in range(1, 5))


def test_an_erased_customer_is_in_no_object_of_the_bucket(stored: Home) -> None:
    name = "somebody-to-erase"
    bring_in(stored, [*FIRST, row("own", "2026-02-03 10:00:00", customer_id=name)])
    bring_in(stored, [row("own", "2026-02-04 10:00:00", customer_id=name)])
    assert _objects_with(stored, name)
    erased = erase_customer(stored, name, actor="tester")
    assert (erased.contacts, erased.superseded) == (1, 1)
    assert _objects_with(stored, name) == []
    bring_up_to_date(stored)
    assert len(lake_rows(stored)) == len(FIRST)


def _objects_with(home: Home, text: str) -> list[str]:
    """Which objects hold these bytes, of all there are."""
    store = file_system()
    names = store.find(home.lake.place)
    assert any("_delta_log" in name for name in names)
    return [name for name in names if text.encode() in store.cat_file(name)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gs://bucket/lake", "is no place for the lake; write a folder, or for example s3://bucket/cx-insight"),
        ("s3://", "is no place for the lake"),
        ("s3://Bucket With Spaces/x", "is no place for the lake"),
        ("s3://bucket/a'; DROP", "is no place for the lake"),
    ],
    ids=["another store", "no bucket", "spaces", "quotes"],
)
def test_a_url_that_is_none_is_refused(url: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_LAKE_URL", url)
    with pytest.raises(BadInput, match=rf"CX_LAKE_URL: .*{words}"):
        settings()


def test_a_missing_bucket_is_one_sentence(stored: Home, tmp_path: Path) -> None:
    home = _home(tmp_path / "other", "s3://no-such-bucket/lake")
    for work in (home.lake.contacts.files, lambda: bring_in(home, FIRST)):
        with pytest.raises(StoreError, match=r"^The lake at http://.* can't be used: there is no such bucket") as told:
            work()
        assert "\n" not in str(told.value)
    with home.session() as session:
        assert ledger.loads(session) == []


def test_plain_http_has_to_be_meant(stored: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL is plain http; set AWS_ALLOW_HTTP=true"):
        stored.lake.contacts.files()
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL is plain http; set AWS_ALLOW_HTTP=true"):
        stored.lake.claims(1).exists()


def test_a_store_that_goes_away_leaves_the_mart_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server() as address:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        home = _home(tmp_path / "home", f"s3://{new_bucket(address)}")
        bring_in(home, FIRST)
        bring_up_to_date(home)
        files, before = home.lake.contacts.files(), _mart(home)
    gone = r"^The lake at http://.* can't be used: the store doesn't answer; check AWS_ENDPOINT_URL"
    for work in (lambda: bring_up_to_date(home), lambda: bring_in(home, SECOND), lambda: _contacts(files)):
        with pytest.raises(StoreError, match=gone):
            work()
    assert _mart(home) == before


def test_wrong_credentials_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server(INITIAL_NO_AUTH_ACTION_COUNT="0") as address:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        home = _home(tmp_path / "home", "s3://bucket/lake")
        for work in (lambda: bring_in(home, FIRST), home.lake.contacts.files):
            with pytest.raises(StoreError, match="the store refused the credentials; check AWS_ACCESS_KEY_ID"):
                work()


def _mart(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Every cell of every table."""
    with open_mart(home.mart) as mart:
        tables = (*MONTHLY_TABLES, "dispersion")
        return {
            name: list(mart.query(f"SELECT * FROM {name} ORDER BY ALL").astype(str).itertuples(index=False, name=None))
            for name in tables
        }


def _drilled(home: Home) -> list[tuple[object, ...]]:
    manifest = read_manifest(home.mart)
    assert manifest is not None
    return _contacts(list(manifest.lake_files))


def _contacts(files: list[str]) -> list[tuple[object, ...]]:
    drilldown = Drilldown(files, zone=Settings().zone)
    found = drilldown.contacts(where=(("intent", ("Billing",)),), from_on=date(2026, 1, 20), to_on=date(2026, 4, 30))
    return list(found.astype(str).itertuples(index=False, name=None))
