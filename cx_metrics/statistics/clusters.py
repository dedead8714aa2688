"""How much customers who come more than once widen an interval.

Customers, not contacts, are the sampling unit: contacts of one customer resemble each other, so n of them say
less than n independent ones would. The design effect is that ratio of variances. It needs a few sums per
group and no customer rows, so it can be computed once and kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def design_effect(
    *,
    clusters: ArrayLike,
    n: ArrayLike,
    successes: ArrayLike,
    sum_nn: ArrayLike,
    sum_ny: ArrayLike,
    sum_yy: ArrayLike,
) -> NDArray[np.float64]:
    """Cluster-robust variance of a proportion over its binomial variance, at least 1; one per group.

    With n_g trials and y_g successes of customer g, p = y / n and G customers, it is
    ``G / (G - 1) * sum((y_g - p n_g)^2) / n^2`` divided by ``p (1 - p) / n``.

    Where the sums cannot tell (one customer has no variance between customers; with no success or nothing but
    successes the binomial variance is 0) it is n / G, so that the effective n is the number of customers. It
    is floored at 1, because a variance below the binomial one is chance here and would sell a too narrow
    interval, and it is 1 without trials.

    Args:
        clusters: G, number of customers; scalars or arrays over groups, broadcast together.
        n: Trials, the sum of n_g.
        successes: The sum of y_g.
        sum_nn: The sum of n_g squared.
        sum_ny: The sum of n_g times y_g.
        sum_yy: The sum of y_g squared.

    Returns:
        Design effects >= 1 in the broadcast shape.

    Source:
        Liang & Zeger 1986 with the G/(G-1) correction, as statsmodels has it for an intercept-only model.
    """
    g, n_all, y_all, nn, ny, yy = np.broadcast_arrays(
        *(np.asarray(a, dtype=float) for a in (clusters, n, successes, sum_nn, sum_ny, sum_yy))
    )
    known = (g >= 2) & (y_all > 0) & (y_all < n_all)
    per_customer = np.maximum(n_all / np.maximum(g, 1.0), 1.0)
    g, n_all = np.where(known, g, 2.0), np.where(known, n_all, 1.0)
    p = np.where(known, y_all / n_all, 0.5)
    robust = g / (g - 1) * (yy - 2 * p * ny + p**2 * nn) / n_all**2
    binomial = p * (1 - p) / n_all
    effect: NDArray[np.float64] = np.where(known, np.maximum(robust / binomial, 1.0), per_customer)
    return effect


def pooled_design_effect(deffs: ArrayLike, weights: ArrayLike) -> float:
    """Mean design effect of several groups, weighted by their n; 1 where all weights are 0.

    Args:
        deffs: Design effects of the groups, one dimension.
        weights: Their n, same length.

    Raises:
        ValueError: The lengths differ, or a weight is negative.
    """
    effects, n = np.asarray(deffs, dtype=float), np.asarray(weights, dtype=float)
    if effects.shape != n.shape or not np.all(n >= 0):
        raise ValueError("deffs need one weight each, and none below 0")
    return float(np.average(effects, weights=n)) if n.sum() > 0 else 1.0
