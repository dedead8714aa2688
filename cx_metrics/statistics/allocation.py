"""Dividing a whole into whole parts, so that they add up to it exactly."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from math import lcm


def largest_remainder(
    total_cents: int, weights: Sequence[int | Fraction], *, keys: Sequence[Hashable]
) -> tuple[int, ...]:
    """A total divided in proportion to weights into whole numbers that add up to it.

    Each part is its exact quota rounded down, plus one for those with the largest remainders until the total
    is reached. Of equal remainders the smaller key comes first, so that the order of the rows decides nothing.
    A negative total is divided like its opposite.

    Args:
        total_cents: What is divided: cents, seats, any whole number.
        weights: Not negative, at least one above 0; exact numbers only.
        keys: One different name for each weight, comparable with each other.

    Returns:
        One part for each weight, in their order, each less than one away from its exact quota.

    Raises:
        ValueError: The weights are all 0, one is negative, or the keys don't fit them.

    Source:
        Hamilton's (Hare-Niemeyer) method of apportionment.
    """
    if len(keys) != len(weights) or len(set(keys)) != len(keys):
        raise ValueError(f"{len(weights)} weights need as many different keys")
    if any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("weights can't be negative, and at least one must be above 0")
    whole = _whole(weights)
    sign, size, scale = (-1 if total_cents < 0 else 1), abs(total_cents), sum(whole)
    quotas = [divmod(size * weight, scale) for weight in whole]
    left = size - sum(floor for floor, _ in quotas)
    by_remainder = sorted(range(len(whole)), key=lambda at: (-quotas[at][1], keys[at]))
    rounded_up = frozenset(by_remainder[:left])
    return tuple(sign * (floor + (at in rounded_up)) for at, (floor, _) in enumerate(quotas))


def _whole(weights: Sequence[int | Fraction]) -> list[int]:
    """The weights in the same proportions, as whole numbers."""
    unit = lcm(*(weight.denominator for weight in weights))
    return [weight.numerator * (unit // weight.denominator) for weight in weights]
