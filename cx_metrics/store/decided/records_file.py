"""The records file: intents, rates, units of X and alerts as one TOML text; units of X and alerts also as a CSV.

An import adds and updates by key and removes nothing: what the file does not name stays as it is, also single values
of an entry. An empty text takes a value back: ``owner = ""``.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy.orm import Session

from cx_metrics.contacts.mapping_checks import Problems, shown
from cx_metrics.errors import BadInput
from cx_metrics.store.decided.deciding import Draft, Saved, save
from cx_metrics.store.decided.decision_rules import RULES, Table, unknown_table
from cx_metrics.store.decided.decisions import Decisions

CSV_COLUMNS = ("name", "on", "units")
"""The columns of a CSV with units of X; others are an error."""

_CSV_NUMBERS = ("units", "within_days", "n_sent", "n_held_out", "contacted_sent", "contacted_held_out")
_MONEY = ("downstream_cost", "per_minute", "per_contact")
_DELIMITERS = (",", ";", "\t")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def import_records(session: Session, text: str, *, origin: str, actor: str) -> Saved:
    """Decide what a records file says, all of it or nothing.

    Args:
        session: On the records.
        text: TOML in the format of the records file, or a CSV with the columns name, on and units, or with those of an
            alert, sent_at among them.
        origin: Where the text comes from, as an error names it.
        actor: Who decides.

    Raises:
        BadInput: The file breaks the format or says something that isn't allowed; lists every problem.
    """
    problems = Problems()
    drafts = read_drafts(text, origin=origin, problems=problems)
    return save(session, drafts, actor=actor, what=f"The records file {origin}", problems=problems)


def read_drafts(text: str, *, origin: str, problems: Problems) -> list[Draft]:
    """What a records file hands in, its values not yet checked; problems are told what is no entry at all.

    Raises:
        BadInput: The text is no TOML.
    """
    lines = _csv_lines(text)
    return list(_csv_drafts(lines, problems=problems) if lines else _toml_drafts(text, origin, problems=problems))


def read_text(path: Path) -> str:
    """The text of a records file.

    Raises:
        BadInput: It can't be read, or is no UTF-8 text.
    """
    try:
        return decoded(path.read_bytes(), origin=path.name)
    except OSError as error:
        raise BadInput(f"The records file {path} can't be read: {error.strerror}.") from error


def decoded(raw: bytes, *, origin: str) -> str:
    """The bytes as text.

    Raises:
        BadInput: They are no UTF-8 text.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The records file {origin} is not UTF-8 text; save it as UTF-8.") from error


def to_toml(decisions: Decisions) -> str:
    """All that is decided as a records file; imported into an empty home and exported again it is the same text."""
    lines: list[str] = []
    tables: dict[Table, tuple[object, ...]] = {
        "intents": decisions.intents,
        "rates": decisions.rates,
        "x_units": decisions.x_units,
        "alerts": decisions.alerts,
    }
    for table, entries in tables.items():
        for entry in entries:
            values = [(rule, getattr(entry, rule.name)) for rule in RULES[table]]
            lines += [f"[[{table}]]"]
            lines += [f"{rule.title} = {_written(rule.name, value)}" for rule, value in values if value is not None]
            lines += [""]
    return "\n".join(lines)


def _written(name: str, value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal):
        return str(value)
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    return f"{value:.{max(digits, 2) if name in _MONEY else digits}f}"


def _toml_drafts(text: str, origin: str, *, problems: Problems) -> Iterator[Draft]:
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, InvalidOperation) as error:
        raise BadInput(f"The records file {origin} is not valid TOML: {error}. Nothing was saved.") from error
    for name in raw:
        if name not in RULES:
            problems.add(name, unknown_table(name))
    for table in RULES:
        entries = raw.get(table, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            problems.add(table, f"must be a list of [[{table}]] entries, not {shown(entries)}")
            continue
        for number, entry in enumerate(entries, start=1):
            about = entry.get(RULES[table][0].title)
            yield Draft(table, entry, f"{table} {number}" + (f" '{about}'" if about else ""))


def _csv_lines(text: str) -> list[list[str]]:
    """The cells of a CSV with units of X or alerts; nothing where the text does not begin like one."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        titles = [cell.strip().strip('"').lower() for cell in head.split(delimiter)]
        if len(titles) > 1 and set(CSV_COLUMNS) & set(titles):
            return _cells(text, delimiter)
    return []


def _cells(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(f"The file is no readable CSV: {error}. Nothing was saved.") from error


def _csv_drafts(lines: list[list[str]], *, problems: Problems) -> Iterator[Draft]:
    first = next(number for number, cells in enumerate(lines) if any(map(str.strip, cells)))
    titles = [cell.strip().lower() for cell in lines[first]]
    table: Table = "alerts" if "sent_at" in titles else "x_units"
    if table == "x_units" and sorted(titles) != sorted(CSV_COLUMNS):
        problems.add(f"line {first + 1}", f"the columns must be {', '.join(CSV_COLUMNS)}, not {', '.join(titles)}")
        return
    for number, cells in enumerate(lines[first + 1 :], start=first + 2):
        if not any(map(str.strip, cells)):
            continue
        where = f"line {number}"
        if len(cells) != len(titles):
            problems.add(where, f"must have {len(titles)} cells, not {len(cells)}")
            continue
        given = zip(titles, map(str.strip, cells), strict=True)
        yield Draft(table, {title: _csv_value(title, cell) for title, cell in given}, where)


def _csv_value(title: str, cell: str) -> str | Decimal:
    return Decimal(cell) if title in _CSV_NUMBERS and _NUMBER.fullmatch(cell) else cell
