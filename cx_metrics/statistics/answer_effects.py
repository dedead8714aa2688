"""What goes with answering, all attributes taken together: one at a time they would blame each other's doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

LEAST_OF_LEVEL = 20
MOST_LEVELS = 40
"""Levels with fewer trials, with nothing but successes or failures, or beyond the 40 most frequent of their attribute
are taken together as one."""
_MOST_ERROR = 10.0
"""Standard error in log-odds beyond which levels can't be told apart: one determines the answers of another."""
_Z = 1.959963984540054
_OTHER = -1


class _Design(NamedTuple):
    """The columns of a model: a constant, then one for each level but the most frequent of each attribute."""

    matrix: Floats
    codes: dict[str, Codes]
    columns: dict[str, dict[int, int]]
    reference: dict[str, int]


def answer_effects(successes: ArrayLike, n: ArrayLike, attributes: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """How many points a level adds to a share against its attribute's most frequent level, all others alike.

    Average marginal effects of one binomial model with all attributes: the mean over all trials of the chance
    with the level less that with the reference, each trial's other attributes as they are. Intervals by the
    delta method, widened by the Pearson dispersion where that is above 1; customers are not told apart.

    Args:
        successes: Per cell.
        n: Trials per cell.
        attributes: The level of each cell, by attribute; texts or numbers.

    Returns:
        ``attribute``, ``level``, ``effect`` in -1..1 with ``low`` and ``high``, ``reference`` (the level compared
        with), and ``p``, the chance of such differences between the attribute's levels without any (Wald test).
        Only attributes with two levels or more that a model can tell apart, and only these levels; no rows where
        there are none.

    Source:
        Average marginal effects of a logit: statsmodels' ``get_margeff(at="overall", dummy=True)`` for two levels. Of
        more, it would leave a trial both the level and its own; here a trial has one level at a time.
    """
    hits, trials = (np.asarray(a, dtype=float) for a in (successes, n))
    kept = trials > 0
    levels = {name: pd.factorize(np.asarray(values)[kept], sort=True) for name, values in attributes.items()}
    hits, trials = hits[kept], trials[kept]
    if not 0 < hits.sum() < trials.sum():
        return _frame([])
    codes, hits, trials = _collapsed(
        {name: _merged(found[0], hits, trials) for name, found in levels.items()}, hits, trials
    )
    design = _design(codes, trials)
    if not design.codes:
        return _frame([])
    fitted = _fit(design.matrix, hits, trials)
    if fitted is None:
        return _frame([])
    rows = []
    for name in design.codes:
        rows += _effects(name, levels[name][1], design, trials, *fitted)
    return _frame(rows)


def _merged(codes: Codes, hits: Floats, trials: Floats) -> Codes:
    """The codes, with levels too thin for a model as one level, -1."""
    k, n = np.bincount(codes, hits), np.bincount(codes, trials)
    kept = np.argsort(-n, kind="stable")[:MOST_LEVELS]
    thin = (n < LEAST_OF_LEVEL) | (k == 0) | (k == n) | ~np.isin(np.arange(n.size), kept)
    return np.where(thin[codes], _OTHER, codes)


def _collapsed(codes: Mapping[str, Codes], hits: Floats, trials: Floats) -> tuple[dict[str, Codes], Floats, Floats]:
    """One cell for each combination of levels that is left, so that the model's size is bounded."""
    key = np.zeros(trials.size, dtype=np.int64)
    for own in codes.values():
        key = key * (int(own.max(initial=0)) + 2) + own - _OTHER
    _, first, rows = np.unique(key, return_index=True, return_inverse=True)
    sums = [np.bincount(rows, part, first.size).astype(float) for part in (hits, trials)]
    return {name: own[first] for name, own in codes.items()}, sums[0], sums[1]


def _design(codes: Mapping[str, Codes], trials: Floats) -> _Design:
    columns: list[Floats] = [np.ones(trials.size)]
    used: dict[str, Codes] = {}
    places: dict[str, dict[int, int]] = {}
    reference: dict[str, int] = {}
    for name, own in codes.items():
        sizes = {int(level): trials[own == level].sum() for level in np.unique(own)}
        if len(sizes) < 2:
            continue
        used[name], places[name] = own, {}
        reference[name] = max(sizes, key=lambda level: (level != _OTHER, sizes[level]))
        for level in sizes:
            if level != reference[name]:
                places[name][level] = len(columns)
                columns.append((own == level).astype(float))
    return _Design(np.column_stack(columns), used, places, reference)


def _fit(matrix: Floats, hits: Floats, trials: Floats) -> tuple[Floats, Floats] | None:
    """Coefficients and their covariance; None where the model can't tell the levels apart."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return None
    # Successes and failures as rows of their own: a model that fits every cell is no perfect prediction then.
    said, counts = np.repeat([1.0, 0.0], trials.size), np.concatenate([hits, trials - hits])
    kept = counts > 0
    model = GLM(said[kept], np.vstack([matrix, matrix])[kept], family=Binomial(), freq_weights=counts[kept])
    fit = model.fit()
    beta, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
    chance = 1 / (1 + np.exp(-(matrix @ beta)))
    misfit = float((trials * (hits / trials - chance) ** 2 / (chance * (1 - chance))).sum())
    dispersion = max(misfit / max(trials.size - matrix.shape[1], 1), 1.0)
    is_told = bool(fit.converged) and float(np.sqrt(np.diag(covariance)).max()) < _MOST_ERROR
    return (beta, covariance * dispersion) if is_told else None


def _effects(
    name: str, labels: ArrayLike, design: _Design, trials: Floats, beta: Floats, covariance: Floats
) -> list[dict[str, object]]:
    columns, names = design.columns[name], np.asarray(labels)
    bare = design.matrix.copy()
    bare[:, list(columns.values())] = 0.0
    p0, g0 = _mean(bare, None, trials, beta)
    reference = names[design.reference[name]] if design.reference[name] != _OTHER else None
    p = _wald(beta, covariance, list(columns.values()))
    rows: list[dict[str, object]] = []
    for level, column in columns.items():
        if level == _OTHER:
            continue
        p1, g1 = _mean(bare, column, trials, beta)
        half = _Z * float(np.sqrt((g1 - g0) @ covariance @ (g1 - g0)))
        ends = {"effect": p1 - p0, "low": p1 - p0 - half, "high": p1 - p0 + half}
        rows.append({"attribute": name, "level": names[level], **ends, "reference": reference, "p": p})
    return rows


def _mean(bare: Floats, column: int | None, trials: Floats, beta: Floats) -> tuple[float, Floats]:
    """Mean chance over all trials with one level, and its gradient in the coefficients."""
    chance = 1 / (1 + np.exp(-(bare @ beta + (beta[column] if column is not None else 0.0))))
    weight = trials / trials.sum()
    steep = weight * chance * (1 - chance)
    gradient = bare.T @ steep
    if column is not None:
        gradient[column] = steep.sum()
    return float(weight @ chance), gradient


def _wald(beta: Floats, covariance: Floats, columns: list[int]) -> float:
    from scipy.stats import chi2

    own = beta[columns]
    distance = own @ np.linalg.solve(covariance[np.ix_(columns, columns)], own)
    return float(chi2.sf(distance, len(columns)))


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["attribute", "level", "effect", "low", "high", "reference", "p"])
