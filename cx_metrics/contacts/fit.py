"""A mapping laid over the headers of one extract: which column fills what, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cx_metrics.contacts.addressing import find_header, fold, nearest_header
from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.mapping_checks import Scalar
from cx_metrics.contacts.mapping_columns import ColumnRule
from cx_metrics.contacts.schema import FIELDS, MAPPED, Field
from cx_metrics.errors import BadMapping


@dataclass(frozen=True)
class Filled:
    """One field that columns of the extract fill.

    Attributes:
        field: The field.
        rule: Its rule in the mapping.
        positions: The columns' positions from 0, in the rule's order.
        label: The columns' headers, as people are told of them.
        whole: Whether the extract has every column of the rule.
    """

    field: Field
    rule: ColumnRule
    positions: tuple[int, ...]
    label: str
    whole: bool


@dataclass(frozen=True)
class Absent:
    """A column that the mapping names and the extract lacks; ``of`` says for what."""

    name: str
    of: str
    nearest: str | None

    def __str__(self) -> str:
        hint = f"; did you mean '{self.nearest}'?" if self.nearest else ""
        return f"the extract has no column '{self.name}'{hint}"


@dataclass(frozen=True)
class Fit:
    """A mapping and the columns of one extract.

    Attributes:
        mapping: The mapping.
        headers: The extract's headers.
        filled: The fields that columns fill, in the order of the lake.
        constants: The fields that have one value for all contacts.
        drops: Positions of columns whose texts drop a row, with those texts.
        keep: Position of the column that tells the newest row, or None for file order.
        absent: Columns the extract lacks; none of them is required.
    """

    mapping: Mapping
    headers: tuple[str, ...]
    filled: tuple[Filled, ...]
    constants: dict[str, Scalar]
    drops: tuple[tuple[int, tuple[str, ...]], ...]
    keep: int | None
    absent: tuple[Absent, ...]


def fit(mapping: Mapping, *, headers: Sequence[str]) -> Fit:
    """The mapping laid over an extract's headers.

    Raises:
        BadMapping: A column that contact_id or started_at needs is not there; names the headers found.
    """
    filled, absent = [], []
    for field in MAPPED:
        rule = mapping.columns.get(field.name)
        if rule is None or rule.constant is not None:
            continue
        positions = [find_header(name, headers) for name in rule.columns]
        absent += _absent(rule.columns, positions, of=field.name, headers=headers)
        present = tuple(position for position in positions if position is not None)
        if present:
            label = " + ".join(headers[position] for position in present)
            filled.append(Filled(field, rule, present, label, len(present) == len(positions)))
    _complain(mapping, absent=absent, headers=headers)
    constants = {name: rule.constant for name, rule in mapping.columns.items() if rule.constant is not None}
    drops = [(find_header(rule.column, headers), rule) for rule in mapping.drop]
    keep = find_header(mapping.keep_by, headers) if mapping.keep_by else None
    absent += _absent([rule.column for rule in mapping.drop], [at for at, _ in drops], of="drop", headers=headers)
    if mapping.keep_by:
        absent += _absent([mapping.keep_by], [keep], of="keep_by", headers=headers)
    return Fit(
        mapping=mapping,
        headers=tuple(headers),
        filled=tuple(filled),
        constants=constants,
        drops=tuple((at, rule.equals) for at, rule in drops if at is not None),
        keep=keep,
        absent=tuple(absent),
    )


def suggest_mapping(headers: Sequence[str]) -> Mapping:
    """The mapping that takes every column named like a field for that field.

    It may lack contact_id or started_at; `fit` says so.
    """
    by_name = {fold(header).replace(" ", "_"): header for header in reversed(headers)}
    rules = {field.name: ColumnRule((by_name[field.name],)) for field in MAPPED if field.name in by_name}
    return Mapping(name="suggested", columns=rules)


def _absent(names: Sequence[str], positions: Sequence[int | None], *, of: str, headers: Sequence[str]) -> list[Absent]:
    return [
        Absent(name, of, nearest_header(name, headers))
        for name, position in zip(names, positions, strict=True)
        if position is None
    ]


def _complain(mapping: Mapping, *, absent: Sequence[Absent], headers: Sequence[str]) -> None:
    required = [field.name for field in FIELDS if field.required and field.name != "source"]
    problems = [f"{missing.of}: {missing}" for missing in absent if missing.of in required]
    problems += [f"{name}: no column is mapped to it" for name in required if name not in mapping.columns]
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        found = ", ".join(f"'{header}'" for header in headers)
        raise BadMapping(f"The mapping {mapping.name} does not fit this extract:{lines}\nIt has: {found}.")
