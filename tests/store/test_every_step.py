"""Killed with SIGKILL before everything it does to a file or tells a database, a piece of work is done or undone."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from sqlalchemy import create_engine, inspect, select, text

from cx_metrics.keeping.archive import read_contents, root_of, verify
from cx_metrics.keeping.doctor import examine
from cx_metrics.keeping.finding import Weight
from cx_metrics.store import database, ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.records import LoadState, Operation
from tests.store import works
from tests.store.killing import End, Killing, killing


@dataclass(frozen=True)
class Case:
    """A piece of work.

    Attributes:
        work: Its name.
        begins: What the home holds before.
        stride: Deeds from one that is tried to the next, where not ``CX_EVERY_STEP=1`` asks for every one.
    """

    work: str
    begins: str
    stride: int = 1


CASES = (
    Case("load_first", "nothing"),
    Case("load_second", "with_first"),
    Case("refresh", "with_second", stride=4),
    Case("refresh_full", "with_second_refreshed", stride=9),
    Case("withdraw_first", "with_second_refreshed"),
    Case("withdraw_second", "with_second_refreshed", stride=2),
    Case("erase", "with_second_refreshed", stride=4),
    Case("restore", "nothing", stride=4),
    Case("restore_over", "with_first", stride=3),
)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killing]:
    with killing() as process:
        yield process


class Place:
    """Where homes are made as copies of one, with their records in one kind of database."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self._server, self._of = folder, server, dict[Path, str]()

    @property
    def on_server(self) -> bool:
        """Whether the records are in PostgreSQL. What it does to the lake's bytes is the same: only turns are tried."""
        return bool(self._server)

    def new(self, name: str) -> Path:
        """An empty home, with a database of its own."""
        home = self.folder / name
        home.mkdir(mode=0o700)
        self._of[home] = f"k_{uuid4().hex}" if self._server else ""
        if self._server:
            self._admin(f"CREATE DATABASE {self._of[home]}")
        return home

    def copy(self, prepared: Path, name: str) -> Path:
        """A home like another."""
        home = self.folder / name
        shutil.copytree(prepared, home)
        self._of[home] = f"k_{uuid4().hex}" if self._server else ""
        if self._server:
            database.engine(self.url(prepared)).dispose()
            self._admin(f"CREATE DATABASE {self._of[home]} TEMPLATE {self._of[prepared]}")
        return home

    def drop(self, home: Path) -> None:
        """Take a home away."""
        shutil.rmtree(home)
        database.engine(works.home_at(home, self.url(home)).settings.records_url).dispose()
        if self._server:
            self._admin(f"DROP DATABASE {self._of[home]} WITH (FORCE)")

    def url(self, home: Path) -> str:
        """Of the home's records; empty where they are in the home."""
        return self._server.format(self._of[home]) if self._server else ""

    def home(self, home: Path) -> Home:
        """The home of a folder."""
        return works.home_at(home, self.url(home))

    def _admin(self, sql: str) -> None:
        admin = create_engine(self._server.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(sql))
        admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.getfixturevalue("postgres") if request.param == "postgresql" else "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.work)
def test_killed_before_every_deed(case: Case, place: Place, killer: Killing) -> None:
    prepared = place.new("prepared")
    getattr(works, case.begins)(str(prepared), place.url(prepared))
    if case.work.startswith("restore"):
        works.backup_beside(prepared)
    before = state(place.home(prepared))
    whole = place.copy(prepared, "whole")
    deeds = _run(killer, case, place, whole, at=0).deeds
    after = state(place.home(whole))
    assert deeds >= (4 if place.on_server else 16)
    told = Counter[str]()
    stride = 1 if place.on_server or os.environ.get("CX_EVERY_STEP") == "1" else case.stride
    for at in range(1, 10 * deeds, stride):
        home = place.copy(prepared, f"killed-{at}")
        end = _run(killer, case, place, home, at=at)
        assert not end.error
        found = next_start(place.home(home), refreshed=case.work.startswith("refresh"))
        assert found in (before, after), f"killed before: {end.told}"
        told["before" if found == before else "after"] += 1
        place.drop(home)
        if not end.killed:
            break
    assert not end.killed
    if before != after:
        assert told["before"]
        assert told["after"] > 1


def _run(killer: Killing, case: Case, place: Place, home: Path, *, at: int) -> End:
    return killer.run(
        f"tests.store.works:{case.work}", str(home), place.url(home), below=home, at=at, turns=int(place.on_server)
    )


def state(home: Home) -> object:
    """What a home holds that people would miss: contacts with their loads, what they replaced, keys, loads, rejects."""
    lake = home.lake
    with duckdb.connect() as connection:
        tables = [
            sorted(map(str, connection.execute(f"SELECT * FROM {table.relation()}").fetchall()))
            for table in (lake.contacts, lake.superseded)
        ]
        claims = {
            number: sorted(connection.execute(f"SELECT * FROM read_parquet('{lake.claims(number)}')").fetchall())
            for number in (1, 2)
            if lake.claims(number).exists()
        }
    with home.session() as session:
        loaded = [(row.id, row.file) for row in ledger.loads(session) if row.state == LoadState.LOADED]
        assert not session.scalars(select(Operation.id).where(Operation.open)).all()
        assert all(row.state != LoadState.LOADING for row in ledger.loads(session))
    rejects = {file.name: file.read_text() for file in (home.folder / "rejects").glob("*.csv")}
    return tables, claims, loaded, rejects


def next_start(home: Home, *, refreshed: bool) -> object:
    """The state after the next start, which finds nothing wrong but that the mart may be an older one."""
    with home.writing("next start"):
        repair(home)
    found = state(home)
    if refreshed:
        bring_up_to_date(home)
    wrong = [each for each in examine(home, quick=True) if each.weight is Weight.WRONG]
    assert [each for each in wrong if refreshed or each.check != "freshness"] == []
    return found


@pytest.mark.parametrize("to", ["HEAD", "0004"])
def test_migrations_killed_in_the_middle(place: Place, killer: Killing, to: str) -> None:
    prepared = place.new("prepared")
    works.migrated(str(prepared), place.url(prepared), "0001" if to == "HEAD" else database.HEAD)
    target = database.HEAD if to == "HEAD" else to
    start, goal = _tables(place, prepared), None
    for at in range(1, 1000, 23 if place.on_server else 1):
        home = place.copy(prepared, f"killed-{at}")
        end = killer.run(
            "tests.store.works:migrated",
            str(home),
            place.url(home),
            target,
            below=home,
            at=at,
            turns=2 * place.on_server,
        )
        assert not end.error
        left = _tables(place, home)
        if not end.killed:
            goal = left
            break
        assert left in (start, _after(place, prepared, target)), f"killed before: {end.told}"
        with place.home(home).session() as session:
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == database.HEAD
        place.drop(home)
    assert at > 3
    assert goal == _after(place, prepared, target)


@cache
def _after(place: Place, prepared: Path, to: str) -> tuple[str, ...]:
    home = place.copy(prepared, "unharmed")
    works.migrated(str(home), place.url(home), to)
    return _tables(place, home)


def _tables(place: Place, home: Path) -> tuple[str, ...]:
    """Every table and column, without bringing the database to the present version."""
    made = create_engine(place.home(home).settings.records_url)
    inspector = inspect(made)
    found = [
        f"{table}.{each['name']}" for table in inspector.get_table_names() for each in inspector.get_columns(table)
    ]
    made.dispose()
    return tuple(sorted(found))


def test_a_backup_that_is_killed_leaves_the_home_as_it_was(place: Place, killer: Killing) -> None:
    prepared = place.new("prepared")
    works.with_second(str(prepared), place.url(prepared))
    before = state(place.home(prepared))
    copy = place.folder / "backups" / "copy"
    copy.parent.mkdir()
    arguments = (str(prepared), place.url(prepared), str(copy))
    for at in range(1, 400, 7):
        end = killer.run("tests.store.works:back_up_to", *arguments, below=copy.parent, at=at)
        assert not end.error
        if copy.exists():
            break
    assert at > 50
    verify(root_of(copy), read_contents(copy))
    assert state(place.home(prepared)) == before
    assert {path.name for path in copy.parent.iterdir()} == {"copy"}
