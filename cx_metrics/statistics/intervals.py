"""Intervals of proportions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, n: ArrayLike, *, deff: ArrayLike = 1.0, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson score interval of ``successes / n`` on the effective sample size ``n / deff``.

    Args:
        successes: Counts, 0 to n; a scalar or an array, broadcast with the others.
        n: Trials; may be fractional (weights).
        deff: Design effect, at least 1 (see ``clusters.design_effect``).
        level: Confidence level, between 0 and 1.

    Returns:
        Lower and upper ends in 0..1, in the broadcast shape; NaN where n is 0.

    Raises:
        ValueError: A count is negative, missing or above its n, a deff is below 1, or the level isn't in
            (0, 1).

    Source:
        Wilson 1927, method 3 of Newcombe 1998 (Stat Med 17:857-872), by statsmodels (which clips to 0..1).
    """
    from statsmodels.stats.proportion import proportion_confint

    hits, trials, effect = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (successes, n, deff)))
    if not np.all((hits >= 0) & (hits <= trials)):
        raise ValueError("successes must be counts from 0 to n")
    if not np.all(effect >= 1):
        raise ValueError("deff must be at least 1")
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1")
    n_eff = np.where(trials > 0, trials, np.nan) / effect
    low, high = proportion_confint(hits / effect, n_eff, alpha=1 - level, method="wilson")
    return np.asarray(low), np.asarray(high)
