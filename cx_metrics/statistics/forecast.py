"""How many contacts the next weeks bring, with honest ranges.

The logarithm of a day's count is a level that wanders, plus a fixed pattern of weekdays, plus noise. That is
``UnobservedComponents('llevel', freq_seasonal=[{'period': 7, 'harmonics': 3}], stochastic_freq_seasonal=[False])``
of statsmodels, solved here in closed form: all series have the same length, so the random walk's covariance is
decomposed once, and what is left of a fit is one number, q = variance of the level's steps / variance of the
noise. A hundred series take a tenth of a second, and the likelihood's highest point can't be missed.

Totals come from summed paths, because the ends of daily ranges don't add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WEEK = 7
TRAIN = 26 * WEEK
"""Days a forecast learns from."""
LOOK_BACK = 8
"""Weeks whose same weekday says what an open day is."""

_ALMOST_CLOSED = 1 / 3
_LEAST_OPEN = 30
_PATHS, _SEED = 800, 7
_HALF = 0.5
# So few at a time that BLAS needs no second thread: on a busy machine its threads wait for each other.
_RATIOS = np.concatenate([[0.0], np.logspace(-7, 4, 27)])
_ROUNDS = 3
_LEAST_VARIANCE = 1e-10


class Fit(NamedTuple):
    """The model of one series.

    Attributes:
        noise: Variance of the noise of a day, on the scale of the series given.
        ratio: Variance of the level's daily steps over that of the noise.
        log_likelihood: Marginal (restricted) log-likelihood at its highest point.
    """

    noise: float
    ratio: float
    log_likelihood: float


class Ahead(NamedTuple):
    """The days that follow a series, on its own scale.

    Attributes:
        model: The series' model.
        mean: What is expected of each day.
        start: Variance of the level on the last day of the series, in units of the noise's.
        unsure: A row per day: what the unknown weekday pattern adds to the day's error, as a sum of
            independent parts of the noise's size.
    """

    model: Fit
    mean: Floats
    start: float
    unsure: Floats

    def covariance(self) -> Floats:
        """Of each two of the days."""
        later = np.arange(1.0, self.mean.size + 1)
        walk = self.model.ratio * np.minimum.outer(later, later) + self.start
        return np.asarray(self.model.noise * (np.eye(later.size) + walk + self.unsure @ self.unsure.T))


class Range(NamedTuple):
    """A number that is yet to come.

    Attributes:
        value: Its median.
        low, high: Where it lies with 95 %.
        low_80, high_80: Where it lies with 80 %.
    """

    value: float
    low: float
    high: float
    low_80: float
    high_80: float


def fit(series: ArrayLike, *, harmonics: int = 3, beside: Floats | None = None) -> Fit:
    """The variances under which a series is most likely, its start and weekday pattern being unknown.

    Args:
        series: Consecutive days, oldest first.
        harmonics: Waves of the week: 3 are any pattern of weekdays, 0 is none.
        beside: What else moves the series, each with an unknown weight: a column each, a row per day.

    Source:
        Durbin & Koopman 2012, chapter 2: the local level model with a diffuse start. That likelihood is the
        restricted one of Harville 1977.
    """
    z = np.asarray(series, dtype=float)
    walk = _walk_beside(z.size, harmonics, beside)
    turned = walk.turn(z)
    ratios = _RATIOS
    for _ in range(_ROUNDS):
        best = int(np.argmax(_profile(turned, walk, ratios)[1]))
        ratios = np.linspace(ratios[max(best - 1, 0)], ratios[min(best + 1, ratios.size - 1)], _RATIOS.size)
    noise, heights = _profile(turned, walk, ratios)
    best = int(np.argmax(heights))
    return Fit(float(noise[best]), float(ratios[best]), float(heights[best]))


def paths(counts: ArrayLike, *, days: int) -> Floats:
    """Ways the coming days can go: daily counts, one row per path, the same ones each time.

    Args:
        counts: Contacts of the last 182 days or so, whole weeks, days without any as 0; closed days replaced.
        days: How many days ahead.

    Raises:
        ValueError: The days don't make whole weeks, or a count is negative or missing.
    """
    y = np.asarray(counts, dtype=float)
    if y.ndim != 1 or y.size < 2 * WEEK or y.size % WEEK or not np.all((y >= 0) & np.isfinite(y)):
        raise ValueError("a forecast needs counts from 0 up of at least two whole weeks, without gaps")
    return np.asarray(np.maximum(np.exp(_futures(np.log(y + _HALF), days=days).T) - _HALF, 0.0))


def predictive(
    series: ArrayLike,
    *,
    days: int,
    fitted: Fit | None = None,
    beside: Floats | None = None,
    beside_ahead: Floats | None = None,
) -> Ahead:
    """What a series says of the days that follow it, on its own scale.

    Args:
        series: Consecutive days, whole weeks, oldest first.
        days: How many days ahead.
        fitted: Its model; fitted here where left out.
        beside: What else moves the series, as in `fit`.
        beside_ahead: The same over the days ahead.
    """
    z = np.asarray(series, dtype=float)
    model = fitted or fit(z, beside=beside)
    walk, q = _walk_beside(z.size, 3, beside), model.ratio
    weights = 1 / (1 + q * walk.spread)
    inverse = np.linalg.inv((weights @ walk.crossed).reshape(walk.x.shape[1], -1))
    turned = walk.turn(z)
    pattern = inverse @ ((weights * turned) @ walk.x)
    level = q * (walk.steps * weights) @ (turned - walk.x @ pattern)
    ahead = _design(days, 3) if beside_ahead is None else np.hstack([_design(days, 3), beside_ahead])
    unsure = (ahead - q * (walk.steps * weights) @ walk.x) @ np.linalg.cholesky(inverse)
    start = q * z.size - q**2 * (walk.steps * weights) @ walk.steps
    return Ahead(model, ahead @ pattern + level, max(float(start), 0.0), unsure)


def likely_ranges(totals: Floats) -> list[Range]:
    """Median, 95 % and 80 % range of each column, over the paths in its rows; to a hundredth."""
    ends = np.quantile(totals, [0.5, 0.025, 0.975, 0.1, 0.9], axis=0)
    return [Range(*column) for column in np.round(ends, 2).T.tolist()]


def same_as_last_week(counts: ArrayLike, *, days: int) -> Floats:
    """The naive forecast: each coming day brings what the same weekday of the last week brought."""
    last = np.asarray(counts, dtype=float)[-WEEK:]
    return np.asarray(np.resize(last, days))


def closed_days(everything: ArrayLike) -> NDArray[np.bool_]:
    """Days on which next to nobody could contact us, by the contacts of all reasons together.

    A day is closed where it has less than a third of the median of the same weekday in the 8 weeks before,
    and that is at least 30: a holiday, not a slow day. Each day is judged by its past only.
    """
    y = np.asarray(everything, dtype=float)
    closed = np.zeros(y.size, dtype=bool)
    for day in range(LOOK_BACK * WEEK, y.size):
        usual = np.median(y[day - LOOK_BACK * WEEK : day : WEEK])
        closed[day] = usual >= _LEAST_OPEN and y[day] < _ALMOST_CLOSED * usual
    return closed


def without_closed_days(counts: ArrayLike, closed: NDArray[np.bool_]) -> Floats:
    """Counts in which a closed day has those of the same weekday a week earlier; one row per series."""
    y = np.array(counts, dtype=float)
    for day in np.flatnonzero(closed):
        y[..., day] = y[..., day - WEEK]
    return y


@dataclass(frozen=True, eq=False)
class _Walk:
    """A random walk's covariance by its axes, with what a fit needs of them.

    Attributes:
        axes: One in each column.
        spread: Variance along each, for steps of variance 1.
        x: The weekday pattern's columns, along the axes.
        crossed: Products of each two of these columns.
        steps: 1, 2, 3, ..., along the axes.
        offset: Logarithm of the determinant of the columns' inner products.
    """

    axes: Floats
    spread: Floats
    x: Floats
    crossed: Floats
    steps: Floats
    offset: float

    def turn(self, series: Floats) -> Floats:
        """A series along the axes."""
        return np.asarray(np.einsum("ij,i->j", self.axes, series))


def _walk_beside(n_days: int, harmonics: int, beside: Floats | None) -> _Walk:
    """The walk whose pattern has further columns."""
    if beside is None:
        return _walk(n_days, harmonics)
    return _walk_with(np.hstack([_design(n_days, harmonics), beside]))


@lru_cache(maxsize=8)
def _walk(n_days: int, harmonics: int) -> _Walk:
    return _walk_with(_design(n_days, harmonics))


def _walk_with(columns: Floats) -> _Walk:
    n_days = len(columns)
    days = np.arange(1.0, n_days + 1)
    angles = (2 * days - 1) * np.pi / (2 * n_days + 1)
    axes = 2 / np.sqrt(2 * n_days + 1) * np.sin(np.outer(days, angles))
    x = axes.T @ columns
    crossed = (x[:, :, None] * x[:, None, :]).reshape(n_days, -1)
    offset = float(np.linalg.slogdet(columns.T @ columns)[1])
    return _Walk(axes, 1 / (2 - 2 * np.cos(angles)), x, crossed, axes.T @ days, offset)


def _profile(turned: Floats, walk: _Walk, ratios: Floats) -> tuple[Floats, Floats]:
    """Variance of the noise and restricted log-likelihood for each ratio."""
    weights = 1 / (1 + np.outer(ratios, walk.spread))
    gram = (weights @ walk.crossed).reshape(ratios.size, walk.x.shape[1], -1)
    moments = weights @ (walk.x * turned[:, None])
    pattern = np.linalg.solve(gram, moments[:, :, None])[:, :, 0]
    free = turned.size - walk.x.shape[1]
    left = weights @ turned**2 - (moments * pattern).sum(axis=1)
    noise = np.maximum(left / free, _LEAST_VARIANCE)
    spread = np.linalg.slogdet(gram)[1] - walk.offset - np.log(weights).sum(axis=1)
    return noise, -(free * (np.log(2 * np.pi * noise) + 1) + spread) / 2


def _futures(series: Floats, *, days: int) -> Floats:
    """Ways a series can go on, one per column; each has its mirror image, so that medians don't depend on luck."""
    said = predictive(series, days=days)
    start, noise, steps, pattern = _shocks(days)
    level = np.sqrt(said.start) * start + np.sqrt(said.model.ratio) * steps
    strays = np.sqrt(said.model.noise) * (noise + level + said.unsure @ pattern)
    return np.hstack([said.mean[:, None] + strays, said.mean[:, None] - strays])


@lru_cache(maxsize=8)
def _shocks(days: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Standard normal draws for the level's start, the noise, the level's way, and the weekday pattern."""
    rng = np.random.default_rng(_SEED)
    start, noise, steps, pattern = (rng.standard_normal((rows, _PATHS // 2)) for rows in (1, days, days, WEEK))
    return start, noise, steps.cumsum(axis=0), pattern


def _design(n_days: int, harmonics: int) -> Floats:
    """One column for the level at the start, two for each wave of the week."""
    turns = 2 * np.pi * np.outer(np.arange(n_days), np.arange(1, harmonics + 1)) / WEEK
    return np.hstack([np.ones((n_days, 1)), np.cos(turns), np.sin(turns)])
