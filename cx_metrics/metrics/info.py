"""What a metric says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

DEFINITIONS = "definition of CX Insight"
"""Source of what this product defines itself."""


@dataclass(frozen=True)
class MetricInfo:
    """What a metric is, for people and for the program.

    Attributes:
        name: As the command line and links write it.
        title: As headings write it.
        unit: What its value is counted in; a ``share`` lies in 0..1.
        definition: What is counted and what is left out, in one or two sentences for a leader.
        formula: The same as arithmetic on the counts.
        source: Where definition and method come from.
        parts: Its own columns after value, low, high, n and reason.
        grain_parts: Further columns where a grain splits the answer into periods.
        windowed: Whether the window within which contacts count as repeats plays a part.
        compute: Gives its frame for a slice of the mart.
    """

    name: str
    title: str
    unit: str
    definition: str
    formula: str
    source: str
    parts: tuple[str, ...]
    compute: Callable[[Mart, Slice], pd.DataFrame]
    grain_parts: tuple[str, ...] = ()
    windowed: bool = False
