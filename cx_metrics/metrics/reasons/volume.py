"""How many contacts there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.output import answer
from cx_metrics.metrics.periods import (
    Days,
    days_within,
    full_days_within,
    known_days,
    period_lengths,
    period_starts,
)
from cx_metrics.metrics.selection import Selection, select
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.store.marts.mart import Mart, MartFacts


def volume(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts opened in the slice's days, with or without a customer id, also those after the data cut-off.

    Returns:
        One row per group, or per group and period: value = n = contacts, without an interval, as it is a full
        count. With a grain, a period without contacts is 0 as long as the data says something about it, and
        ``complete`` tells whether slice and data cover the whole period.
    """
    selection = select(mart, slice)
    days = days_within(mart.facts, slice)
    if slice.grain:
        return _by_period(mart, slice, selection, days=days, grain=slice.grain)
    frame = mart.query(
        f"SELECT {selection.key_sql} CAST(coalesce(sum(d.contacts), 0) AS BIGINT) AS n "
        f"{selection.source_sql('daily')} GROUP BY ALL {selection.order_sql}",
        selection.params,
    )
    is_known = bool(slice.by) or days.size > 0
    frame["value"], frame["reason"] = (frame["n"], None) if is_known else (None, _unknown(mart.facts))
    return answer(frame, keys=selection.keys)


def _by_period(mart: Mart, slice: Slice, selection: Selection, *, days: Days, grain: Grain) -> pd.DataFrame:
    starts = np.unique(period_starts(days, grain))
    groups = ", ".join(slice.by)
    frame = mart.query(
        f"""WITH counted AS (
            SELECT {selection.key_sql} CAST(sum(d.contacts) AS BIGINT) AS n
            {selection.source_sql("daily")} GROUP BY ALL
        ), periods AS (
            SELECT unnest(CAST($starts AS DATE[])) AS period
        ), groups AS ({f"SELECT DISTINCT {groups} FROM counted" if groups else "SELECT 1"})
        SELECT {selection.key_names} coalesce(n, 0) AS n
        FROM groups CROSS JOIN periods LEFT JOIN counted USING ({", ".join(selection.keys)})
        {selection.order_sql}""",
        selection.params | {"starts": starts.tolist()},
    )
    n_groups = len(frame) // max(starts.size, 1)
    frame["period"] = np.tile(starts.astype(str), n_groups)
    frame["value"], frame["reason"] = frame["n"], None
    frame["complete"] = np.tile(_complete(mart.facts, slice, starts, grain), n_groups)
    return answer(frame, keys=selection.keys, parts=("complete",))


def _complete(facts: MartFacts, slice: Slice, starts: Days, grain: Grain) -> NDArray[np.bool_]:
    """Whether slice and data before the cut-off cover the whole of each period."""
    full = period_starts(full_days_within(facts, slice), grain)
    n_days = np.searchsorted(full, starts, side="right") - np.searchsorted(full, starts)
    return np.asarray(n_days == period_lengths(starts, grain))


def _unknown(facts: MartFacts) -> str:
    known = known_days(facts)
    if known is None:
        return "no contacts in the data yet"
    return f"no data in this period: it covers {known[0]} to {known[1]}"
