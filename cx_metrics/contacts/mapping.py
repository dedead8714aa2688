"""How the columns of an extract become the columns of a contact: the mapping file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import tomlkit
import tomlkit.items

from cx_metrics.contacts import mapping_columns
from cx_metrics.contacts.mapping_checks import Problems, encoding_misfit, shown, timezone_misfit
from cx_metrics.contacts.mapping_columns import ColumnRule
from cx_metrics.errors import BadMapping

FORMATS = ("csv", "tsv", "xlsx", "parquet", "json")
"""The file formats a mapping can name."""

_KEYS = ("name", "format", "encoding", "sheet", "row", "keep_by", "missing", "timezone", "drop", "columns")


@dataclass(frozen=True)
class DropRule:
    """Rows to leave out: those whose ``column`` holds one of the texts ``equals``."""

    column: str
    equals: tuple[str, ...]


@dataclass(frozen=True)
class Mapping:
    """How to read one kind of extract.

    Attributes:
        name: What people call it.
        format: File format, or None to find it out; likewise ``encoding`` and ``sheet``.
        encoding: Text encoding, or None.
        sheet: Sheet of a workbook, or None.
        row: Whether a row is one contact or one event in a contact's life.
        keep_by: Column whose highest value is a contact's newest row, or None for file order.
        missing: Texts that mean missing in every column.
        timezone: IANA zone of stamps that have no offset, or None.
        drop: Rows to leave out.
        columns: The rule that fills each field of a contact, by field name.
    """

    name: str
    format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    row: Literal["contact", "event"] = "contact"
    keep_by: str | None = None
    missing: tuple[str, ...] = ()
    timezone: str | None = None
    drop: tuple[DropRule, ...] = ()
    columns: dict[str, ColumnRule] = field(default_factory=dict, hash=False)


def parse_mapping(text: str, *, origin: str) -> Mapping:
    """The mapping that a TOML text describes.

    Args:
        text: TOML in the format of a mapping file (README, mapping guide).
        origin: Where the text comes from, as the error names it; the name of a nameless mapping.

    Raises:
        BadMapping: The text is no TOML, or breaks the format; lists every problem.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"The mapping {origin} is not valid TOML: {error}.") from error
    problems = Problems()
    mapping = _mapping(raw, origin=origin, problems=problems)
    if problems.found:
        count = len(problems.found)
        lines = "".join(f"\n  - {problem}" for problem in problems.found)
        raise BadMapping(f"The mapping {origin} has {count} problem{'s' * (count > 1)}:{lines}")
    return mapping


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file.

    Raises:
        BadMapping: The file can't be read as UTF-8 text, is no TOML, or breaks the format.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadMapping(f"The mapping {path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadMapping(f"The mapping {path} is not UTF-8 text; save it as UTF-8.") from error
    except ValueError as error:
        raise BadMapping(f"The mapping {str(path)!r} can't be read: {error}.") from error
    return parse_mapping(text, origin=path.name)


def to_toml(mapping: Mapping) -> str:
    """The mapping as a TOML text that `parse_mapping` reads back to an equal mapping."""
    raw = tomlkit.document()
    raw["name"] = mapping.name
    for key in ("format", "encoding", "sheet", "row", "keep_by", "timezone"):
        if (value := getattr(mapping, key)) != getattr(Mapping, key):
            raw[key] = value
    if mapping.missing:
        raw["missing"] = list(mapping.missing)
    if mapping.drop:
        raw["drop"] = [_inline({"column": rule.column, "equals": rule.equals}) for rule in mapping.drop]
    columns = tomlkit.table()
    for name, rule in mapping.columns.items():
        written = mapping_columns.written(rule)
        columns[name] = written if isinstance(written, str) else _inline(written)
    raw["columns"] = columns
    return tomlkit.dumps(raw)


def _inline(table: dict[str, object]) -> tomlkit.items.InlineTable:
    inline = tomlkit.inline_table()
    for key, value in table.items():
        inline[key] = _inline(value) if isinstance(value, dict) else value
    return inline


def _mapping(raw: dict[str, object], *, origin: str, problems: Problems) -> Mapping:
    problems.unknown_keys(raw, allowed=_KEYS, where="")
    row: Literal["contact", "event"] = (
        "event" if problems.choice(raw, "row", allowed=("contact", "event"), where="") == "event" else "contact"
    )
    encoding = problems.text(raw, "encoding", where="")
    if encoding and (misfit := encoding_misfit(encoding)):
        problems.add("encoding", misfit)
    timezone = problems.text(raw, "timezone", where="")
    if timezone and (misfit := timezone_misfit(timezone)):
        problems.add("timezone", misfit)
    return Mapping(
        name=problems.text(raw, "name", where="") or Path(origin).stem,
        format=problems.choice(raw, "format", allowed=FORMATS, where=""),
        encoding=encoding,
        sheet=problems.text(raw, "sheet", where=""),
        row=row,
        keep_by=problems.text(raw, "keep_by", where=""),
        missing=problems.texts(raw, "missing", where="", empty=True),
        timezone=timezone,
        drop=_drops(raw.get("drop", []), problems=problems),
        columns=mapping_columns.rules(raw.get("columns"), row=row, problems=problems),
    )


def _drops(raw: object, *, problems: Problems) -> tuple[DropRule, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        problems.add("drop", f'must be a list such as [{{ column = "x", equals = ["y"] }}], not {shown(raw)}')
        return ()
    found = []
    for number, item in enumerate(raw, start=1):
        where = f"drop {number}"
        problems.unknown_keys(item, allowed=("column", "equals"), where=where)
        for key in ("column", "equals"):
            if key not in item:
                problems.add(where, f"lacks '{key}'")
        column = problems.text(item, "column", where=where)
        found.append(DropRule(column or "", problems.texts(item, "equals", where=where)))
    return tuple(found)
