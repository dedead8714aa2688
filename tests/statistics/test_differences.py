"""Two groups apart: published intervals, another library's figures, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, ttest_ind

from cx_metrics.statistics.differences import difference_p, newcombe, size_change

# Newcombe 1998, Stat Med 17:873-890, table II, method 10.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("groups", "ends"), PUBLISHED, ids=[str(groups) for groups, _ in PUBLISHED])
def test_newcombe_published(groups: tuple[int, ...], ends: tuple[float, float]) -> None:
    low, high = newcombe(*groups)
    assert (round(float(low), 4), round(float(high), 4)) == ends


def test_newcombe_of_arrays_is_that_of_each_and_empty_groups_have_none() -> None:
    low, high = newcombe([56, 0, 3], [70, 0, 9], [48, 1, 0], [80, 4, 0])
    alone = newcombe(56, 70, 48, 80)
    assert (low[0], high[0]) == (float(alone[0]), float(alone[1]))
    assert np.isnan([low[1], high[1], low[2], high[2]]).all()


def test_a_design_effect_widens_as_fewer_would() -> None:
    assert np.allclose(newcombe(40, 100, 20, 100, deff=2.0), newcombe(20, 50, 10, 50))


@pytest.mark.parametrize("wrong", [(5, 4, 0, 4), (0, 4, 5, 4), (-1, 4, 0, 4)], ids=str)
def test_counts_beyond_their_groups_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="successes must be counts"):
        newcombe(*wrong)
    with pytest.raises(ValueError, match="deff"):
        newcombe(1, 2, 1, 2, deff=0.5)


_counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(own=_counts, other=_counts)
def test_difference_p_against_scipy_chi_square(own: tuple[int, int], other: tuple[int, int]) -> None:
    (a, n), (b, m) = own, other
    found = float(difference_p(a, n, b, m))
    if a + b in (0, n + m):
        assert found == 1.0
    else:
        table = [[a, n - a], [b, m - b]]
        assert math.isclose(found, chi2_contingency(table, correction=False).pvalue, rel_tol=1e-7, abs_tol=1e-12)


def test_difference_p_of_an_empty_group_is_missing() -> None:
    assert np.isnan(difference_p([0, 1], [0, 2], [1, 0], [2, 0])).all()


_sizes = st.lists(st.floats(0.1, 50), min_size=3, max_size=9)


@given(sizes=_sizes, others=_sizes)
def test_size_change_against_scipy_welch(sizes: list[float], others: list[float]) -> None:
    own, other = np.log(sizes), np.log(others)
    found = size_change(sizes, others)
    if min(np.ptp(own), np.ptp(other)) < 1e-3:
        return
    assert found is not None
    ends = ttest_ind(own, other, equal_var=False).confidence_interval()
    assert math.isclose(found.change, math.expm1(own.mean() - other.mean()), rel_tol=1e-9, abs_tol=1e-9)
    assert np.allclose([found.low, found.high], np.expm1([ends.low, ends.high]), rtol=1e-7, atol=1e-9)


def test_size_change_by_hand_and_where_there_is_none() -> None:
    found = size_change([2, 4, 8], [8, 16, 4])
    assert found is not None
    assert math.isclose(found.change, -0.5)
    assert size_change([2, 4], [8, 16, 32]) is None
    assert size_change([2, 2, 2], [4, 4, 4]) is None
    with pytest.raises(ValueError, match="above 0"):
        size_change([0.0, 1, 2], [1, 2, 3])
