"""The records' database: opened, migrated to the present shape, and handed out as sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from cx_metrics.errors import StoreError
from cx_metrics.store.trouble import records_trouble

HEAD = "0009"
"""The newest migration; a test compares it with the migrations folder."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 4_207_316_025
_POOL: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 5,
    "max_overflow": 20,
    "connect_args": {"connect_timeout": 10},
}


@cache
def engine(url: str) -> Engine:
    """The connection pool of a records database, migrated; one per URL and process.

    SQLite runs in WAL mode, so that readers never wait for a writer.

    Raises:
        StoreError: The database can't be reached or migrated.
    """
    made = create_engine(url, **({} if url.startswith("sqlite") else _POOL))
    if made.dialect.name == "sqlite":
        if made.url.database:
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(made, "connect", _sqlite_pragmas)
    try:
        if (revision(made) or "") > HEAD:
            raise StoreError("The records were written by a newer CX Insight: install that one, or restore a backup.")
        if revision(made) != HEAD:
            _upgrade(made)
    except SQLAlchemyError as error:
        where = made.url.render_as_string(hide_password=True)
        raise StoreError(f"The records at {where} can't be opened: {error.args[0]}. Check CX_DATABASE_URL.") from error
    return made


@contextmanager
def session(url: str) -> Iterator[Session]:
    """A session that commits when its block ends well and rolls back when it does not.

    Raises:
        StoreError: The database can't be reached or is full; it is asked anew by the next session.
    """
    made = engine(url)
    try:
        with Session(made, expire_on_commit=False) as opened, opened.begin():
            yield opened
    except (OperationalError, InterfaceError) as error:
        where = made.url.render_as_string(hide_password=True)
        said = f"{records_trouble(error)}. The records are at {where}; try again when they can be used."
        raise StoreError(said) from error


def revision(made: Engine) -> str | None:
    """The migration a database stands at; None for a new one."""
    if not inspect(made).has_table("alembic_version"):
        return None
    with made.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(made: Engine, *, to: str = HEAD) -> None:
    """Bring a database to a migration, upwards or downwards (``base`` empties it): all of the way or not at all."""
    with changing(made) as connection:
        migrate_on(connection, to=to)


@contextmanager
def changing(made: Engine) -> Iterator[Connection]:
    """A transaction for changes of tables, of which a crash leaves all or nothing."""
    with made.begin() as connection:
        if made.dialect.name == "sqlite":
            # Else each statement would be a transaction of its own.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def migrate_on(connection: Connection, *, to: str) -> None:
    """The same inside a transaction that `changing` has begun."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision() or ""
    if to == "base" or present > to:
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


def scrub(url: str) -> None:
    """Overwrite what was deleted or changed in the database's own files, as far as a client can.

    SQLite's file is written anew and its log emptied. PostgreSQL frees the rows; its logs and copies are its own.
    """
    with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


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
