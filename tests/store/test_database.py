"""The records: migrated up and down, in WAL mode, in step with the models."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from cx_metrics.errors import StoreError
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.records import Audit, Base


def test_head_is_the_newest_migration() -> None:
    versions = Path(database.__file__).parent / "migrations" / "versions"
    assert max(file.name for file in versions.glob("[0-9]*.py")).startswith(f"{database.HEAD}_")


def test_models_and_migrations_agree(home: Home) -> None:
    with home.session() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(home: Home) -> None:
    made = database.engine(home.settings.records_url)
    database.migrate(made, to="base")
    assert inspect(made).get_table_names() == ["alembic_version"]
    database.migrate(made)
    assert database.revision(made) == database.HEAD
    assert inspect(made).has_table("loads")


def test_several_may_open_new_records_at_once(new_home: Home) -> None:
    url = new_home.settings.records_url
    start = Barrier(4)

    def opened(_: int) -> str | None:
        start.wait(timeout=60)
        return database.revision(database.engine.__wrapped__(url))

    new_home.folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(4) as people:
        assert list(people.map(opened, range(4))) == [database.HEAD] * 4


def test_sqlite_lets_readers_and_a_writer_work_at_once(sqlite_home: Home) -> None:
    with sqlite_home.session() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_failed_block_leaves_nothing(home: Home) -> None:
    def add_and_fail() -> None:
        with home.session() as session:
            session.add(Audit(at=home_time(), actor="a", action="b", subject="c", before=None, after=None))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        add_and_fail()
    with home.session() as session:
        assert session.query(Audit).count() == 0


def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "not_a_database.sqlite"
    file.write_bytes(b"this is text, and longer than a header " * 40)
    with pytest.raises(StoreError, match=r"can't be opened.*CX_DATABASE_URL"):
        database.engine(f"sqlite:///{file}")


def home_time() -> object:
    from cx_metrics.store.ledger import utc_now

    return utc_now()
