from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.splits import split_product

_factors = st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=3)


def test_two_factors_published() -> None:
    # Das Gupta 1993, Census P23-186, table 2.1: earnings per earner times share of earners, 1969 to 1979.
    earnings, share = split_product([10930, 0.717892], [16591, 0.825974])
    assert float(earnings) == pytest.approx(4369.913, abs=1e-3)
    assert float(share) == pytest.approx(1487.262, abs=1e-3)
    assert float(earnings + share) == pytest.approx(5857.175, abs=1e-3)


def test_three_factors_by_formula() -> None:
    # Das Gupta 1993, equation 2.13: the effect of one factor of three.
    (a, b, c), (p, q, r) = (2, 3, 5), (7, 11, 13)
    first = Fraction(p - a) * (Fraction(b * c + q * r, 3) + Fraction(b * r + q * c, 6))
    assert split_product([a, b, c], [p, q, r])[0] == first


@given(_factors)
def test_the_parts_sum_to_the_change_exactly(pairs: list[tuple[int, int]]) -> None:
    before, now = zip(*pairs, strict=True)
    assert sum(split_product(before, now)) == math.prod(now) - math.prod(before)


@given(_factors)
def test_the_order_of_factors_is_irrelevant(pairs: list[tuple[int, int]]) -> None:
    before, now = zip(*pairs, strict=True)
    assert split_product(before[::-1], now[::-1]) == split_product(before, now)[::-1]


def test_a_factor_that_stays_brings_nothing() -> None:
    assert split_product([Decimal("0.1"), 7], [Decimal("0.3"), 7]) == (Fraction(7, 5), Fraction())


@pytest.mark.parametrize(("before", "now"), [([1], [2]), ([1, 2, 3, 4], [1, 2, 3, 4]), ([1, 2], [1, 2, 3])])
def test_other_numbers_of_factors_are_refused(before: list[int], now: list[int]) -> None:
    with pytest.raises(ValueError, match="two or three factors"):
        split_product(before, now)
