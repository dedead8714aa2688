"""Names of uploads: whatever somebody calls a file, it rests under one plain name in its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.contacts.naming import MOST_SHOWN, file_name, shortened

CASES = {
    "calls.csv": "calls.csv",
    "тест.csv": "тест.csv",
    "Q1 (final) v2.xlsx": "Q1 (final) v2.xlsx",
    "../../etc/passwd": "passwd",
    "/etc/cron.d/x.csv": "x.csv",
    "C:\\Windows\\System32\\x.csv": "x.csv",
    "\\\\server\\share\\x.csv": "x.csv",
    "a/b\\..\\c.csv": "c.csv",
    "..": "extract",
    ".": "extract",
    "": "extract",
    "...": "extract",
    "a\0b.csv": "a_b.csv",
    "a\nb.csv": "a_b.csv",
    "CON": "extract_CON",
    "nul.csv": "extract_nul.csv",
    "LPT1.tar.gz": "extract_LPT1.tar.gz",
    "x.csv. . ": "x.csv",
    "\u202evsc.exe": "_vsc.exe",
    "a<b>|?*.csv": "a_b____.csv",
    "x.csv:stream": "x.csv_stream",
}


@pytest.mark.parametrize("asked", CASES)
def test_a_name_without_a_way_out(asked: str) -> None:
    assert file_name(asked) == CASES[asked]


@pytest.mark.parametrize("asked", ["x" * 5000 + ".csv", "é" * 3000 + ".parquet", "a." + "y" * 4000, "\U0001f600" * 900])
def test_a_long_name_is_cut_and_keeps_its_kind(asked: str, tmp_path: Path) -> None:
    name = file_name(asked)
    assert len(name.encode()) <= 150
    assert Path(name).suffix[:4] == Path(asked).suffix[:4]
    (tmp_path / name).write_text("x")


@given(asked=st.text())
def test_any_name_is_a_file_of_its_folder(asked: str) -> None:
    name = file_name(asked)
    assert name not in ("", ".", "..")
    assert Path(name).name == name
    assert not set(name) & set('\0/\\<>:"|?*\n')
    assert file_name(name) == name


@given(asked=st.text(max_size=300))
def test_a_name_in_a_message_is_one_short_line(asked: str) -> None:
    shown = shortened(asked)
    assert len(shown) <= MOST_SHOWN
    assert len(shown.splitlines()) <= 1
