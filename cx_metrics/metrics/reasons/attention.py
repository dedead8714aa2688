"""What needs a decision: targets missed, intents that rise beyond chance, intents that nobody answers for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.verdict import Verdict
from cx_metrics.store.marts.mart import Mart

MOST = 5
MISSED, RISING, UNOWNED = "missed", "rising", "unowned"
ATTENTION_COLUMNS = (
    *("intent", "kind", "owner", "money", "contacts_at_stake", "short"),
    *("cost", "repeats", "cost_change", "contacts", "change", "change_rate"),
    *("target", "value", "low", "high", "n", "window"),
)


def attention(mart: Mart, slice: Slice, compare: Slice | None) -> pd.DataFrame:
    """The intents that need a decision, by the money at stake in the period, the most first.

    At stake is, of an intent whose target is missed, what its repeats cost; of one that rises by more than chance, by
    how much its cost rose; of one that nobody owns, though others are owned, its whole cost.

    Returns:
        One row per such intent: ``kind``, its grounds out of missed, rising and unowned, comma-separated, that with
        most at stake first; ``money``, the largest of their amounts, missing where it is not known;
        ``contacts_at_stake``, the same in contacts (short of the target, more than before, all); ``short``, how many
        more first contacts had to be followed than the target allows; then the figures of `intents_by_cost`.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    return needing_decision(intents_by_cost(mart, slice, compare), owned=bool(mart.decisions.owned))


def needing_decision(table: pd.DataFrame, *, owned: bool) -> pd.DataFrame:
    """The rows of `attention` out of those of `intents_by_cost`.

    Args:
        table: As `intents_by_cost` gives it.
        owned: Whether any intent has an owner: where none has, that is one decision and not one for each.
    """
    short = (table["target"].astype(float) - table["value"].astype(float)) * table["n"].astype(float)
    grounds = {
        MISSED: table["verdict"] == Verdict.MISSED.value,
        RISING: table["beyond"].fillna(False).astype(bool) & (table["change"].astype(float) > 0),
        UNOWNED: table["owner"].isna() & (table["contacts"] > 0) & owned,
    }
    money = _at_stake(grounds, {MISSED: table["repeats"], RISING: table["cost_change"], UNOWNED: table["cost"]})
    contacts = _at_stake(grounds, {MISSED: short, RISING: table["change"], UNOWNED: table["contacts"]})
    frame = table.assign(
        kind=_kinds(grounds, money if money.notna().to_numpy().any() else contacts),
        money=money.max(axis=1),
        contacts_at_stake=contacts.max(axis=1),
        short=short.where(grounds[MISSED]),
    )
    frame = frame[np.logical_or.reduce(list(grounds.values()))]
    order = ["money", "contacts_at_stake", "intent"]
    frame = frame.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return frame.reindex(columns=list(ATTENTION_COLUMNS))


def _at_stake(grounds: dict[str, pd.Series], amounts: dict[str, pd.Series]) -> pd.DataFrame:
    """What each ground puts at stake; missing where the ground does not hold or the amount is not known."""
    return pd.DataFrame({kind: amounts[kind].astype(float).where(holds) for kind, holds in grounds.items()})


def _kinds(grounds: dict[str, pd.Series], at_stake: pd.DataFrame) -> list[str]:
    """The grounds that hold for each row, the one with most at stake first."""
    holding = zip(*grounds.values(), strict=True)
    amounts = at_stake.fillna(-np.inf).to_dict("records")
    return [
        ", ".join(sorted((kind for kind, holds in zip(grounds, row, strict=True) if holds), key=lambda k: -amount[k]))
        for row, amount in zip(holding, amounts, strict=True)
    ]
