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
    duration,
    interval,
    is_known,
    likely,
    money,
    money_compact,
    number,
    percent,
    points,
    price,
    rounded,
)

WRITERS = (change, compact, count, number, percent, points)
PRICERS = (money, money_compact, price)


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


@pytest.mark.parametrize(
    ("value", "currency", "whole", "short", "exact"),
    [
        (412_600, "EUR", "€ 412 600", "€ 412.6k", "€ 412 600.00"),
        (412_600.4, "USD", "$ 412 600", "$ 412.6k", "$ 412 600.40"),
        (Decimal("4.265"), "GBP", "£ 4", "£ 4", "£ 4.27"),
        (0.5, "JPY", "¥ 1", "¥ 1", "¥ 0.50"),
        (1_250_000, "CHF", "CHF 1 250 000", "CHF 1.3M", "CHF 1 250 000.00"),
        (-1200, "EUR", "-€ 1 200", "-€ 1.2k", "-€ 1 200.00"),
        (-0.001, "EUR", "€ 0", "€ 0", "€ 0.00"),
        (0, "SEK", "SEK 0", "SEK 0", "SEK 0.00"),
    ],
)
def test_money_in_full_for_cards_and_for_one(value: float, currency: str, whole: str, short: str, exact: str) -> None:
    assert [said(write(value, currency)) for write in PRICERS] == [whole, short, exact]


def test_signed_money_has_its_sign_before_the_symbol_unless_it_shows_zero() -> None:
    assert said(money(1200, "EUR", signed=True)) == "+€ 1 200"
    assert said(money(-1200, "EUR", signed=True)) == "-€ 1 200"
    assert said(money(0.4, "EUR", signed=True)) == "€ 0"
    assert said(money_compact(38_900, "USD", signed=True)) == "+$ 38.9k"
    assert said(price(0.005, "CHF", signed=True)) == "+CHF 0.01"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        *((0, "under 1 min"), (0.008, "under 1 min"), (0.2, "12 min"), (0.99, "59 min"), (0.995, "1 h")),
        *((3.44, "3.4 h"), (9.96, "10 h"), (26.4, "26 h"), (47.6, "48 h"), (48, "2 days"), (50.4, "2.1 days")),
        (2400, "100 days"),
    ],
)
def test_durations_in_the_unit_that_reads_best(hours: float, expected: str) -> None:
    assert said(duration(hours)) == expected


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
    assert {write(missing, "EUR", signed=signed) for write in PRICERS for signed in (True, False)} == {UNKNOWN}
    assert {interval(missing, 1), interval(0, missing), likely(missing, 1), likely(0, missing)} == {UNKNOWN}
    with pytest.raises(ValueError, match="can't be rounded"):
        rounded(missing)
