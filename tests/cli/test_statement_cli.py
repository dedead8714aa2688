"""A month's statement on the command line: seen, closed, handed on, disputed and settled."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from cx_metrics.metrics.costs.bills import LINE_COLUMNS, PAYER_COLUMNS
from tests.cli.running import Answer, Command, command_on

COLUMNS = ("contact_id", "customer_id", "started_at", "intent", "channel", "handle_minutes")
ROWS = (
    ("1", "c1", "2026-10-05T10:00:00Z", "Visit", "phone", "20"),
    ("2", "c2", "2026-10-06T10:00:00Z", "Visit", "phone", "10"),
    ("3", "c3", "2026-10-07T10:00:00Z", "Bill", "phone", "10"),
    ("4", "c4", "2026-11-02T10:00:00Z", "Bill", "phone", "10"),
)
RECORDS = """
[[intents]]
intent = "Visit"
category = "Visits"
owner = "Dana Okafor"
owner_email = "dana@example.com"
department = "Dispatch"
downstream_cost = 12.50

[[rates]]
channel = "phone"
from = 2026-01-01
per_minute = 1.10
per_contact = 0.50
"""


@pytest.fixture
def cx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs a command on a home with three contacts in October and one in November."""
    run = command_on(tmp_path / "home", monkeypatch=monkeypatch, capsys=capsys)

    load(run, tmp_path / "desk.csv", *ROWS)
    records = tmp_path / "records.toml"
    records.write_text(RECORDS, encoding="utf-8")
    assert run("records", "import", records).status == 0
    return run


def load(run: Command, path: Path, *rows: tuple[str, ...]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    assert run("load", path, "--source", "desk").status == 0


def refused(answer: Answer) -> str:
    """The one sentence of a command that was used badly."""
    assert (answer.status, answer.out) == (2, "")
    assert len(answer.err.strip().splitlines()) == 1
    return answer.err.strip()


def test_a_statement_adds_up_as_json_csv_and_metric(cx: Command) -> None:
    made = cx("statement", "2026-10", "--json").data
    assert (made["month"], made["state"], made["currency"], made["closed_at"]) == ("2026-10", "open", "EUR", None)
    # 30 minutes x 1.10 + 2 x 0.50 + 2 x 12.50, and 10 minutes x 1.10 + 0.50.
    assert [(row["owner"], row["intent"], row["total"]) for row in made["lines"]] == [
        ("Dana Okafor", "Visit", 59.0),
        ("(unowned)", "Bill", 11.5),
    ]
    assert (made["total"], made["contacts"]) == (70.5, 3)
    assert [(row["owner"], row["total"], row["department"]) for row in made["owners"]] == [
        ("Dana Okafor", 59.0, "Dispatch"),
        ("(unowned)", 11.5, None),
    ]
    lines = list(csv.DictReader(io.StringIO(cx("statement", "2026-10", "--csv").out)))
    assert list(lines[0]) == list(LINE_COLUMNS)
    assert [float(row["total"]) for row in lines] == [59.0, 11.5]
    owners = list(csv.DictReader(io.StringIO(cx("statement", "2026-10", "--owners", "--csv").out)))
    assert list(owners[0]) == list(PAYER_COLUMNS)
    assert [float(row["total"]) for row in owners] == [59.0, 11.5]
    month = ("--from", "2026-10-01", "--to", "2026-10-31")
    metric = cx("metric", "chargeback", *month, "--json").data
    assert [(row["owner"], row["value"], row["n"]) for row in metric] == [
        ("Dana Okafor", 59.0, 2),
        ("(unowned)", 11.5, 1),
    ]
    assert cx("metric", "cost", *month, "--json").data[0]["value"] == 70.5


def test_people_read_a_table_and_its_total(cx: Command) -> None:
    said = cx("statement", "2026-10").out
    assert "Statement of 2026-10 in EUR: open, a preview, data complete until 2026-11-02 10:00 UTC" in said
    assert "Total €\u202f70.50, of which nobody's €\u202f11.50" in said
    assert "Visit" in said
    assert "Dispatch" in cx("statement", "2026-10", "--owners").out
    assert "No contacts in this month." in cx("statement", "2030-01").out


def test_one_owners_part(cx: Command) -> None:
    for name in ("Dana Okafor", "dana@example.com"):
        assert cx("statement", "2026-10", "--owner", name, "--json").data["total"] == 59.0
    assert cx("statement", "2026-10", "--owner", "(unowned)", "--json").data["total"] == 11.5
    assert "did you mean 'Dana Okafor'" in refused(cx("statement", "2026-10", "--owner", "Dana Okafr"))


def test_a_closed_month_stays_as_it_was(cx: Command, tmp_path: Path) -> None:
    closed = cx("statement", "2026-10", "--close", "--json").data
    assert (closed["state"], closed["closed_by"], closed["total"], closed["differences"]) == ("closed", "Ada", 70.5, [])
    load(cx, tmp_path / "late.csv", ("9", "c9", "2026-10-08T10:00:00Z", "Bill", "phone", "100"))
    now = cx("statement", "2026-10", "--json").data
    assert {**now, "differences": []} == closed
    assert now["differences"] == [
        {"intent": "Bill", "owner": "(unowned)", "total": 11.5, "owner_today": "(unowned)", "total_today": 122.0}
    ]
    said = cx("statement", "2026-10").out
    assert "closed by Ada on 20" in said
    assert "It stays as it was closed. Today's data and decisions would bill otherwise:" in said
    assert "is closed already, by Ada" in refused(cx("statement", "2026-10", "--close"))


def test_what_cannot_be_closed_or_read_is_a_sentence(cx: Command) -> None:
    assert "2026-11 can't be closed: the data is complete to 2026-11-01 only" in refused(
        cx("statement", "2026-11", "--close")
    )
    assert "a month is closed as a whole" in refused(cx("statement", "2026-10", "--close", "--owner", "Dana Okafor"))
    assert "'October' is no month: write it as YYYY-MM" in refused(cx("statement", "October"))
    assert "is no month" in refused(cx("disputes", "October"))


def test_a_workbook_is_written(cx: Command, tmp_path: Path) -> None:
    file = tmp_path / "october.xlsx"
    assert cx("statement", "2026-10", "--xlsx", file).status == 0
    book = CalamineWorkbook.from_path(file)
    assert book.sheet_names == ["Cover", "Lines"]
    assert len(book.get_sheet_by_name("Lines").to_python()) == 4
    answer = cx("statement", "2026-10", "--xlsx", tmp_path / "no" / "folder.xlsx")
    assert (answer.status, answer.out) == (1, "")
    assert "can't be written to" in answer.err


def test_a_dispute_from_reason_to_answer(cx: Command) -> None:
    assert cx("disputes").out == "Nothing is disputed.\n"
    number = cx("dispute", "2026-10", "Bill", "--reason", "Our own test.", "--json").data["dispute"]
    (row,) = cx("disputes", "2026-10", "--json").data
    assert (row["dispute"], row["state"], row["intent"], row["owner"]) == (number, "open", "Bill", "(unowned)")
    assert (row["total"], row["reason"], row["by"], row["note"]) == (11.5, "Our own test.", "Ada", None)
    assert cx("disputes", "2026-09", "--json").data == []
    assert "a note is needed" in refused(cx("settle", str(number), "rejected"))
    assert "did you mean 'rejected'" in refused(cx("settle", str(number), "reject", "--note", "x"))
    assert cx("settle", str(number), "rejected", "--note", "It is real.").out == f"Dispute {number} is rejected.\n"
    (row,) = cx("disputes", "--json").data
    assert (row["state"], row["note"], row["answered_by"]) == ("rejected", "It is real.", "Ada")
    assert "has no line 'Bil': did you mean 'Bill'" in refused(cx("dispute", "2026-10", "Bil", "--reason", "x"))
