"""What each intent is worth to the customer and to the company, what that calls for, and who has to do it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.marts.mart import Mart

NOT_SCORED = "not scored"
UNNAMED = "(none)"
"""The intent of contacts whose reason nobody wrote down: nothing to decide about."""

_COLUMNS = [
    "intent",
    "quadrant",
    "value_to_customer",
    "value_to_company",
    "owner",
    "department",
    "contacts",
    "cost",
    "cost_share",
    "reason",
]


@dataclass(frozen=True)
class Quadrant:
    """A corner of the value-irritant matrix.

    Attributes:
        name: What to do with its intents, in a word.
        to_customer: What they are worth to the customer, low or high.
        to_company: What they are worth to the company.
        action: What to do, in a sentence.
    """

    name: str
    to_customer: str
    to_company: str
    action: str


QUADRANTS = (
    Quadrant("automate", "high", "low", "Let customers do it themselves, at any hour."),
    Quadrant("leverage", "high", "high", "Take the time: such a contact is worth having."),
    Quadrant("eliminate", "low", "low", "Remove the cause, so that nobody has to ask."),
    Quadrant("simplify", "low", "high", "Make it effortless: we need it, the customer does not."),
)
"""As they lie in the matrix, row by row: what is worth much to the customer on top, to the company on the right.

Source: Price & Jaffe, The Best Service is No Service, 2008.
"""


def priorities(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The intents of a slice in the value-irritant matrix, by what was decided about their value.

    Returns:
        One row per intent with contacts, but for "(none)": ``quadrant`` (eliminate, automate, simplify, leverage, or
        "not scored" where one of the values is missing), ``value_to_customer`` and ``value_to_company`` (low or
        high), ``owner`` and ``department`` (missing: unowned), ``contacts``, ``cost`` as the metric has it,
        ``cost_share`` of the cost of all rows in 0..1, and ``reason`` why there is no cost. Costliest first, then
        by contacts.
    """
    found = cost(mart, replace(slice, by=("intent",), grain=None))
    found = found[found["intent"] != UNNAMED].rename(columns={"value": "cost"})
    decided = [mart.decisions.by_intent.get(intent, IntentDecision(intent)) for intent in found["intent"]]
    names = ("value_to_customer", "value_to_company", "owner", "department")
    known = {n: pd.Series([getattr(d, n) for d in decided], index=found.index, dtype=object) for n in names}
    total = found["cost"].astype(float).sum()
    frame = found.assign(
        **known,
        quadrant=pd.Series([quadrant_of(d) for d in decided], index=found.index, dtype=object),
        cost_share=found["cost"].astype(float) / total if total > 0 else None,
    )
    order = ["cost", "contacts", "intent"]
    return frame[_COLUMNS].sort_values(order, ascending=[False, False, True], ignore_index=True)


def quadrant_of(decision: IntentDecision) -> str:
    """Where an intent belongs by what was decided about it."""
    values = (decision.value_to_customer, decision.value_to_company)
    return next((q.name for q in QUADRANTS if (q.to_customer, q.to_company) == values), NOT_SCORED)


def in_quadrant(mart: Mart, slice: Slice, name: str) -> pd.DataFrame:
    """The rows of `priorities` in one quadrant, or those not scored."""
    frame = priorities(mart, slice)
    return frame[frame["quadrant"] == name].reset_index(drop=True)


def quadrant_sums(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What each quadrant adds up to: one row for each, in the order of the matrix, and one for what is not scored.

    Returns:
        ``quadrant``, ``intents``, ``unowned`` (how many of them nobody owns), ``contacts``, ``cost`` (missing where
        no intent in it has one) and ``cost_share`` of the cost of all.
    """
    frame = priorities(mart, slice)
    rows = []
    for name in (*(q.name for q in QUADRANTS), NOT_SCORED):
        part = frame[frame["quadrant"] == name]
        costs = part["cost"].astype(float)
        rows.append(
            {
                "quadrant": name,
                "intents": len(part),
                "unowned": int(part["owner"].isna().sum()),
                "contacts": int(part["contacts"].sum()),
                "cost": costs.sum() if costs.notna().any() else None,
                "cost_share": costs.sum() / frame["cost"].sum() if costs.notna().any() else None,
            }
        )
    return pd.DataFrame(rows)
