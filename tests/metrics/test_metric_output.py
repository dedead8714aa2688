"""Rows and CSV say the same, in types and texts that others can read."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import datetime

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.metrics.output import answer, ratio, rows, to_csv
from cx_metrics.spreadsheet import FORMULA_STARTS


def test_rows_have_pythons_own_types() -> None:
    frame = pd.DataFrame(
        {
            "intent": ["Bill", None],
            "value": [np.float64(0.1) + np.float64(0.2), np.nan],
            "n": pd.Series([3, 4], dtype="int64"),
            "maybe": pd.array([1, pd.NA], dtype="Int64"),
            "complete": [True, False],
            "weekly": [[1, 2], []],
        }
    )
    found = rows(frame)
    assert found == [
        {
            "intent": "Bill",
            "value": 0.30000000000000004,
            "n": 3,
            "maybe": 1,
            "complete": True,
            "weekly": [1, 2],
        },
        {"intent": None, "value": None, "n": 4, "maybe": None, "complete": False, "weekly": []},
    ]
    assert [type(cell) for cell in found[0].values()] == [str, float, int, int, bool, list]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_csv_has_the_numbers_to_the_last_digit(values: list[float]) -> None:
    lines = to_csv(pd.DataFrame({"value": values})).splitlines()
    assert [float(line) for line in lines[1:]] == values


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_csv_keeps_every_text_and_disarms_formulas(texts: list[str]) -> None:
    read = list(csv.reader(io.StringIO(to_csv(pd.DataFrame({"intent": texts})), newline="")))
    assert read[0] == ["intent"]
    for (cell,), text in zip(read[1:], texts, strict=True):
        assert cell == (f"'{text}" if text[0] in "=+-@\t\r" else text)
        assert not cell.startswith(FORMULA_STARTS)


def test_csv_of_missing_values_flags_and_negative_numbers() -> None:
    frame = pd.DataFrame({"a": ["=1", None], "change": [-3, 4], "value": [np.nan, -0.5], "ok": [True, False]})
    frame["at"] = pd.Series([datetime(2026, 1, 31, 8), None], dtype="datetime64[us]")
    assert to_csv(frame) == "a,change,value,ok,at\n'=1,-3,,true,2026-01-31 08:00:00\n,4,-0.5,false,\n"


def test_csv_of_no_rows_has_its_header() -> None:
    assert to_csv(answer(pd.DataFrame(), keys=("intent",))) == "intent,value,low,high,n,reason\n"


def test_ratio_of_nothing_is_not_a_number() -> None:
    found = ratio([1, 0, 0], [4, 2, 0])
    assert list(found[:2]) == [0.25, 0.0]
    assert math.isnan(found[2])
