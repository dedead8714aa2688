"""The ``[columns]`` table of a mapping: which columns fill a field, and how their texts are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast

from cx_metrics.contacts.mapping_checks import Problems, Scalar, literal_misfit, shown
from cx_metrics.contacts.patterns import NAMED_FORMATS, pattern_misfit
from cx_metrics.contacts.schema import BY_NAME, MAPPED, Field
from cx_metrics.errors import did_you_mean

Unit = Literal["ms", "s", "min", "h", "h:mm:ss"]
UNITS: tuple[Unit, ...] = ("ms", "s", "min", "h", "h:mm:ss")
"""What a duration column can be counted in."""

_KEYS = ("column", "columns", "join", "constant", "format", "unit", "values", "other", "missing", "of")


@dataclass(frozen=True)
class ColumnRule:
    """How one field of a contact is filled.

    Attributes:
        columns: Headers whose texts are joined; empty for a constant.
        join: What stands between joined texts.
        constant: The value every contact has, or None.
        format: How stamps are written: a strptime pattern, ``epoch_s``, ``epoch_ms``, ``iso``, or None
            to find it out.
        unit: What durations are counted in, or None for minutes.
        values: What each text stands for, or None to take the text itself.
        other: What a text outside ``values`` does to its row.
        missing: Texts that mean missing in this column.
        of: Which event of a contact the value is taken from.
    """

    columns: tuple[str, ...] = ()
    join: str = " "
    constant: Scalar | None = None
    format: str | None = None
    unit: Unit | None = None
    values: dict[str, Scalar] | None = field(default=None, hash=False)
    other: Literal["reject", "missing"] = "reject"
    missing: tuple[str, ...] = ()
    of: Literal["newest", "first"] = "newest"


def rules(raw: object, *, row: str, problems: Problems) -> dict[str, ColumnRule]:
    """The rule of every field the table fills, by field name; problems are noted, not raised."""
    if not isinstance(raw, dict):
        problems.add("columns", "the [columns] table is missing; it must name contact_id and started_at")
        return {}
    found = {}
    for name, value in raw.items():
        where = f"columns.{name}"
        if name == "source":
            problems.add(where, "the source is named with the load (--source), not by a mapping")
        elif name not in BY_NAME:
            problems.add(where, f"unknown field '{name}'; {did_you_mean(name, [f.name for f in MAPPED])}")
        elif isinstance(value, str) and value.strip():
            found[name] = ColumnRule(columns=(value,))
        elif isinstance(value, dict):
            found[name] = _rule(value, target=BY_NAME[name], row=row, problems=problems)
        else:
            problems.add(where, f"must be a column's name or a table, not {shown(value)}")
    for target in MAPPED:
        if target.required and target.name not in raw:
            problems.add("columns", f"{target.name} ({target.meaning}) must be mapped")
    return found


def written(rule: ColumnRule) -> str | dict[str, object]:
    """The rule as the value of its key in a mapping file, in the shortest form."""
    if rule.constant is not None:
        return {"constant": rule.constant}
    table: dict[str, object] = {}
    if len(rule.columns) == 1 and rule.join == ColumnRule.join:
        table["column"] = rule.columns[0]
    else:
        table |= {"columns": list(rule.columns), "join": rule.join}
    for key in ("format", "unit", "values"):
        if (value := getattr(rule, key)) is not None:
            table[key] = value
    for key in ("other", "of"):
        if (word := getattr(rule, key)) != getattr(ColumnRule, key):
            table[key] = word
    if rule.missing:
        table["missing"] = list(rule.missing)
    return rule.columns[0] if list(table) == ["column"] else table


def _rule(raw: dict[str, object], *, target: Field, row: str, problems: Problems) -> ColumnRule:
    where = f"columns.{target.name}"
    problems.unknown_keys(raw, allowed=_KEYS, where=where)
    forms = [key for key in ("column", "columns", "constant") if key in raw]
    if len(forms) != 1:
        said = " and ".join(forms) if forms else "none"
        problems.add(where, f"needs exactly one of column, columns, constant; it has {said}")
    if forms == ["constant"]:
        return _constant(raw, target=target, problems=problems)
    _misplaced(raw, target=target, row=row, problems=problems)
    column = problems.text(raw, "column", where=where)
    other = problems.choice(raw, "other", allowed=("reject", "missing"), where=where)
    of = problems.choice(raw, "of", allowed=("newest", "first"), where=where)
    return ColumnRule(
        columns=(column,) if column else problems.texts(raw, "columns", where=where),
        join=_join(raw, where=where, problems=problems),
        format=_format(raw, where=where, problems=problems),
        unit=cast("Unit | None", problems.choice(raw, "unit", allowed=UNITS, where=where)),
        values=problems.values(raw, field=target, where=where),
        other="missing" if other == "missing" else "reject",
        missing=problems.texts(raw, "missing", where=where),
        of="first" if of == "first" else "newest",
    )


def _constant(raw: dict[str, object], *, target: Field, problems: Problems) -> ColumnRule:
    where, value = f"columns.{target.name}", raw["constant"]
    for key in raw:
        if key in _KEYS and key != "constant":
            problems.add(f"{where}.{key}", "has no use beside constant")
    if target.name in ("contact_id", "customer_id"):
        problems.add(f"{where}.constant", "an id can't be the same for every contact")
    elif misfit := literal_misfit(value, field=target):
        problems.add(f"{where}.constant", f"{shown(value)}: {misfit}")
    return ColumnRule(constant=cast("Scalar", value))


def _misplaced(raw: dict[str, object], *, target: Field, row: str, problems: Problems) -> None:
    useless = {
        "join": "columns" not in raw and "it needs columns = [...]",
        "other": "values" not in raw and "it needs values = {...}",
        "unit": target.name != "handle_minutes" and "only handle_minutes has a unit",
        "format": target.kind != "timestamp" and "only times have a format",
        "of": row != "event" and 'it needs row = "event"',
    }
    for key, reason in useless.items():
        if key in raw and reason:
            problems.add(f"columns.{target.name}.{key}", f"has no use here: {reason}")
    if "values" in raw and "unit" in raw:
        problems.add(f"columns.{target.name}.unit", "has no use beside values, which are in minutes")


def _join(raw: dict[str, object], *, where: str, problems: Problems) -> str:
    value = raw.get("join", ColumnRule.join)
    if isinstance(value, str):
        return value
    problems.add(f"{where}.join", f"must be a text, not {shown(value)}")
    return ColumnRule.join


def _format(raw: dict[str, object], *, where: str, problems: Problems) -> str | None:
    value = problems.text(raw, "format", where=where)
    if value and value not in NAMED_FORMATS and (misfit := pattern_misfit(value)):
        problems.add(f"{where}.format", f"'{value}': {misfit}")
    return value
