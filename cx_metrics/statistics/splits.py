"""What part of a change each factor of a product brought: exact, and the same whatever the order of the factors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import factorial, prod

MOST_FACTORS = 3


def split_product(
    before: Sequence[int | float | Decimal | Fraction], now: Sequence[int | float | Decimal | Fraction]
) -> tuple[Fraction, ...]:
    """The change of a product of two or three factors as one part per factor; they sum to it exactly.

    A factor's part is what changing it brings, on average over all orders in which the factors could have changed:
    ``(b0 + b1) / 2 * (a1 - a0)`` for the first of two.

    Args:
        before: The factors before.
        now: The same factors now.

    Raises:
        ValueError: There are fewer than two or more than three factors, or not as many now as before.

    Source:
        Das Gupta 1993, Census P23-186, chapter 2; the Shapley value of the factors (Shorrocks 2013).
    """
    if len(before) != len(now) or not 2 <= len(now) <= MOST_FACTORS:
        raise ValueError(f"two or three factors, as many now as before: not {len(before)} and {len(now)}")
    earlier, later = [Fraction(factor) for factor in before], [Fraction(factor) for factor in now]
    sums = [Fraction()] * len(later)
    for order in itertools.permutations(range(len(later))):
        factors = list(earlier)
        for at in order:
            product = prod(factors, start=Fraction(1))
            factors[at] = later[at]
            sums[at] += prod(factors, start=Fraction(1)) - product
    return tuple(total / factorial(len(later)) for total in sums)
