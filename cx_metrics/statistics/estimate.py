"""A number as the whole product hands it around."""

from __future__ import annotations

from typing import NamedTuple, Self


class Estimate(NamedTuple):
    """A number with its interval and sample size, or the reason why it can't be known.

    Attributes:
        value: The estimate in its metric's unit; None where it can't be known.
        low: Lower end of the 95% interval; None where there is no value or the number has no sampling error.
        high: Upper end, likewise.
        n: What the value rests on, in the metric's own unit of counting.
        reason: Why there is no value, in words for people; None where there is one.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None

    @classmethod
    def unknown(cls, reason: str, n: int = 0) -> Self:
        """A number that can't be known, and why: never 0, never a guess."""
        return cls(None, None, None, n, reason)
