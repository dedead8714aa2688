"""Each metric equals the definitions, contact by contact, on random contacts and random questions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import GRAINS, WINDOWS, Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.by_definition import Company, answer, powerset
from tests.metrics.small_mart import Ticket, small_mart

# Clocks go forward in Rome on 2024-03-31 and back on 2024-10-27, a week or two before the cut-offs. These are a
# noon, the last minute of a day in Rome, and the end of one.
ROME = "Europe/Rome"
CUTOFFS = [datetime(2024, 4, 10, 12), datetime(2024, 4, 9, 21, 59), datetime(2024, 11, 3, 23)]
CUSTOMERS = [None, "Ann", "Bob", "Zoë ☎", "O'Neil"]
INTENTS = ["Bill", 'Where\'s my "technician"?', "(none)", "=Störung; DROP TABLE daily --"]
CHANNELS = [None, "phone", "chat"]
SEGMENTS = [None, "é\u0301", "x" * 300]

NAMES = ("volume", "recontact_rate", "repeat_share", "fcr", "contacts_per_customer")

_gaps = st.sampled_from([0, 0, 1, 6, 23, 24, 25, 72, 73, 168, 169, 336, 720, 721, 1000])


@st.composite
def companies(draw: st.DrawFn) -> Company:
    cutoff = draw(st.sampled_from(CUTOFFS))
    numbers = st.integers(min_value=0, max_value=99)
    tickets: dict[tuple[str, str], Ticket] = {}
    at = cutoff - timedelta(hours=draw(st.integers(0, 2200)))
    for _ in range(draw(st.integers(1, 16))):
        started = at + timedelta(hours=draw(_gaps))
        at = draw(st.sampled_from([at, started]))
        lasted = draw(st.sampled_from([None, -5, 0, 24, 48, 24 * 7, 24 * 40]))
        ticket = Ticket(
            source=draw(st.sampled_from(["crm", "tel"])),
            contact_id=str(draw(numbers)),
            customer_id=draw(st.sampled_from(CUSTOMERS)),
            started_at=started,
            ended_at=None if lasted is None else started + timedelta(hours=lasted),
            intent=draw(st.sampled_from(INTENTS)),
            channel=draw(st.sampled_from(CHANNELS)),
            resolved=draw(st.sampled_from([None, True, False])),
            confirmed=draw(st.sampled_from([None, True, False])),
            segment=draw(st.sampled_from(SEGMENTS)),
        )
        tickets[ticket.key] = ticket
    own = draw(st.dictionaries(st.sampled_from(INTENTS), st.sampled_from(WINDOWS)))
    return Company(tuple(tickets.values()), cutoff, ROME, tuple(own.items()))


@st.composite
def slices(draw: st.DrawFn, company: Company) -> Slice:
    chosen = {}
    for dimension in draw(st.lists(st.sampled_from(["intent", "channel", "segment"]), max_size=2, unique=True)):
        known = sorted({getattr(c, dimension) or "(none)" for c in company.contacts})
        values = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
        chosen[dimension] = tuple(sorted(values))
    first, last = company.span
    day = st.none() | st.integers(-40, (last - first).days + 40).map(lambda n: first + timedelta(days=n))
    ends = sorted([draw(day), draw(day)], key=lambda end: end or date.min)
    if ends[0] is None and draw(st.booleans()):
        ends.reverse()
    return Slice(
        from_on=ends[0],
        to_on=ends[1],
        by=draw(st.sampled_from(powerset(["intent", "channel", "segment"]))),
        grain=draw(st.sampled_from([None, *GRAINS])),
        where=tuple(sorted(chosen.items())),
        window=draw(st.sampled_from([None, *WINDOWS])),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_metric_equals_the_definitions(data: st.DataObject) -> None:
    company = data.draw(companies())
    with mart_of(company) as mart:
        for _ in range(4):
            asked = data.draw(slices(company))
            for name in NAMES:
                agree(rows(metric(mart, name, asked)), answer(company, name, asked))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_quarter_with_customers_who_come_often(seed: int) -> None:
    """Enough contacts per customer for design effects above 1, alone and across intents."""
    chance = random.Random(seed)
    windows = ((INTENTS[0], 14), (INTENTS[1], 3))
    company = Company(tuple(_often(chance, number) for number in range(400)), CUTOFFS[0], ROME, windows)
    questions = [
        Slice(),
        Slice(by=("intent",)),
        Slice(by=("channel",), window=14),
        Slice(by=("channel", "intent"), grain="month", window=1),
        Slice(grain="week", where=(("intent", tuple(INTENTS[:2])),)),
        Slice(from_on=date(2024, 3, 1), to_on=date(2024, 3, 31), by=("segment",), grain="day", window=3),
    ]
    with mart_of(company) as mart:
        assert mart.query("SELECT max(deff) AS deff FROM dispersion")["deff"][0] > 1.2
        for asked in questions:
            for name in NAMES:
                agree(rows(metric(mart, name, asked)), answer(company, name, asked))


def _often(chance: random.Random, number: int) -> Ticket:
    often, seldom = f"c{chance.randrange(4)}", f"d{chance.randrange(60)}"
    started = CUTOFFS[0] - timedelta(minutes=chance.randrange(-2_000, 130_000))
    return Ticket(
        source="crm",
        contact_id=str(number),
        customer_id=chance.choice([None, often, often, often, seldom]),
        started_at=started,
        ended_at=chance.choice([None, started + timedelta(hours=chance.randrange(200))]),
        intent=chance.choice(INTENTS),
        channel=chance.choice(CHANNELS),
        resolved=chance.choice([None, True, True, False]),
        confirmed=chance.choice([None, None, True, False]),
        segment=chance.choice(SEGMENTS),
    )


@contextmanager
def mart_of(company: Company) -> Iterator[Mart]:
    """The company's mart under its decisions."""
    decided = Decisions(intents=tuple(IntentDecision(intent, window_days=days) for intent, days in company.windows))
    with small_mart(company.contacts, watermark=company.watermark, timezone=company.timezone) as mart:
        yield mart.under(decided)


def agree(found: list[Any], expected: list[dict[str, Any]]) -> None:
    """Everything is equal to the last digit, but the intervals, whose arithmetic runs in another order."""
    ends = ("low", "high")
    assert [[*row] for row in found] == [[*row] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert {k: v for k, v in row.items() if k not in ends} == {k: v for k, v in wanted.items() if k not in ends}
        for end in ends:
            assert row[end] == (None if wanted[end] is None else pytest.approx(wanted[end], abs=1e-12))
