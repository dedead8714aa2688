"""Who pays: every contact once, to the cent, against the contacts themselves counted one by one in fractions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.costs.bills import changed_lines, line_table, payer_table
from cx_metrics.metrics.costs.chargeback import cents, not_ended, statement
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate
from cx_metrics.store.decided.statements import Statement
from tests.metrics.by_definition import Company, first_day
from tests.metrics.costs_by_definition import price
from tests.metrics.small_mart import Ticket, small_mart

ROME = "Europe/Rome"
CUTOFF = datetime(2024, 4, 10, 12)
INTENTS = ("Bill", "(none)", "O'Neil's", "=SUM(A1)", "Ärger")
OWNERS = (("Dana", "dana@example.com"), ("Dana", "other.dana@example.com"), ("Ed", None), (None, None))
# Sevenths of a cent and the like: rounding line by line would miss the total.
_money = st.one_of(st.none(), st.integers(0, 10**8).map(lambda n: Decimal(n) / 10**6))


@st.composite
def companies(draw: st.DrawFn) -> Company:
    tickets = [
        Ticket(
            source="crm",
            contact_id=str(number),
            customer_id=draw(st.sampled_from([None, "Ann", "Bob"])),
            started_at=CUTOFF - timedelta(hours=draw(st.integers(0, 2200))),
            intent=draw(st.sampled_from(INTENTS)),
            category=draw(st.sampled_from([None, "Money"])),
            channel=draw(st.sampled_from([None, "phone"])),
            handle_minutes=draw(_money),
            direct_cost=draw(st.one_of(st.none(), _money)),
            downstream_cost=draw(_money),
        )
        for number in range(draw(st.integers(1, 20)))
    ]
    return Company(tuple(tickets), CUTOFF, ROME)


@st.composite
def decided(draw: st.DrawFn) -> Decisions:
    owners = {name: draw(st.sampled_from(OWNERS)) for name in INTENTS}
    amount = st.integers(0, 10**7).map(lambda n: Decimal(n) / 10**6)
    return Decisions(
        stamp="test",
        intents=tuple(
            IntentDecision(name, owner=owner, owner_email=mail, downstream_cost=draw(st.none() | amount))
            for name, (owner, mail) in owners.items()
        ),
        rates=tuple(
            Rate("phone", on, draw(amount), draw(amount), draw(st.none() | amount))
            for on in (date(2024, 1, 1), date(2024, 3, 15))
        ),
    )


def exact_costs(company: Company, decisions: Decisions, *, grain: str | None) -> dict[str, list[tuple[str, Fraction]]]:
    """For each period its contacts, as intent and exact cost."""
    found: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    for contact in company.contacts:
        day = company.day(contact.started_at)
        paid = price(contact, day, decisions)
        period = str(first_day(day, grain)) if grain else ""
        found[period].append((contact.intent, (paid.direct or Fraction()) + (paid.downstream or Fraction())))
    return found


def half_up(amount: Fraction) -> int:
    """Whole cents of an amount of money."""
    return math.floor(amount * 100 + Fraction(1, 2))


def owner_key(decisions: Decisions, intent: str) -> tuple[str, str | None]:
    decision = next(d for d in decisions.intents if d.intent == intent)
    return decision.owner or "(unowned)", decision.owner_email


def in_cents(amounts: Iterable[float | None]) -> int:
    return sum(round(amount * 100) for amount in amounts if amount is not None)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided(), st.sampled_from([None, "day", "week", "month"]))
def test_owners_share_the_cost_of_each_period_to_the_cent(
    company: Company, decisions: Decisions, grain: str | None
) -> None:
    expected = exact_costs(company, decisions, grain=grain)
    with small_mart(company.contacts, watermark=CUTOFF, timezone=ROME) as mart:
        found = rows(metric(mart.under(decisions), "chargeback", Slice.parse(grain=grain)))
        by_intent = rows(metric(mart.under(decisions), "chargeback", Slice.parse(grain=grain, by="intent")))
    for period, contacts in expected.items():
        total = sum((cost for _, cost in contacts), Fraction())
        owners = [row for row in found if row.get("period", "") == period]
        intents = [row for row in by_intent if row.get("period", "") == period]
        assert in_cents(row["value"] for row in owners) == in_cents(row["value"] for row in intents) == half_up(total)
        for row in intents:
            own = sum((cost for intent, cost in contacts if intent == row["intent"]), Fraction())
            assert abs(round((row["value"] or 0) * 100) - own * 100) < Fraction(5, 2)
        for row in owners:
            key = (row["owner"], row["owner_email"])
            assert row["n"] == sum(owner_key(decisions, intent) == key for intent, _ in contacts)
            parts = [r for r in intents if (r["owner"], r["owner_email"]) == key]
            assert in_cents([row["value"]]) == in_cents(part["value"] for part in parts)
            assert in_cents([row["value"]]) == in_cents([row["direct"], row["downstream"]])
    assert sum(row["n"] for row in found) == len(company.contacts)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided())
def test_a_months_lines_are_its_ledger_to_the_cent(company: Company, decisions: Decisions) -> None:
    expected = exact_costs(company, decisions, grain="month")
    with small_mart(company.contacts, watermark=CUTOFF, timezone=ROME) as mart:
        asked = mart.under(decisions)
        for period, contacts in expected.items():
            made = statement(asked, period[:7])
            assert made.total_cents == half_up(sum((cost for _, cost in contacts), Fraction()))
            assert made.contacts == len(contacts)
            assert sorted(line.intent for line in made.lines) == sorted({intent for intent, _ in contacts})
            month = Slice(from_on=date.fromisoformat(period), grain="month")
            row_of = {
                (row["owner"], row["owner_email"]): row
                for row in rows(metric(asked, "chargeback", month))
                if row["period"] == period
            }
            payers = rows(payer_table(made))
            assert [(row["total"], row["direct"], row["contacts"], row["share"]) for row in payers] == [
                (row["value"], row["direct"], row["n"], row["share"]) for row in row_of.values()
            ]
            assert in_cents(line_table(made)["total"].dropna()) == made.total_cents


def contacts_at(*costs: str, intent: str = "Bill", prefix: str = "") -> list[Ticket]:
    start = datetime(2026, 10, 5)
    return [
        Ticket("crm", f"{prefix}{n}", None, start + timedelta(hours=n), intent=intent, direct_cost=Decimal(cost))
        for n, cost in enumerate(costs)
    ]


def test_22000_and_20000_are_billed_as_42000() -> None:
    """The worked example: 1,000 visits at 20 minutes of 1.10 each, and 20 of work after each."""
    start = datetime(2026, 10, 1)
    contacts = [
        Ticket(
            "crm",
            str(n),
            f"c{n}",
            start + timedelta(minutes=40 * n),
            intent="Visit",
            channel="phone",
            handle_minutes=Decimal(20),
        )
        for n in range(1000)
    ]
    decisions = Decisions(
        stamp="1",
        intents=(
            IntentDecision("Visit", "Visits", "Dana", "dana@example.com", "Dispatch", downstream_cost=Decimal(20)),
        ),
        rates=(Rate("phone", date(2026, 1, 1), Decimal("1.10"), Decimal(0)),),
    )
    with small_mart(contacts, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        made = statement(mart.under(decisions), "2026-10")
        (row,) = rows(metric(mart.under(decisions), "chargeback", Slice()))
    (line,) = made.lines
    assert (line.direct_cents, line.downstream_cents, line.total_cents) == (2_200_000, 2_000_000, 4_200_000)
    assert (line.owner, line.department, line.category, line.contacts) == ("Dana", "Dispatch", "Visits", 1000)
    assert (line.repeats_cents, line.assumed_contacts, line.downstream_assumed_contacts) == (0, 0, 1000)
    assert row == {
        "value": 42_000.0,
        "low": None,
        "high": None,
        "n": 1000,
        "reason": None,
        "owner": "Dana",
        "owner_email": "dana@example.com",
        "department": "Dispatch",
        "direct": 22_000.0,
        "downstream": 20_000.0,
        "repeats": 0.0,
        "assumed_contacts": 0,
        "unpriced_contacts": 0,
        "share": 1.0,
    }


def test_three_lines_of_a_third_of_a_cent_are_one_cent_together() -> None:
    third = "0.003334"
    contacts = [
        *contacts_at(third),
        *contacts_at(third, intent="A", prefix="a"),
        *contacts_at(third, intent="C", prefix="c"),
    ]
    with small_mart(contacts, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        made = statement(mart, "2026-10")
    assert {line.intent: line.total_cents for line in made.lines} == {"A": 1, "Bill": 0, "C": 0}


def test_the_unowned_come_last_and_owners_by_their_bill() -> None:
    contacts = [
        *contacts_at("900.00", intent="Nobody's", prefix="n"),
        *contacts_at("10.00", intent="Small", prefix="s"),
        *contacts_at("6.00", "6.00", intent="Large", prefix="l"),
    ]
    decisions = Decisions(intents=(IntentDecision("Small", owner="Ann"), IntentDecision("Large", owner="Bob")))
    with small_mart(contacts, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        found = rows(metric(mart.under(decisions), "chargeback", Slice()))
        made = statement(mart.under(decisions), "2026-10")
    assert [(row["owner"], row["value"]) for row in found] == [("Bob", 12.0), ("Ann", 10.0), ("(unowned)", 900.0)]
    assert [row["share"] for row in found] == [pytest.approx(share) for share in (12 / 922, 10 / 922, 900 / 922)]
    assert [line.payer for line in made.lines] == ["Bob", "Ann", "(unowned)"]
    assert made.of("Ann").total_cents == 1000
    with pytest.raises(BadUse, match="nobody called 'Anne' is billed in 2026-10: did you mean 'Ann'"):
        made.of("Anne")


def test_without_a_rate_a_line_is_not_known_instead_of_free() -> None:
    contacts = [replace(c, direct_cost=None, channel="chat") for c in contacts_at("1", "1")]
    with small_mart(contacts, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        (row,) = rows(metric(mart, "chargeback", Slice()))
        made = statement(mart, "2026-10")
    assert (row["value"], row["direct"], row["share"], row["n"], row["unpriced_contacts"]) == (None, None, None, 2, 2)
    assert "no rate" in row["reason"]
    (line,) = rows(line_table(made))
    assert (line["total"], line["direct"], line["downstream"], line["unpriced_contacts"]) == (None, None, None, 2)
    assert made.total_cents == 0


def test_repeats_are_part_of_the_bill_of_their_intent() -> None:
    first, again = contacts_at("2.00", "3.50")
    known = [replace(first, customer_id="Ann"), replace(again, customer_id="Ann")]
    with small_mart(known, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        assert [line.repeats_cents for line in statement(mart, "2026-10").lines] == [350]
    with small_mart([first, again], watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        assert [line.repeats_cents for line in statement(mart, "2026-10").lines] == [None]


def test_the_category_is_the_decided_one_else_the_most_frequent() -> None:
    several = [replace(c, category=name) for c, name in zip(contacts_at("1", "1", "1"), ("B", "A", "B"), strict=True)]
    with small_mart(several, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        assert statement(mart, "2026-10").line("Bill").category == "B"
        decisions = Decisions(intents=(IntentDecision("Bill", category="Money"),))
        assert statement(mart.under(decisions), "2026-10").line("Bill").category == "Money"


def test_a_month_is_the_business_time_zones() -> None:
    late = replace(contacts_at("1.00")[0], started_at=datetime(2026, 10, 31, 23, 30))
    with small_mart([late], watermark=datetime(2026, 12, 2), timezone="Europe/Berlin") as mart:
        assert statement(mart, "2026-10").lines == ()
        assert statement(mart, "2026-11").total_cents == 100


def test_contacts_that_have_not_ended_are_counted_where_ends_are_known() -> None:
    first, second = contacts_at("1", "1")
    ended = replace(first, ended_at=first.started_at + timedelta(hours=1))
    for contacts, running in (([first, second], None), ([ended, second], 1)):
        with small_mart(contacts, watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
            assert not_ended(mart, "2026-10") == running


def test_nothing_at_all() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        (row,) = rows(metric(mart, "chargeback", Slice()))
        assert metric(mart, "chargeback", Slice(by=("intent",))).empty
        made = statement(mart, "2026-10")
    assert (row["value"], row["n"], row["reason"], row["owner"]) == (None, 0, "no contacts here", None)
    assert (made.lines, made.total_cents) == ((), 0)
    assert payer_table(made).empty
    with pytest.raises(BadUse, match="write it as YYYY-MM"):
        statement(mart, "2026-13")


def test_cents_are_rounded_half_up() -> None:
    assert [cents(picos) for picos in (0, 4_999_999_999, 5_000_000_000, 10**12)] == [0, 0, 1, 100]


def test_changed_lines_are_those_billed_otherwise() -> None:
    with small_mart(contacts_at("1.00"), watermark=datetime(2026, 11, 2), timezone="UTC") as mart:
        made = statement(mart, "2026-10")
    (line,) = made.lines
    elsewhere = replace(line, department="Sales", category="Money")
    assert changed_lines(made, replace(made, lines=(elsewhere,))).empty
    today = Statement(
        "2026-10", "EUR", None, (replace(line, owner="Ann", direct_cents=120), replace(line, intent="New"))
    )
    found: list[dict[str, Any]] = rows(changed_lines(made, today))
    assert found == [
        {"intent": "Bill", "owner": "(unowned)", "total": 1.0, "owner_today": "Ann", "total_today": 1.2},
        {"intent": "New", "owner": None, "total": None, "owner_today": "(unowned)", "total_today": 1.0},
    ]
