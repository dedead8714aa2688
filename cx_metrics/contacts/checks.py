"""Why a cell's text can't be taken: one reason in words for every kind of field, as SQL for bad rows."""

from __future__ import annotations

from cx_metrics.contacts import numbers
from cx_metrics.contacts.field_sql import FieldSql
from cx_metrics.contacts.fit import Filled
from cx_metrics.contacts.quoting import literal, matches
from cx_metrics.contacts.schema import Field
from cx_metrics.contacts.stamps import Clock, Reading
from cx_metrics.contacts.zones import FIRST_YEAR


def reason(sql: FieldSql, *, clock: Clock) -> str:
    """The SQL of why a field's text is rejected, above the layer of its values ``r_``."""
    filled = sql.filled
    if filled.rule.values is not None:
        found = literal(f"not among the values of the mapping ({', '.join(filled.rule.values)})")
    elif filled.field.kind == "text":
        found = literal("the id was damaged by a spreadsheet")
    elif sql.reading is not None:
        found = _stamp(sql.name, reading=sql.reading, clock=clock)
    elif filled.field.kind == "bool":
        found = literal("neither yes nor no (true, yes, 1, y, t; false, no, 0, n, f)")
    else:
        found = _decimal(filled) if filled.field.kind == "decimal" else _whole(filled.field)
    if filled.field.required:
        return f"CASE WHEN {sql.is_missing()} THEN {literal(f'{sql.name} is missing')} ELSE {found} END"
    return found


def _stamp(name: str, *, reading: Reading, clock: Clock) -> str:
    text, found = f"t_{name}", f"r_{name}"
    hints = [
        (f"{found} < TIMESTAMP '{FIRST_YEAR}-01-01'", f"before {FIRST_YEAR}"),
        (f"{found} IS NOT NULL", "in the future"),
        (f"l_{name} IS NOT NULL", f"the clocks of {clock.zone} skip this time"),
    ]
    otherwise = f"does not match the format {reading.format}"
    if reading.format is None:
        hints += [
            (matches(text, r"\d{9,10}"), 'not a date; if it is Unix time say format = "epoch_s"'),
            (matches(text, r"\d{12,13}"), 'not a date; if it is Unix time say format = "epoch_ms"'),
            (matches(text, r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"), _no_such_date(reading)),
        ]
        otherwise = "not a date"
    return _case(hints, otherwise=otherwise)


def _no_such_date(reading: Reading) -> str:
    return f"no such date (read as {reading.order})" if reading.order else "no such date"


def _decimal(filled: Filled) -> str:
    field, text = filled.field, f"t_{filled.field.name}"
    below_or_above = [
        (f"r_{field.name} < 0", "negative"),
        (f"r_{field.name} IS NOT NULL", f"more than {_most(field)} for one contact"),
    ]
    if filled.rule.unit == "h:mm:ss":
        return _case(below_or_above, otherwise="not a duration like h:mm:ss")
    hints = [
        *below_or_above,
        (numbers.has_two_readings(text), "the comma may mark thousands or decimals; write it without"),
        (numbers.is_number(text), "too large"),
    ]
    if field.name == "handle_minutes":
        hints.append((numbers.is_clock(text), 'not a number; if it is a duration say unit = "h:mm:ss"'))
    return _case(hints, otherwise="not a number")


def _most(field: Field) -> str:
    return "7 days" if field.name == "handle_minutes" else f"{field.high:,.0f}"


def _whole(field: Field) -> str:
    text = f"t_{field.name}"
    limits = "negative" if field.high is None else f"outside {field.low:.0f} to {field.high:.0f}"
    hints = [
        (f"r_{field.name} IS NOT NULL", limits),
        (numbers.is_whole(text), "too large"),
        (numbers.is_number(text), "not a whole number"),
    ]
    return _case(hints, otherwise="not a number")


def _case(hints: list[tuple[str, str]], *, otherwise: str) -> str:
    whens = "".join(f" WHEN {test} THEN {literal(said)}" for test, said in hints)
    return f"CASE{whens} ELSE {literal(otherwise)} END"
