"""The value-irritant matrix and the health of the list of intents: by hand, and once more from the contacts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.priorities import NOT_SCORED, QUADRANTS, in_quadrant, priorities, quadrant_sums
from cx_metrics.metrics.reasons.taxonomy import is_others, taxonomy
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.by_definition import Company
from tests.metrics.costs_by_definition import costs
from tests.metrics.small_mart import Ticket, small_mart

CUTOFF = datetime(2026, 4, 11)
SCORED = (
    IntentDecision("Bill", owner="Ann", department="Billing", value_to_customer="low", value_to_company="low"),
    IntentDecision("Delivery", owner="Bob", value_to_customer="high", value_to_company="low"),
    IntentDecision("Upgrade", value_to_customer="high", value_to_company="high"),
    IntentDecision("Proof", owner="Ann", value_to_customer="low", value_to_company="high"),
    IntentDecision("Half", owner="Ann", value_to_customer="low"),
)


def contacts(counts: dict[str, int], *, cost: str | None = "2.50", days: int = 100) -> list[Ticket]:
    """So many contacts per intent, spread evenly over the days before the cut-off."""
    price = None if cost is None else Decimal(cost)
    return [
        Ticket(
            source="crm",
            contact_id=f"{intent}-{n}",
            customer_id=f"c{n}",
            started_at=CUTOFF - timedelta(days=days) + timedelta(hours=1) + n * timedelta(days=days) / total,
            intent=intent,
            direct_cost=price,
        )
        for intent, total in counts.items()
        for n in range(total)
    ]


@contextmanager
def mart_of(
    counts: dict[str, int], *decided: IntentDecision, cost: str | None = "2.50", days: int = 100
) -> Iterator[Mart]:
    with small_mart(contacts(counts, cost=cost, days=days), watermark=CUTOFF, timezone="UTC") as mart:
        yield mart.under(Decisions("x", decided))


def checks(mart: Mart, slice: Slice | None = None) -> dict[str, tuple[Any, str]]:
    return {row["check"]: (row["value"], row["state"]) for row in rows(taxonomy(mart, slice or Slice()))}


def test_quadrants_by_hand() -> None:
    counts = {"Bill": 8, "Delivery": 4, "Upgrade": 2, "Proof": 2, "Half": 3, "New": 1, "(none)": 9}
    with mart_of(counts, *SCORED) as mart:
        frame = priorities(mart, Slice())
        assert dict(zip(frame["intent"], frame["quadrant"], strict=True)) == {
            "Bill": "eliminate",
            "Delivery": "automate",
            "Half": NOT_SCORED,
            "Proof": "simplify",
            "Upgrade": "leverage",
            "New": NOT_SCORED,
        }
        assert frame["cost"].tolist() == [20.0, 10.0, 7.5, 5.0, 5.0, 2.5]
        assert frame["cost_share"].tolist() == [0.4, 0.2, 0.15, 0.1, 0.1, 0.05]
        bill = rows(frame)[0]
        assert (bill["owner"], bill["department"], bill["value_to_customer"]) == ("Ann", "Billing", "low")
        sums = rows(quadrant_sums(mart, Slice()))
    assert [(row["quadrant"], row["intents"], row["unowned"], row["cost"]) for row in sums] == [
        ("automate", 1, 0, 10.0),
        ("leverage", 1, 1, 5.0),
        ("eliminate", 1, 0, 20.0),
        ("simplify", 1, 0, 5.0),
        (NOT_SCORED, 2, 1, 10.0),
    ]


def test_the_matrix_lies_as_the_book_has_it() -> None:
    """Price & Jaffe 2008: irritating to both is eliminated, worth something to the company only is simplified."""
    corners = {(q.to_customer, q.to_company): q.name for q in QUADRANTS}
    assert corners == {
        ("low", "low"): "eliminate",
        ("low", "high"): "simplify",
        ("high", "low"): "automate",
        ("high", "high"): "leverage",
    }


def test_without_costs_the_reason_stands_there_and_contacts_order_the_rows() -> None:
    with mart_of({"Bill": 2, "Delivery": 5}, *SCORED, cost=None) as mart:
        frame = priorities(mart, Slice())
        sums = quadrant_sums(mart, Slice())
    assert frame["intent"].tolist() == ["Delivery", "Bill"]
    assert frame["cost"].isna().all()
    assert frame["cost_share"].isna().all()
    assert frame["reason"].str.startswith("no rate for channel").all()
    assert sums["cost"].isna().all()
    assert sums["contacts"].sum() == 7


def test_nothing_decided_and_nothing_there() -> None:
    with mart_of({"Bill": 2}) as mart:
        assert priorities(mart, Slice())["quadrant"].tolist() == [NOT_SCORED]
        long_ago = Slice(to_on=date(2020, 1, 1))
        assert priorities(mart, long_ago).empty
        assert quadrant_sums(mart, long_ago)["intents"].sum() == 0
        assert {state for _, state in checks(mart, long_ago).values()} == {"not known"}


@given(
    st.lists(st.tuples(st.sampled_from(["Bill", "O'Neil's", "(none)", "Other"]), st.integers(0, 10**7)), max_size=12),
    st.lists(st.sampled_from([None, "low", "high"]), min_size=6, max_size=6),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_priorities_equal_the_definitions(drawn: list[tuple[str, int]], values: list[Any]) -> None:
    names = ["Bill", "O'Neil's", "Other"]
    decided = tuple(
        IntentDecision(name, value_to_customer=values[at], value_to_company=values[at + 3])
        for at, name in enumerate(names)
    )
    tickets = [
        Ticket("crm", str(n), None, CUTOFF - timedelta(days=n), intent=name, direct_cost=Decimal(micros) / 10**6)
        for n, (name, micros) in enumerate(drawn)
    ]
    random.Random(len(tickets)).shuffle(tickets)
    decisions = Decisions("x", decided)
    said = costs(Company(tuple(tickets), CUTOFF, "UTC"), decisions, Slice(by=("intent",)))
    named = {row["intent"]: row for row in said if row["intent"] != "(none)"}
    total = sum(float(row["value"]) for row in named.values())
    corner = {("low", "low"): "eliminate", ("low", "high"): "simplify", ("high", "low"): "automate"}
    corner |= {("high", "high"): "leverage"}
    with small_mart(tickets, watermark=CUTOFF, timezone="UTC") as mart:
        found = rows(priorities(mart.under(decisions), Slice()))
    assert {row["intent"] for row in found} == set(named)
    assert found == sorted(found, key=lambda row: (-row["cost"], -row["contacts"], row["intent"]))
    for row in found:
        at = names.index(row["intent"])
        assert row["quadrant"] == corner.get((values[at], values[at + 3]), NOT_SCORED)
        assert row["cost"] == pytest.approx(float(named[row["intent"]]["value"]), rel=1e-9, abs=1e-12)
        assert row["contacts"] == named[row["intent"]]["contacts"]
        if total:
            assert row["cost_share"] == pytest.approx(row["cost"] / total, rel=1e-9)


def test_charts_hand_out_the_rows_of_a_quadrant() -> None:
    with mart_of({"Bill": 3, "Delivery": 1}, *SCORED) as mart:
        for name in ("eliminate", "automate", "leverage"):
            pd.testing.assert_frame_equal(chart_data(mart, name, Slice()), in_quadrant(mart, Slice(), name))
        assert chart_data(mart, "eliminate", Slice())["intent"].tolist() == ["Bill"]
        assert chart_data(mart, "leverage", Slice()).empty
        assert len(chart_data(mart, "taxonomy", Slice())) == 6


def test_health_by_hand() -> None:
    counts = {"Bill": 60, "Delivery": 30, "Misc": 5, "(none)": 5}
    with mart_of(counts, *SCORED) as mart:
        found = checks(mart)
    assert found == {
        "Intents": (3, "mend"),
        "Intents nobody owns": (1, "mend"),
        "Contacts without an intent": (0.05, "fine"),
        "Contacts under names like 'other'": (0.05, "fine"),
        "Contacts in the largest intent": (0.6, "mend"),
        "Intents with fewer than 30 contacts a quarter": (2, "mend"),  # 91 of 100 days: Delivery 27, Misc 4
    }


@pytest.mark.parametrize(("n", "state"), [(9, "mend"), (10, "fine"), (60, "fine"), (61, "mend")])
def test_ten_to_sixty_intents_are_healthy(n: int, state: str) -> None:
    with mart_of({f"Reason {at}": 1 for at in range(n)}) as mart:
        assert checks(mart)["Intents"] == (n, state)
        advice = rows(taxonomy(mart, Slice()))[0]["advice"]
    assert (advice is None) == (state == "fine")


def test_less_than_a_quarter_of_data_says_nothing_about_a_quarter() -> None:
    with mart_of({"Bill": 5}, days=60) as mart:
        assert checks(mart)["Intents with fewer than 30 contacts a quarter"] == (None, "not known")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Other", True),
        ("others", True),
        ("MISC.", True),
        ("General enquiry", True),
        ("Billing / other", True),
        ("unknown_reason", True),
        ("Another bill", False),
        ("Mother's day offer", False),
        ("I want to move to the other flat", False),
        ("Where is my order?", False),
        ("", False),
    ],
)
def test_names_that_say_no_reason(name: str, expected: bool) -> None:
    assert is_others(name) == expected


@given(st.lists(st.sampled_from(["Bill", "Other", "misc", "(none)", "Delivery"]), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_health_equals_a_count_by_hand(drawn: list[str]) -> None:
    counted = Counter(drawn)
    with mart_of(dict(counted), *SCORED) as mart:
        found = checks(mart)
    named = {name: n for name, n in counted.items() if name != "(none)"}
    n = len(drawn)
    assert found["Intents"][0] == len(named)
    assert found["Intents nobody owns"][0] == len(named.keys() - {"Bill", "Delivery"})
    assert found["Contacts without an intent"][0] == pytest.approx(counted["(none)"] / n, rel=1e-12)
    vague = counted["Other"] + counted["misc"]
    assert found["Contacts under names like 'other'"][0] == pytest.approx(vague / n, rel=1e-12)
    assert found["Contacts in the largest intent"][0] == pytest.approx(max(named.values(), default=0) / n, rel=1e-12)
