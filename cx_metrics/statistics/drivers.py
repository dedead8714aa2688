"""Which attributes go with a yes, all of them together in one model, with customers as clusters.

One at a time, attributes take the blame for each other: in simulations such lists accused an innocent team in 74 of
100 runs, because its products were the hard ones. Even together they are associations, never causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cx_metrics.statistics.many import false_discovery_rate

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

LEAST_OF_LEVEL = 20
"""Levels with fewer trials, or with nothing but yes or no, are taken together."""
MOST_LEVELS = 15
"""So many levels of an attribute stand alone, the most frequent ones; the others are taken together."""
LEAST_CUSTOMERS = 30
Q = 0.05
"""False discovery rate at which an attribute counts as playing a part."""
OTHER = "other levels"
_MOST_ERROR = 10.0
"""Standard error in log-odds beyond which the model can't tell levels apart."""
_Z = 1.959963984540054


class Attribute(NamedTuple):
    """One attribute's part in it.

    Attributes:
        name: The attribute.
        p: Chance of such differences between its levels without any, the other attributes held (Wald test).
        q: The same among all attributes tested (Benjamini & Hochberg).
    """

    name: str
    p: float
    q: float


class Effect(NamedTuple):
    """What a level adds to the share of yes against the most frequent level of its attribute, all others alike.

    Attributes:
        attribute: The attribute.
        level: The level; ``OTHER`` for thin ones taken together.
        n: Trials with it.
        yes: Those with a yes.
        effect: Average marginal effect, -1..1; 0 for the reference, which has no interval.
        low: Lower end of the 95% interval, NaN for the reference.
        high: Upper end, likewise.
    """

    attribute: str
    level: str
    n: int
    yes: int
    effect: float
    low: float
    high: float


@dataclass(frozen=True)
class Drivers:
    """What goes with a yes, or why a model can't say.

    Attributes:
        attributes: Those in the model, smallest q first.
        effects: Levels of each, the most frequent first.
        n: Trials in the model.
        n_customers: Customers in it.
        left_out: Attributes that say nothing beyond the others, or have one level only.
        reason: Why there is no model, in words; None where there is one.
    """

    attributes: tuple[Attribute, ...]
    effects: tuple[Effect, ...]
    n: int
    n_customers: int
    left_out: tuple[str, ...] = ()
    reason: str | None = None


class _Factor(NamedTuple):
    """An attribute as columns: one for each level but the first, which is the most frequent."""

    name: str
    codes: Codes
    levels: tuple[str, ...]


def drivers(yes: ArrayLike, customers: ArrayLike, attributes: Mapping[str, ArrayLike]) -> Drivers:
    """The joint model: a logit on all attributes as dummies, its errors clustered by customer.

    An attribute that can't be told from those before it is left out. Levels too thin for the model are taken together,
    with the next smallest ones where together they still are too thin.

    Args:
        yes: Flag of each trial.
        customers: Who each trial is of; any labels without a missing one.
        attributes: The level of each trial as text, by attribute, the most important first.

    Source:
        Logit with clustered covariance and Wald tests by statsmodels; marginal effects are its
        ``get_margeff(at="overall", dummy=True)`` for two levels. Of more, it would leave a trial both the level and
        its own; here a trial has one level at a time.
    """
    y = np.asarray(yes, dtype=float)
    groups = np.unique(np.asarray(customers), return_inverse=True)[1]
    n_customers = int(groups.max()) + 1 if groups.size else 0

    def unknown(reason: str, left_out: Sequence[str] = ()) -> Drivers:
        return Drivers((), (), y.size, n_customers, tuple(left_out), reason)

    if n_customers < LEAST_CUSTOMERS:
        return unknown(f"fewer than {LEAST_CUSTOMERS} customers")
    if not 0 < y.sum() < y.size:
        return unknown("all of them came back" if y.sum() else "none of them came back")
    factors, left_out = _independent([_factor(name, values, y) for name, values in attributes.items()], y.size)
    if not factors:
        return unknown("they are alike in everything that is known of them", left_out)
    fitted = _fit(y, _matrix(factors, y.size), groups)
    if isinstance(fitted, str):
        return unknown(fitted, left_out)
    return Drivers(*_told(factors, y, fitted), y.size, n_customers, tuple(left_out))


def _factor(name: str, values: ArrayLike, y: Floats) -> _Factor:
    labels, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    n, hits = np.bincount(codes), np.bincount(codes, y)
    thin = (n < LEAST_OF_LEVEL) | (hits == 0) | (hits == n)
    order = np.lexsort((np.arange(n.size), n))
    thin[order[: max(n.size - MOST_LEVELS, 0)]] = True
    for smallest in order:
        together = n[thin].sum(), hits[thin].sum()
        if not thin.any() or (together[0] >= LEAST_OF_LEVEL and 0 < together[1] < together[0]):
            break
        thin[smallest] = True
    kept = [int(level) for level in order[::-1] if not thin[level]]
    new = np.full(n.size, len(kept), dtype=np.int64)
    new[kept] = np.arange(len(kept))
    names = (*(str(labels[level]) for level in kept), *((OTHER,) if thin.any() else ()))
    return _Factor(name, new[codes], names)


def _independent(factors: Sequence[_Factor], n: int) -> tuple[list[_Factor], list[str]]:
    """The factors that add something to those before them, and the names of the others."""
    places, start = [], 1
    for factor in factors:
        places.append(range(start, start + len(factor.levels) - 1))
        start += len(factor.levels) - 1
    matrix = _matrix(factors, n)
    products = matrix.T @ matrix
    kept, columns = [], [0]
    for factor, own in zip(factors, places, strict=True):
        both = [*columns, *own]
        # Counts of the pairs of levels: whole numbers, so that a rank short of full is told for sure.
        if len(own) and np.linalg.matrix_rank(products[np.ix_(both, both)], hermitian=True) == len(both):
            kept.append(factor)
            columns = both
    return kept, [factor.name for factor in factors if not any(factor is other for other in kept)]


def _matrix(factors: Sequence[_Factor], n: int) -> Floats:
    dummies = [factor.codes[:, None] == np.arange(1, len(factor.levels)) for factor in factors]
    return np.column_stack([np.ones(n), *dummies]).astype(float)


def _fit(y: Floats, matrix: Floats, groups: NDArray[np.intp]) -> Any:
    """The fitted model; a text that says why there is none."""
    import warnings

    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    with warnings.catch_warnings():
        # What they warn of is checked below.
        warnings.simplefilter("ignore")
        try:
            fit = Logit(y, matrix).fit(disp=0, maxiter=60, cov_type="cluster", cov_kwds={"groups": groups})
        except (np.linalg.LinAlgError, PerfectSeparationError):
            return "some attributes tell exactly who came back"
    errors = np.asarray(fit.bse)
    if not fit.mle_retvals["converged"] or not np.isfinite(errors).all() or errors.max() > _MOST_ERROR:
        return "the model does not settle: some combinations of attributes have too few contacts"
    return fit


def _told(factors: Sequence[_Factor], y: Floats, fit: Any) -> tuple[tuple[Attribute, ...], tuple[Effect, ...]]:
    beta, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
    matrix = np.asarray(fit.model.exog)
    p, effects, start = [], [], 1
    for factor in factors:
        columns = np.arange(start, start + len(factor.levels) - 1)
        start += columns.size
        picks = np.eye(beta.size)[columns]
        p.append(float(fit.wald_test(picks, use_f=False, scalar=True).pvalue))
        effects += _effects(factor, y, matrix, columns, beta, covariance)
    tested = map(Attribute, (factor.name for factor in factors), p, false_discovery_rate(p).tolist())
    ordered = tuple(sorted(tested, key=lambda attribute: attribute.q))
    place = {attribute.name: at for at, attribute in enumerate(ordered)}
    return ordered, tuple(sorted(effects, key=lambda effect: place[effect.attribute]))


def _effects(
    factor: _Factor, y: Floats, matrix: Floats, columns: NDArray[np.intp], beta: Floats, covariance: Floats
) -> list[Effect]:
    bare = matrix.copy()
    bare[:, columns] = 0.0
    odds = bare @ beta
    p0, g0 = _mean(bare, None, odds)
    n, yes = np.bincount(factor.codes), np.bincount(factor.codes, y)
    rows = [Effect(factor.name, factor.levels[0], int(n[0]), int(yes[0]), 0.0, np.nan, np.nan)]
    for at, column in enumerate(columns, start=1):
        p1, g1 = _mean(bare, int(column), odds + beta[column])
        slope = g1 - g0
        half = _Z * float(np.sqrt(slope @ covariance @ slope))
        gap = p1 - p0
        rows.append(Effect(factor.name, factor.levels[at], int(n[at]), int(yes[at]), gap, gap - half, gap + half))
    return rows


def _mean(bare: Floats, column: int | None, odds: Floats) -> tuple[float, Floats]:
    """Mean chance over all trials with one level, and its gradient in the coefficients."""
    chance = 1 / (1 + np.exp(-odds))
    steep = chance * (1 - chance) / odds.size
    gradient = bare.T @ steep
    if column is not None:
        gradient[column] = steep.sum()
    return float(chance.mean()), gradient
