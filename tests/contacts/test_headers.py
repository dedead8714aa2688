"""Column names are tidy and unique; data is never taken for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.contacts.headers import clean_headers, require_header
from cx_metrics.errors import BadExtract
from tests.contacts.reading import opened, write


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["Variant", "Id", "Variant", "Variant"], ("Variant", "Id", "Variant.2", "Variant.3")),
        (["Status", "status", "STATUS"], ("Status", "status.2", "STATUS.3")),
        (["X", "X", "X.2"], ("X", "X.2", "X.2.2")),
        (["", "Id", None, " "], ("column 1", "Id", "column 3", "column 4")),
        (["\ufeffCase Number ↑", " Opened ↓ ", "\xa0Note\xa0"], ("Case Number", "Opened", "Note")),
        (["ï»¿Id", "Created\r\nat"], ("Id", "Created at")),
        (
            ["consumer_disputed?", "First response time (in hrs)"],
            ("consumer_disputed?", "First response time (in hrs)"),
        ),
    ],
)
def test_names(cells: list[str | None], names: tuple[str, ...]) -> None:
    assert clean_headers(cells) == names


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["T0", "C17", "2024-01-01 00:00:00", "phone"], None),
        (["T0", "29/2/2016 01:16"], None),
        (["T0", "31.12.2025"], None),
        (["1", "2.5", "-3"], None),
        (["7", "ann@example.com"], None),
        (["INC01", "New", "phone"], ["INC02", "New", "phone"]),
    ],
)
def test_data_is_no_header(first: list[str | None], second: list[str | None] | None) -> None:
    with pytest.raises(BadExtract, match=r"calls\.csv has no header: its first line holds data \('"):
        require_header(first, second=second, name="calls.csv")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["id", "2024", "2025"], ["a", "1", "2"]),
        (["id", "version 1.2", "phone"], ["1", "x", "phone"]),
        (["", "id"], ["1", "2"]),
        (["id"], ["id"]),
    ],
)
def test_names_are_a_header(first: list[str | None], second: list[str | None]) -> None:
    require_header(first, second=second, name="calls.csv")


def test_a_file_without_a_header_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadExtract, match=r"calls\.csv has no header: its first line holds data \('2024-01-01'\)"):
        opened(write(tmp_path / "calls.csv", "T1,2024-01-01\nT2,2024-01-02\n"))


def test_a_bom_before_a_quoted_header_goes(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", '"Case Number ↑","Opened, local"\n1,2\n', encoding="utf-8-sig")
    assert opened(path).table.headers == ("Case Number", "Opened, local")
