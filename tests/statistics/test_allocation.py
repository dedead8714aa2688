"""Largest remainder: a published apportionment, exactness on random weights, and what it refuses."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.allocation import largest_remainder

VOTES = (47_000, 16_000, 15_900, 12_000, 6_000, 3_100)

weights = st.lists(st.integers(0, 10**18) | st.fractions(min_value=0, max_value=10**6), min_size=1, max_size=12)
positive = weights.filter(any)


def test_hamilton_seats_published() -> None:
    """Ten seats over six parties: the textbook example of the Hare quota (Wikipedia, Largest remainder method)."""
    assert largest_remainder(10, VOTES, keys=range(6)) == (5, 2, 1, 1, 1, 0)


def test_a_negative_total_is_the_mirror() -> None:
    assert largest_remainder(-10, VOTES, keys=range(6)) == (-5, -2, -1, -1, -1, 0)


def test_three_equal_shares_of_a_hundred_give_the_odd_cent_to_the_smallest_key() -> None:
    assert largest_remainder(100, (1, 1, 1), keys=("b", "c", "a")) == (33, 33, 34)
    assert largest_remainder(-100, (1, 1, 1), keys=("b", "c", "a")) == (-33, -33, -34)


def test_one_weight_takes_all_and_no_weight_takes_nothing() -> None:
    assert largest_remainder(7, (Fraction(1, 3),), keys=("only",)) == (7,)
    assert largest_remainder(7, (0, 3, 0), keys=(1, 2, 3)) == (0, 7, 0)


def test_rounding_each_of_three_would_have_missed_the_total() -> None:
    """Three lines of 0.4 cents are 1.2 cents: rounded one by one nobody would pay the cent."""
    assert largest_remainder(1, [Fraction(2, 5)] * 3, keys="abc") == (1, 0, 0)


@given(positive, st.integers(-(10**15), 10**15))
def test_parts_add_up_and_keep_to_their_quota(given_weights: list[int | Fraction], total: int) -> None:
    parts = largest_remainder(total, given_weights, keys=range(len(given_weights)))
    assert sum(parts) == total
    whole = sum(map(Fraction, given_weights))
    assert all(abs(part - total * w / whole) < 1 for part, w in zip(parts, map(Fraction, given_weights), strict=True))
    assert all(part == 0 for part, weight in zip(parts, given_weights, strict=True) if weight == 0)


@given(positive, st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(given_weights: list[int | Fraction], total: int, random: object) -> None:
    rows = list(enumerate(given_weights))
    before = largest_remainder(total, given_weights, keys=range(len(rows)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    after = largest_remainder(total, [w for _, w in rows], keys=[key for key, _ in rows])
    assert dict(zip([key for key, _ in rows], after, strict=True)) == dict(enumerate(before))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_a_total_that_is_the_sum_changes_nothing(cents: list[int]) -> None:
    assert largest_remainder(sum(cents), cents, keys=range(len(cents))) == tuple(cents)


@pytest.mark.parametrize(
    ("given_weights", "keys"),
    [((0, 0), (1, 2)), ((), ()), ((1, -1), (1, 2)), ((1, 2), (1,)), ((1, 2), ("a", "a"))],
    ids=["all zero", "none", "negative", "keys missing", "keys alike"],
)
def test_what_cannot_be_divided_is_refused(given_weights: tuple[int, ...], keys: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"weights (need|can't)"):
        largest_remainder(10, given_weights, keys=keys)
