"""One process writes at a time, and a waiting one says for whom it waits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cx_metrics.errors import Busy
from cx_metrics.store.home import Home

_HOLD = """
import sys, time
from pathlib import Path
from cx_metrics.config import Settings
from cx_metrics.store.home import Home
with Home(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])).writing("nightly load"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_waiting_process_says_for_whom_and_gives_up_in_time(home: Home) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home.folder), home.settings.database_url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    told: list[str] = []
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(Busy, match=rf"nightly load, process {holder.pid}"),
            home.writing("another load", progress=lambda step, _: told.append(step)),
        ):
            pass
        assert told
        assert all("nightly load" in step for step in told)
    finally:
        holder.kill()
        holder.wait()
    with home.writing("after the holder was killed"):
        pass


def test_scratch_of_a_dead_process_is_swept(home: Home) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = home.folder / "work" / f"{gone.pid}-1"
    left.mkdir(parents=True)
    with home.scratch() as mine, home.writing("anything"):
        assert not left.exists()
        assert mine.exists()
    assert not mine.exists()
