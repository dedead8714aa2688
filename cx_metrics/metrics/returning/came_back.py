"""How many issues bring the customer back: the other side of first contact resolution."""

from __future__ import annotations

import pandas as pd

from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.store.marts.mart import Mart

CAME_BACK_PARTS = ("immature", "left_edge", "no_customer_id", "window")


def issues_came_back(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of issues after which the same customer came back for the same intent within the window: 1 - FCR.

    Returns:
        The rows of ``fcr`` with ``value``, ``low`` and ``high`` turned round: n = eligible first contacts, beside it
        what is left out.
    """
    solved = fcr(mart, slice)
    turned = {"value": 1 - solved["value"], "low": 1 - solved["high"], "high": 1 - solved["low"]}
    frame = solved.assign(**turned)
    keys = [name for name in frame if name in slice.by or name == "period"]
    return frame[[*keys, "value", "low", "high", "n", "reason", *CAME_BACK_PARTS]]
