"""Wilson intervals: published figures, statsmodels, edges, and what they cover on clustered data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.statistics.clusters import design_effect
from cx_metrics.statistics.intervals import wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Stat Med 17:857-872, table I, method 3 (four digits)."""
    assert np.allclose(wilson(successes, n), (low, high), rtol=0, atol=5e-5)


def test_wilson_half_widths_at_seventy_percent() -> None:
    """Half-widths in points by the closed formula at p = .7: n_eff 30, 50, 100, 300, 1000."""
    n = np.array([30, 50, 100, 300, 1000])
    low, high = wilson(0.7 * n, n)
    z = 1.959963984540054
    closed = z * np.sqrt(0.21 / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert np.allclose((high - low) / 2, closed, rtol=1e-12)
    assert [round(100 * half, 1) for half in (high - low) / 2] == [15.6, 12.3, 8.8, 5.2, 2.8]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_of_whole_counts_is_statsmodels(counts: tuple[int, int]) -> None:
    k, n = counts
    assert np.allclose(wilson(k, n), proportion_confint(k, n, method="wilson"), rtol=0, atol=1e-12)


def test_deff_shrinks_the_sample() -> None:
    """70 of 100 at deff 2 is what 35 of 50 says."""
    assert np.allclose(wilson(70, 100, deff=2.0), wilson(35, 50), rtol=0, atol=1e-15)
    low, high = wilson(70, 100, deff=2.0)
    assert (round(float(low), 4), round(float(high), 4)) == (0.5625, 0.8090)


def test_level_widens() -> None:
    assert np.allclose(
        wilson(70, 100, level=0.99), proportion_confint(70, 100, alpha=0.01, method="wilson"), atol=1e-12
    )


def test_arrays_broadcast_and_an_empty_group_is_unknown() -> None:
    low, high = wilson([[0, 5], [0, 10]], [0, 10], deff=[1.0, 1.5])
    assert low.shape == high.shape == (2, 2)
    assert np.isnan(low[:, 0]).all()
    assert np.isnan(high[:, 0]).all()
    assert 0 < low[0, 1] < 0.5 < high[0, 1] < 1
    assert high[1, 1] == pytest.approx(1.0, abs=1e-15)


def test_no_groups_no_intervals() -> None:
    low, high = wilson([], [])
    assert low.shape == high.shape == (0,)


@given(st.integers(1, 500), st.floats(1, 50))
def test_ends_stay_in_the_unit_interval(n: int, deff: float) -> None:
    low, high = wilson([0, n], n, deff=deff)
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[1] == pytest.approx(1, abs=1e-12)
    assert (low >= 0).all()
    assert (high <= 1).all()


@pytest.mark.parametrize(
    ("successes", "n", "deff", "level", "message"),
    [
        (11, 10, 1.0, 0.95, "successes"),
        (-1, 10, 1.0, 0.95, "successes"),
        (math.nan, 10, 1.0, 0.95, "successes"),
        (5, math.nan, 1.0, 0.95, "successes"),
        (1, 0, 1.0, 0.95, "successes"),
        (5, 10, 0.99, 0.95, "deff"),
        (5, 10, math.nan, 0.95, "deff"),
        (5, 10, 1.0, 95, "level"),
    ],
)
def test_impossible_input_is_refused(successes: float, n: float, deff: float, level: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wilson(successes, n, deff=deff, level=level)


def test_coverage_on_clustered_contacts() -> None:
    """Customers who come 1 to 20 times and resemble themselves (ICC .3): covered with deff, not without.

    2000 groups of 150 customers, true rate .7. The standard error of a simulated coverage is half a point.
    """
    rng = np.random.default_rng(20240501)
    trials = np.minimum(rng.geometric(0.3, (2000, 150)), 20)
    own_rate = rng.beta(0.7 * 7 / 3, 0.3 * 7 / 3, trials.shape)
    hits = rng.binomial(trials, own_rate)
    n, y = trials.sum(axis=1), hits.sum(axis=1)
    deff = design_effect(
        clusters=150,
        n=n,
        successes=y,
        sum_nn=(trials**2).sum(axis=1),
        sum_ny=(trials * hits).sum(axis=1),
        sum_yy=(hits**2).sum(axis=1),
    )
    covered = [np.mean((low <= 0.7) & (high >= 0.7)) for low, high in (wilson(y, n), wilson(y, n, deff=deff))]
    assert covered[0] < 0.85
    assert 0.93 <= covered[1] <= 0.97
    # Kish: 1 + ICC x (mean squared size / mean size - 1)
    kish = 1 + 0.3 * ((trials**2).mean() / trials.mean() - 1)
    assert deff.mean() == pytest.approx(kish, rel=0.03)
