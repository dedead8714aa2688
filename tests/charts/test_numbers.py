from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.charts.numbers import (
    THIN,
    UNKNOWN,
    Number,
    change,
    compact,
    count,
    interval,
    is_known,
    likely,
    number,
    percent,
    points,
    rounded,
)

WRITERS = (change, compact, count, number, percent, points)


def said(text: str) -> str:
    """The text with plain spaces, to be read in a test."""
    return text.replace(THIN, " ")


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-0.5, 0, "-1"),
        (-0.4, 0, "0"),
        (-0.004, 2, "0.00"),
        (0.005, 2, "0.01"),
        (1.005, 2, "1.01"),
        (2.675, 2, "2.68"),
        (1e-9, 2, "0.00"),
        (1234567, 0, "1 234 567"),
        (Decimal("0.125"), 2, "0.13"),
        (np.float64(1.845), 2, "1.85"),
        (np.int64(12345), 0, "12 345"),
        (10**30, 0, "1 000 000 000 000 000 000 000 000 000 000"),
    ],
)
def test_numbers_round_half_up(value: Number, digits: int, expected: str) -> None:
    assert said(number(value, digits)) == expected


def test_trimmed_numbers_lose_zeros_behind_the_point_only() -> None:
    assert number(1.5, 2, trim=True) == "1.5"
    assert number(3, 2, trim=True) == "3"
    assert number(100, 0, trim=True) == "100"


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_rounding_agrees_with_whole_number_arithmetic(millionths: int, digits: int) -> None:
    step = 10 ** (6 - digits)
    halves_up = (abs(millionths) * 2 + step) // (2 * step)
    exact = Decimal(millionths).scaleb(-6)
    assert abs(rounded(exact, digits)) == Decimal(halves_up).scaleb(-digits)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (999.4, "999"),
        (999.5, "1.0k"),
        (1000, "1.0k"),
        (412_600, "412.6k"),
        (999_949, "999.9k"),
        (999_950, "1.0M"),
        (1_250_000, "1.3M"),
        (999_950_000, "1.0bn"),
        (5_000_000_000_000, "5 000.0bn"),
        (-38_900, "-38.9k"),
    ],
)
def test_compact_numbers_never_show_a_thousand_of_their_unit(value: float, expected: str) -> None:
    assert said(compact(value)) == expected


@pytest.mark.parametrize(
    ("share", "digits", "expected"),
    [
        (0.714, 0, "71 %"),
        (0.714, 1, "71.4 %"),
        (0.285, 0, "29 %"),
        (0.005, 0, "1 %"),
        (1, 0, "100 %"),
        (-0.001, 0, "0 %"),
    ],
)
def test_percent(share: float, digits: int, expected: str) -> None:
    assert said(percent(share, digits)) == expected


def test_changes_carry_their_sign_unless_they_show_zero() -> None:
    assert [change(n) for n in (312, -5, 0, 0.4, -0.4)] == ["+312", "-5", "0", "0", "0"]
    assert said(percent(0.41, signed=True)) == "+41 %"
    assert said(compact(38_900, signed=True)) == "+38.9k"


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0.03, "+3 pts"),
        (-0.03, "-3 pts"),
        (0.01, "+1 pt"),
        (-0.0149, "-1 pt"),
        (0.0, "0 pts"),
        (-0.001, "0 pts"),
    ],
)
def test_points(difference: float, expected: str) -> None:
    assert said(points(difference)) == expected


def test_likely_adds_a_decimal_only_where_the_ends_look_alike() -> None:
    assert said(likely(0.7, 0.72)) == "likely 70 – 72 %"
    assert said(likely(0.706, 0.714)) == "likely 70.6 – 71.4 %"
    assert said(likely(0.7101, 0.7102)) == "likely 71.0 %"
    assert said(likely(7.7, 7.9, 1, unit="")) == "likely 7.7 – 7.9"


def test_interval_shows_one_number_where_both_ends_are_shown_alike() -> None:
    assert said(interval(309.5, 402.4, unit="")) == "310 – 402"
    assert said(interval(4.1, 4.2, unit="")) == "4"


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), -float("inf"), pd.NA, np.nan, Decimal("NaN")])
def test_what_is_missing_is_never_a_number(missing: Any) -> None:
    assert not is_known(missing)
    assert {write(missing) for write in WRITERS} == {UNKNOWN}
    assert {interval(missing, 1), interval(0, missing), likely(missing, 1), likely(0, missing)} == {UNKNOWN}
    with pytest.raises(ValueError, match="can't be rounded"):
        rounded(missing)
