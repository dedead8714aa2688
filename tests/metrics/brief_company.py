"""A company whose figures can be worked out on paper: two intents, ten customers a day each, four busy weeks.

The cut-off is Wednesday 20 March 2024, noon. Every day since 1 December 2023 ten customers ask about a bill
(handling 5.00) and ten about a visit (handling 10.00, and 3.00 after it). From 21 February on, the ten who asked
about a bill come back the same afternoon. One in ten contacts of these weeks answers a survey.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, Decisions, IntentDecision, XUnits
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

CUTOFF = datetime(2024, 3, 20, 12)
FIRST, BUSY, LAST = date(2023, 12, 1), date(2024, 2, 21), date(2024, 3, 19)
NOW = Slice(from_on=BUSY, to_on=LAST)
BEFORE = Slice(from_on=date(2024, 1, 24), to_on=date(2024, 2, 20))

DECIDED = Decisions(
    stamp="test",
    intents=(
        IntentDecision("Bill", owner="Dana", owner_email="dana@example.com", fcr_target=0.75, expected_hours=24),
        IntentDecision("Visit", fcr_target=0.90),
    ),
    x_units=tuple(
        XUnits("orders", FIRST + timedelta(days=n), Decimal(1100 if FIRST + timedelta(days=n) >= BUSY else 1000))
        for n in range((LAST - FIRST).days + 1)
    ),
)


def contacts(*, first: date = FIRST, priced: bool = True, named: bool = True, surveyed: bool = True) -> list[Ticket]:
    """The company's contacts, oldest first."""
    found: list[Ticket] = []
    for day in range((LAST - first).days + 1):
        on = first + timedelta(days=day)
        busy = on >= BUSY
        for k in range(10):
            morning = _ask(on, 9, k, "Bill", Decimal(5))
            answered = morning.started_at + timedelta(hours=1) if busy and k < 3 else None
            found.append(replace(morning, survey_answered_at=answered))
            found.append(replace(_ask(on, 11, k, "Visit", Decimal(10)), downstream_cost=Decimal(3)))
            if busy:
                found.append(_ask(on, 15, k, "Bill", Decimal(5)))
    return [_without(ticket, priced=priced, named=named, surveyed=surveyed) for ticket in found]


def _ask(on: date, hour: int, k: int, intent: str, cost: Decimal) -> Ticket:
    at = datetime(on.year, on.month, on.day, hour, k)
    return Ticket("crm", f"{intent}{at:%m%d%H%M}", f"{intent}{on}{k}", at, intent=intent, direct_cost=cost)


def _without(ticket: Ticket, *, priced: bool, named: bool, surveyed: bool) -> Ticket:
    if not priced:
        ticket = replace(ticket, direct_cost=None, downstream_cost=None)
    if not surveyed:
        ticket = replace(ticket, survey_answered_at=None)
    return ticket if named else replace(ticket, customer_id=None)


@contextmanager
def company(found: list[Ticket] | None = None, *, decisions: Decisions = DECIDED) -> Iterator[Mart]:
    """The mart of the company, under its decisions."""
    with small_mart(contacts() if found is None else found, watermark=CUTOFF, timezone="UTC") as mart:
        yield mart.under(decisions)


__all__ = ["BEFORE", "CUTOFF", "DECIDED", "NOTHING_DECIDED", "NOW", "company", "contacts"]
