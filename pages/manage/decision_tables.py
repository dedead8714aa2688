"""Decisions as tables to edit, and edited tables as decisions. Pure: no Streamlit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cx_metrics.store.decided.deciding import Draft, Edit, Key
from cx_metrics.store.decided.decision_rules import RULES, Table
from cx_metrics.store.decided.decisions import Decisions, IntentDecision

UNOWNED = "no owner"
"""What marks an intent that nobody answers for."""

INTENT_ORDER = (
    "state", "intent", "owner", "owner_email", "department", "category", "fcr_target", "window_days",
    "downstream_cost", "expected_hours", "value_to_customer", "value_to_company", "contacts", "usual_category",
)  # fmt: skip
"""Columns of the table of intents; the first and the last two are not decided."""

KINDS: Mapping[Table, str] = {"intents": "Intents", "rates": "Rates", "x_units": "Units of X"}
"""What people call each kind of decision."""

_NUMBERS = ("fcr_target", "window_days", "downstream_cost", "expected_hours")
People = Mapping[str, tuple[str | None, str | None]]
Changes = tuple[list[Draft], list[tuple[Table, Key]]]


def intent_table(decisions: Decisions, owned: pd.DataFrame | None) -> pd.DataFrame:
    """A row for each intent of the data or of the decisions: the unowned of the data first, most contacts first.

    Args:
        decisions: What is decided.
        owned: The intents of the data, as the ownership of the metrics gives them; None without data.
    """
    heard = {} if owned is None else {row["intent"]: row for row in owned.to_dict("records")}
    rows = []
    for intent in (*heard, *(name for name in decisions.by_intent if name not in heard)):
        decision = decisions.by_intent.get(str(intent), IntentDecision(str(intent)))
        row: dict[str, Any] = {rule.name: _plain(getattr(decision, rule.name)) for rule in RULES["intents"]}
        usual = heard[intent]["category"] if intent in heard and decision.category is None else None
        row |= {"state": "" if decision.owner else UNOWNED, "usual_category": usual}
        row["contacts"] = int(heard[intent]["contacts"]) if intent in heard else 0
        rows.append(row)
    rows.sort(key=lambda row: (not row["contacts"], not row["state"], -row["contacts"], row["intent"]))
    frame = pd.DataFrame(rows, columns=[*INTENT_ORDER]).astype(dict.fromkeys(_NUMBERS, "float64"))
    others = [name for name in INTENT_ORDER if name not in (*_NUMBERS, "contacts")]
    return frame.astype({**dict.fromkeys(others, "object"), "contacts": "int64"})


def rate_table(decisions: Decisions) -> pd.DataFrame:
    """A row for each rate, by channel, the newest first."""
    rates = sorted(decisions.rates, key=lambda rate: (rate.channel, -rate.from_on.toordinal()))
    return _table("rates", rates, numbers=("per_minute", "per_contact", "assumed_minutes"))


def unit_table(decisions: Decisions, name: str) -> pd.DataFrame:
    """The units of one X, a row for each day, the newest first."""
    entries = [entry for entry in reversed(decisions.x_units) if entry.name == name]
    return _table("x_units", entries, numbers=("units",)).drop(columns="name")


def unit_summary(decisions: Decisions) -> pd.DataFrame:
    """A row for each X: its first and last day, how many days have units, and how many units they have."""
    rows = []
    for name in decisions.unit_names:
        entries = [entry for entry in decisions.x_units if entry.name == name]
        total = sum(entry.units for entry in entries)
        rows.append((name, entries[0].on, entries[-1].on, len(entries), float(total)))
    return pd.DataFrame(rows, columns=["name", "first day", "last day", "days", "units"])


def people(decisions: Decisions) -> People:
    """E-mail and department of each owner whose name belongs to one person only."""
    found = {(d.owner, d.owner_email, d.department) for d in decisions.intents if d.owner and d.owner_email}
    names = Counter(owner for owner, _, _ in found)
    return {str(owner): (email, department) for owner, email, department in found if names[owner] == 1}


def changes(
    table: Table, before: pd.DataFrame, after: pd.DataFrame, *, known: People | None = None, **fixed: str
) -> Changes:
    """What an edited table decides anew, and what it takes away.

    Args:
        table: The kind of decision.
        before: The table as it was given out.
        after: The table as it was handed in.
        known: Owners for whom the name is enough: e-mail and department are filled in where both are empty.
        fixed: Values that all its rows have, beside its columns.
    """
    old = [_given(table, row, fixed) for row in before.to_dict("records")]
    new = [_named(_given(table, row, fixed), known or {}) for row in after.to_dict("records")]
    keys = Counter(_key(table, row) for row in new)
    drafts = [
        Draft(table, row, _where(table, number, row))
        for number, row in enumerate(new, start=1)
        if any(value is not None for value in row.values()) and (row not in old or keys[_key(table, row)] > 1)
    ]
    gone: list[tuple[Table, Key]] = [(table, key) for key in (_key(table, row) for row in old) if key not in keys]
    return drafts, gone


def history(edits: Iterable[Edit], zone: ZoneInfo) -> pd.DataFrame:
    """Who decided what, newest first: a row for each edit, with the values that it changed."""
    rows = []
    for edit in edits:
        before, after = edit.audit.before or {}, edit.audit.after or {}
        keys = {rule.name for rule in RULES[edit.table] if rule.key}
        differ = [name for name in {**before, **after} if before.get(name) != after.get(name) and name not in keys]
        at = edit.audit.at.replace(tzinfo=UTC).astimezone(zone)
        said = [_said(side, differ) if side else "" for side in (before, after)]
        rows.append((f"{at:%Y-%m-%d %H:%M:%S}", edit.audit.actor, edit.audit.subject, *said))
    return pd.DataFrame(rows, columns=["when", "who", "about", "before", "after"])


def _table(table: Table, entries: Sequence[object], *, numbers: tuple[str, ...]) -> pd.DataFrame:
    names = [rule.name for rule in RULES[table]]
    rows = [[_plain(getattr(entry, name)) for name in names] for entry in entries]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(numbers, "float64"))
    return frame.astype({name: "object" for name in names if name not in numbers})


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _given(table: Table, row: Mapping[Any, Any], fixed: Mapping[str, str]) -> dict[str, object]:
    """A row's values by the name they have in files; None where a cell is empty."""
    cells = {**row, **fixed}
    return {rule.title: _cell(cells.get(rule.name)) for rule in RULES[table]}


def _named(row: dict[str, object], known: People) -> dict[str, object]:
    owner = str(row.get("owner") or "").strip()
    if owner not in known or row["owner_email"] is not None or row["department"] is not None:
        return row
    return row | dict(zip(("owner_email", "department"), known[owner], strict=True))


def _cell(value: Any) -> object:
    if value is None or pd.isna(value) or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def _key(table: Table, row: Mapping[str, object]) -> Key:
    return tuple(
        value.strip() if isinstance(value, str) else value if isinstance(value, date) else str(value)
        for value in (row[rule.title] for rule in RULES[table] if rule.key)
    )


def _where(table: Table, number: int, row: Mapping[str, object]) -> str:
    first = row[RULES[table][0].title]
    return f"intent '{first}'" if table == "intents" else f"row {number}" + (f" '{first}'" if first else "")


def _said(values: Mapping[str, object], names: Sequence[str]) -> str:
    return ", ".join(f"{name}: {values[name]}" for name in names if name in values) or "nothing else"
