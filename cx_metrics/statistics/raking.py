"""Weights that make those who answered look like everybody, as far as both are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

MOST_TIMES_MEDIAN = 5.0
"""A weight beyond so many times its group's median is cut down to it: one answer must not speak for a crowd."""
_MOST_ROUNDS = 200
_CLOSE = 1e-8


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights of the answers in each cell, and what they cost each group.

    Attributes:
        weights: What one answer of a cell counts; 1 on average over the answers of a group, 0 in cells
            without answers.
        deff: Kish's design effect of each group, ``n sum(w^2) / sum(w)^2``, at least 1; NaN without answers.
        converged: Whether the margins of a group were met before its weights were cut.
        covered: Smallest share of a group's population, over the margins, in levels that anybody answered
            from; the others have nobody to speak for them.
    """

    weights: Floats
    deff: Floats
    converged: NDArray[np.bool_]
    covered: Floats


def rake(
    answers: ArrayLike,
    population: ArrayLike,
    margins: Sequence[ArrayLike],
    *,
    groups: ArrayLike | None = None,
    most_times_median: float = MOST_TIMES_MEDIAN,
) -> Raked:
    """Weights by iterative proportional fitting: each margin of the answers becomes that of the population.

    Groups are weighted each by itself. A level nobody answered from is left out of its margin. Weights beyond
    5 times the median of their group are cut, and all of it scaled back to a mean of 1.

    Args:
        answers: Answers per cell, whole numbers.
        population: Everybody per cell, same length.
        margins: One array for each margin: the level of each cell, as whole numbers from 0.
        groups: The group of each cell, from 0; all are of one group where left out.
        most_times_median: Where weights are cut.

    Raises:
        ValueError: Lengths differ, or a count is negative or missing.

    Source:
        Deming & Stephan 1940; Kish 1992 for the design effect.
    """
    asked, everybody = np.asarray(answers, dtype=float), np.asarray(population, dtype=float)
    group = np.zeros(asked.size, dtype=np.intp) if groups is None else np.asarray(groups, dtype=np.intp)
    levels = [np.asarray(margin, dtype=np.intp) for margin in margins]
    if any(part.shape != asked.shape for part in (everybody, group, *levels)):
        raise ValueError("answers, population, groups and margins need one entry for each cell")
    if not np.all((asked >= 0) & (everybody >= 0)):
        raise ValueError("answers and population must be counts from 0 up")
    n_groups = int(group.max(initial=0)) + 1
    keys = [group * (int(level.max(initial=0)) + 1) + level for level in levels]
    targets, covered = _targets(asked, everybody, keys, group, n_groups)
    weights, converged = _fit(asked, keys, targets, group, n_groups)
    weights = _cut(weights, asked, group, n_groups, most_times_median)
    total, squares = (np.bincount(group, asked * part, n_groups) for part in (weights, weights**2))
    n = np.bincount(group, asked, n_groups)
    deff = np.divide(n * squares, total**2, out=np.full(n_groups, np.nan), where=total > 0)
    return Raked(weights, np.maximum(deff, 1.0), converged, covered)


def _targets(
    asked: Floats, everybody: Floats, keys: Sequence[Codes], group: Codes, n_groups: int
) -> tuple[list[Floats], Floats]:
    """What each level of each margin should weigh, and the share of the population the levels reach."""
    n, size = np.bincount(group, asked, n_groups), np.bincount(group, everybody, n_groups)
    covered, targets = np.ones(n_groups), list[Floats]()
    for key in keys:
        has_answers = np.bincount(key, asked)[key] > 0
        reached = np.bincount(group, np.where(has_answers, everybody, 0.0), n_groups)
        scale = np.divide(n, reached, out=np.zeros(n_groups), where=reached > 0)
        targets.append(np.bincount(key, np.where(has_answers, everybody * scale[group], 0.0)).astype(float))
        covered = np.minimum(covered, np.divide(reached, size, out=np.zeros(n_groups), where=size > 0))
    return targets, covered


def _fit(
    asked: Floats, keys: Sequence[Codes], targets: Sequence[Floats], group: Codes, n_groups: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Weights that meet every target, and which groups do so."""
    weights = (asked > 0).astype(float)
    off = np.zeros(n_groups)
    for _ in range(_MOST_ROUNDS):
        off[:] = 0.0
        for key, target in zip(keys, targets, strict=True):
            now = np.bincount(key, asked * weights)
            factor = np.divide(target, now, out=np.ones(now.size), where=now > 0)[key]
            np.maximum.at(off, group, np.where(asked > 0, np.abs(factor - 1), 0.0))
            weights = weights * factor
        if np.all(off < _CLOSE):
            break
    return weights, off < _CLOSE


def _cut(weights: Floats, asked: Floats, group: Codes, n_groups: int, times: float) -> Floats:
    """The weights with the largest cut, on average 1 over the answers of each group."""
    cut = np.minimum(weights, times * _medians(weights, asked, group, n_groups)[group])
    n, total = np.bincount(group, asked, n_groups), np.bincount(group, asked * cut, n_groups)
    return np.asarray(cut * np.divide(n, total, out=np.zeros(n_groups), where=total > 0)[group])


def _medians(weights: Floats, asked: Floats, group: Codes, n_groups: int) -> Floats:
    """Median weight of the answers of each group; 0 without answers."""
    order = np.lexsort((weights, group))
    up_to = np.cumsum(asked[order])
    n = np.bincount(group, asked, n_groups)
    first = np.cumsum(n) - n
    ranks = ((n - 1) // 2, n // 2)
    places = [np.searchsorted(up_to, first + np.maximum(rank, 0), side="right") for rank in ranks]
    middle = [weights[order[np.minimum(place, max(order.size - 1, 0))]] if order.size else n for place in places]
    return np.where(n > 0, np.mean(middle, axis=0), 0.0)
