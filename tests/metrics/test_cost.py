"""What contacts cost: by hand, contact by contact on random contacts, and what must hold whatever they are."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.costs.cost import PICOS, cost_ledger, in_money
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import GRAINS, WINDOWS, Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.marts.refresh import refresh
from tests.metrics.by_definition import Company
from tests.metrics.costs_by_definition import Row, costs
from tests.metrics.small_mart import Ticket, small_mart
from tests.store.mart_lake import write_lake

ROME = "Europe/Rome"
CUTOFF = datetime(2024, 4, 10, 12)
CUSTOMERS = [None, "Ann", "Bob"]
INTENTS = ["Bill", "(none)", "O'Neil's"]
CHANNELS = [None, "phone", "chat"]
AMOUNTS = ("value", "direct", "downstream", "repeats")
# Sevens and ninths of a cent: sums of floats would stray.
_money = st.one_of(st.none(), st.integers(0, 10**8).map(lambda n: Decimal(n) / 10**6))
_gaps = st.sampled_from([0, 1, 23, 24, 72, 73, 168, 169, 336, 720, 721])


@st.composite
def companies(draw: st.DrawFn) -> Company:
    found: dict[tuple[str, str], Ticket] = {}
    at = CUTOFF - timedelta(hours=draw(st.integers(0, 2200)))
    for _ in range(draw(st.integers(0, 14))):
        at += timedelta(hours=draw(_gaps))
        ticket = Ticket(
            source="crm",
            contact_id=str(draw(st.integers(0, 99))),
            customer_id=draw(st.sampled_from(CUSTOMERS)),
            started_at=at,
            intent=draw(st.sampled_from(INTENTS)),
            channel=draw(st.sampled_from(CHANNELS)),
            handle_minutes=draw(_money),
            direct_cost=draw(st.one_of(st.none(), st.none(), _money)),
            downstream_cost=draw(st.one_of(st.none(), _money)),
        )
        found[ticket.key] = ticket
    return Company(tuple(found.values()), CUTOFF, ROME)


@st.composite
def decided(draw: st.DrawFn) -> Decisions:
    intents = draw(st.lists(st.sampled_from(INTENTS), unique=True))
    begins = st.dates(date(2024, 1, 20), date(2024, 4, 12))
    rates = draw(st.lists(st.tuples(st.sampled_from(["(none)", "phone", "chat"]), begins), unique=True, max_size=5))
    amount = st.integers(0, 10**7).map(lambda n: Decimal(n) / 10**6)
    return Decisions(
        stamp="test",
        intents=tuple(
            IntentDecision(
                name,
                window_days=draw(st.sampled_from([None, *WINDOWS])),
                downstream_cost=draw(st.one_of(st.none(), amount)),
            )
            for name in intents
        ),
        rates=tuple(
            Rate(channel, begin, draw(amount), draw(amount), draw(st.one_of(st.none(), amount)))
            for channel, begin in sorted(rates)
        ),
    )


slices = st.builds(
    Slice,
    from_on=st.one_of(st.none(), st.dates(date(2024, 1, 15), date(2024, 3, 1))),
    to_on=st.one_of(st.none(), st.dates(date(2024, 3, 1), date(2024, 4, 20))),
    by=st.sampled_from([(), ("intent",), ("channel", "intent"), ("segment",)]),
    grain=st.sampled_from([None, *GRAINS]),
    window=st.sampled_from([None, *WINDOWS]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided(), st.lists(slices, min_size=1, max_size=6))
def test_cost_is_what_the_definitions_say(company: Company, decisions: Decisions, asked: list[Slice]) -> None:
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        for slice in asked:
            found = rows(metric(mart.under(decisions), "cost", slice))
            assert found == [_as_floats(row) for row in costs(company, decisions, slice)]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided(), st.randoms(use_true_random=False))
def test_parts_add_up_exactly_in_any_order_of_rows(company: Company, decisions: Decisions, rng: random.Random) -> None:
    shuffled = list(company.contacts)
    rng.shuffle(shuffled)
    with (
        small_mart(company.contacts, watermark=CUTOFF, timezone=ROME) as mart,
        small_mart(shuffled, watermark=CUTOFF, timezone=ROME) as other,
    ):
        whole = cost_ledger(mart.under(decisions), Slice())
        for by in (("intent",), ("channel",), ("intent", "channel")):
            parts = cost_ledger(mart.under(decisions), Slice(by=by, grain="week"))
            for name in ("direct_picos", "downstream_picos", "repeat_picos", "contacts", "priced", "assumed"):
                assert sum(parts[name]) == whole[name].iloc[0]
            pd.testing.assert_frame_equal(parts, cost_ledger(other.under(decisions), Slice(by=by, grain="week")))


def test_splitting_a_load_changes_nothing(tmp_path: Path) -> None:
    contacts = technicians(200)
    ledgers = []
    split = [contacts[1::3], [c for c in contacts if c not in contacts[1::3]]]
    for name, loads in {"one": [contacts], "two": split}.items():
        files = [file for at, load in enumerate(loads) for file in write_lake(tmp_path / name / str(at), load)]
        with DuckDBEngine(memory="500MB", threads=1, timezone=ROME, scratch=tmp_path) as engine:
            refresh(
                tmp_path / name / "mart",
                lake_files=files,
                watermark=CUTOFF,
                lagging=(),
                timezone=ROME,
                engine=engine,
            )
        with open_mart(tmp_path / name / "mart", decisions=TECHNICIAN) as mart:
            ledgers.append(cost_ledger(mart, Slice(by=("channel",), grain="day")))
    assert sum(ledgers[0]["direct_picos"]) == 4400 * PICOS
    pd.testing.assert_frame_equal(ledgers[0], ledgers[1])


def _as_floats(row: Row) -> Row:
    """Fractions as the nearest floats: with six decimals on both sides of a product, picos are exact."""
    amounts = {name: row[name] for name in AMOUNTS if isinstance(row[name], Fraction)}
    assert all((amount * PICOS).denominator == 1 for amount in amounts.values())
    return row | {name: float(amount) for name, amount in amounts.items()}


def technicians(n: int = 1000) -> list[Ticket]:
    """Contacts of 20 minutes each, one per customer."""
    start = datetime(2024, 1, 1)
    return [
        Ticket(
            "crm",
            str(i),
            f"customer {i}",
            start + timedelta(minutes=40 * i),
            intent="When will the technician come?",
            channel="phone",
            handle_minutes=Decimal(20),
        )
        for i in range(n)
    ]


TECHNICIAN = Decisions(
    stamp="1",
    intents=(IntentDecision("When will the technician come?", downstream_cost=Decimal(20)),),
    rates=(Rate("phone", date(2024, 1, 1), Decimal("1.10"), Decimal(0), Decimal(6)),),
)


def test_22000_of_handling_and_20000_of_what_follows_are_42000() -> None:
    with small_mart(technicians(), watermark=datetime(2024, 2, 1), timezone="UTC") as mart:
        (row,) = rows(metric(mart.under(TECHNICIAN), "cost", Slice(by=("intent",))))
    assert row == {
        "intent": "When will the technician come?",
        "value": 42_000.0,
        "low": None,
        "high": None,
        "n": 1000,
        "reason": None,
        "direct": 22_000.0,
        "downstream": 20_000.0,
        "repeats": 0.0,
        "assumed_contacts": 0,
        "contacts": 1000,
        "unpriced_contacts": 0,
        "downstream_assumed_contacts": 1000,
        "downstream_unstated_contacts": 0,
    }


def test_a_repeat_costs_its_own_handle_time_within_its_intents_window() -> None:
    first, again = technicians(2)
    again = replace(again, customer_id=first.customer_id, started_at=first.started_at + timedelta(days=10))
    contacts = [first, replace(again, handle_minutes=Decimal(30))]
    with small_mart(contacts, watermark=datetime(2024, 3, 1), timezone="UTC") as mart:
        own = replace(TECHNICIAN, intents=(replace(TECHNICIAN.intents[0], window_days=14),))
        found = {
            "usual window": metric(mart.under(TECHNICIAN), "cost", Slice()),
            "own window": metric(mart.under(own), "cost", Slice()),
            "asked window": metric(mart.under(own), "cost", Slice(window=3)),
        }
    repeats = {name: frame["repeats"].iloc[0] for name, frame in found.items()}
    assert repeats == {"usual window": 0.0, "own window": 33.0 + 20.0, "asked window": 0.0}


@pytest.mark.parametrize(
    ("changed", "decisions", "expected"),
    [
        pytest.param({}, Decisions(), (None, "no rate for channel 'phone' on these days"), id="nothing decided"),
        pytest.param(
            {"started_at": datetime(2023, 12, 31)},
            TECHNICIAN,
            (20.0, None),
            id="before the first rate, downstream only",
        ),
        pytest.param({"channel": None}, replace(TECHNICIAN, intents=()), (None, "channel '(none)'"), id="no channel"),
        pytest.param({"handle_minutes": None}, TECHNICIAN, (6 * 1.1 + 20, None), id="assumed minutes"),
        pytest.param({"handle_minutes": Decimal(0)}, TECHNICIAN, (20.0, None), id="nought minutes are known"),
        pytest.param({"direct_cost": Decimal("9.99")}, TECHNICIAN, (29.99, None), id="own cost before rates"),
        pytest.param({"downstream_cost": Decimal(0)}, TECHNICIAN, (22.0, None), id="own downstream of nought"),
        pytest.param(
            {"handle_minutes": None},
            Decisions(rates=(replace(TECHNICIAN.rates[0], assumed_minutes=None),)),
            (None, "no handle time in the data, and none assumed for channel 'phone'"),
            id="no minutes at all",
        ),
    ],
)
def test_one_contact(changed: Row, decisions: Decisions, expected: tuple[float | None, str | None]) -> None:
    contact = replace(technicians(1)[0], **changed)
    with small_mart([contact], watermark=datetime(2024, 2, 1), timezone="UTC") as mart:
        (row,) = rows(metric(mart.under(decisions), "cost", Slice()))
    value, reason = expected
    assert row["value"] == (None if value is None else pytest.approx(value, rel=1e-12))
    assert (row["reason"] is None) == (reason is None)
    assert reason is None or reason in row["reason"]


def test_what_repeats_cost_is_not_known_without_customer_ids() -> None:
    contacts = [replace(c, customer_id=None) for c in technicians(3)]
    with small_mart(contacts, watermark=datetime(2024, 2, 1), timezone="UTC") as mart:
        (row,) = rows(metric(mart.under(TECHNICIAN), "cost", Slice()))
    assert (row["value"], row["repeats"]) == (126.0, None)


def test_without_contacts_there_is_a_reason() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        (row,) = rows(metric(mart, "cost", Slice()))
        assert metric(mart, "cost", Slice(by=("intent",))).empty
    assert (row["value"], row["reason"], row["contacts"]) == (None, "no contacts here", 0)


def test_amounts_beyond_what_floats_count_exactly_stay_whole() -> None:
    assert list(in_money(pd.Series([3 * PICOS, 10**30 + 1, 1], dtype=object))) == [3.0, 1e18, 1e-12]
