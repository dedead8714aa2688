"""Scores on scales: published figures of the net promoter score, what its interval covers, means, clusters."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from cx_metrics.statistics.clusters import design_effect
from cx_metrics.statistics.scores import mean_design_effect, mean_interval, nps, nps_standard_error


def test_nps_published_half_a_third_a_sixth() -> None:
    """1/2 promoters, 1/3 passive, 1/6 detractors of 324: NPS 1/3, variance 5/9, error .04141.

    whuber, Cross Validated, "How can I calculate margin of error in a NPS result?"
    """
    value, _, _ = nps(162, 54, 324)
    assert float(value) == pytest.approx(1 / 3, abs=1e-12)
    assert float(nps_standard_error(1 / 2, 1 / 6, 1)) ** 2 == pytest.approx(5 / 9, abs=1e-12)
    assert round(float(nps_standard_error(1 / 2, 1 / 6, 324)), 5) == 0.04141


def test_the_interval_adds_three_answers() -> None:
    """6 promoters, 1 detractor of 10 become 6.75 and 1.75 of 13: (5 +- 1.96 x sqrt(...)) / 13."""
    p, d = 6.75 / 13, 1.75 / 13
    half = 1.959963984540054 * np.sqrt((p + d - (p - d) ** 2) / 13)
    assert np.allclose(nps(6, 1, 10), (0.5, 5 / 13 - half, 5 / 13 + half), rtol=0, atol=1e-12)


def test_ends_of_the_scale_and_no_answers() -> None:
    value, low, high = nps([10, 0, 0], [0, 10, 0], [10, 10, 0])
    assert value[:2].tolist() == [1.0, -1.0]
    assert high[0] == 1.0
    assert low[1] == -1.0
    assert low[0] < 0.6
    assert np.isnan([value[2], low[2], high[2]]).all()


def test_a_design_effect_leaves_the_value_and_widens() -> None:
    one, two = nps(60, 20, 100), nps(60, 20, 100, deff=2.0)
    assert two[0] == one[0]
    assert np.allclose(two[1:], nps(30, 10, 50)[1:])


@pytest.mark.parametrize("n", [10, 30])
def test_it_covers_where_the_plain_one_does_not(n: int) -> None:
    """80 % promoters, 5 % detractors; the plain Wald interval covers 65 to 94 of 100 there."""
    rng = np.random.default_rng(n)
    up, _, down = rng.multinomial(n, [0.8, 0.15, 0.05], size=4_000).T
    _, low, high = nps(up, down, np.full(4_000, n))
    assert 0.93 <= np.mean((low <= 0.75) & (high >= 0.75)) <= 0.985


def test_mean_is_the_t_interval() -> None:
    answers = np.array([5, 6, 7, 7, 4, 6, 2, 7, 5, 6])
    found = mean_interval(answers.sum(), (answers**2).sum(), 10, lowest=1, highest=7)
    ends = stats.t.interval(0.95, 9, loc=5.5, scale=stats.sem(answers))
    assert np.allclose(found, (5.5, *ends), rtol=0, atol=1e-12)
    wide = mean_interval(answers.sum(), (answers**2).sum(), 10, lowest=1, highest=7, deff=4.0)
    assert float(wide[0] - wide[1]) == pytest.approx(2 * (5.5 - ends[0]), abs=1e-9)


def test_answers_all_alike_are_not_certain() -> None:
    value, low, high = mean_interval(70, 490, 10, lowest=1, highest=7)
    assert (float(value), float(high)) == (7.0, 7.0)
    assert float(low) == pytest.approx(7 - stats.t.ppf(0.975, 9) * np.sqrt(1 / 120), abs=1e-12)


def test_one_answer_has_no_interval_and_none_no_value() -> None:
    value, low, high = mean_interval([5, 0], [25, 0], [1, 0], lowest=1, highest=7)
    assert value[0] == 5.0
    assert np.isnan([low[0], high[0], value[1], low[1], high[1]]).all()


def sums(customers: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """What the design effect needs, customer by customer."""
    own = [answers[customers == c] for c in np.unique(customers)]
    return {
        "clusters": len(own),
        "n": len(answers),
        "total": answers.sum(),
        "squares": (answers**2).sum(),
        "sum_nn": sum(len(a) ** 2 for a in own),
        "sum_ns": sum(len(a) * a.sum() for a in own),
        "sum_ss": sum(a.sum() ** 2 for a in own),
    }


def test_shares_are_a_special_case() -> None:
    rng = np.random.default_rng(1)
    customers, hits = rng.integers(0, 40, 120), rng.integers(0, 2, 120)
    given = sums(customers, hits)
    other = design_effect(
        clusters=given["clusters"],
        n=given["n"],
        successes=given["total"],
        sum_nn=given["sum_nn"],
        sum_ny=given["sum_ns"],
        sum_yy=given["sum_ss"],
    )
    assert float(mean_design_effect(**given)) == pytest.approx(float(other), rel=1e-9)


def test_statsmodels_cluster_robust_mean() -> None:
    """Three answers of each of 40 customers, who differ: OLS on a constant with clustered errors."""
    rng = np.random.default_rng(2)
    customers = np.repeat(np.arange(40), 3)
    answers = np.clip(np.rint(rng.normal(4, 1.5, 40)[customers] + rng.normal(0, 0.8, 120)), 1, 7)
    fit = sm.OLS(answers, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": customers, "use_correction": False})
    robust = fit.bse[0] ** 2 * 40 / 39
    found = float(mean_design_effect(**sums(customers, answers)))
    assert found == pytest.approx(robust / (answers.var() / 120), rel=1e-9)
    assert found > 1.5


def test_where_the_sums_cannot_tell_a_customer_counts_once() -> None:
    alike = sums(np.array([1, 1, 2, 3]), np.array([7, 7, 7, 7]))
    assert float(mean_design_effect(**alike)) == pytest.approx(4 / 3)
    nobody = dict.fromkeys(alike, 0.0)
    assert float(mean_design_effect(**nobody)) == 1.0
