"""A mapping that is still being written: its TOML text, looked at and changed field by field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

import tomlkit

from cx_metrics.contacts.schema import MAPPED

SIMPLE = ("column", "format", "unit")
"""The parts of a rule that can be changed one by one; any other part makes the rule one for the text."""


@dataclass(frozen=True)
class DraftRule:
    """How a draft fills one field.

    Attributes:
        field: The contact's field.
        required: Whether a mapping must fill it.
        meaning: What the field says.
        column: The column, or None where no single column fills it.
        format: How stamps are written, or None.
        unit: What durations are counted in, or None.
        rest: The rule as text where it has parts that can't be changed one by one, else "".
    """

    field: str
    required: bool
    meaning: str
    column: str | None
    format: str | None
    unit: str | None
    rest: str


def draft_rules(text: str) -> tuple[DraftRule, ...]:
    """The rule of every field a mapping can fill, also of those the draft leaves out.

    Raises:
        ValueError: The text is no TOML.
    """
    columns = tomllib.loads(text).get("columns", {})
    raw = columns if isinstance(columns, dict) else {}
    return tuple(_rule(field.name, field.required, field.meaning, raw.get(field.name)) for field in MAPPED)


def with_rule(text: str, *, field: str, changes: Table[str, str | None]) -> str:
    """The draft with parts of one field's rule changed; a field whose column is taken away is left out.

    Args:
        text: The draft.
        field: The field.
        changes: New ``column``, ``format`` or ``unit``; None takes a part away.
    """
    document = tomlkit.parse(text)
    columns: Any = document.setdefault("columns", tomlkit.table())
    old = columns.get(field)
    rule: dict[str, Any] = {"column": old} if isinstance(old, str) else dict(old or {})
    for part, value in changes.items():
        if value is None:
            rule.pop(part, None)
        else:
            rule[part] = value
    if "column" in changes:
        for part in ("columns", "join", "constant"):
            rule.pop(part, None)
    if not {"column", "columns", "constant"} & rule.keys():
        columns.pop(field, None)
    elif rule.keys() == {"column"}:
        columns[field] = rule["column"]
    else:
        inline = tomlkit.inline_table()
        inline.update(rule)
        columns[field] = inline
    return tomlkit.dumps(document)


def renamed(text: str, name: str) -> str:
    """The draft under another name."""
    document = tomlkit.parse(text)
    document["name"] = name
    return tomlkit.dumps(document)


def _rule(field: str, required: bool, meaning: str, raw: object) -> DraftRule:
    rule: dict[str, Any] = {"column": raw} if isinstance(raw, str) else raw if isinstance(raw, dict) else {}
    column, form, unit = (rule.get(part) if isinstance(rule.get(part), str) else None for part in SIMPLE)
    rest = {part: value for part, value in rule.items() if part not in SIMPLE}
    return DraftRule(field, required, meaning, column, form, unit, _shown(rest))


def _shown(rest: dict[str, Any]) -> str:
    if not rest:
        return ""
    inline = tomlkit.inline_table()
    inline.update(rest)
    return inline.as_string()
