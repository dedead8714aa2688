"""Self-help that failed: by hand, and contact by contact on random contacts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.prevented.self_help import NOT_IN_DATA, self_help, self_help_total
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.differences import newcombe
from cx_metrics.store.decided.decisions import Decisions, Rate
from tests.metrics.by_definition import Company, fates
from tests.metrics.costs_by_definition import price
from tests.metrics.small_mart import Ticket, small_mart

ROME = "Europe/Rome"
CUTOFF = datetime(2024, 4, 10, 12)
RATES = Decisions(stamp="1", rates=(Rate("phone", date(2024, 1, 1), Decimal("1.10"), Decimal("0.50"), Decimal(6)),))
ARTICLES = [None, None, "Reset <b>", "Pay; DROP", "Ünï"]


def ticket(number: int, *, at: datetime, **values: Any) -> Ticket:
    return Ticket("crm", str(number), values.pop("customer_id", f"c{number}"), at, channel="phone", **values)


def test_by_hand() -> None:
    start = datetime(2024, 3, 1, 10)
    # Ann tried the article, came, and came back; Ben tried it and did not; Cem and Dan tried nothing, Dan came back.
    contacts = [
        ticket(1, at=start, customer_id="Ann", self_help="Reset", handle_minutes=Decimal(10)),
        ticket(2, at=start + timedelta(days=2), customer_id="Ann", handle_minutes=Decimal(5)),
        ticket(3, at=start, customer_id="Ben", self_help="Reset"),
        ticket(4, at=start, customer_id="Cem"),
        ticket(5, at=start, customer_id="Dan"),
        ticket(6, at=start + timedelta(days=1), customer_id="Dan"),
    ]
    with small_mart(contacts, watermark=CUTOFF, timezone=ROME) as mart:
        found = self_help(mart.under(RATES), Slice()).to_dict("records")
        total = self_help_total(mart.under(RATES), Slice()).iloc[0]
    (row,) = found
    assert (row["intent"], row["article"], row["contacts"], row["share"]) == ("Bill", "Reset", 2, 2 / 6)
    # 10 min x 1.10 + 0.50, and 6 assumed minutes x 1.10 + 0.50.
    assert row["cost"] == pytest.approx(11.5 + 7.1, rel=1e-12)
    assert (row["value"], row["n"], row["followed"]) == (0.5, 2, 1)
    assert (row["rest_value"], row["rest_n"]) == (0.25, 4)
    assert row["difference"] == 0.25
    assert row["beyond"] is False
    assert (total["contacts"], total["all_contacts"], total["articles"]) == (2, 6, 1)
    assert total["cost"] == row["cost"]
    assert total["cost_share"] == pytest.approx(18.6 / (18.6 + 6.0 + 3 * 7.1), rel=1e-12)
    assert total["reason"] is None or pd.isna(total["reason"])


def test_data_that_does_not_say_what_was_tried_says_so() -> None:
    with small_mart([ticket(1, at=datetime(2024, 3, 1))], watermark=CUTOFF, timezone=ROME) as mart:
        assert self_help(mart, Slice()).empty
        total = self_help_total(mart, Slice()).iloc[0]
    assert total["reason"] == NOT_IN_DATA
    assert total[["contacts", "share", "cost"]].isna().all()


def test_without_a_rate_and_without_customers_there_are_reasons() -> None:
    only = ticket(1, at=datetime(2024, 3, 1), customer_id=None, self_help="Reset")
    with small_mart([only], watermark=CUTOFF, timezone=ROME) as mart:
        (row,) = self_help(mart, Slice()).to_dict("records")
        total = self_help_total(mart, Slice()).iloc[0]
    assert pd.isna(row["cost"])
    assert row["cost_reason"] == "no rates and no costs in the data for these contacts"
    assert pd.isna(row["value"])
    assert row["reason"] == "no contact is old enough, or none has a customer id"
    assert row["beyond"] is None
    assert pd.isna(total["cost"])
    assert total["share"] == 1.0


@st.composite
def companies(draw: st.DrawFn) -> Company:
    found: dict[tuple[str, str], Ticket] = {}
    at = CUTOFF - timedelta(hours=draw(st.integers(0, 1500)))
    for _ in range(draw(st.integers(1, 16))):
        at += timedelta(hours=draw(st.sampled_from([0, 1, 24, 72, 168, 169, 400])))
        one = ticket(
            draw(st.integers(0, 99)),
            at=at,
            customer_id=draw(st.sampled_from([None, "Ann", "Bob"])),
            intent=draw(st.sampled_from(["Bill", "(none)"])),
            self_help=draw(st.sampled_from(ARTICLES)),
            handle_minutes=draw(st.sampled_from([None, Decimal("0.07"), Decimal(9)])),
        )
        found[one.key] = one
    return Company(tuple(found.values()), CUTOFF, ROME)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(company=companies(), window=st.sampled_from([1, 7, 30]), cut=st.booleans())
def test_every_row_equals_the_definitions(company: Company, window: int, cut: bool) -> None:
    asked = Slice(window=window, from_on=date(2024, 3, 1) if cut else None)
    known = [f for f in fates(company, window) if not cut or company.day(f.contact.started_at) >= date(2024, 3, 1)]
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for fate in known:
        if fate.contact.self_help is not None:
            rows[fate.contact.intent, fate.contact.self_help].append(fate)
    with small_mart(company.contacts, watermark=CUTOFF, timezone=ROME) as mart:
        found = self_help(mart.under(RATES), asked)
        total = self_help_total(mart.under(RATES), asked).iloc[0]
    assert {(row.intent, row.article) for row in found.itertuples()} == set(rows)
    assert found["cost"].dropna().is_monotonic_decreasing
    for row in found.to_dict("records"):
        own = rows[row["intent"], row["article"]]
        everything = [f for f in known if f.contact.intent == row["intent"]]
        rest = [f for f in everything if f not in own and f.mature]
        mature = [f for f in own if f.mature]
        assert row["contacts"] == len(own)
        assert row["share"] == len(own) / len(everything)
        assert (row["followed"], row["n"]) == (sum(f.followed for f in mature), len(mature))
        assert row["rest_n"] == len(rest)
        if mature and rest:
            shares = [sum(f.followed for f in some) / len(some) for some in (mature, rest)]
            assert (row["value"], row["rest_value"]) == tuple(shares)
            assert row["difference"] == shares[0] - shares[1]
            assert row["difference_low"] <= row["difference"] <= row["difference_high"]
        assert row["cost"] == pytest.approx(float(cost_of(company, own)), rel=1e-9)
    if sum(f.contact.self_help is not None for f in fates(company, window)):
        assert total["contacts"] == sum(map(len, rows.values()))
        assert total["all_contacts"] == len(known)


def cost_of(company: Company, own: list[Any]) -> Any:
    prices = [price(f.contact, company.day(f.contact.started_at), RATES) for f in own]
    return sum((each.direct or 0) + (each.downstream or 0) for each in prices)


def test_many_comparisons_are_one_family() -> None:
    """Twenty articles alike but for one: that one alone is called, and its interval is Newcombe's."""
    start, contacts = datetime(2024, 2, 1), []
    for article in range(20):
        for n in range(60):
            again = n < (45 if article == 7 else 15)
            number = article * 1000 + n * 10
            first = ticket(number, at=start + timedelta(hours=n), self_help=f"A{article:02}", customer_id=str(number))
            contacts.append(first)
            if again:
                contacts.append(replace(first, contact_id=str(number + 1), started_at=first.started_at + timedelta(1)))
    contacts = [replace(c, self_help=c.self_help if c.contact_id.endswith("0") else None) for c in contacts]
    with small_mart(contacts, watermark=CUTOFF, timezone=ROME) as mart:
        found = self_help(mart, Slice()).set_index("article")
    called = found[found["beyond"].eq(True)]
    assert list(called.index) == ["A07"]
    row = found.loc["A07"]
    rest = 19 * 15
    deff = 1.0
    ends = newcombe(45, 60, rest, 19 * 60 + rest + 45, deff=deff)
    assert row["difference_low"] <= float(ends[0]) + 1e-9
    assert row["difference_high"] >= float(ends[1]) - 1e-9
