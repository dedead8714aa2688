"""Rates per exposure (contacts per order, per device): their interval, and whether they trend.

Contacts come in clumps, so counts stray further than Poisson lets expect; by how much is learnt from the weeks, and
every interval is widened by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEAST_PERIODS = 8
P_TREND = 0.01
"""Below it a trend is called: weeks resemble their neighbours, which makes 5 of 100 thirteen."""


@dataclass(frozen=True)
class ExposureTrend:
    """How a rate per exposure moves from one period to the next.

    Attributes:
        change_rate: Of the rate per period, -1 or more; 0.01 is one per cent more each period.
        low: Lower end of its 95% interval.
        high: Upper end.
        p_value: How often as steep a trend comes by chance where there is none, by the over-dispersed model.
        dispersion: Variance of the counts over what Poisson lets expect, at least 1.
        n: Periods.
    """

    change_rate: float
    low: float
    high: float
    p_value: float
    dispersion: float
    n: int

    @property
    def is_trend(self) -> bool:
        """Whether the trend is more than chance."""
        return self.p_value < P_TREND


def rate_interval(
    counts: ArrayLike, exposure: ArrayLike, *, dispersion: ArrayLike = 1.0, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Exact Poisson interval of ``counts / exposure``, on the effective count ``counts / dispersion``.

    Args:
        counts: How many, 0 or more; a scalar or an array, broadcast with the others.
        exposure: Per how much, in any unit.
        dispersion: Variance of the counts over their mean, at least 1.
        level: Confidence level, between 0 and 1.

    Returns:
        Lower and upper ends in the broadcast shape; NaN where the exposure is 0.

    Raises:
        ValueError: A count or exposure is negative or missing, a dispersion below 1, or the level isn't in (0, 1).

    Source:
        Garwood 1936, as R's poisson.test; by statsmodels.
    """
    from statsmodels.stats.rates import confint_poisson

    found, per, spread = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (counts, exposure, dispersion)))
    if not (np.all(found >= 0) and np.all(per >= 0)):
        raise ValueError("counts and exposures must be 0 or more")
    if not np.all(spread >= 1):
        raise ValueError("a dispersion must be at least 1")
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1")
    effective = np.where(per > 0, per, 1.0) / spread
    low, high = confint_poisson(found / spread, effective, method="exact-c", alpha=1 - level)
    return np.where(per > 0, low, np.nan), np.where(per > 0, high, np.nan)


def overdispersion(counts: ArrayLike, exposure: ArrayLike) -> Floats:
    """Variance of the counts over what a constant rate lets expect of Poisson, at least 1; one per row.

    Pearson's statistic by its degrees of freedom. It is 1 with fewer than 8 periods, which can't tell.

    Args:
        counts: A row per group and a column per period.
        exposure: One per period, above 0.
    """
    found, per = np.atleast_2d(np.asarray(counts, dtype=float)), np.asarray(exposure, dtype=float)
    n = per.size
    if n < LEAST_PERIODS:
        return np.ones(len(found))
    expected = np.outer(found.sum(axis=1), per / per.sum())
    squares = np.divide((found - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    return np.asarray(np.maximum(squares.sum(axis=1) / (n - 1), 1.0))


def exposure_trend(counts: ArrayLike, exposure: ArrayLike) -> ExposureTrend | None:
    """The trend of a rate over equal periods: a Poisson model with the log of the exposure as offset.

    Its errors are widened by Pearson's dispersion, never narrowed.

    Args:
        counts: One per period, oldest first.
        exposure: One per period, above 0.

    Returns:
        None with fewer than 8 periods or without any count.

    Source:
        McCullagh & Nelder 1989, section 6.2 (quasi-likelihood), by statsmodels.
    """
    from scipy.stats import norm

    found, per = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    if found.size < LEAST_PERIODS or not found.sum():
        return None
    slope, spread, dispersion = _fitted(found, per)
    half = float(norm.ppf(0.975)) * spread
    return ExposureTrend(
        change_rate=float(np.expm1(slope)),
        low=float(np.expm1(slope - half)),
        high=float(np.expm1(slope + half)),
        p_value=float(2 * norm.sf(abs(slope) / spread)),
        dispersion=dispersion,
        n=found.size,
    )


def _fitted(counts: Floats, exposure: Floats) -> tuple[float, float, float]:
    """Slope per period, its standard error, and the dispersion in it."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    steps = np.arange(counts.size) - (counts.size - 1) / 2
    design = np.column_stack([np.ones(counts.size), steps])
    # With scale="X2" the fit would stumble over counts that lie on the curve exactly.
    model = GLM(counts, design, family=Poisson(), offset=np.log(exposure)).fit(
        scale=1.0, maxiter=200, tol=1e-10, tol_criterion="params"
    )
    dispersion = max(float(model.pearson_chi2) / float(model.df_resid), 1.0)
    return float(model.params[1]), float(model.bse[1]) * dispersion**0.5, dispersion
