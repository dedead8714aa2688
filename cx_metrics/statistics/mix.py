"""What a change of an overall rate owes to the rates of its groups, and what to the mix of the groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class MixSplit(NamedTuple):
    """The change of an overall rate as two parts per group; all of them sum to it.

    Attributes:
        rate: What the change of each group's own rate brought.
        mix: What the change of each group's share brought: a group with a rate above the mean of all lifts the
            overall rate as it grows.
        total: The change of the overall rate.
        turned: Whether the rates all in all moved against the change, which then is one of the mix (Simpson's paradox).
        against: Share of the volume, the mean of both periods', whose own rates moved against the change.
    """

    rate: Floats
    mix: Floats
    total: float
    turned: bool
    against: float

    @property
    def misleads(self) -> bool:
        """Whether the change says the opposite of what the groups did: all in all, or those of most volume."""
        return self.turned or self.against > 0.5


def split_mix(*, n_before: ArrayLike, rate_before: ArrayLike, n_now: ArrayLike, rate_now: ArrayLike) -> MixSplit:
    """The rate and mix effects of each group: exact, and the same in either direction but for the sign.

    ``rate = (w0 + w1) / 2 * (r1 - r0)`` and ``mix = (w1 - w0) * ((r0 + r1) / 2 - (R0 + R1) / 2)`` with shares w of the
    volume. A group that is there in one period only has that period's rate in both: it is pure mix.

    Args:
        n_before: Volume of each group before, 0 or more, some above 0.
        rate_before: Rate of each group before; anything where there was no volume.
        n_now: Volume now, likewise.
        rate_now: Rate now, likewise.

    Raises:
        ValueError: A period has no volume at all.

    Source:
        Kitagawa 1955, JASA 50:1168-1194; Das Gupta 1993, Census P23-186, chapter 5. Centring the mix on the mean rate
        changes no sum, as changes of shares sum to 0.
    """
    n0, n1 = (np.asarray(n, dtype=float) for n in (n_before, n_now))
    if not (n0.sum() > 0 and n1.sum() > 0):
        raise ValueError("a split needs some volume before and now")
    r0, r1 = (np.asarray(rate, dtype=float) for rate in (rate_before, rate_now))
    r0, r1 = np.where(n0 > 0, r0, np.where(n1 > 0, r1, 0.0)), np.where(n1 > 0, r1, np.where(n0 > 0, r0, 0.0))
    w0, w1 = n0 / n0.sum(), n1 / n1.sum()
    whole0, whole1 = float(w0 @ r0), float(w1 @ r1)
    weight = (w0 + w1) / 2
    total = whole1 - whole0
    rate = weight * (r1 - r0)
    against = float(weight[(r1 - r0) * total < 0].sum())
    return MixSplit(
        rate=rate,
        mix=(w1 - w0) * ((r0 + r1) / 2 - (whole0 + whole1) / 2),
        total=total,
        turned=bool(rate.sum() * total < 0),
        against=against,
    )
