from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.concentration import gini, hhi, rank_range, top_share

TEN = [25, 2, 1, 15, 20, 3, 25, 4, 5, 0]
_amounts = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


def test_hhi_published() -> None:
    # US Department of Justice: four firms with 30, 30, 20 and 20 per cent.
    assert hhi([30, 30, 20, 20]) == pytest.approx(2600, rel=1e-12)


def test_one_of_everything_and_everything_alike() -> None:
    assert hhi([5]) == 10_000
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([3, 3, 3]) == pytest.approx(0, abs=1e-15)


@given(_amounts)
def test_gini_is_half_the_mean_difference_of_any_two_over_the_mean(amounts: list[int]) -> None:
    differences = [abs(a - b) for a in amounts for b in amounts]
    expected = sum(differences) / len(differences) / 2 / (sum(amounts) / len(amounts))
    assert gini(amounts) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("share", "expected"), [(0.2, 0.5), (0.3, 0.7), (0.25, 0.7), (0.0, 0.0), (1.0, 1.0)], ids=str)
def test_top_share_by_hand(share: float, expected: float) -> None:
    assert top_share(TEN, share=share) == pytest.approx(expected)


def test_a_whole_of_nought_has_no_shares() -> None:
    assert all(math.isnan(value) for value in (hhi([0, 0]), gini([0]), top_share([])))


@pytest.mark.parametrize("amounts", [[-1.0, 2.0], [math.nan]])
def test_negative_amounts_are_refused(amounts: list[float]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        hhi(amounts)


def test_clear_ranks_are_sure_and_close_ones_are_not() -> None:
    low, high = rank_range([100_000.0, 505.0, 500.0, 1.0], [10_000, 101, 100, 1])
    assert (low[0], high[0]) == (1, 1)
    assert (low[1], high[1]) == (low[2], high[2]) == (2, 3)
    assert high[3] == 4


def test_customers_who_come_again_make_ranks_less_sure() -> None:
    sure, unsure = (rank_range([1300.0, 1000.0], [1300, 1000], deff=deff) for deff in (1.0, 100.0))
    assert [low.tolist() + high.tolist() for low, high in (sure, unsure)] == [[1, 2, 1, 2], [1, 1, 2, 2]]


@given(_amounts)
def test_ranks_are_whole_numbers_in_order_and_the_same_each_time(amounts: list[int]) -> None:
    counts = np.array(amounts) // 3
    low, high = rank_range(amounts, counts)
    assert np.all((low >= 1) & (low <= high) & (high <= len(amounts)))
    again = rank_range(amounts, counts)
    assert (low.tolist(), high.tolist()) == (again[0].tolist(), again[1].tolist())


def test_ranges_cover_where_the_simulated_truth_is_known() -> None:
    # Two groups whose costs are Poisson with means 110 and 100: the first is ahead with probability .755.
    low, high = rank_range([110.0, 100.0], [110, 100], level=0.5)
    assert (low.tolist(), high.tolist()) == ([1, 2], [1, 2])
    low, high = rank_range([110.0, 100.0], [110, 100], level=0.6)
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])


def test_nothing_has_no_ranks() -> None:
    assert [ends.tolist() for ends in rank_range([], [])] == [[], []]
    with pytest.raises(ValueError, match="one count each"):
        rank_range([1.0], [1, 2])
