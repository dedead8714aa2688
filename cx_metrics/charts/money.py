"""Axes of money: round amounts, written as they are everywhere."""

from __future__ import annotations

import math
from typing import Any

from cx_metrics.charts.frame import Parts
from cx_metrics.charts.numbers import money_compact

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_TICKS = 5
_ROOM = 1.06


def money_axis(highest: float, currency: str, **more: Any) -> Parts:
    """An axis from nought to a little above the highest amount, with a few round amounts written at it.

    Args:
        highest: The highest amount drawn.
        currency: ISO 4217 code.
        **more: What this axis adds.
    """
    top = max(highest, 1.0)
    step = _step(top)
    ticks = [step * at for at in range(math.floor(top * _ROOM / step) + 1)]
    return {
        "range": [0, top * _ROOM],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [money_compact(tick, currency) for tick in ticks],
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
    } | more


def _step(top: float) -> float:
    """The smallest round step that needs no more than a few of them."""
    power = 10 ** math.floor(math.log10(top / _MOST_TICKS))
    return float(next(power * step for step in _STEPS if top / (power * step) <= _MOST_TICKS))
