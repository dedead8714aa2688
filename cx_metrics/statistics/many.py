"""Many verdicts at once: how many of those that look sure are so by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def below_target_p(value: ArrayLike, target: ArrayLike, n_eff: ArrayLike) -> Floats:
    """Chance of a share this low or lower if the true one were the target: one-sided score test.

    ``Phi((value - target) / sqrt(target (1 - target) / n_eff))``. It is the test that a Wilson interval inverts:
    below .025 exactly where the interval's upper end lies below the target.

    Args:
        value: Shares, 0..1; scalars or arrays, broadcast together.
        target: What they should have reached, 0..1.
        n_eff: n / design effect.

    Returns:
        Per row 0..1; NaN where the value is missing or n_eff is 0. A target of 0 gives 1, and one of 1 gives 0 for
        any value below it.
    """
    from scipy.stats import norm

    share, goal, size = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (value, target, n_eff)))
    known = np.isfinite(share) & (size > 0)
    error = np.sqrt(goal * (1 - goal) / np.where(known, size, 1.0))
    z = np.where(error > 0, (share - goal) / np.where(error > 0, error, 1.0), np.where(share < goal, -np.inf, np.inf))
    return np.where(known, norm.cdf(z), np.nan)


def false_discovery_rate(p: ArrayLike) -> Floats:
    """Per p-value the share of false ones expected among it and all smaller ones (Benjamini & Hochberg).

    Args:
        p: p-values of one family, one dimension; NaN is not of the family and stays NaN.

    Source:
        Benjamini & Hochberg 1995, J. R. Statist. Soc. B 57:289-300, by statsmodels.
    """
    from statsmodels.stats.multitest import multipletests

    values = np.array(p, dtype=float)
    # One missing value would make all adjusted ones missing.
    known = np.isfinite(values)
    if known.any():
        values[known] = multipletests(values[known], method="fdr_bh")[1]
    return values
