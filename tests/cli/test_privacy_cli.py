"""The audit trail, an erasure with its proof, and forgetting, from the command line."""

from __future__ import annotations

import csv
import io
import socket
from pathlib import Path

import pytest

from tests.cli.running import Command, command_on
from tests.store.extracts import row, write
from tests.store.test_forgetting import months_ago

PERSON = "customer-0815"


@pytest.fixture
def cx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_on(tmp_path / "home", monkeypatch=monkeypatch, capsys=capsys)


@pytest.fixture
def loaded(cx: Command, tmp_path: Path) -> Command:
    """Three contacts, two of them one person's, one of these old."""
    rows = [
        row("1", months_ago(9), customer_id=PERSON),
        row("2", months_ago(2), customer_id=PERSON),
        row("3", months_ago(2), customer_id="other"),
    ]
    assert cx("load", write(tmp_path / "a.csv", rows), "--source", "desk", "--timezone", "UTC").status == 0
    return cx


def test_an_erasure_prints_its_proof(loaded: Command) -> None:
    assert "Would erase 2 contacts and 0 older versions." in loaded("erase-customer", PERSON, "--dry-run").out
    answer = loaded("erase-customer", PERSON, "--reference", "DSR-4", "--json")
    found = answer.data
    assert (found["contacts"], found["superseded"], found["erasure"]) == (2, 0, 2)
    assert found["proof"]["found"] == []
    assert found["proof"]["bytewise"] is True
    assert found["proof"]["files"] > 10
    again = loaded("erase-customer", PERSON)
    assert "Erasure 3: 0 contacts and 0 older versions erased." in again.out
    assert "value by value and byte by byte: found in 0 places." in again.out
    assert PERSON not in loaded("audit", "--json").out
    (volume,) = loaded("metric", "volume", "--json").data
    assert volume["value"] == 1


def test_what_is_left_fails(loaded: Command, tmp_path: Path) -> None:
    (tmp_path / "home" / "note.txt").write_text(f"call {PERSON} back")
    answer = loaded("erase-customer", PERSON)
    assert answer.status == 1
    assert "still in note.txt" in answer.out
    assert "mend them, then erase again" in answer.err


def test_the_trail_as_table_json_and_csv(loaded: Command) -> None:
    (entry,) = loaded("audit", "--action", "load", "--json").data
    assert (entry["by"], entry["subject"], entry["from"]) == (
        "Ada",
        "load 1: a.csv",
        f"command line on {socket.gethostname()}",
    )
    assert loaded("audit", "--actor", "nobody", "--json").data == []
    assert loaded("audit", "--from", "2001-01-01", "--to", "2001-01-31", "--json").data == []
    (line,) = csv.DictReader(io.StringIO(loaded("audit", "--csv").out))
    assert line["action"] == "load"
    bad = loaded("audit", "--from", "yesterday")
    assert (bad.status, "no day" in bad.err) == (2, True)


def test_old_months_are_forgotten(loaded: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = loaded("forget")
    assert (missing.status, "CX_KEEP_MONTHS" in missing.err) == (2, True)
    monkeypatch.setenv("CX_KEEP_MONTHS", "6")
    assert loaded("forget", "--dry-run", "--json").data["contacts"] == 1
    assert loaded("forget", "--json").data["contacts"] == 1
    assert "Forgot 0 contacts" in loaded("forget").out
    (volume,) = loaded("metric", "volume", "--json").data
    assert volume["value"] == 2
    (entry,) = loaded("audit", "--action", "forget contacts", "--json").data
    assert '"contacts": 1' in entry["after"]


def test_contact_rows_that_leave_are_entered(loaded: Command, tmp_path: Path) -> None:
    loaded("backup", tmp_path / "copy.zip")
    loaded("review", "flag", "Billing", "--reason", "many")
    loaded("review", "show", "1", "--json")
    (copied,) = loaded("audit", "--action", "export contact rows", "--json").data
    assert (copied["subject"], copied["after"]) == ("backup", '{"rows": 3, "file": "copy.zip"}')
    (seen,) = loaded("audit", "--action", "see contact rows", "--json").data
    assert seen["subject"] == "contacts kept as evidence"
