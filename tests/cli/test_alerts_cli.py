"""Alerts on the command line: noted, measured, counted from customers, and taken away."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import main as cli
from tests.browser.homes import ZONE
from tests.store.extracts import row, write
from tests.store.test_alerts import file_of

Command = Callable[..., tuple[int, str, str]]
FILE = (
    "name,intent,sent_at,n_sent,n_held_out,contacted_sent,contacted_held_out,within_days\n"
    "Mail,Billing,2026-03-10T08:00Z,1000,500,40,40,3\nStorm,Delivery,2026-03-12T08:00Z,70,,,,\n"
)


@pytest.fixture
def cx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs a command on a home of the test's own: its exit status, what it printed, what it complained of."""
    for name, value in {"HOME": str(tmp_path / "home"), "TIMEZONE": ZONE, "USER": "tester"}.items():
        monkeypatch.setenv(f"CX_{name}", value)

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cx_metrics", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
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
def filled(cx: Command, tmp_path: Path) -> Command:
    """A home with a few contacts of three customers in March and one at its end."""
    rows = [row(str(n), f"2026-03-{9 + n:02} 12:00:00", customer_id=f"c{n % 3}") for n in range(9)]
    file = write(tmp_path / "desk.csv", [*rows, row("end", "2026-04-30 12:00:00")])
    (tmp_path / "plain.toml").write_text(MAPPING, encoding="utf-8")
    assert cx("load", file, "--source", "desk", "--mapping", tmp_path / "plain.toml")[0] == 0
    (tmp_path / "alerts.csv").write_text(FILE, encoding="utf-8")
    assert cx("alerts", "import", tmp_path / "alerts.csv")[0] == 0
    return cx


def test_import_says_what_it_did(cx: Command, tmp_path: Path) -> None:
    file = tmp_path / "alerts.csv"
    file.write_text(FILE, encoding="utf-8")
    assert json.loads(cx("alerts", "import", file, "--json")[1]) == {"added": 2, "changed": 0, "unchanged": 0}
    assert "0 added, 0 changed, 2 unchanged" in cx("alerts", "import", file)[1]
    file.write_text(FILE + "Bad,,,\n", encoding="utf-8")
    status, _, complaint = cx("alerts", "import", file)
    assert status == 1
    assert "nothing was saved" in complaint


def test_list_has_the_effect_or_the_reason(filled: Command) -> None:
    storm, mail = json.loads(filled("alerts", "list", "--json")[1])
    assert (storm["name"], storm["value"], storm["reason"]) == (
        "Storm",
        None,
        "nobody was held out: see before and after",
    )
    assert (mail["value"], mail["verdict"], mail["avoided"], mail["n_held_out"]) == (-0.04, "fewer contacts", 40.0, 500)
    assert "fewer contacts" in filled("alerts", "list")[1]
    assert json.loads(filled("alerts", "list", "--to", "2026-03-11", "--json")[1])[0]["name"] == "Mail"
    assert json.loads(filled("chart", "alerts", "--json")[1]) == [storm, mail]


def test_customers_are_counted_and_an_alert_is_taken_away(filled: Command, tmp_path: Path) -> None:
    who = tmp_path / "who.csv"
    who.write_text(file_of({"c0": "sent", "c1": "sent", "c2": "held out", "c9": "held out"}), encoding="utf-8")
    # Contacts at noon of 10, 11, 12 March by c1, c2, c0; the alert counts until the 13th at 8.
    counted = json.loads(filled("alerts", "customers", "Mail", who, "--json")[1])
    assert counted == {"alert": "Mail", "n_sent": 2, "n_held_out": 2, "contacted_sent": 2, "contacted_held_out": 1}
    assert "2 of 2 customers contacted us, and 1 of 2 held out" in filled("alerts", "customers", "Mail", who)[1]
    assert filled("alerts", "remove", "Mail") == (0, "The alert 'Mail' is taken away.\n", "")
    assert [row["name"] for row in json.loads(filled("alerts", "list", "--json")[1])] == ["Storm"]
    status, _, complaint = filled("alerts", "remove", "Stom")
    assert status == 2
    assert "did you mean 'Storm'" in complaint


MAPPING = """\
name = "plain"
timezone = "UTC"
[columns]
contact_id = "contact_id"
customer_id = "customer_id"
started_at = "started_at"
intent = "intent"
"""
