"""Workbooks: which sheet, and what the cells say."""

from __future__ import annotations

import struct
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from cx_metrics.contacts.sheets import Cell, text_of
from cx_metrics.errors import BadExtract
from tests.contacts.reading import opened


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    """A workbook with these sheets; a sheet whose name starts with "hidden" is hidden."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm:ss", "strings_to_formulas": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        if name.startswith("hidden"):
            sheet.hide()
    book.close()
    return path


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "=1+1"),
        (" x\ny ", " x\ny "),
        (123456789012.0, "123456789012"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (2.0**53, "9007199254740992.0"),
        (1e20, "1e+20"),
        (True, "true"),
        (False, "false"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 9, 5), "2026-01-31 09:05:00"),
        (datetime(2026, 1, 31, 9, 5, 7, 250000), "2026-01-31 09:05:07.250000"),
        (time(9, 5, 1), "09:05:01"),
        (timedelta(hours=27, minutes=3, seconds=9), "27:03:09"),
    ],
)
def test_cells_as_text(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_typed_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Id", "At", "Amount", "Done", "Note"],
        [17, datetime(2026, 1, 31, 10, 5, 59), 2.5, True, "=1+1"],
        [18, datetime(2026, 2, 1), 3, False, None],
    ]
    found = opened(workbook(tmp_path / "a.xlsx", Calls=rows))
    assert found.rows == [
        ("17", "2026-01-31 10:05:59", "2.5", "true", "=1+1"),
        ("18", "2026-02-01 00:00:00", "3", "false", ""),
    ]
    assert (found.table.encoding, found.table.delimiter) == (None, None)


def test_mere_dates_stay_dates(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Id", "On"], [1, datetime(2026, 1, 31)], [2, datetime(2026, 2, 1)]]
    assert opened(workbook(tmp_path / "a.xlsx", Calls=rows)).rows == [
        ("1", "2026-01-31"),
        ("2", "2026-02-01"),
    ]


def test_empty_rows_count_but_are_none(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], [], ["Id", "Note"], ["a", "x"], [], ["b", "y"], [None, "z"]]
    found = opened(workbook(tmp_path / "a.xlsx", Calls=rows))
    assert list(zip(found.numbers, found.rows, strict=True)) == [
        (1, ("a", "x")),
        (3, ("b", "y")),
        (4, ("", "z")),
    ]


def test_several_sheets_must_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", Calls=[["Id"], ["c"]], Notes=[["Id"], ["n"]], hidden=[["Id"], ["h"]])
    with pytest.raises(BadExtract, match=r"a\.xlsx has several sheets \('Calls', 'Notes'\); name one"):
        opened(path)
    assert opened(path, sheet="Notes").rows == [("n",)]
    assert opened(path, sheet=" calls ").rows == [("c",)]
    assert opened(path, sheet="hidden").rows == [("h",)]
    with pytest.raises(BadExtract, match=r"a\.xlsx has no sheet 'Cals'; did you mean 'Calls'"):
        opened(path, sheet="Cals")


def test_one_visible_sheet_needs_no_name(tmp_path: Path) -> None:
    assert opened(workbook(tmp_path / "a.xlsx", Calls=[["Id"], ["c"]], hidden=[["Id"]])).rows == [("c",)]


def test_an_empty_sheet(tmp_path: Path) -> None:
    with pytest.raises(BadExtract, match=r"The sheet 'Calls' of a\.xlsx is empty"):
        opened(workbook(tmp_path / "a.xlsx", Calls=[]))


def test_a_sheet_without_a_header(tmp_path: Path) -> None:
    rows: list[list[object]] = [[1, datetime(2026, 1, 31, 9, 0)], [2, datetime(2026, 2, 1, 9, 0)]]
    for n in (1, 2):
        with pytest.raises(BadExtract, match=r"a\.xlsx has no header: its first line holds data"):
            opened(workbook(tmp_path / "a.xlsx", Calls=rows[:n]))


def test_a_protected_workbook(tmp_path: Path) -> None:
    """The container Excel puts an encrypted workbook into, with nothing but its table of contents."""

    def entry(name: str, kind: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack("<64sHBB48xII4x", text, len(text) + 2, kind, 1, 0xFFFFFFFE, 0)

    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0) + b"\xff" * 432
    blocks = struct.pack("<2I", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    contents = entry("Root Entry", 5) + entry("EncryptedPackage", 2) + bytes(256)
    for name in ("a.xlsx", "a.csv"):
        (tmp_path / name).write_bytes(head + blocks + contents)
        with pytest.raises(BadExtract, match=f"{name} is protected by a password; save it without one"):
            opened(tmp_path / name)
