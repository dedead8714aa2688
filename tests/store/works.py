"""Pieces of work on a home that tests interrupt, and what the home holds afterwards."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from cx_metrics.config import Settings
from cx_metrics.keeping.backup import back_up
from cx_metrics.keeping.restore import restore as restore_backup
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.privacy.asking import erase_customer
from tests.store.extracts import PLAIN, row, write

FIRST = [
    row("1", "2026-01-05 10:00:00", customer_id="a"),
    row("2", "2026-01-06 10:00:00", customer_id="a"),
    row("x", "", customer_id="a"),
]
SECOND = [
    row("1", "2026-02-05 10:00:00", customer_id="a"),
    row("2", "2026-01-06 10:00:00", customer_id="a"),
    row("3", "2026-02-06 10:00:00", customer_id="b"),
    row("y", "", customer_id="a"),
]


def home_at(folder: str | Path, url: str = "") -> Home:
    """The home of a folder, with its records in SQLite or at a URL."""
    return Home(Settings(home=Path(folder), database_url=url, memory="500MB", lock_wait=20, user="tester"))


def nothing(folder: str, url: str) -> None:
    """An empty home with its records."""
    with home_at(folder, url).session():
        pass


def with_first(folder: str, url: str) -> None:
    """A home with one load, and its mart."""
    load_first(folder, url)
    bring_up_to_date(home_at(folder, url))


def with_second(folder: str, url: str) -> None:
    """A home with a second load that changed, confirmed and added contacts, without its mart."""
    with_first(folder, url)
    load_second(folder, url)


def with_second_refreshed(folder: str, url: str) -> None:
    """A home with both loads in its mart."""
    with_second(folder, url)
    bring_up_to_date(home_at(folder, url))


def load_first(folder: str, url: str) -> None:
    """The first load."""
    home = home_at(folder, url)
    path = write(home.folder.with_name("first.csv"), FIRST)
    load(home, path, source="desk", mapping=PLAIN, actor="tester")


def load_second(folder: str, url: str) -> None:
    """The second load."""
    home = home_at(folder, url)
    path = write(home.folder.with_name("second.csv"), SECOND)
    load(home, path, source="desk", mapping=PLAIN, actor="tester")


def refresh(folder: str, url: str) -> None:
    """A refresh of what changed."""
    bring_up_to_date(home_at(folder, url))


def refresh_full(folder: str, url: str) -> None:
    """A refresh of everything."""
    bring_up_to_date(home_at(folder, url), full=True)


def withdraw_first(folder: str, url: str) -> None:
    """The first load taken back, of which the second confirmed a row and replaced another."""
    take_back(home_at(folder, url), 1)


def withdraw_second(folder: str, url: str) -> None:
    """The second load taken back."""
    take_back(home_at(folder, url), 2)


def erase(folder: str, url: str) -> None:
    """A customer of both loads erased."""
    erase_customer(home_at(folder, url), "a", actor="tester")


def backup_beside(folder: Path) -> None:
    """Beside a home, a backup of another one that holds both loads."""
    with_second(str(folder.with_name("source")), "")
    back_up(home_at(folder.with_name("source")), folder.with_name("backup"))


def restore(folder: str, url: str) -> None:
    """The home from a backup of one with both loads."""
    restore_backup(home_at(folder, url), Path(folder).parent / "backup", actor="tester")


def restore_over(folder: str, url: str) -> None:
    """The same into a home that holds something."""
    restore_backup(home_at(folder, url), Path(folder).parent / "backup", actor="tester", replace=True)


def migrated(folder: str, url: str, to: str) -> None:
    """The records brought to a version."""
    made = create_engine(home_at(folder, url).settings.records_url)
    database.migrate(made, to=to)
    made.dispose()


def back_up_to(folder: str, url: str, target: str) -> None:
    """A backup of the home."""
    back_up(home_at(folder, url), Path(target))
