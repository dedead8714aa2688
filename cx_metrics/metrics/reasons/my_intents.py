"""What an owner answers for: every owned intent in one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.heard.surveys import reach
from cx_metrics.metrics.slice import DEFAULT_WINDOW, Slice
from cx_metrics.metrics.solved.kept import kept
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart

MY_COLUMNS = (
    *("owner_key", "owner", "department", "intent", "verdict", "value", "low", "high", "n", "target", "n_more"),
    *("cost", "cost_share", "cost_change", "contacts", "change", "change_rate", "beyond", "weekly"),
    *("expected_hours", "kept", "kept_low", "kept_high", "kept_n", "reach", "answered"),
    *("window", "window_decided", "assumed_contacts", "unpriced_contacts"),
    *("downstream_cost", "downstream_assumed_contacts", "downstream_unstated_contacts", "from", "to"),
)
_ASSUMED = ("assumed_contacts", "unpriced_contacts", "downstream_assumed_contacts", "downstream_unstated_contacts")
_ESTIMATE = ("value", "low", "high", "n")


@dataclass(frozen=True)
class Owner:
    """Someone who answers for intents.

    Attributes:
        key: What tells owners apart: the address, else the name, in lower case.
        name: As decided.
        email: The address; None where none is decided.
        intents: What they own, sorted.
    """

    key: str
    name: str
    email: str | None
    intents: tuple[str, ...]


def owners(decisions: Decisions) -> tuple[Owner, ...]:
    """Everyone who owns an intent, by name."""
    owned: dict[str, list[IntentDecision]] = {}
    for decision in decisions.intents:
        if decision.owner is not None:
            owned.setdefault(owner_key(decision), []).append(decision)
    found = [
        Owner(key, str(first.owner), first.owner_email, tuple(sorted(each.intent for each in (first, *others))))
        for key, (first, *others) in owned.items()
    ]
    return tuple(sorted(found, key=lambda owner: (owner.name.casefold(), owner.key)))


def owner_key(decision: IntentDecision) -> str:
    """What tells the owner of an intent apart from others, as statements tell payers apart; empty where it has none."""
    if decision.owner is None:
        return ""
    return (decision.owner_email or decision.owner).casefold()


def my_intents(mart: Mart, slice: Slice, compare: Slice | None) -> pd.DataFrame:
    """Every owned intent with its verdict, cost, change, promise and assumptions; each owner's dearest first.

    Args:
        mart: Whose data and decisions.
        slice: The period, with both ends.
        compare: The comparison period of the same length; None for none.

    Returns:
        One row per owned intent, also those without contacts: ``owner_key`` as `owners` has it; verdict, cost and
        change as `intents_by_cost` has them, ``cost_share`` of the cost of all intents, owned or not; ``n_more``
        first contacts until the verdict could be given, where it is too few or too close; ``kept`` of those ended,
        the share solved within ``expected_hours``; ``reach``, the share of contacts we heard from; what is assumed:
        ``window_decided`` (else it is the usual one), contacts with assumed minutes, and the ``downstream_cost``
        assumed per contact.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    decided = [decision for decision in mart.decisions.intents if decision.owner is not None]
    base = pd.DataFrame([_decided(decision) for decision in decided], columns=list(_decided(IntentDecision(""))))
    table = intents_by_cost(mart, slice, compare).drop(columns=["owner", "window"])
    by_intent = replace(slice, by=("intent",), grain=None)
    costs = cost(mart, by_intent)[["intent", *_ASSUMED]]
    promised = _renamed(kept(mart, by_intent), "kept")
    answered = reach(mart, by_intent)
    heard = _renamed(answered, "reach").assign(answered=answered["answered"])
    frame = base
    for part in (table, costs, promised, heard):
        frame = frame.merge(part, how="left", on="intent", validate="one_to_one")
    frame = frame.assign(n_more=frame["n_needed"] - frame["n"], contacts=frame["contacts"].fillna(0).astype("int64"))
    order = ["owner_key", "cost", "contacts", "intent"]
    frame = frame.sort_values(order, ascending=[True, False, False, True], ignore_index=True)
    return frame.reindex(columns=list(MY_COLUMNS))


def heard_from(mart: Mart, slice: Slice, intents: Iterable[str]) -> pd.DataFrame:
    """Survey reach of some intents together: the metric's one row."""
    return reach(mart, replace(slice, by=(), grain=None, where=(("intent", tuple(sorted(intents))),)))


def _decided(decision: IntentDecision) -> dict[str, object]:
    return {
        "owner_key": owner_key(decision),
        "owner": decision.owner,
        "department": decision.department,
        "intent": decision.intent,
        "expected_hours": decision.expected_hours,
        "window": decision.window_days or DEFAULT_WINDOW,
        "window_decided": decision.window_days is not None,
        "downstream_cost": None if decision.downstream_cost is None else float(decision.downstream_cost),
    }


def _renamed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A metric by intent with its value under the metric's name."""
    names = {"value": name, **{part: f"{name}_{part}" for part in _ESTIMATE[1:]}}
    return frame[["intent", *_ESTIMATE]].rename(columns=names)
