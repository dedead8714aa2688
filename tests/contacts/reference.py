"""The rules of staging once more, row by row in plain Python, to compare with.

Nothing here is shared with the product but the mapping's own classes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.mapping_columns import ColumnRule

BLANKS = " \t\n\v\f\r\u00a0"
TIMES = ("started_at", "ended_at", "survey_offered_at", "survey_answered_at")
SCALES = {
    "csat": (1, 5), "nps": (0, 10), "ces": (1, 7), "outcome": (1, 5), "feeling": (1, 5),
    "reopens": (0, 2**31 - 1), "transfers": (0, 2**31 - 1),
}  # fmt: skip
BOOLS = ("resolved", "confirmed", "follow_up")
AMOUNTS = ("handle_minutes", "direct_cost", "downstream_cost")
ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?( ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
LAST_YEAR = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)"
    r"(?:(?:, |,| |T)(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?: ?([AaPp][Mm]))?)?",
    re.ASCII,
)


class TextError(Exception):
    """A text that can't be taken."""


class QuestionError(Exception):
    """A question the extract leaves open."""


@dataclass
class Outcome:
    """What the rules make of an extract."""

    contacts: list[dict[str, Any]] = field(default_factory=list)
    rejected: dict[int, set[str]] = field(default_factory=dict)
    n_dropped: int = 0
    n_merged: int = 0


def stage(mapping: Mapping, headers: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Outcome:
    """Every row taken by the rules, one after the other."""
    records = [dict(zip(headers, row, strict=True)) for row in rows]
    orders = _orders(mapping, records)
    found, good = Outcome(), []
    for number, record in enumerate(records, start=1):
        if any(
            _clean(record[rule.column]).lower() in [text.strip(BLANKS).lower() for text in rule.equals]
            for rule in mapping.drop
        ):
            found.n_dropped += 1
            continue
        values, wrong = _values(mapping, record, orders)
        if wrong:
            found.rejected[number] = wrong
        else:
            good.append((number, values, _kept(mapping, record)))
    found.contacts = _merge(mapping, good)
    found.n_merged = len(good) - len(found.contacts)
    return found


def _values(mapping: Mapping, record: dict[str, str | None], orders: dict[str, str]) -> tuple[dict[str, Any], set[str]]:
    values: dict[str, Any] = {}
    wrong = set()
    for name, rule in mapping.columns.items():
        try:
            values[name] = _value(mapping, name, rule, record, orders)
        except TextError:
            wrong.add(name)
    return values, wrong


def _value(mapping: Mapping, name: str, rule: ColumnRule, record: dict[str, str | None], orders: dict[str, str]) -> Any:
    if rule.constant is not None:
        return rule.constant
    text = _text(mapping, name, rule, record)
    if text is None and name in ("contact_id", "started_at"):
        raise TextError
    value = None if text is None else _taken(text, mapping, name, rule, record, orders)
    return "(none)" if name == "intent" and value is None else value


def _taken(
    text: str,
    mapping: Mapping,
    name: str,
    rule: ColumnRule,
    record: dict[str, str | None],
    orders: dict[str, str],
) -> Any:
    value: Any = text
    if rule.values is not None:
        listed = {key.strip(BLANKS).lower(): value for key, value in rule.values.items()}
        value = listed.get(text.lower())
        if value is None and rule.other == "reject":
            raise TextError
    elif name in TIMES:
        value = _stamp(text, rule.format, orders.get(name), mapping.timezone)
    elif name in AMOUNTS:
        value = _amount(text, name, rule.unit or "min")
    elif name in SCALES:
        value = _whole(text, *SCALES[name])
    elif name in BOOLS:
        value = _bool(text)
    elif name in ("contact_id", "customer_id") and any(
        re.fullmatch(r"-?\d([.,]\d+)?[eE]\+\d{2,3}", _clean(record[column])) for column in rule.columns
    ):
        raise TextError
    return value


def _text(mapping: Mapping, name: str, rule: ColumnRule, record: dict[str, str | None]) -> str | None:
    missing = ["", *(text.strip(BLANKS).lower() for text in (*mapping.missing, *rule.missing))]
    parts = [_clean(record[column]) for column in rule.columns]
    there = [part for part in parts if part.lower() not in missing]
    if len(there) < len(parts) and (name in (*TIMES, *AMOUNTS, *SCALES, *BOOLS) or name.endswith("_id")):
        return None
    return rule.join.join(there) if there else None


def _clean(cell: str | None) -> str:
    return (cell or "").strip(BLANKS)


def _bool(text: str) -> bool:
    if text.lower() in ("true", "yes", "1", "y", "t"):
        return True
    if text.lower() in ("false", "no", "0", "n", "f"):
        return False
    raise TextError


def _whole(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+(\.0*)?", text) or not low <= int(text.partition(".")[0]) <= high:
        raise TextError
    return int(text.partition(".")[0])


def _amount(text: str, name: str, unit: str) -> Decimal:
    if unit == "h:mm:ss":
        if not re.fullmatch(r"[0-9]{1,5}:[0-5][0-9](:[0-5][0-9])?", text):
            raise TextError
        hours, minutes, seconds = (*map(int, text.split(":")), 0)[:3]
        amount = Decimal(hours * 3600 + minutes * 60 + seconds) / 60
    else:
        scale = {"ms": Decimal(1) / 60000, "s": Decimal(1) / 60, "min": Decimal(1), "h": Decimal(60)}[unit]
        amount = _number(text) * scale
    amount = amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)
    if amount < 0 or amount > (10080 if name == "handle_minutes" else 1_000_000_000):
        raise TextError
    return amount


def _number(text: str) -> Decimal:
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    marks = [character for character in digits if not character.isdigit()]
    if not digits or not any(c in "0123456789" for c in digits):
        raise TextError
    if any(c not in "0123456789,. \u00a0\u202f" for c in digits):
        raise TextError
    groups = re.split(r"[,. \u00a0\u202f]", digits)
    grouped = len(groups[0]) in (1, 2, 3) and groups[0][0] != "0"
    if marks in ([], ["."]):
        plain = digits
    elif marks == [","]:
        if len(groups[1]) == 0 or (grouped and len(groups[1]) == 3):
            raise TextError
        plain = digits.replace(",", ".")
    else:
        mark, last = marks[0], marks[-1]
        spaces = mark in " \u00a0\u202f"
        thousands = [m for m in marks if (m in " \u00a0\u202f" if spaces else m == mark)]
        tail = marks[len(thousands) :]
        if not grouped or marks[: len(thousands)] != thousands or len(tail) > 1:
            raise TextError
        if tail and (tail[0] not in ",." or tail[0] == mark):
            raise TextError
        whole, fraction = (groups[:-1], groups[-1]) if tail else (groups, "")
        if any(len(group) != 3 for group in whole[1:]):
            raise TextError
        del last
        plain = "".join(whole) + "." + fraction
    return Decimal(sign + plain).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _stamp(text: str, format: str | None, order: str | None, zone: str | None) -> datetime:
    try:
        stamp = _read_stamp(text, format, order)
    except (ValueError, OverflowError):
        raise TextError from None
    if stamp.tzinfo is None:
        if zone is None:
            raise QuestionError("zone")
        local = stamp.replace(tzinfo=ZoneInfo(zone))
        if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != stamp:
            raise TextError
        stamp = local
    stamp = stamp.astimezone(UTC)
    if stamp.year < 1990 or stamp > datetime.now(UTC) + timedelta(days=1):
        raise TextError
    return stamp.replace(tzinfo=None)


def _read_stamp(text: str, format: str | None, order: str | None) -> datetime:
    if format in ("epoch_s", "epoch_ms"):
        if not re.fullmatch(r"[0-9]{1,14}", text):
            raise TextError
        scale = 1 if format == "epoch_ms" else 1000
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text) * scale)
    if format not in (None, "iso"):
        return datetime.strptime(text, format)
    if match := ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        micros = int((fraction or "0").ljust(6, "0")[:6])
        clock = int(hour or 0), int(minute or 0), int(second or 0), micros
        return datetime(int(year), int(month), int(day), *clock, tzinfo=_zone(offset))
    match = LAST_YEAR.fullmatch(text)
    if format == "iso" or match is None or order is None:
        raise TextError
    one, two, year, hour, minute, second, fraction, half = match.groups()
    day, month = (one, two) if order == "day first" else (two, one)
    years = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 69 else 1900)
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise TextError
        hours = hours % 12 + 12 * (half.lower() == "pm")
    micros = int((fraction or "0").ljust(6, "0"))
    return datetime(years, int(month), int(day), hours, int(minute or 0), int(second or 0), micros)


def _zone(offset: str | None) -> Any:
    if offset is None:
        return None
    if offset.strip() in ("Z", "UTC"):
        return UTC
    return datetime.strptime(offset.strip().replace(":", "").ljust(5, "0"), "%z").tzinfo


def _orders(mapping: Mapping, records: list[dict[str, str | None]]) -> dict[str, str]:
    parts: dict[str, list[tuple[int, int]]] = {}
    declared = set()
    for name in TIMES:
        rule = mapping.columns.get(name)
        if rule is not None and rule.format and "%" in rule.format:
            declared.add("day first" if rule.format.find("d") < rule.format.find("m") else "month first")
        elif rule is not None and rule.format is None:
            texts = (_text(mapping, name, rule, record) for record in records)
            matches = (LAST_YEAR.fullmatch(text) for text in texts if text)
            parts[name] = [(int(match[1]), int(match[2])) for match in matches if match]
    pooled = [_evidence(pairs) for pairs in parts.values()]
    common = _majority(sum(day for day, _ in pooled), sum(month for _, month in pooled))
    if common is None and len(declared) == 1:
        common = next(iter(declared))
    orders = {}
    for name, pairs in parts.items():
        own = _evidence(pairs)
        if pairs and common and (own == (0, 0) or _majority(*own) == common):
            orders[name] = common
        elif own == (0, 0) and not any(a != b and 0 < a < 13 and 0 < b < 13 for a, b in pairs):
            orders[name] = "day first"
        else:
            raise QuestionError(name)
    return orders


def _evidence(pairs: list[tuple[int, int]]) -> tuple[int, int]:
    day = sum(12 < one < 32 and 0 < two < 13 for one, two in pairs)
    return day, sum(12 < two < 32 and 0 < one < 13 for one, two in pairs)


def _majority(day: int, month: int) -> str | None:
    if day == month or max(day, month) < 0.95 * (day + month):
        return None
    return "day first" if day > month else "month first"


def _kept(mapping: Mapping, record: dict[str, str | None]) -> str | None:
    if mapping.keep_by is None:
        return None
    text = _clean(record[mapping.keep_by])
    missing = ["", *(text.strip(BLANKS).lower() for text in mapping.missing)]
    return None if text.lower() in missing else text


def _merge(mapping: Mapping, good: list[tuple[int, dict[str, Any], str | None]]) -> list[dict[str, Any]]:
    keys = [key for _, _, key in good if key is not None]
    numeric = all(re.fullmatch(r"[+-]?[0-9]{1,28}(\.[0-9]{1,9})?", key) for key in keys)

    def age(event: tuple[int, dict[str, Any], str | None]) -> tuple[Any, ...]:
        number, _, key = event
        return (key is not None, (Decimal(key) if numeric else key) if key is not None else 0, number)

    merged = []
    by_contact = sorted(good, key=lambda event: event[1]["contact_id"])
    for _, events in itertools.groupby(by_contact, key=lambda event: event[1]["contact_id"]):
        life = sorted(events, key=age)
        firsts = [name for name, rule in mapping.columns.items() if rule.of == "first"]
        merged.append(life[-1][1] | {name: life[0][1][name] for name in firsts})
    return merged
