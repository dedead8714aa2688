"""A fresh home for every test: once with its records in SQLite, once in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from cx_metrics.config import Settings
from cx_metrics.store import database
from cx_metrics.store.home import Home
from tests.store.postgres import postgres_server

MIGRATED = "cx_migrated"
BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server's databases, with ``{}`` for the name of one; ``cx_migrated`` is there to be copied."""
    with postgres_server() as url:
        with _server(url) as connection:
            connection.execute(text(f"CREATE DATABASE {MIGRATED}"))
        made = create_engine(url.format(MIGRATED), poolclass=NullPool)
        database.migrate(made)
        made.dispose()
        yield url


@pytest.fixture
def sqlite_home(tmp_path: Path) -> Home:
    """A fresh home whose records are in SQLite."""
    return Home(Settings(home=tmp_path / "home", timezone="UTC", memory="500MB", lock_wait=2, user="tester"))


@pytest.fixture(params=BOTH)
def home(request: pytest.FixtureRequest, sqlite_home: Home) -> Iterator[Home]:
    """A fresh home whose records are in SQLite, then one with PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_home
        return
    with new_database(request.getfixturevalue("postgres"), copy_of=MIGRATED) as url:
        yield Home(sqlite_home.settings.model_copy(update={"database_url": url}))


@pytest.fixture(params=BOTH)
def new_home(request: pytest.FixtureRequest, sqlite_home: Home) -> Iterator[Home]:
    """The same with records that nobody has opened yet: no table in them."""
    if request.param == "sqlite":
        yield sqlite_home
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield Home(sqlite_home.settings.model_copy(update={"database_url": url}))


@contextmanager
def new_database(server: str, *, copy_of: str = "template1") -> Iterator[str]:
    """The URL of a database that is gone when the block ends."""
    name = f"cx_{uuid4().hex}"
    with _server(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {copy_of}"))
    url = server.format(name)
    try:
        yield url
    finally:
        database.engine(url).dispose()
        with _server(server) as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _server(url: str) -> Iterator[Connection]:
    made = create_engine(url.format("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        yield connection
