"""Whose turn it is to write: one process at a time, by locks that end with the process that holds them.

A home's folder has a lock file. Records in PostgreSQL, which several homes on several machines may share, have a lock
of the database besides: it belongs to a connection of its own, so it ends when that process or its machine does.
Who holds a lock and since when can be read by those who wait.
"""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from cx_metrics.errors import StoreError
from cx_metrics.store.trouble import records_trouble

_KEYS = {"one": 420_731, "two": 6_025}
_NAME_BYTES = 63
_PAUSE = 0.1
_LASTING = {
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""The lock's connection is idle as long as a write takes, and ends a minute after its machine did."""
_HOLDER = """
    SELECT application_name, state_change FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = :one AND objid = :two AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Turn(Protocol):
    """A lock that one process at a time holds."""

    def take(self, what: str, *, patience: float) -> bool:
        """Try for some seconds; whether it is held now. ``what`` is being written is told to those who wait."""
        ...

    def holder(self) -> str:
        """Who holds it, in words."""
        ...

    def check(self) -> None:
        """Make sure that it is still held.

        Raises:
            StoreError: It was lost.
        """
        ...

    def give_back(self) -> None:
        """Let the next one have it; nothing where it isn't held."""
        ...


class FolderTurn:
    """The lock of a home's folder.

    Args:
        folder: The home.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "write.lock")
        self._note = folder / "writer.json"

    def take(self, what: str, *, patience: float) -> bool:
        try:
            self._lock.acquire(timeout=patience)
        except Timeout:
            return False
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self._note.write_text(json.dumps({"what": what, "pid": os.getpid(), "since": started}))
        return True

    def holder(self) -> str:
        try:
            held = json.loads(self._note.read_text())
            return f"another process ({held['what']}, process {held['pid']}, since {held['since']})"
        except (OSError, ValueError, KeyError):
            return "another process"

    def check(self) -> None:
        assert self._lock.is_locked

    def give_back(self) -> None:
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()


@dataclass
class DatabaseTurn:
    """The lock of records in PostgreSQL.

    Attributes:
        url: The records' SQLAlchemy URL.
    """

    url: str
    _connection: Connection | None = field(default=None, init=False)

    def take(self, what: str, *, patience: float) -> bool:
        deadline = time.monotonic() + patience
        try:
            while not self._opened().execute(text("SELECT pg_try_advisory_lock(:one, :two)"), _KEYS).scalar():
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_PAUSE)
            self._opened().execute(text("SELECT set_config('application_name', :name, false)"), {"name": _name(what)})
        except SQLAlchemyError as error:
            self.give_back()
            raise StoreError(f"Nothing was changed: {records_trouble(error)}.") from error
        return True

    def holder(self) -> str:
        try:
            held = self._opened().execute(text(_HOLDER), _KEYS).first()
        except SQLAlchemyError:
            held = None
        if held is None or held.state_change is None:
            return "another process"
        since = held.state_change.astimezone(UTC).isoformat(timespec="seconds")
        return f"another process ({held.application_name}, since {since})"

    def check(self) -> None:
        try:
            mine = self._opened().execute(text(f"{_HOLDER} AND pid = pg_backend_pid()"), _KEYS).first()
        except SQLAlchemyError:
            mine = None
        if mine is None:
            raise StoreError(
                "The records' database was away for a moment, and another process may be writing by now. "
                "What was begun here is undone at the next load or refresh; try again."
            )

    def give_back(self) -> None:
        if self._connection is not None:
            # What can't be closed any more is a lock that the server has released already.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _opened(self) -> Connection:
        if self._connection is None:
            engine = create_engine(
                self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10}
            )
            self._connection = engine.connect()
            for name, value in _LASTING.items():
                self._connection.execute(
                    text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value}
                )
        return self._connection


def _name(what: str) -> str:
    """What, by whom, as a name that PostgreSQL keeps: plain characters, and not many."""
    who = f", process {os.getpid()} on {socket.gethostname()[:20]}"
    plain = what.encode("ascii", "replace").decode()
    room = _NAME_BYTES - len(who)
    return (plain if len(plain) <= room else f"{plain[: room - 3]}...") + who
