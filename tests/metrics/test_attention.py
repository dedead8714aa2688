"""What needs a decision, and intents by cost: by hand, and once more in plain Python on random data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.errors import BadUse
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.costs.cost_frames import cost_change
from cx_metrics.metrics.costs.intents_by_cost import COLUMNS, intents_by_cost
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.metrics.reasons.attention import ATTENTION_COLUMNS, attention, needing_decision
from cx_metrics.metrics.reasons.movers import movers
from cx_metrics.metrics.reasons.trend import sparkline
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, Decisions, IntentDecision
from tests.metrics.brief_company import BEFORE, NOW, company, contacts
from tests.metrics.by_definition import Company
from tests.metrics.costs_by_definition import costs
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_cost import companies, decided

ROME = "Europe/Rome"
PLAIN: dict[str, Any] = {
    "intent": "Bill",
    "owner": "Dana",
    "cost": 100.0,
    "repeats": 20.0,
    "cost_change": 5.0,
    "contacts": 50,
    "change": 3,
    "change_rate": 0.06,
    "beyond": False,
    "target": 0.75,
    "value": 0.80,
    "low": 0.78,
    "high": 0.82,
    "n": 200,
    "verdict": "met",
    "window": 7,
}


def table(*changes: dict[str, Any]) -> pd.DataFrame:
    """Rows of intents by cost, each the plain one but for what is given."""
    return pd.DataFrame([PLAIN | change for change in changes], columns=list(PLAIN)).astype(
        {"owner": object, "verdict": object, "target": object, "beyond": object, "window": object}
    )


def test_each_ground_puts_its_own_money_at_stake() -> None:
    frame = needing_decision(
        table(
            {"intent": "Fine"},
            {"intent": "Falls", "beyond": True, "change": -9, "cost_change": -50.0},
            {"intent": "Misses", "verdict": "missed", "value": 0.60, "repeats": 40.0},
            {"intent": "Rises", "beyond": True, "change": 9, "cost_change": 30.0},
            {"intent": "Nobody's", "owner": None, "cost": 70.0},
            {"intent": "Both", "owner": None, "verdict": "missed", "value": 0.65, "cost": 35.0, "repeats": 36.0},
            {"intent": "Gone", "owner": None, "contacts": 0, "cost": 0.0},
        ),
        owned=True,
    )
    assert list(frame.columns) == list(ATTENTION_COLUMNS)
    assert frame[["intent", "kind", "money"]].to_numpy().tolist() == [
        ["Nobody's", "unowned", 70.0],
        ["Misses", "missed", 40.0],
        ["Both", "missed, unowned", 36.0],
        ["Rises", "rising", 30.0],
    ]
    assert frame["short"].fillna(0).round(9).tolist() == [0, 30, 20, 0]


def test_without_costs_contacts_are_at_stake() -> None:
    unknown = {"cost": None, "repeats": None, "cost_change": None}
    frame = needing_decision(
        table(
            unknown | {"intent": "Misses", "verdict": "missed", "value": 0.60},
            unknown | {"intent": "Rises", "beyond": True, "change": 90},
            unknown | {"intent": "Nobody's", "owner": None, "contacts": 40, "beyond": True, "change": 41},
        ),
        owned=True,
    )
    assert frame.round(9)[["intent", "kind", "contacts_at_stake"]].to_numpy().tolist() == [
        ["Rises", "rising", 90.0],
        ["Nobody's", "rising, unowned", 41.0],
        ["Misses", "missed", 30.0],
    ]
    assert frame["money"].isna().all()


def test_where_nobody_owns_anything_that_is_no_intents_fault() -> None:
    lonely = table({"owner": None}, {"intent": "Visit", "owner": None})
    assert needing_decision(lonely, owned=False).empty
    assert len(needing_decision(lonely, owned=True)) == 2
    assert list(needing_decision(lonely.iloc[:0], owned=True).columns) == list(ATTENTION_COLUMNS)


def test_the_company_by_hand() -> None:
    """Bill misses its target by 120 of 280 and doubled; its repeats and its rise are 1 400 each, Visit costs 3 640."""
    with company() as mart:
        found = rows(attention(mart, NOW, BEFORE))
        assert to_csv(chart_data(mart, "attention", NOW)) == to_csv(attention(mart, NOW, BEFORE))
        assert to_csv(chart_data(mart, "intents_by_cost", NOW)) == to_csv(intents_by_cost(mart, NOW, BEFORE))
    assert [(row["intent"], row["kind"], row["money"], row["owner"]) for row in found] == [
        ("Visit", "unowned", 3640.0, None),
        ("Bill", "missed, rising", 1400.0, "Dana"),
    ]
    assert (found[1]["short"], found[1]["contacts"], found[1]["change"]) == (120.0, 560, 280)


def test_intents_by_cost_by_hand() -> None:
    with company() as mart:
        found = {row["intent"]: row for row in rows(intents_by_cost(mart, NOW, BEFORE))}
        alone = rows(intents_by_cost(mart, NOW, None))
        with pytest.raises(BadUse, match="first and a last day"):
            intents_by_cost(mart, Slice(), None)
    assert list(found) == ["Visit", "Bill"]
    bill = found["Bill"]
    assert (bill["cost"], bill["cost_before"], bill["cost_change"], bill["repeats"]) == (2800.0, 1400.0, 1400.0, 1400.0)
    assert bill["cost_share"] == 2800 / 6440
    assert (bill["verdict"], bill["value"], bill["n"], bill["from"]) == ("missed", 90 / 280, 280, "2024-02-12")
    # The last full week ends on Sunday 17 March; the busy time began on Wednesday of the week of 19 February.
    assert bill["weekly"][-5:] == [70, 120, 140, 140, 140]
    assert {row["cost_change"] for row in alone} == {row["before"] for row in alone} == {None}


def test_without_a_price_there_is_no_cost_and_most_contacts_come_first() -> None:
    with company(contacts(priced=False), decisions=NOTHING_DECIDED) as mart:
        frame = intents_by_cost(mart, NOW, BEFORE)
    assert list(frame["intent"]) == ["Bill", "Visit"]
    assert frame[["cost", "repeats", "cost_before", "cost_change", "target", "owner"]].isna().all(axis=None)


grounds = st.fixed_dictionaries(
    {
        "owner": st.sampled_from([None, "Dana"]),
        "cost": st.sampled_from([None, 0.0, 10.0, 55.5, 300.0]),
        "repeats": st.sampled_from([None, 0.0, 10.0, 44.5]),
        "cost_change": st.sampled_from([None, -9.0, 10.0, 120.0]),
        "contacts": st.sampled_from([0, 1, 40]),
        "change": st.sampled_from([None, -7, 0, 12]),
        "beyond": st.sampled_from([None, True, False]),
        "verdict": st.sampled_from([None, "met", "missed", "too few"]),
        "value": st.sampled_from([0.5, 0.7]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(grounds, max_size=8), st.booleans())
def test_attention_equals_plain_python(given_rows: list[dict[str, Any]], owned: bool) -> None:
    named = [change | {"intent": f"Intent {n}"} for n, change in enumerate(given_rows)]
    found = rows(needing_decision(table(*named), owned=owned))
    assert [(row["intent"], row["kind"], row["money"], row["contacts_at_stake"]) for row in found] == expected(
        named, owned=owned
    )


def expected(given_rows: Sequence[dict[str, Any]], *, owned: bool) -> list[tuple[Any, ...]]:
    """Intent, kind, money and contacts at stake, straight from the definitions."""
    money: dict[str, dict[str, float | None]] = {}
    people: dict[str, dict[str, float]] = {}
    for row in given_rows:
        holds = {
            "missed": (row["verdict"] == "missed", row["repeats"], (0.75 - row["value"]) * 200),
            "rising": (bool(row["beyond"]) and (row["change"] or 0) > 0, row["cost_change"], row["change"]),
            "unowned": (owned and row["owner"] is None and row["contacts"] > 0, row["cost"], row["contacts"]),
        }
        kept = {kind: (amount, n) for kind, (is_so, amount, n) in holds.items() if is_so}
        if kept:
            money[row["intent"]] = {kind: amount for kind, (amount, _) in kept.items()}
            people[row["intent"]] = {kind: float(n) for kind, (_, n) in kept.items()}
    priced = any(amount is not None for each in money.values() for amount in each.values())
    lines = []
    for intent, amounts in money.items():
        order: dict[str, float | None] = amounts if priced else dict(people[intent])
        kinds = sorted(amounts, key=lambda kind: -(-1e9 if order[kind] is None else order[kind]))  # type: ignore[operator]
        known = [amount for amount in amounts.values() if amount is not None]
        lines.append((intent, ", ".join(kinds), max(known, default=None), max(people[intent].values())))
    return sorted(lines, key=lambda line: (line[2] is None, -(line[2] or 0), -line[3], line[0]))


def months() -> st.SearchStrategy[Slice]:
    return st.dates(date(2024, 2, 1), date(2024, 4, 10)).map(
        lambda first: Slice(from_on=first, to_on=first + timedelta(days=13))
    )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(companies(), decided(), months())
def test_intents_by_cost_equals_the_definitions(company: Company, decisions: Decisions, asked: Slice) -> None:
    before = asked.previous()
    owners = Decisions(
        stamp="test",
        intents=tuple(
            IntentDecision(**(vars(d) | {"owner": "Dana", "fcr_target": 0.7})) if n % 2 else d
            for n, d in enumerate(decisions.intents)
        ),
        rates=decisions.rates,
    )
    with small_mart(company.contacts, watermark=company.watermark, timezone=company.timezone) as opened:
        mart = opened.under(owners)
        found = {row["intent"]: row for row in rows(intents_by_cost(mart, asked, before))}
        moved = {row["intent"]: row for row in rows(movers(mart, asked, before))}
        judged = {row["intent"]: row for row in rows(verdicts(mart))}
        changed = {row["intent"]: row for row in rows(cost_change(mart, asked, before))}
        weekly = {row["intent"]: row["weekly"] for row in rows(sparkline(mart, asked))}
    now = {row["intent"]: row for row in costs(company, owners, replace(asked, by=("intent",)))}
    assert set(found) == set(moved)
    known = sum((_picked(row, "value") or Fraction() for row in now.values()), Fraction())
    for intent, row in found.items():
        cost = _picked(now.get(intent), "value")
        assert row["cost"] == (0.0 if row["contacts"] == 0 else None if cost is None else float(cost))
        assert row["cost_share"] == (
            None if row["cost"] is None or not known else pytest.approx(row["cost"] / float(known), rel=1e-9)
        )
        assert row["owner"] == owners.owned.get(intent)
        assert {name: row[name] for name in ("contacts", "before", "change", "beyond")} == {
            name: moved[intent][name] for name in ("contacts", "before", "change", "beyond")
        }
        assert (row["verdict"], row["value"], row["n"]) == tuple(
            judged[intent][name] for name in ("verdict", "value", "n")
        )
        if row["change"] is not None:
            assert row["cost_change"] == changed[intent]["change"]
        assert row["weekly"] == weekly.get(intent, row["weekly"])
    order = [(row["cost"] is None, -(row["cost"] or 0), -row["contacts"], name) for name, row in found.items()]
    assert order == sorted(order)


def _picked(row: dict[str, Any] | None, name: str) -> Fraction | None:
    return None if row is None else row[name]


def test_one_contact_and_none() -> None:
    lone = Ticket("crm", "1", "Ann", datetime(2024, 3, 1, 9))
    asked = Slice(from_on=date(2024, 2, 21), to_on=date(2024, 3, 19))
    with small_mart([lone], watermark=datetime(2024, 3, 20, 12), timezone=ROME) as mart:
        (row,) = rows(intents_by_cost(mart, asked, None))
        assert attention(mart, asked, None).empty
    assert (row["intent"], row["contacts"], row["cost"], row["verdict"]) == ("Bill", 1, None, None)
    with small_mart([], watermark=None, timezone=ROME) as mart:
        assert list(intents_by_cost(mart, asked, None).columns) == list(COLUMNS)
        assert attention(mart, asked, None).empty
