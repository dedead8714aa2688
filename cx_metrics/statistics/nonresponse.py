"""How wrong a score can be because most stay silent.

Weights cure what they can see and nothing else. What is left is said in four ways: the worst case, the score of
the silent at which a target would be missed, the range if they differ by so much, and the one comparison for
which everybody's truth is known: do those who answered come back as often as everybody?
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z_95 = 1.96


class Silence(NamedTuple):
    """Whether those who answered behave like everybody; one entry per group.

    Attributes:
        gap: Recontact rate of those who answered less everybody's; NaN where either is unknown.
        z: The gap in standard errors; NaN where it can't be told.
        fires: Whether it is more than chance, ``|z| > 1.96``.
    """

    gap: Floats
    z: Floats
    fires: NDArray[np.bool_]


def worst_case(score: ArrayLike, rate: ArrayLike) -> tuple[Floats, Floats]:
    """Where everybody's share lies whatever the silent think: ``RR m`` to ``RR m + 1 - RR``.

    Args:
        score: Share m of those who answered, 0..1, unweighted.
        rate: Share RR of everybody who answered, 0..1.

    Source:
        Manski 1989.
    """
    m, answered = np.broadcast_arrays(np.asarray(score, dtype=float), np.asarray(rate, dtype=float))
    return answered * m, answered * m + 1 - answered


def tipping_point(score: ArrayLike, rate: ArrayLike, target: ArrayLike) -> Floats:
    """Share of the silent at which everybody's share is just the target: ``(target - RR m) / (1 - RR)``.

    Below 0 the target is met even if none of the silent were happy, above 1 it is missed even if all were. NaN
    where nobody is silent.

    Args:
        score: Share m of those who answered, 0..1, unweighted.
        rate: Share RR of everybody who answered, 0..1.
        target: The share to be reached, 0..1.
    """
    m, answered, aim = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (score, rate, target)))
    return np.asarray(np.divide(aim - answered * m, 1 - answered, out=np.full(m.shape, np.nan), where=answered < 1))


def delta_range(score: ArrayLike, rate: ArrayLike, delta: float) -> tuple[Floats, Floats]:
    """Where everybody's share lies if the silent differ by at most ``delta``: ``m -+ delta (1 - RR)`` in 0..1.

    Args:
        score: Share m of those who answered, 0..1, weighted or not.
        rate: Share RR of everybody who answered, 0..1.
        delta: How far the silent may be from them, in 0..1.
    """
    m, answered = np.broadcast_arrays(np.asarray(score, dtype=float), np.asarray(rate, dtype=float))
    reach = delta * (1 - answered)
    return np.maximum(m - reach, 0.0), np.minimum(m + reach, 1.0)


def silence_test(
    answered_rate: ArrayLike, all_rate: ArrayLike, *, n: ArrayLike, n_all: ArrayLike, deff: ArrayLike = 1.0
) -> Silence:
    """Whether those who answered come back as often as everybody does.

    ``z = (r - R) / sqrt(R (1 - R) (1 - n/N) deff / n)``: those who answered are taken for a sample of everybody
    whose own rate is known, not estimated.

    Args:
        answered_rate: Weighted recontact rate r of those who answered, 0..1; NaN where unknown.
        all_rate: Recontact rate R of everybody, those who answered among them.
        n: How many who answered r rests on.
        n_all: How many R rests on.
        deff: Design effect of the weights and of customers who answered more than once, at least 1.

    Returns:
        No verdict (z NaN) where nobody came back, everybody did, or everybody answered.
    """
    arrays = (np.asarray(a, dtype=float) for a in (answered_rate, all_rate, n, n_all, deff))
    r, everybody, size, size_all, effect = np.broadcast_arrays(*arrays)
    gap = r - everybody
    known = (size > 0) & (size < size_all) & (everybody > 0) & (everybody < 1) & ~np.isnan(gap)
    n_eff = np.where(known, size / effect, 1.0)
    left_out = 1 - np.where(known, size / np.where(known, size_all, 1.0), 0.0)
    spread = np.sqrt(np.where(known, everybody * (1 - everybody) * left_out / n_eff, 1.0))
    z = np.where(known, gap / spread, np.nan)
    return Silence(gap, z, np.abs(z) > Z_95)
