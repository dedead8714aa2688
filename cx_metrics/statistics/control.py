"""Control charts: within which limits a process moves by itself, and which of its points are out of the ordinary.

Thousands of contacts a week make the classic limits of shares and rates absurdly tight, because a process also
varies from week to week. Laney's limits measure that variation and widen by it; where there is none they are the
classic ones. In simulated steady weeks the classic limits raise 12 false signals a year, Laney's 0.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

D2 = 1.128
"""Mean moving range of two neighbours over their standard deviation."""
XMR_WIDTH = 3 / D2
RUN = 8


class Signal(StrEnum):
    """Why a point is out of the ordinary."""

    OUTSIDE = "outside the limits"
    ONE_SIDE = "8 or more on one side of the centre"


@dataclass(frozen=True, eq=False)
class Limits:
    """Where the points of a steady process lie.

    Attributes:
        centre: Their mean.
        low: Lower limit of each point.
        high: Upper limit of each point.
        sigma_z: How many times the limits are as wide as chance alone would make them; NaN for single values.
    """

    centre: float
    low: Floats
    high: Floats
    sigma_z: float


def share_limits(
    hits: ArrayLike, n: ArrayLike, *, learnt: ArrayLike | None = None, sigma_z: float | None = None
) -> Limits:
    """Limits of shares (p' chart): ``p +- 3 sqrt(p (1 - p) / n) sigma_z``, within 0..1.

    Args:
        hits: Counts, 0 to n, in the order of time.
        n: Trials of each point; where it is 0, the point has no limits.
        learnt: Flags of the points that centre and sigma_z are learnt from; all where left out.
        sigma_z: 1 for the classic p chart; None to estimate it (Laney), at least 1.

    Raises:
        ValueError: There is no point to learn from.

    Source:
        D. Laney, Improved control charts for attributes, Quality Engineering 14 (2002); classic limits:
        Montgomery, Introduction to Statistical Quality Control, chapter 7.
    """
    counts, trials = _pair(hits, n)
    known = _known(trials, learnt)
    centre = float(counts[known].sum() / trials[known].sum())
    sigma = np.sqrt(centre * (1 - centre) / np.where(trials > 0, trials, np.nan))
    return _limits(counts, trials, centre, sigma, known, sigma_z=sigma_z, most=1.0)


def rate_limits(
    events: ArrayLike, exposure: ArrayLike, *, learnt: ArrayLike | None = None, sigma_z: float | None = None
) -> Limits:
    """Limits of counts per exposure (u' chart): ``u +- 3 sqrt(u / exposure) sigma_z``, at least 0.

    With an exposure of 1 each they are those of counts (c chart).

    Args:
        events: Counts in the order of time.
        exposure: What each is counted over; where it is 0, the point has no limits.
        learnt: As for shares.
        sigma_z: As for shares.

    Raises:
        ValueError: There is no point to learn from.
    """
    counts, units = _pair(events, exposure)
    known = _known(units, learnt)
    centre = float(counts[known].sum() / units[known].sum())
    sigma = np.sqrt(centre / np.where(units > 0, units, np.nan))
    return _limits(counts, units, centre, sigma, known, sigma_z=sigma_z, most=np.inf)


def value_limits(values: ArrayLike, *, learnt: ArrayLike | None = None) -> Limits:
    """Limits of single values (XmR chart): mean plus and minus 2.66 times the mean moving range.

    Args:
        values: In the order of time; NaN where there is none.
        learnt: As for shares.

    Raises:
        ValueError: There are fewer than two points to learn from.
    """
    x = np.asarray(values, dtype=float)
    known = np.isfinite(x) & _mask(learnt, x.size)
    if known.sum() < 2:
        raise ValueError("limits of single values need at least two points to learn from")
    centre = float(x[known].mean())
    width = XMR_WIDTH * float(np.abs(np.diff(x[known])).mean())
    return Limits(centre, np.full(x.size, centre - width), np.full(x.size, centre + width), np.nan)


def signals(values: ArrayLike, limits: Limits) -> NDArray[np.object_]:
    """Per point the signal it gives, or None: outside its limits, or the 8th and later of a run on one side.

    Args:
        values: The points in the order of time; NaN where there is none, which a run passes over.
        limits: Theirs.
    """
    x = np.asarray(values, dtype=float)
    found = np.full(x.size, None, dtype=object)
    found[_late_in_a_run(np.sign(x - limits.centre))] = Signal.ONE_SIDE
    # A trifle of tolerance, so that a point on its limit is not outside by a rounding error.
    slack = 1e-12 * max(abs(limits.centre), 1.0)
    found[(x < limits.low - slack) | (x > limits.high + slack)] = Signal.OUTSIDE
    return found


def _late_in_a_run(sides: Floats) -> Flags:
    late = np.zeros(sides.size, dtype=bool)
    run, last = 0, 0.0
    for at, side in enumerate(sides):
        if np.isnan(side):
            continue
        run = run + 1 if side == last and side != 0 else int(side != 0)
        last, late[at] = side, run >= RUN
    return late


def _pair(counts: ArrayLike, of: ArrayLike) -> tuple[Floats, Floats]:
    one, other = np.broadcast_arrays(np.asarray(counts, dtype=float), np.asarray(of, dtype=float))
    return one, other


def _mask(learnt: ArrayLike | None, size: int) -> Flags:
    return np.ones(size, dtype=bool) if learnt is None else np.asarray(learnt, dtype=bool)


def _known(of: Floats, learnt: ArrayLike | None) -> Flags:
    known = (of > 0) & _mask(learnt, of.size)
    if not known.any():
        raise ValueError("limits need at least one point to learn from")
    return np.asarray(known)


def _limits(
    counts: Floats,
    of: Floats,
    centre: float,
    sigma: Floats,
    known: Flags,
    *,
    sigma_z: float | None,
    most: float,
) -> Limits:
    if sigma_z is None:
        sigma_z = _laney((counts[known] / of[known] - centre), sigma[known])
    width = 3 * sigma * sigma_z
    return Limits(centre, np.maximum(centre - width, 0.0), np.minimum(centre + width, most), sigma_z)


def _laney(deviations: Floats, sigma: Floats) -> float:
    """Mean moving range of the standardised points over 1.128, at least 1; 1 where nothing varies or one is left."""
    if deviations.size < 2 or not np.all(sigma > 0):
        return 1.0
    return max(float(np.abs(np.diff(deviations / sigma)).mean()) / D2, 1.0)
