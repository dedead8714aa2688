"""Every intent in one row: what it costs, who answers for it, how it moved, and whether it is solved the first time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.costs.cost_frames import cost_change
from cx_metrics.metrics.reasons.movers import intent_table
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.store.marts.mart import Mart

_COST = {"value": "cost", "repeats": "repeats"}
_VERDICT = ("target", "value", "low", "high", "n", "verdict", "window", "n_needed", "from", "to")
COLUMNS = (
    *("intent", "owner", "cost", "cost_share", "repeats", "cost_before", "cost_change"),
    *("contacts", "before", "change", "change_rate", "beyond", "weekly"),
    *_VERDICT,
)


def intents_by_cost(mart: Mart, slice: Slice, compare: Slice | None) -> pd.DataFrame:
    """The intents of a period by what they cost, in money, the dearest first.

    Args:
        mart: Whose data and decisions.
        slice: The period, with both ends.
        compare: The comparison period of the same length; None for none, then nothing is said about change.

    Returns:
        One row per intent with contacts in either period: ``owner`` (None: unowned); ``cost`` with ``repeats``, the
        part of it that repeats cost, ``cost_share`` of all that is known, ``cost_before`` and ``cost_change``, each
        missing where it is not known; ``contacts``, ``before``, ``change``, ``change_rate`` and ``beyond`` as
        `movers` has them, ``weekly`` as `sparkline` has it; ``target``, ``verdict`` and the share solved at first
        contact (``value``, ``low``, ``high``, ``n``) as `verdicts` has them, in their own weeks.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    table = intent_table(mart, slice, compare or slice.previous())
    if compare is None:
        table = table.assign(**dict.fromkeys(("before", "change", "change_rate", "beyond"), None))
    table = _with_cost(mart, table, slice, compare)
    judged = verdicts(mart, slice.where)[["intent", *_VERDICT]]
    table = table.merge(judged, how="left", on="intent", validate="one_to_one")
    owned = mart.decisions.owned
    table["owner"] = pd.Series([owned.get(intent) for intent in table["intent"]], dtype=object)
    table = table.sort_values(["cost", "contacts", "intent"], ascending=[False, False, True], ignore_index=True)
    return table.reindex(columns=list(COLUMNS))


def _with_cost(mart: Mart, table: pd.DataFrame, slice: Slice, compare: Slice | None) -> pd.DataFrame:
    """The table with its costs; what did not occur in a period cost nothing in it."""
    now = cost(mart, replace(slice, by=("intent",), grain=None))[["intent", *_COST]].rename(columns=_COST)
    table = table.merge(now, how="left", on="intent")
    silent = table["contacts"] == 0
    table["cost"], table["repeats"] = table["cost"].mask(silent, 0.0), table["repeats"].mask(silent, 0.0)
    table["cost_share"] = table["cost"] / (table["cost"].sum() or np.nan)
    if compare is None or table["change"].isna().any():
        return table.assign(cost_before=np.nan, cost_change=np.nan)
    changed = cost_change(mart, slice, compare)[["intent", "before", "change"]]
    changed = changed.rename(columns={"before": "cost_before", "change": "cost_change"})
    return table.merge(changed, how="left", on="intent")
