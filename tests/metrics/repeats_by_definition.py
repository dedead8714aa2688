"""Issues, chains and customers once more: from the contacts and the definitions, one contact at a time."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from cx_metrics.metrics.slice import Slice
from tests.metrics.by_definition import Company, Fate, fates
from tests.metrics.resolution_by_definition import DECIDED, busy
from tests.metrics.small_mart import Ticket

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Issue:
    """A first contact: on which day (rounded up) the customer was back, 0 for never, and the whole days it lived."""

    contact: Ticket
    on: date
    came_on: int
    lived: int
    window: int


def decided_company(seed: int, *, n: int = 600, customers: int = 120) -> Company:
    """Twelve busy weeks, with intents of 7, 3 and 14 days."""
    return replace(busy(seed, n=n, customers=customers), windows=tuple(DECIDED.windows.items()))


def is_asked(company: Company, contact: Ticket, asked: Slice) -> bool:
    day = company.day(contact.started_at)
    inside = (asked.from_on or date.min) <= day <= (asked.to_on or date.max)
    return inside and all((getattr(contact, name, None) or "(none)") in values for name, values in asked.where)


def own_fates(company: Company, asked: Slice) -> list[Fate]:
    """Each contact's fate by the window of its intent, whether or not it is asked for."""
    return [fates(company, company.window(contact.intent, asked))[at] for at, contact in enumerate(company.contacts)]


def issues(company: Company, asked: Slice) -> list[Issue]:
    """The issues asked for, whether or not they are mature."""
    found = []
    for fate in own_fates(company, asked):
        contact = fate.contact
        if fate.is_first and not fate.in_first_days and is_asked(company, contact, asked):
            wait = _until_next(company, contact)
            found.append(
                Issue(
                    contact=contact,
                    on=company.day(contact.started_at),
                    came_on=0 if wait is None or wait > 30 * DAY else max(1, math.ceil(wait / DAY)),
                    lived=max(0, min(30, (company.watermark - contact.anchor) // DAY)),
                    window=company.window(contact.intent, asked),
                )
            )
    return found


def _until_next(company: Company, contact: Ticket) -> timedelta | None:
    later = [
        other
        for other in company.contacts
        if (other.customer_id, other.intent) == (contact.customer_id, contact.intent)
        and (other.started_at, *other.key) > (contact.started_at, *contact.key)
        and other.started_at <= company.watermark
    ]
    return min(later, key=lambda other: (other.started_at, *other.key)).started_at - contact.anchor if later else None


def kaplan_meier(some: list[Issue], day: int) -> tuple[Fraction | None, int]:
    """Share back by a day, None where nobody is at risk on a day before; and those at risk on that day."""
    survival, waiting = Fraction(1), 0
    for k in range(1, day + 1):
        at_risk = [i for i in some if i.lived >= k and not 0 < i.came_on < k]
        waiting = len(at_risk)
        if not at_risk and survival > 0:
            return None, 0
        if at_risk:
            survival *= 1 - Fraction(sum(i.came_on == k for i in at_risk), waiting)
    return 1 - survival, waiting


def chains(company: Company, asked: Slice) -> list[list[Ticket]]:
    """Chains of two contacts or more whose first one is asked for, in the order of their contacts' times."""
    lines: dict[tuple[str, str], list[Fate]] = defaultdict(list)
    for fate in own_fates(company, asked):
        if fate.takes_part:
            lines[str(fate.contact.customer_id), fate.contact.intent].append(fate)
    found: list[list[Ticket]] = []
    for line in lines.values():
        for fate in sorted(line, key=lambda fate: (fate.contact.started_at, *fate.contact.key)):
            if not fate.repeat:
                found.append([])
            found[-1].append(fate.contact)
    return [chain for chain in found if len(chain) > 1 and is_asked(company, chain[0], asked)]
