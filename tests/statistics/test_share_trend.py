"""Rising and falling shares: against statsmodels, false alarms under drift-free luck, and too little to say."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from cx_metrics.statistics.share_trend import share_trend


def test_a_clear_fall_is_found_and_its_line_told() -> None:
    """1,000 asked a week; 24 % answer at first, 18 % after 12 weeks."""
    shares = np.linspace(0.24, 0.18, 13)
    found = share_trend(np.rint(1_000 * shares), np.full(13, 1_000))
    assert found is not None
    assert found.beyond
    assert (round(found.first, 2), round(found.last, 2)) == (0.24, 0.18)


def test_the_quasi_binomial_model_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(200, 900, 20)
    hits = rng.binomial(n, np.clip(0.2 + 0.05 * rng.normal(size=20), 0.02, 0.98))
    # Shares with weights: of counts in two columns, scale="X2" forgets how many there are.
    model = sm.GLM(hits / n, sm.add_constant(np.arange(20.0)), family=sm.families.Binomial(), var_weights=n)
    fit = model.fit(scale="X2", use_t=True)
    found = share_trend(hits, n)
    assert found is not None
    assert fit.scale > 1
    assert found.p == pytest.approx(fit.pvalues[1], rel=1e-6)
    assert (found.first, found.last) == pytest.approx((fit.fittedvalues[0], fit.fittedvalues[-1]), rel=1e-9)


def test_weeks_that_stray_without_a_trend_rarely_alarm() -> None:
    """26 weeks of 500 around 20 %, each off by its own luck of 2 points: 1 of 100 at the level asked for."""
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(400):
        chance = np.clip(0.2 + 0.02 * rng.normal(size=26), 0.01, 0.99)
        found = share_trend(rng.binomial(500, chance), np.full(26, 500))
        assert found is not None
        alarms += found.beyond
    assert alarms <= 12


@pytest.mark.parametrize(
    ("hits", "n"),
    [([], []), ([1] * 7, [9] * 7), ([0] * 9, [9] * 9), ([9] * 9, [9] * 9), ([1] * 7 + [0], [9] * 7 + [0])],
    ids=["nothing", "seven weeks", "no success", "no failure", "an empty week"],
)
def test_too_little_to_say(hits: list[int], n: list[int]) -> None:
    assert share_trend(hits, n) is None


def test_an_empty_week_keeps_its_place() -> None:
    hits, n = [24, 23, 22, 21, 0, 19, 18, 17, 16, 15], [100] * 4 + [0] + [100] * 5
    found = share_trend(hits, n)
    assert found is not None
    assert (round(found.first, 2), round(found.last, 2)) == (0.24, 0.15)
