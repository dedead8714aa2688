"""What a decision may say: every field's values, checked alike whether they were typed, edited or read from a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from cx_metrics.contacts.mapping_checks import Problems, shown
from cx_metrics.contacts.schema import MOST_MONEY
from cx_metrics.errors import did_you_mean
from cx_metrics.store.marts.mart import WINDOWS

Table = Literal["intents", "rates", "x_units", "alerts"]
"""What the records file calls each kind of decision."""

MOST_CUSTOMERS = 10**9
"""Customers a message can be sent to at most."""

MOST_UNITS = 10**12
"""Units that can belong to one day at most; a number with six decimals holds no more."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(1900, 2200)
_EMAIL = re.compile(r'[^\s@<>",;]+@[^\s@<>",;]+')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_VALUES = ("low", "high")


@dataclass(frozen=True)
class Rule:
    """One field of a decision.

    Attributes:
        name: Its name in the program.
        parse: Gives its value; raises ValueError with what is allowed.
        key: Whether it says what the decision is about.
        written: Its name in files, where that is another.
    """

    name: str
    parse: Callable[[object], Any]
    key: bool = False
    written: str = ""

    @property
    def title(self) -> str:
        """Its name in files."""
        return self.written or self.name


def _text(most: int = 200) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"must be a text, not {_shown(value)}")
        if _CONTROL.search(value.strip()):
            raise ValueError(f"must not contain line breaks or control characters: {shown(value)}")
        if len(value) > most:
            raise ValueError(f"must have at most {most} characters, not {len(value)}")
        return value.strip()

    return parse


def _email(value: object) -> str:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value.strip()):
        raise ValueError(f"must be an address such as dana@example.com, not {_shown(value)}")
    return _text()(value).lower()


def _number(most: int, what: str = "a number") -> Callable[[object], Decimal]:
    def parse(value: object) -> Decimal:
        exact = _decimal(value)
        if exact is None or not 0 <= exact <= most:
            raise ValueError(f"must be {what} from 0 to {most}, not {_shown(value)}")
        if exact != round(exact, 6):
            raise ValueError(f"must have at most 6 decimals, not {_shown(value)}")
        return Decimal(_digits(exact))

    return parse


def _share(value: object) -> float:
    exact = _decimal(value)
    if exact is None or not 0 < exact <= 1:
        is_percent = exact is not None and 1 < exact <= 100
        hint = f"; for {_shown(exact)} per cent write {_shown(exact / 100)}" if exact and is_percent else ""
        raise ValueError(f"must be a share above 0 and up to 1, such as 0.75, not {_shown(value)}{hint}")
    return float(exact)


def _hours(value: object) -> float:
    exact = _decimal(value)
    if exact is None or not 0 < exact <= 10_000:
        raise ValueError(f"must be hours above 0 and up to 10000, not {_shown(value)}")
    return float(exact)


def _window(value: object) -> int:
    exact = _decimal(value)
    if exact not in WINDOWS:
        raise ValueError(f"must be one of {', '.join(map(str, WINDOWS))} days, not {_shown(value)}")
    return int(exact or 0)


def _value(value: object) -> str:
    if value not in _VALUES:
        raise ValueError(f"must be low or high, not {_shown(value)}")
    return str(value)


def _day(value: object) -> date:
    found = value if isinstance(value, date) and not isinstance(value, datetime) else None
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            found = date.fromisoformat(value.strip())
        except ValueError:
            found = None
    if found is None or found.year not in _YEARS:
        raise ValueError(f"must be a day of the calendar such as 2026-01-31, not {_shown(value)}")
    return found


def _moment(value: object) -> datetime:
    found = value if isinstance(value, datetime) else None
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            found = None
    if found is None or found.tzinfo is None or found.year not in _YEARS:
        raise ValueError(f"must be a time with its offset such as 2026-01-31T08:00+01:00, not {_shown(value)}")
    return found.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _people(value: object) -> int:
    exact = _decimal(value)
    if exact is None or exact != int(exact) or not 0 <= exact <= MOST_CUSTOMERS:
        raise ValueError(f"must be a whole number from 0 to {MOST_CUSTOMERS}, not {_shown(value)}")
    return int(exact)


_money = _number(MOST_MONEY, "an amount of money")

RULES: Mapping[Table, tuple[Rule, ...]] = {
    "intents": (
        Rule("intent", _text(500), key=True),
        Rule("category", _text()),
        Rule("owner", _text()),
        Rule("owner_email", _email),
        Rule("department", _text()),
        Rule("fcr_target", _share),
        Rule("window_days", _window),
        Rule("downstream_cost", _money),
        Rule("expected_hours", _hours),
        Rule("value_to_customer", _value),
        Rule("value_to_company", _value),
    ),
    "rates": (
        Rule("channel", _text(500), key=True),
        Rule("from_on", _day, key=True, written="from"),
        Rule("per_minute", _money),
        Rule("per_contact", _money),
        Rule("assumed_minutes", _number(100_000, "minutes")),
    ),
    "x_units": (
        Rule("name", _text(), key=True),
        Rule("on", _day, key=True),
        Rule("units", _number(MOST_UNITS)),
    ),
    "alerts": (
        Rule("name", _text(), key=True),
        Rule("intent", _text(500)),
        Rule("trigger", _text()),
        Rule("sent_at", _moment),
        Rule("within_days", _window),
        Rule("audience", _text(500)),
        Rule("n_sent", _people),
        Rule("n_held_out", _people),
        Rule("contacted_sent", _people),
        Rule("contacted_held_out", _people),
    ),
}
"""The fields of each kind of decision, in the order of files."""


def read_fields(table: Table, raw: Mapping[str, object], *, where: str, problems: Problems) -> dict[str, Any]:
    """The values that are given, by field; an empty text or None means that something is decided no longer.

    Args:
        table: The kind of decision.
        raw: Values by the name they have in files.
        where: What stands before each problem.
        problems: Told of every value that is not allowed, of names that are unknown, and of keys that lack.
    """
    rules = RULES[table]
    problems.unknown_keys(raw, allowed=[rule.title for rule in rules], where=where)
    found: dict[str, Any] = {}
    for rule in rules:
        value = raw.get(rule.title)
        if value is None or (isinstance(value, str) and not value.strip()):
            if rule.key:
                problems.add(where, f"lacks '{rule.title}'")
            elif rule.title in raw:
                found[rule.name] = None
            continue
        try:
            found[rule.name] = rule.parse(value)
        except ValueError as error:
            problems.add(f"{where}, {rule.title}", str(error))
    return found


def check_owners(intents: Iterable[Mapping[str, Any]], *, problems: Problems) -> None:
    """Note every owner who stands with two names or departments, and whoever is named in part."""
    people: dict[str, tuple[Mapping[str, Any], tuple[str, str]]] = {}
    for entry in intents:
        where, owner, email = f"intent '{entry['intent']}'", entry.get("owner"), entry.get("owner_email")
        if owner is None:
            for named in ("owner_email", "department"):
                if entry.get(named):
                    problems.add(
                        where, f"{named} is '{entry[named]}', but there is no owner; name one, or leave it out"
                    )
            continue
        who = (owner, entry.get("department") or "no department")
        first, said = people.setdefault(email or owner, (entry, who))
        if said != who:
            problems.add(
                where,
                f"{email or owner} is {who[0]} ({who[1]}), but {said[0]} ({said[1]}) in '{first['intent']}'; "
                "one owner has one name and one department",
            )
    _check_names(people, problems=problems)


def _check_names(people: Mapping[str, tuple[Mapping[str, Any], tuple[str, str]]], *, problems: Problems) -> None:
    with_address = {who[0]: email for email, (entry, who) in people.items() if entry.get("owner_email")}
    for entry, (owner, _) in people.values():
        if not entry.get("owner_email") and owner in with_address:
            problems.add(
                f"intent '{entry['intent']}'",
                f"owner '{owner}' has no owner_email here, but {with_address[owner]} elsewhere; name it here as well",
            )


def check_rate(entry: Mapping[str, Any], *, where: str, problems: Problems) -> None:
    """Note a rate that says nothing of money."""
    if entry.get("per_minute") is None and entry.get("per_contact") is None:
        problems.add(where, "lacks 'per_minute' and 'per_contact'; name at least one of them")


def check_units(entry: Mapping[str, Any], *, where: str, problems: Problems) -> None:
    """Note a day without units."""
    if entry.get("units") is None:
        problems.add(where, "lacks 'units'")


def check_alert(entry: Mapping[str, Any], *, where: str, problems: Problems) -> None:
    """Note an alert that lacks what it can't be without, or counts more customers who asked than there are."""
    for name in ("intent", "sent_at", "n_sent"):
        if entry.get(name) is None:
            problems.add(where, f"lacks '{name}'")
    for part, whole in (("contacted_sent", "n_sent"), ("contacted_held_out", "n_held_out")):
        if (entry.get(part) or 0) > (entry.get(whole) or 0):
            there_are = entry.get(whole) or 0
            problems.add(where, f"{part} is {entry[part]}, but {whole} is {there_are}; count customers once")


def unknown_table(name: str) -> str:
    """What to say of a table that records do not have."""
    return f"unknown table '{name}'; {did_you_mean(name, RULES)}"


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() else None


def _shown(value: object) -> str:
    exact = _decimal(value)
    if exact is not None:
        return _digits(exact)
    return str(value) if isinstance(value, Decimal | date) else shown(value)


def _digits(exact: Decimal) -> str:
    """The number without zeros at its end and without an exponent."""
    return f"{exact.normalize():f}"
