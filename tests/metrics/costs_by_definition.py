"""What contacts cost, once more: one contact at a time, with Python's fractions, straight from the definitions.

Nothing here is shared with the product but the slice that asks and the shape of decisions and test contacts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions
from tests.metrics.by_definition import Company, Fate, fates, first_day
from tests.metrics.small_mart import Ticket

Row = dict[str, Any]


@dataclass(frozen=True)
class Price:
    """What the definitions say of the cost of one contact; None where it is not known."""

    direct: Fraction | None
    downstream: Fraction | None
    is_assumed: bool
    is_downstream_assumed: bool
    lacks: str | None


def price(c: Ticket, day: date, decisions: Decisions) -> Price:
    """The cost of one contact."""
    own = next((d for d in decisions.intents if d.intent == c.intent), None)
    downstream = c.downstream_cost if c.downstream_cost is not None else (own.downstream_cost if own else None)
    held = [r for r in decisions.rates if r.channel == (c.channel or "(none)") and r.from_on <= day]
    rate = max(held, key=lambda r: r.from_on, default=None)
    direct, lacks, is_assumed = None, None, False
    if c.direct_cost is not None:
        direct = Fraction(c.direct_cost)
    elif rate is None:
        lacks = "rate"
    elif c.handle_minutes is not None:
        direct = Fraction(c.handle_minutes) * Fraction(rate.per_minute) + Fraction(rate.per_contact)
    elif rate.assumed_minutes is not None:
        direct = Fraction(rate.assumed_minutes) * Fraction(rate.per_minute) + Fraction(rate.per_contact)
        is_assumed = True
    else:
        lacks = "minutes"
    return Price(
        direct=direct,
        downstream=None if downstream is None else Fraction(downstream),
        is_assumed=is_assumed,
        is_downstream_assumed=c.downstream_cost is None and downstream is not None,
        lacks=lacks,
    )


def window_of(intent: str, asked: Slice, decisions: Decisions) -> int:
    """The days within which a contact of an intent counts as a repeat."""
    own = next((d.window_days for d in decisions.intents if d.intent == intent), None)
    return asked.window or own or 7


def costs(company: Company, decisions: Decisions, asked: Slice) -> list[Row]:
    """The rows of the metric, amounts as fractions of the unit of money."""
    groups: dict[tuple[str, ...], list[tuple[Fate, Price]]] = defaultdict(list)
    for fate in _fates(company, decisions, asked):
        day = company.day(fate.contact.started_at)
        if _is_asked_for(fate.contact, day, asked):
            groups[_key(fate.contact, day, asked)].append((fate, price(fate.contact, day, decisions)))
    if not asked.by and not asked.grain:
        groups.setdefault((), [])
    names = [*asked.by, *(["period"] if asked.grain else [])]
    return [dict(zip(names, key, strict=True)) | _row(groups[key]) for key in sorted(groups)]


def _fates(company: Company, decisions: Decisions, asked: Slice) -> list[Fate]:
    """Each contact's fate under its intent's own window."""
    of_window = {days: fates(company, days) for days in (1, 3, 7, 14, 30)}
    return [of_window[window_of(c.intent, asked, decisions)][at] for at, c in enumerate(company.contacts)]


def _row(own: Sequence[tuple[Fate, Price]]) -> Row:
    prices = [price for _, price in own]
    direct = [p.direct for p in prices if p.direct is not None]
    downstream = [p.downstream for p in prices if p.downstream is not None]
    repeats = sum(((p.direct or 0) + (p.downstream or 0) for f, p in own if f.repeat), Fraction())
    is_known = bool(direct or downstream)
    return {
        "value": sum(direct, Fraction()) + sum(downstream, Fraction()) if is_known else None,
        "low": None,
        "high": None,
        "n": len(direct),
        "reason": None if is_known else _reason(own),
        "direct": sum(direct, Fraction()) if direct else None,
        "downstream": sum(downstream, Fraction()) if is_known else None,
        "repeats": repeats if is_known and any(f.takes_part for f, _ in own) else None,
        "assumed_contacts": sum(p.is_assumed for p in prices),
        "contacts": len(own),
        "unpriced_contacts": sum(p.direct is None for p in prices),
        "downstream_assumed_contacts": sum(p.is_downstream_assumed for p in prices),
        "downstream_unstated_contacts": sum(p.downstream is None for p in prices),
    }


def _reason(own: Sequence[tuple[Fate, Price]]) -> str:
    if not own:
        return "no contacts here"
    for lack, words in (
        ("rate", "no rate for {} on these days, and no cost in the data"),
        ("minutes", "no handle time in the data, and none assumed for {}"),
    ):
        names = sorted({repr_of(f.contact.channel) for f, p in own if p.lacks == lack})
        if names:
            return words.format(f"channel{'s' * (len(names) > 1)} {', '.join(names)}")
    raise AssertionError("a contact that lacks nothing has a cost")


def repr_of(channel: str | None) -> str:
    """A channel's name in quotes."""
    return f"'{channel or '(none)'}'"


def _is_asked_for(c: Ticket, day: date, asked: Slice) -> bool:
    in_time = (asked.from_on or date.min) <= day <= (asked.to_on or date.max)
    return in_time and all((getattr(c, name, None) or "(none)") in values for name, values in asked.where)


def _key(c: Ticket, day: date, asked: Slice) -> tuple[str, ...]:
    dimensions = [getattr(c, name, None) or "(none)" for name in asked.by]
    return (*dimensions, *([str(first_day(day, asked.grain))] if asked.grain else []))
