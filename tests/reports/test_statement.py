"""The statement on paper: read back by another program, it says the same amounts, and no text in it is a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from cx_metrics.metrics.costs.bills import LINE_COLUMNS, PAYER_COLUMNS
from cx_metrics.reports.statement import MOST_CHARACTERS, ONCE, document
from cx_metrics.store.decided.statements import Statement, StatementLine

DANA = StatementLine(
    "Visit", "Visits", "Dana", "d@x.org", "Dispatch", 1000, 2_200_000, 2_000_000, 1_302_001, 7, 9, 0, 0
)
ED = StatementLine("Bill", "Money", "Ed", None, None, 3, 1, 0, 0, 0, 0, 3, 1)
NOBODY = StatementLine("=HYPERLINK(1)", "@x", None, None, None, 2, 10, 0, None, 0, 0, 2, 0)
OCTOBER = Statement("2026-10", "EUR", datetime(2026, 11, 2, 9, 30), (DANA, ED, NOBODY))
CLOSED = replace(OCTOBER, closed_at=datetime(2026, 11, 3, 8), closed_by="Ada")


def sheets(made: Statement) -> dict[str, list[list[Any]]]:
    """The workbook's cells as another program reads them."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(document(made, zone="Europe/Berlin").xlsx()))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def cover(made: Statement) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for label, value, *_ in sheets(made)["Cover"]:
        said.setdefault(label, value)
    return said


def test_the_lines_come_back_to_the_cent_with_their_total_last() -> None:
    head, *body, total = sheets(OCTOBER)["Lines"]
    assert head == [column.replace("_", " ") for column in LINE_COLUMNS]
    at = {name: place for place, name in enumerate(LINE_COLUMNS)}
    assert [row[at["intent"]] for row in body] == ["Visit", "Bill", "=HYPERLINK(1)"]
    assert [row[at["owner"]] for row in body] == ["Dana", "Ed", "(unowned)"]
    for row, line in zip(body, OCTOBER.lines, strict=True):
        assert round(row[at["total"]] * 100) == line.total_cents
        assert round(row[at["direct"]] * 100) + round(row[at["downstream"]] * 100) == line.total_cents
        assert row[at["contacts"]] == line.contacts
    assert body[2][at["repeats"]] == ""
    assert total[0] == "Total"
    assert (total[at["total"]], total[at["direct"]], total[at["downstream"]]) == (42_000.11, 22_000.11, 20_000.0)
    assert (total[at["contacts"]], total[at["unpriced_contacts"]], total[at["intent"]]) == (1005, 1, "")


def test_no_text_is_a_formula_or_a_link_and_totals_are_values() -> None:
    with zipfile.ZipFile(io.BytesIO(document(OCTOBER, zone="UTC").xlsx())) as book:
        parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels"))}
    cells = [text for name, text in parts.items() if "worksheets/sheet" in name]
    assert len(cells) == 2
    assert not any("<f>" in text or "<hyperlink" in text for text in cells)
    assert "=HYPERLINK(1)" in parts["xl/sharedStrings.xml"]
    assert 'quotePrefix="1"' in parts["xl/styles.xml"]


def test_the_cover_says_month_state_and_what_is_assumed() -> None:
    assert cover(OCTOBER)["State"] == "open: a preview, amounts may still change"
    assert "Closed by" not in cover(OCTOBER)
    said = cover(CLOSED)
    assert (said["Month"], said["State"], said["Closed by"], said["Currency"]) == ("2026-10", "closed", "Ada", "EUR")
    assert said["Closed at"] == "2026-11-03 09:00 (Europe/Berlin)"
    assert said["Data complete until"] == "2026-11-02 10:30 (Europe/Berlin)"
    assert (said["Total"], said["of which nobody's"], said["of which repeats"]) == (42_000.11, 0.10, 13_020.01)
    assert (said["Contacts"], said["of which with assumed minutes"]) == (1005.0, 7.0)
    assert (said["of which with assumed downstream cost"], said["of which without a price"]) == (9.0, 1.0)
    notes = list(said)
    assert ONCE in notes
    assert any("the stated assumption is billed" in note for note in notes)
    assert any("have no rate for their channel" in note for note in notes)
    assert any("billed to nobody" in note for note in notes)


def test_the_cover_lists_the_payers() -> None:
    table = sheets(CLOSED)["Cover"]
    head = next(at for at, row in enumerate(table) if row[0] == "owner")
    at = {name: place for place, name in enumerate(PAYER_COLUMNS)}
    assert table[head][: len(PAYER_COLUMNS)] == [column.replace("_", " ") for column in PAYER_COLUMNS]
    payers = {row[0]: row for row in table[head + 1 :]}
    assert [payers[name][at["total"]] for name in ("Dana", "Ed", "(unowned)", "Total")] == [
        42_000,
        0.01,
        0.1,
        42_000.11,
    ]
    assert payers["Dana"][at["share"]] == pytest.approx(4_200_000 / 4_200_011)


def test_repeats_that_nobody_can_know_are_a_reason() -> None:
    assert cover(replace(OCTOBER, lines=(NOBODY,)))["of which repeats"] == "not known: no customer ids in this data"


def test_one_payers_part_and_an_empty_month() -> None:
    said = cover(CLOSED.of("Ed"))
    assert (said["Total"], said["of the whole month's"]) == (0.01, 42_000.11)
    assert next(iter(said)) == "Chargeback statement 2026-10: Ed"
    assert "of the whole month's" not in cover(CLOSED)
    empty = replace(OCTOBER, lines=(), cutoff_at=None)
    assert cover(empty)["Total"] == 0
    assert [row[0] for row in sheets(empty)["Lines"]] == ["month", "Total"]
    assert document(empty, zone="UTC").csv() == ",".join(LINE_COLUMNS) + "\n"


def test_csv_has_the_same_lines_and_runs_no_formula() -> None:
    found = list(csv.DictReader(io.StringIO(document(CLOSED, zone="UTC").csv())))
    assert [row["intent"] for row in found] == ["Visit", "Bill", "'=HYPERLINK(1)"]
    assert [row["category"] for row in found] == ["Visits", "Money", "'@x"]
    assert [round(float(row["total"]) * 100) for row in found] == [4_200_000, 1, 10]
    assert [row["repeats"] for row in found] == ["13020.01", "0.0", ""]


@pytest.mark.parametrize(
    "text", ["a\x00b\x1fc", "<&>\"'", "ä☎𝔘", "_x0041_"], ids=["control", "markup", "wide", "escape"]
)
def test_any_text_makes_a_workbook(text: str) -> None:
    lines = (replace(ED, intent=text),)
    (row,) = sheets(replace(OCTOBER, lines=lines))["Lines"][1:-1]
    written = row[LINE_COLUMNS.index("intent")]
    assert [c for c in written if c.isprintable()] == [c for c in text if c.isprintable()]


def test_a_text_longer_than_a_cell_is_cut() -> None:
    (row,) = sheets(replace(OCTOBER, lines=(replace(ED, intent="é" * 40_000),)))["Lines"][1:-1]
    assert row[LINE_COLUMNS.index("intent")] == "é" * MOST_CHARACTERS


def test_the_same_statement_is_the_same_file() -> None:
    assert document(CLOSED, zone="UTC").xlsx() == document(CLOSED, zone="UTC").xlsx()
