"""How far two groups lie apart: shares of two groups, and sizes of two handfuls of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEAST_EVENTS = 3
"""Events of each kind below which their spread can't be told."""


class SizeChange(NamedTuple):
    """How the usual size of events differs between two kinds of them.

    Attributes:
        change: Geometric mean of the one over that of the other, less one; -1 or more.
        low: Lower end of its 95% interval.
        high: Upper end.
    """

    change: float
    low: float
    high: float


def newcombe(
    successes: ArrayLike, n: ArrayLike, others: ArrayLike, n_others: ArrayLike, *, deff: ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """95% interval of ``successes / n - others / n_others``, for two groups without a member in common.

    Args:
        successes: Counts, 0 to n; a scalar or an array, broadcast with the others.
        n: Members of the group.
        others: Counts of the other group, 0 to n_others.
        n_others: Members of the other group.
        deff: Design effect of both, at least 1 (see ``clusters.design_effect``).

    Returns:
        Lower and upper ends in -1..1, in the broadcast shape; NaN where either group is empty.

    Raises:
        ValueError: A count is negative, missing or above its n, or a deff is below 1.

    Source:
        Newcombe 1998, method 10 (Stat Med 17:873-890), by statsmodels.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (successes, n, others, n_others, deff)))
    hits, trials, hits_others, trials_others, effect = arrays
    if not (np.all((hits >= 0) & (hits <= trials)) and np.all((hits_others >= 0) & (hits_others <= trials_others))):
        raise ValueError("successes must be counts from 0 to n, in both groups")
    if not np.all(effect >= 1):
        raise ValueError("deff must be at least 1")
    known = (trials > 0) & (trials_others > 0)
    own, other = (np.where(known, size, np.nan) / effect for size in (trials, trials_others))
    low, high = confint_proportions_2indep(
        hits / effect, own, hits_others / effect, other, compare="diff", method="newcomb"
    )
    return np.asarray(low), np.asarray(high)


def difference_p(
    successes: ArrayLike, n: ArrayLike, others: ArrayLike, n_others: ArrayLike, *, deff: ArrayLike = 1.0
) -> Floats:
    """Chance of shares this far apart if both groups had the same one: two-sided, with a pooled share.

    Args:
        successes: Counts, 0 to n; a scalar or an array, broadcast with the others.
        n: Members of the group.
        others: Counts of the other group, 0 to n_others.
        n_others: Members of the other group.
        deff: Design effect of both, at least 1.

    Returns:
        Per row 0..1; NaN where either group is empty, 1 where nobody or everybody of both succeeded.

    Source:
        Pearson's chi-square of a table of two by two, without continuity correction.
    """
    from scipy.stats import norm

    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (successes, n, others, n_others, deff)))
    hits, trials, hits_others, trials_others, effect = arrays
    known = (trials > 0) & (trials_others > 0)
    own, other = np.where(known, trials, 1.0), np.where(known, trials_others, 1.0)
    share = (hits + hits_others) / (own + other)
    error = np.sqrt(share * (1 - share) * effect * (1 / own + 1 / other))
    apart = np.abs(hits / own - hits_others / other)
    z = np.divide(apart, error, out=np.zeros(apart.shape), where=error > 0)
    return np.where(known, 2 * norm.sf(z), np.nan)


def size_change(sizes: Sequence[float], others: Sequence[float]) -> SizeChange | None:
    """How much smaller or larger events of one kind are than those of another, by their logarithms.

    Args:
        sizes: Of the one kind, each above 0.
        others: Of the other kind, each above 0.

    Returns:
        None with fewer than three events of a kind, or where neither kind varies.

    Raises:
        ValueError: A size is not above 0.

    Source:
        Welch 1947 (Biometrika 34:28-35) on logarithms, by statsmodels.
    """
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    if min((*sizes, *others), default=1.0) <= 0:
        raise ValueError("sizes must be above 0")
    if min(len(sizes), len(others)) < LEAST_EVENTS:
        return None
    own, other = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(others, dtype=float))
    if not (np.ptp(own) or np.ptp(other)):
        return None
    low, high = CompareMeans(DescrStatsW(own), DescrStatsW(other)).tconfint_diff(usevar="unequal")
    middle = float(own.mean() - other.mean())
    return SizeChange(*(float(np.expm1(end)) for end in (middle, low, high)))
