"""A fresh home for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from cx_metrics.config import Settings
from cx_metrics.store import database
from cx_metrics.store.home import Home
from tests.store.postgres import postgres_server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(Settings(home=tmp_path / "home", timezone="UTC", memory="500MB", lock_wait=2, user="tester"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server's databases, with ``{}`` for the name of one."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def either_home(request: pytest.FixtureRequest, home: Home) -> Iterator[Home]:
    """A fresh home whose records are in SQLite, then one with PostgreSQL."""
    if request.param == "sqlite":
        yield home
        return
    server: str = request.getfixturevalue("postgres")
    name = f"cx_{uuid4().hex}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = server.format(name)
    yield Home(home.settings.model_copy(update={"database_url": url}))
    database.engine(url).dispose()
