"""Scores of answers on a scale: net promoter score, means, and how far answers of one customer are alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_Z = 1.959963984540054
_PSEUDO, _PSEUDO_END = 3.0, 0.75
# Answers are whole numbers: their spread is never known to be less than that of rounding to them.
_LEAST_VARIANCE = 1 / 12


def nps(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, *, deff: ArrayLike = 1.0) -> tuple[Floats, ...]:
    """Net promoter score ``p - d`` with its 95% adjusted Wald interval, all in -1..1.

    The interval adds 3 pseudo-answers (3/4 promoter, 3/4 detractor, 3/2 passive) to the effective counts; with
    ``Var = (p + d - (p - d)^2) / n`` of these it holds from 10 answers on, where the plain one fails.

    Args:
        promoters: Answers 9 and 10; may be weighted.
        detractors: Answers 0 to 6.
        n: All answers.
        deff: Design effect, at least 1.

    Returns:
        Value, low and high; NaN without answers.

    Source:
        Rocks 2016, Interval estimation for the net promoter score (Am Stat 70:365-372).
    """
    up, down, size, effect = np.broadcast_arrays(
        *(np.asarray(a, dtype=float) for a in (promoters, detractors, n, deff))
    )
    known = size > 0
    value = np.divide(up - down, size, out=np.full(size.shape, np.nan), where=known)
    n_eff = size / effect + _PSEUDO
    p, d = (part / effect + _PSEUDO_END for part in (up, down))
    centre = (p - d) / n_eff
    half = _Z * nps_standard_error(p / n_eff, d / n_eff, n_eff)
    low, high = np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0)
    return value, np.where(known, low, np.nan), np.where(known, high, np.nan)


def nps_standard_error(promoters_rate: ArrayLike, detractors_rate: ArrayLike, n: ArrayLike) -> Floats:
    """Standard error of a net promoter score, ``sqrt((p + d - (p - d)^2) / n)``.

    Args:
        promoters_rate: Share p of promoters, 0..1.
        detractors_rate: Share d of detractors, 0..1.
        n: Answers, above 0.
    """
    p, d, size = (np.asarray(a, dtype=float) for a in (promoters_rate, detractors_rate, n))
    return np.asarray(np.sqrt((p + d - (p - d) ** 2) / size))


def mean_interval(
    total: ArrayLike, squares: ArrayLike, n: ArrayLike, *, lowest: float, highest: float, deff: ArrayLike = 1.0
) -> tuple[Floats, ...]:
    """Mean of answers in whole numbers with its 95% t interval, within the scale.

    Args:
        total: Sum of the answers.
        squares: Sum of their squares.
        n: How many there are.
        lowest: Lowest answer the scale allows.
        highest: Highest answer.
        deff: Design effect, at least 1.

    Returns:
        Value, low and high; NaN without answers, low and high NaN with one.
    """
    from scipy.stats import t

    sums, sq, size, effect = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (total, squares, n, deff)))
    safe = np.maximum(size, 1.0)
    mean = np.where(size > 0, sums / safe, np.nan)
    freedom = np.maximum(size - 1, 1.0)
    variance = np.maximum((sq - sums**2 / safe) / freedom, _LEAST_VARIANCE)
    half = t.ppf(0.975, freedom) * np.sqrt(variance * effect / safe)
    half = np.where(size > 1, half, np.nan)
    return mean, np.maximum(mean - half, lowest), np.minimum(mean + half, highest)


def mean_design_effect(
    *,
    clusters: ArrayLike,
    n: ArrayLike,
    total: ArrayLike,
    squares: ArrayLike,
    sum_nn: ArrayLike,
    sum_ns: ArrayLike,
    sum_ss: ArrayLike,
) -> Floats:
    """Cluster-robust variance of a mean over that of independent answers, at least 1; one per group.

    For answers of 0 and 1 it is ``clusters.design_effect``, whose conventions it keeps: n / G where the sums
    can't tell (one customer, or all answers alike), 1 without answers.

    Args:
        clusters: G, number of customers; scalars or arrays over groups.
        n: Answers.
        total: Sum of the answers.
        squares: Sum of their squares.
        sum_nn: Sum over customers of their number of answers squared.
        sum_ns: Sum over customers of that number times the sum of their answers.
        sum_ss: Sum over customers of the sum of their answers squared.
    """
    g, size, sums, sq, nn, ns, ss = np.broadcast_arrays(
        *(np.asarray(a, dtype=float) for a in (clusters, n, total, squares, sum_nn, sum_ns, sum_ss))
    )
    safe = np.maximum(size, 1.0)
    mean = sums / safe
    variance = sq / safe - mean**2
    # A spread of less than a billionth is a rounding error: all answers are alike.
    known = (g >= 2) & (variance > 1e-9)
    robust = g / np.maximum(g - 1, 1.0) * (ss - 2 * mean * ns + mean**2 * nn) / safe
    per_customer = np.maximum(size / np.maximum(g, 1.0), 1.0)
    return np.asarray(np.where(known, np.maximum(robust / np.where(known, variance, 1.0), 1.0), per_customer))
