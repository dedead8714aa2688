"""Refreshes a mart again and again, killed one step later each time.

Run as ``python -m tests.store.refresh_killed FOLDER FILE...``.

Steps are the files and folders it makes and what it tells of its progress. After each, the mart is copied to
``after-<step>`` and the exit status printed; the last one is that of a refresh that was left alone.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.refresh import refresh

STEPS = ("open", "os.mkdir", "os.rename", "told")
ZONE = "Europe/Rome"


def run(folder: Path, files: list[str], *, step: int) -> None:
    """Refresh the mart of a folder until the step of that number."""
    seen = itertools.count(1)

    def pass_by(event: str, args: tuple[Any, ...]) -> None:
        if event in STEPS and str(folder / "mart") in str(args[0]) and next(seen) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(pass_by)
    with DuckDBEngine(memory="500MB", threads=1, timezone=ZONE, scratch=folder) as engine:
        refresh(
            folder / "mart",
            lake_files=files,
            watermark=datetime(2024, 6, 15, 12),
            lagging=(),
            timezone=ZONE,
            engine=engine,
            progress=lambda *_: sys.audit("told", str(folder / "mart")),
        )
    os._exit(0)


def main() -> None:
    """Kill at every step."""
    folder, files = Path(sys.argv[1]), sys.argv[2:]
    for step in range(1, 100):
        child = os.fork()
        if child == 0:
            run(folder, files, step=step)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        shutil.copytree(folder / "mart", folder / f"after-{step}")
        print(status)
        if status != -signal.SIGKILL:
            break


if __name__ == "__main__":
    main()
