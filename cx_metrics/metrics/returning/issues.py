"""Issues (first contacts, by their intent's window) by the day on which the customer came back and the days lived."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.outcomes import ALL_INTENTS
from cx_metrics.metrics.selection import select, with_iso_period
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.store.marts.mart import Mart

ISSUE_SQL = """d.identified AND d.before_cutoff
    AND coalesce(d.repeat_within > c.window_days, true) AND coalesce(d.left_edge_below > c.window_days, true)"""
"""Whether a row of ``daily`` as ``d`` with its cell as ``c`` and ``c.window_days`` holds issues."""


def count_issues(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Issues of the slice, whether or not they are old enough to know their window.

    Returns:
        Per group and period: ``came_on`` (day, rounded up, of the next contact about the same intent, 1 to 30; 0 for
        none within 30 days), ``lived`` (whole days 0 to 30 that had passed at the cut-off), ``window_days`` of their
        intent and ``issues``; sorted by the keys.
    """
    selection = select(mart, slice)
    sql = f"""SELECT {selection.key_sql} CAST(coalesce(d.followed_within, 0) AS BIGINT) AS came_on,
            CAST(d.mature_for AS BIGINT) AS lived, CAST(c.window_days AS BIGINT) AS window_days,
            CAST(sum(d.contacts) AS BIGINT) AS issues
        {selection.source_sql("daily", with_window=True)} AND {ISSUE_SQL}
        GROUP BY ALL ORDER BY ALL"""
    return with_iso_period(mart.query(sql, selection.params | selection.windows))


def issue_effects(mart: Mart, intents: Sequence[str]) -> NDArray[np.float64]:
    """Design effects of issues by customer: a row per intent, and a column for each day of 1 to 30.

    Between two windows it is the larger of theirs. An intent without one of its own has that of all together.

    Args:
        mart: Where they are kept.
        intents: Names; ``ALL_INTENTS`` for more than one together.
    """
    frame = mart.query("SELECT intent, window_days, deff FROM dispersion WHERE unit = 'issue'")
    known = {(intent, days): deff for intent, days, deff in frame.itertuples(index=False)}
    of_all = [known.get((ALL_INTENTS, days), 1.0) for days in WINDOWS]
    own = [[known.get((intent, days), deff) for days, deff in zip(WINDOWS, of_all, strict=True)] for intent in intents]
    at = np.array(own, dtype=float).reshape(len(intents), len(WINDOWS))
    days = np.arange(1, max(WINDOWS) + 1)
    before, after = np.searchsorted(WINDOWS, days, side="right") - 1, np.searchsorted(WINDOWS, days)
    return np.asarray(np.maximum(at[:, before], at[:, after]))


def only_intent(slice: Slice) -> str:
    """The one intent a slice is filtered by, else the name of all together."""
    names = dict(slice.where).get("intent", ())
    return names[0] if len(names) == 1 else ALL_INTENTS
