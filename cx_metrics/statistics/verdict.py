"""The verdict on a rate against its target.

A point estimate against a target is wrong in 11 to 18 of 100 intents; a verdict that waits until the interval
has left the target was wrong in none of 333 simulated ones. Its price are the answers that say why there is
none yet.
"""

from __future__ import annotations

import math
from enum import StrEnum

LEAST_MATURE = 10
LEAST_CUSTOMERS = 30
WIDEST_HALF = 0.10
Z_95 = 1.96


class Verdict(StrEnum):
    """What can be said about a rate against its target."""

    MET = "met"
    MISSED = "missed"
    TOO_CLOSE = "too close to call"
    TOO_FEW = "too few"
    TOO_EARLY = "too early"


def verdict(
    *,
    value: float | None,
    low: float | None,
    high: float | None,
    n: int,
    n_eff: float,
    target: float | None,
) -> Verdict | None:
    """Whether a rate meets its target, or why that can't be said; None without a target.

    Checked in this order: too early (fewer than 10 mature issues), too few (n_eff below 30, or a half-width
    above 10 points), met (low >= target), missed (high < target), else too close to call.

    Args:
        value: The rate, 0..1; None where n is 0.
        low: Lower end of its 95% interval; None where n is 0.
        high: Upper end; None where n is 0.
        n: Mature issues.
        n_eff: ``n / deff``. It stands in for the number of customers, which the aggregates of a slice don't
            hold.
        target: The target rate, 0..1, to be reached or exceeded.

    Raises:
        ValueError: There are mature issues enough, but no value or interval.
    """
    if target is None:
        return None
    if n < LEAST_MATURE:
        return Verdict.TOO_EARLY
    if value is None or low is None or high is None:
        raise ValueError(f"a rate of {n} mature issues needs a value and an interval")
    if n_eff < LEAST_CUSTOMERS or (high - low) / 2 > WIDEST_HALF:
        return Verdict.TOO_FEW
    if low >= target:
        return Verdict.MET
    if high < target:
        return Verdict.MISSED
    return Verdict.TOO_CLOSE


def n_needed(value: float, target: float, deff: float = 1.0) -> int | None:
    """Mature issues in all at which a rate that stays at ``value`` could be told from its target.

    ``S (1 - S) (1.96 / |S - target|)^2 deff``, rounded up; None where the rate is the target itself, as no
    number of issues would do. A rate of 0 or 1 gives 0: there the gates of ``verdict`` are what is missing.

    Args:
        value: The rate S so far, 0..1.
        target: The target rate, 0..1.
        deff: Design effect by customer.
    """
    if value == target:
        return None
    return math.ceil(value * (1 - value) * (Z_95 / abs(value - target)) ** 2 * deff)
