"""A load that only repeated another could be "withdrawn" and still hold its rows.

Taking it back changes no row, and a merge of no rows commits nothing; the ledger then took the withdrawal for one
that had never happened, silently, and the rows stayed when the first load was withdrawn too.
"""

from __future__ import annotations

from pathlib import Path

from cx_metrics.config import Settings
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from tests.store.extracts import bring_in, lake_rows, row


def test_both_loads_are_gone(tmp_path: Path) -> None:
    home = Home(Settings(home=tmp_path / "home", memory="500MB", user="tester"))
    for _ in range(2):
        bring_in(home, [row("1", "2026-01-05 10:00:00")])
    take_back(home, 2)
    with home.session() as session:
        assert [entry.state for entry in ledger.loads(session)] == ["withdrawn", "loaded"]
    take_back(home, 1)
    assert lake_rows(home) == []
