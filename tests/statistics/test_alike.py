"""Concentration against chance: by hand, and against customers drawn at random."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.alike import share_of_top, share_of_top_if_alike


def test_zero_truncated_poisson_by_hand() -> None:
    """Rate 1, mean 1.58198: P(4 or more) = .03003 with .12702 contacts each customer; .06997 of those with 3."""
    mean = 1 / (1 - math.exp(-1))
    assert share_of_top_if_alike(mean, share=0.1) == pytest.approx((0.12702 + 3 * 0.06997) / 1.58198, abs=1e-4)


@pytest.mark.parametrize(("rate", "share"), [(0.05, 0.1), (0.8, 0.01), (0.8, 0.1), (4.0, 0.01), (30.0, 0.1)])
def test_customers_drawn_at_random(rate: float, share: float) -> None:
    drawn = np.random.default_rng(3).poisson(rate, 400_000)
    drawn = np.sort(drawn[drawn > 0])[::-1]
    top = drawn[: round(share * drawn.size)].sum() / drawn.sum()
    assert share_of_top_if_alike(drawn.mean(), share=share) == pytest.approx(top, rel=0.02)


def test_everybody_once_is_no_concentration() -> None:
    assert share_of_top_if_alike(1.0, share=0.1) == 0.1
    assert share_of_top([1], [500], share=0.1) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="at least 1"):
        share_of_top_if_alike(0.9, share=0.1)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.sampled_from([0.01, 0.1, 0.25, 1.0]))
def test_equals_sorting_customers_one_by_one(each: list[int], share: float) -> None:
    left, got = share * len(each), 0.0
    for n in sorted(each, reverse=True):
        part = min(1.0, left)
        left, got = left - part, got + part * n
    sizes, customers = np.unique(each, return_counts=True)
    assert share_of_top(sizes, customers, share=share) == pytest.approx(got / sum(each), abs=1e-9)


def test_nobody() -> None:
    assert math.isnan(share_of_top([], [], share=0.1))
