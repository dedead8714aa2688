"""How much of a whole a few bring, and how sure their order is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

DRAWS = 1_000


def top_share(amounts: ArrayLike, *, share: float = 0.2) -> float:
    """What share of the whole the largest bring, 0..1; NaN where the whole is 0.

    Args:
        amounts: One each, 0 or more.
        share: How many of them count as the largest, 0..1, rounded up to whole ones.

    Raises:
        ValueError: An amount is negative or missing, or the share isn't in 0..1.
    """
    ordered = np.sort(_checked(amounts))[::-1]
    if not 0 <= share <= 1:
        raise ValueError(f"share {share} must lie in 0..1")
    # A trifle of tolerance, so that 0.3 of 10 is 3.
    few = math.ceil(ordered.size * share - 1e-9)
    total = float(ordered.sum())
    return float(ordered[:few].sum()) / total if total else math.nan


def hhi(amounts: ArrayLike) -> float:
    """Herfindahl-Hirschman index: the sum of squared shares in per cent, up to 10 000 where one brings all.

    Args:
        amounts: One each, 0 or more.

    Source:
        Published example: shares of 30, 30, 20 and 20 give 2 600 (US Department of Justice).
    """
    found = _checked(amounts)
    total = float(found.sum())
    return float(((100 * found / total) ** 2).sum()) if total else math.nan


def gini(amounts: ArrayLike) -> float:
    """Gini coefficient, 0 where all bring the same, up to (n - 1) / n where one brings all; NaN without a whole.

    Args:
        amounts: One each, 0 or more.

    Source:
        Half the mean absolute difference of any two over the mean (Gini 1912), from the sorted amounts.
    """
    ordered = np.sort(_checked(amounts))
    n, total = ordered.size, float(ordered.sum())
    if not total:
        return math.nan
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ ordered / (n * total))


def rank_range(
    amounts: ArrayLike, counts: ArrayLike, *, deff: ArrayLike = 1.0, level: float = 0.95, seed: int = 0
) -> tuple[Counts, Counts]:
    """Between which ranks each would likely stand if the same customers' needs arose anew; 1 is the largest.

    A Poisson bootstrap on aggregates: each count is drawn anew as ``deff`` times a Poisson number with mean ``counts /
    deff``, so that customers who come more than once count as one draw, and brings the same amount each as before.
    How amounts differ within a group plays no part.

    Args:
        amounts: What each group brings, 0 or more.
        counts: Out of how many contacts, 0 or more.
        deff: Contacts that come as one, at least 1; a scalar or one per group.
        level: Share of the draws the range covers.
        seed: The same seed, the same ranges.

    Returns:
        Best and worst rank per group, whole numbers from 1.

    Raises:
        ValueError: The lengths differ, a number is negative or missing, or a deff is below 1.

    Source:
        Hanley & MacGibbon 2006, Comput Methods Programs Biomed 83:57-62 (Poisson bootstrap).
    """
    brought, n = _checked(amounts), _checked(counts)
    effect = np.broadcast_to(np.asarray(deff, dtype=float), n.shape)
    if brought.shape != n.shape or not np.all(effect >= 1):
        raise ValueError("amounts need one count each, and a deff of at least 1")
    if not n.size:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    drawn = np.random.default_rng(seed).poisson(n / effect, size=(DRAWS, n.size)) * effect
    anew = drawn * np.divide(brought, n, out=np.zeros(n.size), where=n > 0)
    # Ties stand in the order they stand in now.
    order = np.lexsort((np.broadcast_to(-brought, anew.shape), -anew), axis=1)
    ranks = np.argsort(order, axis=1) + 1
    tail = (1 - level) / 2
    low = np.quantile(ranks, tail, axis=0, method="lower")
    high = np.quantile(ranks, 1 - tail, axis=0, method="higher")
    return low.astype(np.int64), high.astype(np.int64)


def _checked(amounts: ArrayLike) -> Floats:
    found = np.asarray(amounts, dtype=float)
    if found.ndim != 1 or not np.all(found >= 0):
        raise ValueError("amounts must be one row of numbers that are 0 or more")
    return found
