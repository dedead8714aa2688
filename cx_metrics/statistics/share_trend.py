"""Whether a share rises or falls over weeks, by more than its weeks usually stray."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEAST_PERIODS = 8
SURE = 0.01
"""Weeks resemble their neighbours, which no formula here knows: only p below .01 is called a trend."""


class ShareTrend(NamedTuple):
    """The line through a share over time.

    Attributes:
        first: The line at the first period, 0..1.
        last: The line at the last period.
        p: Chance of such a slope without any trend.
        beyond: Whether that is below .01.
    """

    first: float
    last: float
    p: float
    beyond: bool


def share_trend(successes: ArrayLike, n: ArrayLike) -> ShareTrend | None:
    """The straight line through the log-odds of a share, with a spread learnt from the periods themselves.

    A binomial model whose variance is multiplied by the Pearson dispersion, at least 1, and a t quantile with
    two degrees of freedom fewer than there are periods.

    Args:
        successes: Per period, in order of time.
        n: Trials; periods without any are left out.

    Returns:
        None with fewer than 8 periods, or where no period has a success or none a failure.

    Source:
        Quasi-binomial regression (McCullagh & Nelder 1989, 4.5), by statsmodels.
    """
    hits, trials = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    at = np.flatnonzero(trials > 0)
    hits, trials = hits[at], trials[at]
    if at.size < LEAST_PERIODS or not 0 < hits.sum() < trials.sum():
        return None
    line, slope, error = _fit(hits, trials, at.astype(float))
    from scipy.stats import t

    p = float(2 * t.sf(abs(slope) / error, at.size - 2))
    return ShareTrend(float(line[0]), float(line[-1]), p, p < SURE)


def _fit(hits: Floats, trials: Floats, at: Floats) -> tuple[Floats, float, float]:
    """The fitted shares, the slope per period in log-odds, and its standard error."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    design = np.column_stack([np.ones(at.size), at - at.mean()])
    fit = GLM(np.column_stack([hits, trials - hits]), design, family=Binomial()).fit()
    dispersion = max(float(fit.pearson_chi2) / (at.size - 2), 1.0)
    return np.asarray(fit.fittedvalues), float(fit.params[1]), float(fit.bse[1] * np.sqrt(dispersion))
