"""Contacts with claims, answers and ends, and what the definitions say of them, one contact at a time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from tests.metrics.by_definition import Company, Fate, fates
from tests.metrics.small_mart import Ticket

ROME = "Europe/Rome"
START = datetime(2024, 1, 15, 7)
DAYS = 84
INTENTS = ("Bill", "Delivery", "Visit")
TEAMS = (None, "East", "West")
URGENCIES = (None, "High", "p1 now", "normal", "2 - Low")
DECIDED = Decisions(
    stamp="test",
    intents=(
        IntentDecision("Bill", fcr_target=0.75, expected_hours=24.0),
        IntentDecision("Delivery", fcr_target=0.60, window_days=3, expected_hours=1.5),
        IntentDecision("Visit", window_days=14),
    ),
)


def busy(seed: int, *, n: int = 600, customers: int = 120) -> Company:
    """Twelve weeks of contacts, with the cut-off on some hour of the twelfth."""
    chance = random.Random(seed)
    return Company(
        tuple(_ticket(chance, number, customers) for number in range(n)),
        START + timedelta(days=DAYS, hours=chance.randrange(-100, 10)),
        ROME,
    )


def _ticket(chance: random.Random, number: int, customers: int) -> Ticket:
    started = START + timedelta(minutes=chance.randrange(DAYS * 24 * 60))
    lasted = chance.choice([None, -30, 0, 20, 59, 90, 91, 24 * 60, 24 * 60 + 1, 3 * 24 * 60, 20 * 24 * 60])
    return Ticket(
        source="crm",
        contact_id=str(number),
        customer_id=chance.choice([None, *(f"c{chance.randrange(customers)}" for _ in range(5))]),
        started_at=started,
        ended_at=None if lasted is None else started + timedelta(minutes=lasted),
        intent=chance.choice(INTENTS),
        channel=chance.choice(["phone", "chat", "email"]),
        resolved=chance.choice([None, True, True, True, False]),
        confirmed=chance.choice([None, None, True, True, False]),
        segment=chance.choice(TEAMS),
        urgency=chance.choice(URGENCIES),
    )


def fates_of(company: Company, asked: Slice) -> list[Fate]:
    """The fate of each contact a slice asks for, by its intent's own window or the slice's."""
    found = []
    for window in sorted({window_of(intent, asked) for intent in INTENTS}):
        found += [f for f in fates(company, window) if window_of(f.contact.intent, asked) == window]
    return [f for f in found if is_asked(company, f, asked)]


def any_fates(company: Company, asked: Slice, window: int) -> list[Fate]:
    """The fate of each contact in the order of all contacts of its customer."""
    alike = replace(company, contacts=tuple(replace(c, intent="any") for c in company.contacts))
    both = zip(fates(alike, window), company.contacts, strict=True)
    found = [replace(f, contact=contact) for f, contact in both]
    return [f for f in found if is_asked(company, f, asked)]


def window_of(intent: str, asked: Slice) -> int:
    return asked.window or DECIDED.windows.get(intent, 7)


def is_asked(company: Company, fate: Fate, asked: Slice) -> bool:
    day = company.day(fate.contact.started_at)
    if (asked.from_on and day < asked.from_on) or (asked.to_on and day > asked.to_on):
        return False
    return all((getattr(fate.contact, name) or "(none)") in values for name, values in asked.where)
