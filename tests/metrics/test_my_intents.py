"""What an owner answers for: by hand, and once more from the metrics and the definitions on random data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.metrics.reasons.my_intents import MY_COLUMNS, heard_from, my_intents, owners
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, Decisions, IntentDecision
from tests.metrics.brief_company import BEFORE, DECIDED, NOW, company
from tests.metrics.by_definition import Company
from tests.metrics.small_mart import small_mart
from tests.metrics.test_cost import companies, decided

THREE = Decisions(
    stamp="test",
    intents=(
        IntentDecision("Bill", owner="Dana", owner_email="Dana@example.com", window_days=3),
        IntentDecision("Delivery", owner="Eli"),
        IntentDecision("Refund", owner="dana okafor", owner_email="dana@example.com"),
        IntentDecision("Visit", fcr_target=0.8),
    ),
)


def test_owners_are_told_apart_by_their_address() -> None:
    dana, eli = owners(THREE)
    assert (dana.key, dana.name, dana.email) == ("dana@example.com", "Dana", "Dana@example.com")
    assert (dana.intents, eli.key, eli.intents) == (("Bill", "Refund"), "eli", ("Delivery",))
    assert owners(NOTHING_DECIDED) == ()


def test_by_hand() -> None:
    with company() as mart:
        (bill,) = rows(my_intents(mart, NOW, BEFORE))
        assert to_csv(chart_data(mart, "my_intents", NOW)) == to_csv(my_intents(mart, NOW, BEFORE))
        heard = heard_from(mart, NOW, ["Bill"])
    assert (bill["owner"], bill["owner_key"], bill["intent"]) == ("Dana", "dana@example.com", "Bill")
    assert (bill["cost"], bill["cost_share"], bill["cost_change"]) == (2800.0, 2800 / 6440, 1400.0)
    assert (bill["contacts"], bill["change"], bill["beyond"]) == (560, 280, True)
    assert (bill["verdict"], bill["n"], bill["n_more"]) == ("missed", 280, None)
    assert (bill["expected_hours"], bill["kept"], bill["kept_n"]) == (24.0, None, 0)
    assert (bill["reach"], bill["answered"]) == (84 / 560, 84)
    assert (bill["window"], bill["window_decided"], bill["downstream_cost"]) == (7, False, None)
    assert (bill["assumed_contacts"], bill["downstream_unstated_contacts"]) == (0, 560)
    assert (heard["value"].iloc[0], heard["n"].iloc[0]) == (84 / 560, 560)


def test_what_is_missing_to_a_verdict() -> None:
    """90 of 280 solved against 34 %: too close to call until more issues at that rate tell them apart."""
    goals = tuple(replace(d, fcr_target=0.34 if d.intent == "Bill" else 0.9) for d in DECIDED.intents)
    with company(decisions=replace(DECIDED, intents=goals)) as mart:
        (bill,) = rows(my_intents(mart, NOW, BEFORE))
    assert bill["verdict"] == "too close to call"
    value = 90 / 280
    # The design effect by customer is 280 / 279 here: every issue is a customer of its own.
    needed = value * (1 - value) * (1.96 / (0.34 - value)) ** 2 * 280 / 279
    assert bill["n_more"] == int(needed) + 1 - 280


def test_an_owned_intent_without_contacts_has_its_row() -> None:
    goals = (*DECIDED.intents, IntentDecision("Never asked", owner="Dana", downstream_cost=Decimal("2.50")))
    with company(decisions=replace(DECIDED, intents=goals)) as mart:
        by_intent = {row["intent"]: row for row in rows(my_intents(mart, NOW, None))}
    never = by_intent["Never asked"]
    assert (never["contacts"], never["cost"], never["verdict"], never["reach"]) == (0, None, None, None)
    assert never["downstream_cost"] == 2.5
    assert by_intent["Bill"]["cost_change"] is None


def test_without_owners_or_contacts_there_is_no_row() -> None:
    with company(decisions=NOTHING_DECIDED) as mart:
        frame = my_intents(mart, NOW, BEFORE)
    assert (frame.empty, list(frame.columns)) == (True, list(MY_COLUMNS))
    with company([]) as mart:
        assert [row["contacts"] for row in rows(my_intents(mart, NOW, BEFORE))] == [0]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided(), st.dates(date(2024, 2, 1), date(2024, 4, 10)))
def test_every_column_is_that_of_its_metric(company: Company, decisions: Decisions, first: date) -> None:
    asked = Slice(from_on=first, to_on=first + timedelta(days=20))
    owned = tuple(
        replace(d, owner="Dana" if n % 3 else "Eli", expected_hours=12.0, fcr_target=0.7)
        for n, d in enumerate(decisions.intents)
        if n % 4 != 3
    )
    present = Decisions(stamp="test", intents=owned, rates=decisions.rates)
    with small_mart(company.contacts, watermark=company.watermark, timezone=company.timezone) as opened:
        mart = opened.under(present)
        found = rows(my_intents(mart, asked, asked.previous()))
        table = {row["intent"]: row for row in rows(intents_by_cost(mart, asked, asked.previous()))}
        by_intent = replace(asked, by=("intent",))
        costs, kept, reach = (
            {row["intent"]: row for row in rows(metric(mart, name, by_intent))} for name in ("cost", "kept", "reach")
        )
    assert sorted(row["intent"] for row in found) == sorted(d.intent for d in owned)
    for row in found:
        intent = row["intent"]
        same = table.get(intent, {})
        for name in ("verdict", "value", "cost", "cost_share", "cost_change", "change", "beyond", "target"):
            assert row[name] == same.get(name), name
        assert row["contacts"] == same.get("contacts", 0)
        assert row["kept"] == kept.get(intent, {}).get("value")
        assert row["reach"] == reach.get(intent, {}).get("value")
        assert row["assumed_contacts"] == costs.get(intent, {}).get("assumed_contacts")
        assert row["window"] == (present.by_intent[intent].window_days or 7)
    places = [(row["owner_key"], row["cost"] is None, -(row["cost"] or 0), -row["contacts"]) for row in found]
    assert places == sorted(places)


def test_an_intent_of_no_contact_can_be_heard_from_by_nobody() -> None:
    with company() as mart, pytest.raises(BadUse, match="no contact has the intent 'Never'"):
        heard_from(mart, NOW, ["Never"])
