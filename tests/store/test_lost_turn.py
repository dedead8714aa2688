"""A writer whose database goes away loses its turn: what it goes on to write is refused, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from deltalake import CommitProperties, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError
from sqlalchemy import NullPool, create_engine, text

from cx_metrics.config import Settings
from cx_metrics.contacts.progress import Progress
from cx_metrics.errors import Busy, StoreError
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.records import LoadState
from tests.store.conftest import MIGRATED, new_database
from tests.store.extracts import PLAIN, bring_in, lake_rows, row, write

FIRST = [row("1", "2026-01-05 10:00:00", customer_id="a"), row("2", "2026-01-06 10:00:00", customer_id="a")]
SECOND = [row("1", "2026-01-07 10:00:00", customer_id="a"), row("2", "2026-01-06 10:00:00", customer_id="a")]


@pytest.fixture
def machines(postgres: str, tmp_path: Path) -> Iterator[tuple[Home, Home]]:
    """Two machines' homes with one lake and one database."""
    with new_database(postgres, copy_of=MIGRATED) as url:
        here = Settings(
            home=tmp_path / "here", database_url=url, lake_url=str(tmp_path / "lake"), memory="500MB", lock_wait=20
        )
        yield Home(here), Home(here.model_copy(update={"home": tmp_path / "there"}))


def _cut_connections(home: Home) -> None:
    """Every connection of the database ends, as when its server starts anew."""
    made = create_engine(home.settings.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )


def _at(step: str, do: object) -> Progress:
    def progress(told: str, share: float) -> None:
        if told == step and callable(do):
            do()

    return progress


@pytest.mark.parametrize("step", ["entered in the ledger", "known rows noted", "replaced rows kept"])
def test_who_lost_the_turn_changes_nothing_more(machines: tuple[Home, Home], step: str) -> None:
    here, there = machines
    bring_in(here, FIRST)

    def meanwhile() -> None:
        with pytest.raises(Busy, match=r"load of second\.csv, process "), there.writing("another load", patience=0):
            pass
        _cut_connections(here)
        bring_in(there, [row("other", "2026-02-01 10:00:00", customer_id="b")], source="crm")

    path = write(here.folder / "second.csv", SECOND)
    with pytest.raises(StoreError, match="database was away for a moment"):
        load(here, path, source="desk", mapping=PLAIN, actor="here", progress=_at(step, meanwhile))
    bring_up_to_date(here)
    with here.session() as session:
        states = {entry.id: entry.state for entry in ledger.loads(session)}
    assert states == {1: LoadState.LOADED, 2: LoadState.FAILED, 3: LoadState.LOADED}
    assert [cells[1] for cells in lake_rows(here)] == ["other", "1", "2"]
    assert here.lake.superseded.files() == []
    bring_in(here, SECOND)
    bring_up_to_date(here)
    assert not is_stale(here)
    assert len(lake_rows(here)) == 3
    assert here.lake.superseded.files() != []


def test_a_database_that_is_back_before_the_next_step_keeps_nobody_from_loading_again(
    machines: tuple[Home, Home],
) -> None:
    here, _ = machines
    path = write(here.folder / "first.csv", FIRST)
    cut = _at("known rows noted", lambda: _cut_connections(here))
    with pytest.raises(StoreError, match="database was away for a moment"):
        load(here, path, source="desk", mapping=PLAIN, actor="here", progress=cut)
    load(here, path, source="desk", mapping=PLAIN, actor="here")
    assert len(lake_rows(here)) == 2
    with here.session() as session:
        assert [entry.state for entry in ledger.loads(session)] == [LoadState.LOADED, LoadState.FAILED]


def test_a_write_that_is_under_way_fails_once_it_was_fenced_off(sqlite_home: Home) -> None:
    bring_in(sqlite_home, FIRST)
    contacts = sqlite_home.lake.contacts
    under_way, before = contacts.opened(), lake_rows(sqlite_home)
    assert under_way is not None
    contacts.fence()
    late = CommitProperties(app_transactions=[Transaction("cx-insight", contacts.done() + 1)])
    with pytest.raises(CommitFailedError):
        write_deltalake(under_way, under_way.to_pyarrow_table(), mode="append", commit_properties=late)
    assert contacts.done() == 1
    assert lake_rows(sqlite_home) == before
    bring_in(sqlite_home, SECOND)
    assert contacts.done() == 2
