"""What people decided, in and out as a file on the command line, and at once in every metric."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import main as cli
from tests.browser.homes import ZONE, desk_rows, write_csv
from tests.store.test_records_file import FILE

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs a command on a home of the test's own: its exit status, what it printed, what it complained of."""
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    monkeypatch.setenv("CX_USER", "tester")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str | Path, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cx_metrics", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        status: Any = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return int(status or 0), out, err

    return run


@pytest.fixture
def records(tmp_path: Path) -> Path:
    file = tmp_path / "records.toml"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_import_and_export_give_the_same_bytes(cx: Command, records: Path, tmp_path: Path) -> None:
    assert json.loads(cx("records", "import", records, "--json")[1]) == {"added": 4, "changed": 0, "unchanged": 0}
    assert json.loads(cx("records", "import", records, "--json")[1]) == {"added": 0, "changed": 0, "unchanged": 4}
    status, out, err = cx("records", "export", tmp_path / "out.toml", "--json")
    assert (status, json.loads(out), err) == (0, {"intents": 2, "rates": 1, "x_units": 1, "alerts": 0}, "")
    assert (tmp_path / "out.toml").read_bytes() == records.read_bytes()
    assert cx("records", "export", "-") == (0, FILE, "")


def test_people_read_what_was_done(cx: Command, records: Path, tmp_path: Path) -> None:
    assert cx("records", "import", records)[1] == "4 added, 0 changed, 0 unchanged. An import removes nothing.\n"
    target = tmp_path / "out.toml"
    assert cx("records", "export", target)[1] == f"{target}: 2 intents, 1 rates, 1 x_units, 0 alerts\n"


def test_a_pipe_and_a_csv_are_read_as_well(cx: Command, tmp_path: Path) -> None:
    assert json.loads(cx("records", "import", "-", "--json", stdin=FILE)[1])["added"] == 4
    units = tmp_path / "units.csv"
    units.write_text("name,on,units\norders,2026-01-01,1300\norders,2026-01-02,7\n")
    assert json.loads(cx("records", "import", units, "--json")[1]) == {"added": 1, "changed": 1, "unchanged": 0}


def test_a_file_with_mistakes_changes_nothing(cx: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(FILE.replace("window_days = 7", "window_days = 8").replace("units = 1200", "units = -1"))
    status, out, err = cx("records", "import", bad, "--json")
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "The records file bad.toml has 2 problems; nothing was saved:",
        "  - intents 1 'Where is my technician?', window_days: must be one of 1, 3, 7, 14, 30 days, not 8",
        "  - x_units 1 'orders', units: must be a number from 0 to 1000000000000, not -1",
    ]
    assert cx("records", "export", "-")[1] == ""


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("import", "nowhere.toml"), 1, "The records file nowhere.toml can't be read: No such file or directory."),
        (("export", "nowhere/out.toml"), 1, "The records can't be written to nowhere/out.toml: No such file"),
        (("export", "-", "--json"), 2, "leave --json out, or name a file"),
        (("improt", "x"), 2, "No such command 'improt'"),
    ],
)
def test_what_can_not_be_done_is_a_sentence(cx: Command, words: tuple[str, ...], status: int, says: str) -> None:
    found, out, err = cx("records", *words)
    assert (found, out) == (status, "")
    assert says in err
    assert "Traceback" not in err


def test_metrics_read_what_is_decided_at_once(cx: Command, tmp_path: Path) -> None:
    extract = write_csv(tmp_path / "desk.csv", desk_rows(20, prefix="a"))
    assert cx("load", extract, "--source", "desk", "--json")[0] == 0
    asked = ("chart", "ownership", "--json")
    assert [row["owner"] for row in json.loads(cx(*asked)[1])] == [None]
    owner = '[[intents]]\nintent = "Billing"\nowner = "Dana"\nowner_email = "dana@example.com"\n'
    cx("records", "import", "-", stdin=owner)
    assert json.loads(cx(*asked)[1]) == [
        {
            "intent": "Billing",
            "category": "(none)",
            "contacts": 20,
            "owner": "Dana",
            "owner_email": "dana@example.com",
            "department": None,
        }
    ]
