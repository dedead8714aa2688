"""The records' database: opened, migrated to the present shape, and handed out as sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cx_metrics.errors import StoreError

HEAD = "0007"
"""The newest migration; a test compares it with the migrations folder."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 4_207_316_025


@cache
def engine(url: str) -> Engine:
    """The connection pool of a records database, migrated; one per URL and process.

    SQLite runs in WAL mode, so that readers never wait for a writer.

    Raises:
        StoreError: The database can't be reached or migrated.
    """
    made = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if made.dialect.name == "sqlite":
        if made.url.database:
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(made, "connect", _sqlite_pragmas)
    try:
        if revision(made) != HEAD:
            _upgrade(made)
    except SQLAlchemyError as error:
        where = made.url.render_as_string(hide_password=True)
        raise StoreError(f"The records at {where} can't be opened: {error.args[0]}. Check CX_DATABASE_URL.") from error
    return made


@contextmanager
def session(url: str) -> Iterator[Session]:
    """A session that commits when its block ends well and rolls back when it does not."""
    with Session(engine(url), expire_on_commit=False) as opened, opened.begin():
        yield opened


def revision(made: Engine) -> str | None:
    """The migration a database stands at; None for a new one."""
    if not inspect(made).has_table("alembic_version"):
        return None
    with made.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(made: Engine, *, to: str = HEAD) -> None:
    """Bring a database to a migration, upwards or downwards (``base`` empties it)."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with made.begin() as connection:
        config.attributes["connection"] = connection
        if to == "base" or (revision(made) or "") > to:
            command.downgrade(config, to)
        else:
            command.upgrade(config, to)


def _upgrade(made: Engine) -> None:
    """Of several processes that start at once, one migrates and the others wait for it."""
    with _only_one(made):
        if revision(made) != HEAD:
            migrate(made)


@contextmanager
def _only_one(made: Engine) -> Iterator[None]:
    if made.dialect.name == "postgresql":
        with made.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})
            yield
    elif made.url.database:
        with FileLock(f"{made.url.database}.migrate.lock"):
            yield
    else:
        yield


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
