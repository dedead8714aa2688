"""A home comes back from its backup as it was, into either kind of database; a damaged backup comes back as nothing."""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import create_engine, select, text

from cx_metrics.errors import BadUse, StoreError
from cx_metrics.keeping.archive import CONTENTS, read_contents
from cx_metrics.keeping.backup import back_up
from cx_metrics.keeping.doctor import examine, mend
from cx_metrics.keeping.restore import restore
from cx_metrics.metrics.catalogue import METRICS, metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.workflow import Severity, flag
from cx_metrics.store import database, ledger
from cx_metrics.store.decided.records_file import import_records
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, decided
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.records import Base, Load, Operation
from tests.store import works
from tests.store.extracts import bring_in, lake_rows, row
from tests.store.postgres import postgres_server
from tests.store.test_every_step import state

DECIDED = """
[[intents]]
intent = "Billing"
owner = "Dana Okafor"
owner_email = "dana@example.com"
fcr_target = 0.75
downstream_cost = 12.50
[[rates]]
channel = "phone"
from = 2026-01-01
per_minute = 1.10
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def new_database(server: str) -> str:
    name = f"cx_{uuid4().hex}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def used(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home in which people have loaded, decided and flagged."""
    url = new_database(request.getfixturevalue("server")) if request.param == "postgresql" else ""
    works.with_second_refreshed(str(tmp_path / "used"), url)
    home = works.home_at(tmp_path / "used", url)
    with home.session() as session:
        import_records(session, DECIDED, origin="records.toml", actor="tester")
    now = ledger.utc_now()
    with home.session() as session, open_mart(home.mart, decisions=decided(home)) as mart:
        flag(
            session,
            mart=mart,
            intent="Billing",
            severity=Severity.NOTIFY,
            reason="Bills of “March” are wrong.",
            acknowledge_by=now + timedelta(days=1),
            decide_by=now + timedelta(days=2),
            actor="tester",
        )
    return home


def figures(home: Home) -> list[pd.DataFrame]:
    with open_mart(home.mart, decisions=decided(home)) as mart:
        return [metric(mart, name, Slice()) for name in METRICS]


def records(home: Home) -> dict[str, list[str]]:
    with home.session() as session:
        return {
            table.name: sorted(str(tuple(each)) for each in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_a_home_comes_back_as_it_was(
    used: Home, kind: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = back_up(used, tmp_path / name)
    assert (done.loads, done.contacts) == (2, 3)
    url = new_database(request.getfixturevalue("server")) if kind == "postgresql" else ""
    other = works.home_at(tmp_path / "other", url)
    restore(other, tmp_path / name, actor="tester")
    assert state(other) == state(used)
    before, after = records(used), records(other)
    assert [each for each in after["audit"] if each not in before["audit"]] == [after["audit"][-1]] or len(
        after["audit"]
    ) == len(before["audit"]) + 1
    assert before | {"audit": []} == after | {"audit": []}
    bring_up_to_date(other)
    mend(other)
    assert examine(other) == ()
    for one, two in zip(figures(used), figures(other), strict=True):
        pd.testing.assert_frame_equal(one, two)
    bring_in(other, [row("9", "2026-02-07 10:00:00")])
    assert len(lake_rows(other)) == 4


def test_a_home_that_holds_something_is_refused(used: Home, tmp_path: Path) -> None:
    back_up(used, tmp_path / "copy")
    bring_in(used, [row("9", "2026-02-07 10:00:00")])
    before = state(used)
    with pytest.raises(BadUse, match="holds contacts already"):
        restore(used, tmp_path / "copy", actor="tester")
    assert state(used) == before
    restore(used, tmp_path / "copy", actor="tester", replace=True)
    bring_up_to_date(used)
    assert len(lake_rows(used)) == 3
    mend(used)
    assert examine(used) == ()
    with pytest.raises(BadUse, match="there already"):
        back_up(used, tmp_path / "copy")


@pytest.mark.parametrize("damage", ["byte", "gone", "list", "newer", "outside"])
def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path: Path, damage: str) -> None:
    works.with_first(str(tmp_path / "used"), "")
    copy = tmp_path / "copy"
    back_up(works.home_at(tmp_path / "used"), copy)
    file = next((copy / "lake").rglob("*.parquet"))
    listed = (copy / CONTENTS).read_text()
    if damage == "byte":
        file.write_bytes(file.read_bytes()[:-20] + b"x" * 20)
    elif damage == "gone":
        file.unlink()
    elif damage == "list":
        (copy / CONTENTS).write_text("{}")
    elif damage == "newer":
        (copy / CONTENTS).write_text(listed.replace(f'"{database.HEAD}"', '"9999"'))
    else:
        name = str(file.relative_to(copy))
        (copy / CONTENTS).write_text(listed.replace(name, "lake/../../evil"))
        (tmp_path / "evil").write_bytes(file.read_bytes())
    other = works.home_at(tmp_path / "other")
    with pytest.raises((StoreError, BadUse), match=r"damaged|no backup|newer|outside"):
        restore(other, copy, actor="tester")
    assert not (tmp_path / "other" / "lake").exists()
    with other.session() as session:
        assert session.query(Load).count() == 0
    assert not (tmp_path / "other" / "restoring").exists()


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as other:
        other.writestr("a.txt", "a")
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("photos.zip", "text.zip", "absent"):
        with pytest.raises(StoreError, match="no backup"):
            restore(works.home_at(tmp_path / "home"), tmp_path / name, actor="tester")


def _loads(folder: str, url: str) -> None:
    home = works.home_at(folder, url)
    for number in range(6):
        rows = [row(str(n), f"2026-02-{1 + number:02d} 10:00:00") for n in range(40)]
        bring_in(home, rows, name=f"{number}.csv")


def test_backups_while_loads_run_are_of_before_or_after_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each load replaces all of the one before, so a backup between two would hold contacts of both."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    home = works.home_at(tmp_path / "home")
    bring_in(home, [row(str(n), "2026-01-05 10:00:00") for n in range(40)])
    loader = multiprocessing.get_context("forkserver").Process(target=_loads, args=(str(home.folder), ""))
    loader.start()
    copies: list[Path] = []
    made = Counter[int]()
    for number in itertools.count():
        if not loader.is_alive():
            break
        done = back_up(home, tmp_path / f"copy-{number}")
        made[done.loads] += 1
        if made[done.loads] <= 2:
            copies.append(done.path)
        else:
            shutil.rmtree(done.path)
    loader.join(120)
    assert loader.exitcode == 0
    assert len(copies) >= 3
    seen = set()
    for copy in copies:
        other = works.home_at(tmp_path / f"of-{copy.name}")
        restore(other, copy, actor="tester")
        found = {cells[3] for cells in lake_rows(other)}
        assert len(lake_rows(other)) == 40
        assert len(found) == 1
        seen |= found
        with other.session() as session:
            assert not session.scalars(select(Operation.id).where(Operation.open)).all()
        assert [each for each in examine(other, quick=True) if each.check not in ("freshness", "signals")] == []
    assert len(seen) >= 2


def test_a_backup_says_when_and_of_what(tmp_path: Path) -> None:
    works.with_first(str(tmp_path / "used"), "")
    back_up(works.home_at(tmp_path / "used"), tmp_path / "copy.zip")
    said = read_contents(tmp_path / "copy.zip")
    assert (said.loads, said.contacts, said.program, said.currency) == (1, 2, database.HEAD, "EUR")
    assert ledger.utc_now() - said.made_at < timedelta(minutes=10)
    assert isinstance(said.made_at, datetime)
