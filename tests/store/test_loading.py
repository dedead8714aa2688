"""Loading: what comes in, what is replaced, what stays, and what the ledger says of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cx_metrics.errors import BadExtract, BadUse
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.records import Audit, LoadState
from tests.store.extracts import PLAIN, bring_in, lake_rows, row, write

JANUARY = [row("1", "2026-01-05 10:00:00", customer_id="a"), row("2", "2026-01-06 10:00:00", handle_minutes="5")]


def test_a_first_load(home: Home) -> None:
    result = bring_in(home, JANUARY)
    assert (result.receipt.read, result.receipt.accepted, result.added) == (2, 2, 2)
    assert result.complete_until == datetime(2026, 1, 6, 10)
    assert [cells[1] for cells in lake_rows(home)] == ["1", "2"]
    with home.session() as session:
        (entry,) = ledger.loads(session)
        assert (entry.state, entry.source, entry.actor, entry.accepted) == (LoadState.LOADED, "desk", "tester", 2)
        assert [audit.action for audit in session.query(Audit)] == ["load"]


def test_the_same_extract_twice_changes_nothing(home: Home) -> None:
    bring_in(home, JANUARY)
    before, files = lake_rows(home), home.lake.contacts.files()
    again = bring_in(home, JANUARY)
    assert (again.receipt.accepted, again.added, again.replaced, again.unchanged) == (2, 0, 0, 2)
    assert lake_rows(home) == before
    assert home.lake.contacts.files() == files


def test_a_corrected_row_replaces_the_old_one_also_when_its_month_changes(home: Home) -> None:
    bring_in(home, JANUARY)
    result = bring_in(home, [row("1", "2026-03-01 09:00:00", customer_id="b"), JANUARY[1]])
    assert (result.added, result.replaced, result.unchanged) == (0, 1, 1)
    assert [(cells[1], cells[2], cells[3]) for cells in lake_rows(home)] == [
        ("1", "b", "2026-03-01 09:00:00"),
        ("2", None, "2026-01-06 10:00:00"),
    ]
    months = {Path(file).parent.name for file in home.lake.contacts.files()}
    assert months == {"month=2026-01", "month=2026-03"}


def test_ids_are_unique_within_their_source_only(home: Home) -> None:
    bring_in(home, JANUARY, source="desk")
    result = bring_in(home, [row("1", "2026-02-01 00:00:00")], source="calls")
    assert result.added == 1
    assert [cells[:2] for cells in lake_rows(home)] == [("calls", "1"), ("desk", "1"), ("desk", "2")]


def test_rejected_rows_stand_in_a_file_with_their_reasons(home: Home) -> None:
    result = bring_in(home, [*JANUARY, row("3", "31/02/2026"), row("=1+1", "never")])
    assert (result.receipt.accepted, result.receipt.rejected) == (2, 2)
    assert result.rejects_file is not None
    lines = result.rejects_file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "row,column,value,reason"
    assert lines[1].startswith("3,started_at,31/02/2026,")
    assert lines[2].startswith("4,started_at,never,")


def test_a_dry_run_says_the_same_and_writes_nothing(home: Home) -> None:
    bring_in(home, JANUARY)
    before = lake_rows(home)
    path = write(home.folder / "next.csv", [row("1", "2026-03-01 09:00:00"), row("9", "2026-03-02 09:00:00")])
    dry = load(home, path, source="desk", mapping=PLAIN, actor="tester", dry_run=True)
    assert (dry.load, dry.added, dry.replaced) == (None, 1, 1)
    assert lake_rows(home) == before
    with home.session() as session:
        assert len(ledger.loads(session)) == 1
    wet = load(home, path, source="desk", mapping=PLAIN, actor="tester")
    assert (wet.receipt, wet.added, wet.replaced) == (dry.receipt, dry.added, dry.replaced)


def test_a_broken_extract_leaves_no_trace(home: Home, tmp_path: Path) -> None:
    bring_in(home, JANUARY)
    before = lake_rows(home)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(BadExtract, match=r"broken\.zip"):
        load(home, broken, source="desk", mapping=PLAIN, actor="tester")
    assert lake_rows(home) == before
    with home.session() as session:
        assert len(ledger.loads(session)) == 1
    assert list((home.folder / "work").iterdir()) == []


def test_a_load_needs_a_source(home: Home) -> None:
    with pytest.raises(BadUse, match="needs a source"):
        bring_in(home, JANUARY, source=" ")


def test_nothing_accepted_is_a_load_all_the_same(home: Home) -> None:
    result = bring_in(home, [row("1", "not a time")])
    assert (result.receipt.accepted, result.receipt.rejected, result.complete_until) == (0, 1, None)
    assert lake_rows(home) == []
    with home.session() as session:
        assert ledger.cutoff(session).watermark is None
