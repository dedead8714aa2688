"""Who answers for which intents, and how much nobody answers for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.marts.mart import Mart

COLUMNS = ("intent", "category", "contacts", "owner", "owner_email", "department")


@dataclass(frozen=True)
class Unowned:
    """What nobody answers for.

    Attributes:
        n_intents: Intents without an owner.
        n_contacts: Their contacts.
        share: Of all contacts, 0..1; None without any.
    """

    n_intents: int
    n_contacts: int
    share: float | None


def ownership(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The intents that occur in a slice, each with its owner, most contacts first.

    Returns:
        ``intent``, ``category`` (the one decided, else the one most of its contacts have, of equals the first by
        name), ``contacts``, and ``owner``, ``owner_email`` and ``department`` as decided: None where nobody owns it.
    """
    counted = volume(mart, replace(slice, by=("intent", "category"), grain=None))
    counted = counted.sort_values(["intent", "value", "category"], ascending=[True, False, True])
    usual = counted.drop_duplicates("intent").set_index("intent")["category"].to_dict()
    contacts = counted.groupby("intent")["value"].sum().to_dict()
    rows = []
    for intent, n_contacts in contacts.items():
        decided = mart.decisions.by_intent.get(str(intent), IntentDecision(str(intent)))
        who = (decided.owner, decided.owner_email, decided.department)
        rows.append((intent, decided.category or usual[intent], int(n_contacts), *who))
    frame = pd.DataFrame(rows, columns=[*COLUMNS]).astype({"contacts": "int64"})
    for name in ("owner", "owner_email", "department"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame.sort_values(["contacts", "intent"], ascending=[False, True], ignore_index=True)


def unowned(mart: Mart, slice: Slice) -> Unowned:
    """How many intents and contacts of a slice nobody answers for."""
    frame = ownership(mart, slice)
    lone = frame["owner"].isna()
    n_contacts, total = int(frame.loc[lone, "contacts"].sum()), int(frame["contacts"].sum())
    return Unowned(int(lone.sum()), n_contacts, n_contacts / total if total else None)
