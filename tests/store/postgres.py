"""A PostgreSQL server of the tests' own, where the machine has one and it can be started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from pwd import getpwnam

from tests.missing import missing

_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")


class Server(str):
    """The URL of a server's databases, with ``{}`` for the name of one.

    Attributes:
        stop: Stops it; its databases stay.
        start: Starts it again.
    """

    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def postgres_server() -> Iterator[Server]:
    """The URL of its databases, with ``{}`` for the name of one; skipped with a reason where there is none."""
    programs = _programs()
    if programs is None:
        missing("PostgreSQL is not installed: initdb was not found")
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="cx-pg-"))
    if owner:
        shutil.chown(folder, owner)
    data, options = folder / "data", f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        _run(owner, programs / "initdb", "-D", data, "-U", "cx", "--auth=trust", "-E", "UTF8", "--locale=C")
        _run(owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            server = Server(f"postgresql+psycopg://cx@/{{}}?host={folder}")
            server.stop = partial(_run, owner, programs / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
            server.start = partial(
                _run, owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"
            )
            yield server
        finally:
            _run(owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next((p.parent for place in _PLACES for p in sorted(Path(place).glob("*/bin/initdb"))), None)


def _owner() -> str | None:
    """Whom the server runs as where the tests run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    try:
        return getpwnam("postgres").pw_name
    except KeyError:
        missing("PostgreSQL can't be started: the tests run as root, and there is no user postgres")


def _run(owner: str | None, *command: str | Path) -> None:
    done = subprocess.run(
        [*map(str, command)],
        user=owner,
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )
    if done.returncode:
        missing(f"PostgreSQL can't be started: {Path(str(command[0])).name} ended with {done.returncode}")
