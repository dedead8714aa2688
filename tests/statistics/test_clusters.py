"""Design effects: by hand, against a loop, and against statsmodels' cluster-robust covariance."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cx_metrics.statistics.clusters import design_effect, pooled_design_effect

Counts = NDArray[np.int64]


def sums(trials: Counts, hits: Counts) -> dict[str, int]:
    return {
        "clusters": len(trials),
        "n": int(trials.sum()),
        "successes": int(hits.sum()),
        "sum_nn": int((trials**2).sum()),
        "sum_ny": int((trials * hits).sum()),
        "sum_yy": int((hits**2).sum()),
    }


def test_by_hand() -> None:
    """Two customers of 4 contacts, all and none a success: p .5, robust 2/1 x (4 + 4)/64, binomial .25/8."""
    assert design_effect(**sums(np.array([4, 4]), np.array([4, 0]))) == pytest.approx(8.0, abs=1e-12)


def test_customers_exactly_alike_are_floored_at_one() -> None:
    assert design_effect(**sums(np.array([4, 4]), np.array([2, 2]))) == 1.0


@pytest.mark.parametrize(
    ("trials", "hits", "expected"),
    [([], [], 1.0), ([50], [20], 50.0), ([5, 3], [0, 0], 4.0), ([5, 3], [5, 3], 4.0), ([0, 0], [0, 0], 1.0)],
    ids=["nobody", "one customer", "no success", "only successes", "no trials"],
)
def test_where_the_sums_cannot_tell_a_customer_counts_once(trials: list[int], hits: list[int], expected: float) -> None:
    assert design_effect(**sums(np.array(trials, dtype=int), np.array(hits, dtype=int))) == expected


@pytest.mark.parametrize("seed", range(5))
def test_statsmodels_cluster_robust_ols_and_logit(seed: int) -> None:
    """Intercept-only models with cov_type='cluster', the logit's variance by the delta method."""
    rng = np.random.default_rng(seed)
    trials = rng.integers(1, 9, 60)
    hits = rng.binomial(trials, rng.beta(0.6, 0.4, 60))
    rows = np.concatenate([np.r_[np.ones(y), np.zeros(n - y)] for n, y in zip(trials, hits, strict=True)])
    robust = {"cov_type": "cluster", "cov_kwds": {"groups": np.repeat(np.arange(60), trials)}}
    one = np.ones_like(rows)
    p = rows.mean()
    binomial = p * (1 - p) / rows.size
    # The OLS correction is G/(G-1) x (n-1)/(n-k), which is G/(G-1) with the intercept alone.
    ols = sm.OLS(rows, one).fit(**robust).cov_params()[0, 0]
    logit = sm.GLM(rows, one, family=sm.families.Binomial()).fit(**robust).cov_params()[0, 0]
    ours = design_effect(**sums(trials, hits))
    assert ours > 1.5
    assert ours == pytest.approx(ols / binomial, rel=1e-10)
    assert ours == pytest.approx(logit * (p * (1 - p)) ** 2 / binomial, rel=1e-8)


customers = st.lists(
    st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=2, max_size=40
)


@given(st.lists(customers, min_size=1, max_size=6))
def test_vectorised_equals_a_loop_over_customers(groups: list[list[tuple[int, int]]]) -> None:
    expected = []
    for group in groups:
        n, y, g = sum(t for t, _ in group), sum(h for _, h in group), len(group)
        p = y / n
        spread = sum((h - p * t) ** 2 for t, h in group)
        binomial = p * (1 - p) / n
        expected.append(max(1.0, g / (g - 1) * spread / n**2 / binomial) if 0 < y < n else n / g)
    table = [sums(*np.array(group).T) for group in groups]
    columns = {name: [row[name] for row in table] for name in table[0]}
    assert np.allclose(design_effect(**columns), expected, rtol=1e-9)


def test_pooled_is_weighted_by_n() -> None:
    """(1 x 100 + 3 x 300) / 400 = 2.5."""
    assert pooled_design_effect([1.0, 3.0], [100, 300]) == 2.5


@pytest.mark.parametrize(("deffs", "weights"), [([], []), ([4.0], [0])])
def test_pooled_over_nothing_is_one(deffs: list[float], weights: list[float]) -> None:
    assert pooled_design_effect(deffs, weights) == 1.0


@pytest.mark.parametrize(("deffs", "weights"), [([1.0, 2.0], [1]), ([1.0], [-1])])
def test_pooled_refuses_weights_that_fit_nothing(deffs: list[float], weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        pooled_design_effect(deffs, weights)
