"""Shrunken shares by hand, on groups with known truth, and as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import beta

from cx_metrics.statistics.shrinkage import shrunken


def test_by_hand() -> None:
    """2 and 8 of 10: spread 2 x 10 x .3^2 = 1.8, over p (1 - p) 7.2; (7.2 - 1) / (20 - 10 - 1) = .6889, M = .4516."""
    found = shrunken([2, 8], [10, 10])
    strength = (1 - 6.2 / 9) / (6.2 / 9)
    assert (found.mean, found.strength) == pytest.approx((0.5, strength))
    assert found.value == pytest.approx([(strength / 2 + 2) / (strength + 10), (strength / 2 + 8) / (strength + 10)])
    assert found.low[0] == pytest.approx(beta.ppf(0.025, strength / 2 + 2, strength / 2 + 8))


def test_groups_no_more_different_than_chance_are_pulled_hard() -> None:
    found = shrunken([49, 51, 3], [100, 100, 6])
    assert found.strength == 206
    assert found.value == pytest.approx([(103 + 49) / 306, (103 + 51) / 306, 0.5])


def test_truth_is_met_better_than_by_raw_shares() -> None:
    rng = np.random.default_rng(1)
    truth = rng.beta(14, 6, 4000)
    n = rng.integers(3, 60, 4000)
    hits = rng.binomial(n, truth)
    found = shrunken(hits, n)
    assert found.strength == pytest.approx(20, rel=0.1)
    error, raw = (np.sqrt(np.mean((guess - truth) ** 2)) for guess in (found.value, hits / n))
    assert error < 0.7 * raw
    assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("hits", "value"), [(0, 0.0), (7, 1.0)], ids=["none", "all"])
def test_all_alike_is_a_point(hits: int, value: float) -> None:
    found = shrunken([hits, hits], [7, 7])
    assert found.value.tolist() == found.low.tolist() == found.high.tolist() == [value, value]


def test_without_a_trial_the_mean_and_no_certainty() -> None:
    found = shrunken([0, 0, 2], [0, 1, 2])
    assert found.strength == 0
    assert (found.value[0], found.low[0], found.high[0]) == (pytest.approx(2 / 3), 0, 1)


def test_nothing_known() -> None:
    assert np.isnan(shrunken([0, 0], [0, 0]).value).all()
    assert shrunken([], []).value.size == 0


@example([(0, 0), (0, 1), (2, 2)])
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))
def test_a_share_lies_between_its_own_and_the_mean(pairs: list[tuple[int, int]]) -> None:
    n = np.array([max(pair) for pair in pairs])
    hits = np.array([min(pair) for pair in pairs])
    found = shrunken(hits, n)
    if not n.sum():
        assert np.isnan(found.value).all()
        return
    raw = np.where(n > 0, hits / np.maximum(n, 1), found.mean)
    assert np.all(found.value >= np.minimum(raw, found.mean) - 1e-9)
    assert np.all(found.value <= np.maximum(raw, found.mean) + 1e-9)
    turned = shrunken(hits[::-1], n[::-1])
    assert turned.value[::-1] == pytest.approx(found.value)
