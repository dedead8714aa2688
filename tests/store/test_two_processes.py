"""A nightly job loads while the dashboard reads: neither fails, and a reader always sees a whole mart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date, is_stale
from cx_metrics.store.marts.mart import open_mart
from tests.store.extracts import bring_in, lake_rows, row

_NIGHTLY = """
import sys
from pathlib import Path
from cx_metrics.config import Settings
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.home import Home
from tests.store.extracts import bring_in, row
home = Home(Settings(home=Path(sys.argv[1]), memory="500MB", user="nightly", lock_wait=60))
for night in range(4):
    rows = [row(f"{sys.argv[2]}-{night}-{n}", f"2026-02-0{1 + night} 10:00:00", customer_id="c") for n in range(50)]
    bring_in(home, rows, source=sys.argv[2], name=f"{sys.argv[2]}.csv")
    bring_up_to_date(home)
"""


def test_two_loaders_and_a_reader(sqlite_home: Home) -> None:
    home = sqlite_home
    bring_in(home, [row("0", "2026-02-01 09:00:00")])
    bring_up_to_date(home)
    command = [sys.executable, "-c", _NIGHTLY, str(home.folder)]
    jobs = [subprocess.Popen([*command, name], cwd=Path(__file__).parents[2]) for name in ("calls", "desk 2")]
    seen = [1]
    while any(job.poll() is None for job in jobs):
        with open_mart(home.mart) as mart:
            counted = mart.query("SELECT CAST(sum(contacts) AS BIGINT) AS n FROM daily")["n"].iloc[0]
            assert counted == mart.facts.contacts
            assert counted % 50 == 1
            seen.append(int(counted))
    assert [job.returncode for job in jobs] == [0, 0]
    assert seen == sorted(seen)
    assert len(lake_rows(home)) == 401
    assert not is_stale(home)
    with open_mart(home.mart) as mart:
        assert mart.facts.contacts == 401
