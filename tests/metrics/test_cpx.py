"""Contacts per X: by hand, against plain sums on random entries, and what units can't say."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.costs.cpx import cpx_over_time, cpx_split, cpx_trend, trend_grain, whole_period
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.rates import rate_interval
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, XUnits
from cx_metrics.store.marts.mart import Mart
from tests.metrics.by_definition import days_between, first_day
from tests.metrics.small_mart import Ticket, small_mart

FIRST, LAST = date(2024, 1, 1), date(2024, 4, 30)
CUTOFF = datetime(2024, 5, 1)


def tickets(days: list[date], *, intent: str = "Bill") -> list[Ticket]:
    """A contact of a new customer at noon of each day."""
    return [
        Ticket("crm", f"{intent} {at}", f"{intent} {at}", datetime(day.year, day.month, day.day, 12), intent=intent)
        for at, day in enumerate(days)
    ]


def entered(*entries: tuple[date, int], name: str = "orders") -> Decisions:
    return Decisions(stamp="1", x_units=tuple(XUnits(name, on, Decimal(units)) for on, units in entries))


def daily(units: int) -> Decisions:
    return entered(*((day, units) for day in days_between(FIRST, LAST)))


def monthly(units: int = 1000) -> Decisions:
    return entered(*((date(2024, month, 1), units) for month in (1, 2, 3, 4)))


def asked(mart: Mart, decisions: Decisions, **slice: object) -> list[dict[str, object]]:
    return rows(metric(mart.under(decisions), "cpx", Slice(**slice)))  # type: ignore[arg-type]


def test_by_hand() -> None:
    contacts = tickets(days_between(FIRST, date(2024, 1, 28)))
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        (row,) = asked(mart, daily(10), from_on=FIRST, to_on=date(2024, 1, 28))
    low, high = rate_interval(28, 280)
    assert row == {
        "value": 0.1,
        "low": float(low),
        "high": float(high),
        "n": 28,
        "reason": None,
        "contacts": 28,
        "units": 280.0,
        "unit": "orders",
    }


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.dates(FIRST, LAST), st.sampled_from(["Bill", "Move"])), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
    st.sampled_from([None, "day", "week", "month"]),
    st.sampled_from([(), ("intent",)]),
    st.dates(FIRST, date(2024, 2, 20)),
    st.dates(date(2024, 2, 21), LAST),
)
def test_cpx_is_contacts_by_the_plain_sum_of_units(
    asking: list[tuple[date, str]],
    rng: random.Random,
    grain: str | None,
    by: tuple[str, ...],
    from_on: date,
    to_on: date,
) -> None:
    contacts = [
        replace(tickets([day], intent=intent)[0], contact_id=str(at)) for at, (day, intent) in enumerate(asking)
    ]
    days = [day for day in days_between(FIRST, LAST) if rng.random() < 0.9]
    entries = {day: Decimal(rng.randrange(10**9)) / 10**3 for day in days}
    decisions = Decisions(x_units=tuple(XUnits("orders", on, units) for on, units in entries.items()))
    start = min(day for day, _ in asking)
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = asked(mart, decisions, from_on=from_on, to_on=to_on, grain=grain, by=by)
    for row in found:
        days = [d for d in days_between(from_on, to_on) if not grain or str(first_day(d, grain)) == row["period"]]
        n = sum(day in days and intent == row.get("intent", intent) for day, intent in asking)
        units = sum((Fraction(entries.get(day, 0)) for day in days), Fraction())
        assert (row["contacts"], row["n"], row["unit"]) == (n, n, "orders")
        if units and max(days) >= start:
            assert (row["value"], row["units"]) == (float(n / units), float(units))
            assert row["low"] <= row["value"] <= row["high"]  # type: ignore[operator]
        else:
            assert row["value"] is None
            assert row["reason"]
    shown = {row.get("period") for row in found}
    expected = {str(first_day(d, grain)) for d in days_between(max(from_on, start), to_on)} if grain else {None}
    assert shown == (expected if found else shown)


def test_a_group_is_divided_by_the_same_units() -> None:
    contacts = tickets(days_between(FIRST, date(2024, 1, 20))) + tickets([FIRST], intent="Move")
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = asked(mart, daily(1), from_on=FIRST, to_on=date(2024, 1, 20), by=("intent",))
    assert [(row["intent"], row["value"]) for row in found] == [("Bill", 1.0), ("Move", 0.05)]


@pytest.mark.parametrize(
    ("decisions", "slice", "reason"),
    [
        pytest.param(Decisions(), {}, "no units to divide by were entered", id="nothing entered"),
        pytest.param(
            entered((date(2023, 1, 1), 5)),
            {"from_on": FIRST, "to_on": LAST},
            "no units of 'orders' in",
            id="other days",
        ),
        pytest.param(
            monthly(),
            {"from_on": date(2024, 1, 15), "to_on": date(2024, 2, 29)},
            "units of 'orders' are known per month: choose whole months",
            id="first month cut",
        ),
        pytest.param(
            monthly(),
            {"from_on": FIRST, "to_on": date(2024, 2, 28)},
            "units of 'orders' are known per month: choose whole months",
            id="last month cut",
        ),
    ],
)
def test_what_is_not_known_has_a_reason(decisions: Decisions, slice: dict[str, object], reason: str) -> None:
    with small_mart(tickets(days_between(FIRST, LAST)), watermark=CUTOFF, timezone="UTC") as mart:
        (row,) = asked(mart, decisions, **slice)
    assert (row["value"], row["low"], row["units"]) == (None, None, None)
    assert str(row["reason"]).startswith(reason)


@pytest.mark.parametrize(
    ("slice", "units"),
    [
        pytest.param({"from_on": FIRST, "to_on": date(2024, 2, 29)}, 2000.0, id="whole months"),
        pytest.param({}, 4000.0, id="all data"),
        pytest.param({"to_on": date(2024, 1, 31)}, 1000.0, id="open at the start"),
    ],
)
def test_units_per_month_answer_for_whole_months(slice: dict[str, object], units: float) -> None:
    with small_mart(tickets(days_between(date(2024, 1, 5), LAST)), watermark=CUTOFF, timezone="UTC") as mart:
        (row,) = asked(mart, monthly(), **slice)
        by_month = asked(mart, monthly(), grain="month")
        by_week = asked(mart, monthly(), grain="week")
    assert row["units"] == units
    assert [row["units"] for row in by_month] == [1000.0] * 4
    assert [row["complete"] for row in by_month] == [False, True, True, True]
    assert {row["value"] for row in by_week} == {None}


def test_a_month_without_its_entry_is_not_that_of_the_one_before() -> None:
    decisions = entered((FIRST, 10), (date(2024, 2, 1), 10), (date(2024, 3, 1), 10), (date(2024, 5, 1), 10))
    with small_mart(tickets(days_between(FIRST, LAST)), watermark=CUTOFF, timezone="UTC") as mart:
        found = asked(mart, decisions, grain="month")
    assert [row["units"] for row in found] == [10.0, 10.0, 10.0, None]
    assert found[3]["reason"] == "no units of 'orders' in this period"


def test_an_unknown_unit_is_refused_with_the_nearest() -> None:
    with small_mart(tickets([FIRST]), watermark=CUTOFF, timezone="UTC") as mart, pytest.raises(BadUse) as error:
        asked(mart, daily(1), unit="order")
    assert str(error.value) == "unknown unit 'order': did you mean 'orders'?"


def test_the_first_unit_by_name_answers_where_none_is_asked_for() -> None:
    decisions = replace(daily(2), x_units=(*daily(2).x_units, XUnits("lines", FIRST, Decimal(4))))
    with small_mart(tickets([FIRST]), watermark=CUTOFF, timezone="UTC") as mart:
        named = [asked(mart, decisions, from_on=FIRST, to_on=FIRST, unit=unit)[0]["unit"] for unit in (None, "orders")]
    assert named == ["lines", "orders"]


def test_weeks_that_stray_widen_the_interval() -> None:
    calm = [day for day in days_between(FIRST, LAST) for _ in range(2)]
    wild = [day for day in days_between(FIRST, LAST) for _ in range(14 if day.isocalendar().week == 9 else 1)]
    widths = []
    for days in (calm, wild):
        with small_mart(tickets(days), watermark=CUTOFF, timezone="UTC") as mart:
            (row,) = asked(mart, daily(1), from_on=date(2024, 4, 1), to_on=date(2024, 4, 28))
        widths.append((row["high"] - row["low"]) / row["value"] * math.sqrt(int(str(row["n"]))))  # type: ignore[operator]
    assert widths[1] > 2 * widths[0]


def test_contacts_that_grow_with_orders_show_no_trend_and_faster_ones_do() -> None:
    days = days_between(FIRST, LAST)
    growing = [day for at, day in enumerate(days) for _ in range(1 + at // 7)]
    with small_mart(tickets(growing), watermark=CUTOFF, timezone="UTC") as mart:
        along = cpx_trend(mart.under(entered(*((d, 10 + 10 * (i // 7)) for i, d in enumerate(days)))), Slice())
        faster = cpx_trend(mart.under(daily(10)), Slice())
        assert cpx_trend(mart, Slice()) is None
        assert (trend_grain(mart.under(daily(1)), Slice()), trend_grain(mart.under(monthly()), Slice())) == (
            "week",
            "month",
        )
    assert along is not None
    assert faster is not None
    assert (along.is_trend, along.n) == (False, 17)
    assert along.change_rate == pytest.approx(0, abs=1e-9)
    assert faster.is_trend
    assert faster.low > 0.05


def _chains(day: date, n_chains: int, length: int) -> list[Ticket]:
    start = datetime(day.year, day.month, day.day, 8)
    return [
        Ticket("crm", f"{day} {chain} {at}", f"{day} {chain}", start + timedelta(hours=at), intent="Bill")
        for chain in range(n_chains)
        for at in range(length)
    ]


JANUARY = Slice(from_on=FIRST, to_on=date(2024, 1, 31))
MARCH = Slice(from_on=date(2024, 3, 1), to_on=date(2024, 3, 31))


def test_a_change_splits_exactly_into_growth_first_contacts_and_chains() -> None:
    contacts = _chains(date(2024, 1, 10), 20, 2) + _chains(date(2024, 3, 10), 30, 3)
    decisions = entered((date(2024, 1, 5), 100), (date(2024, 3, 5), 120))
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = cpx_split(mart.under(decisions), MARCH, JANUARY)
    # X 100 -> 120, first contacts per X .2 -> .25, contacts per first contact 2 -> 3: 40 -> 90 contacts.
    growth = Fraction(20) * ((Fraction(2, 5) + Fraction(3, 4)) / 3 + (Fraction(3, 5) + Fraction(1, 2)) / 6)
    assert found["part"].tolist() == ["growth of orders", "first contacts per unit", "contacts per first contact"]
    assert found["contacts"].iloc[0] == float(growth)
    assert found["contacts"].sum() == pytest.approx(50, rel=1e-12)
    assert found[["before", "now"]].to_numpy().tolist() == [[100, 120], [0.2, 0.25], [2, 3]]


def test_the_intents_own_window_tells_repeats_in_the_split() -> None:
    contacts = [replace(c, started_at=c.started_at + timedelta(days=at)) for at, c in enumerate(_chains(FIRST, 1, 2))]
    contacts += _chains(date(2024, 3, 10), 1, 2)
    decisions = replace(entered((FIRST, 1), (date(2024, 3, 5), 1)), intents=(IntentDecision("Bill", window_days=1),))
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = cpx_split(mart.under(decisions), MARCH, JANUARY)
    # In January the second came 25 hours after the first: two first contacts. In March, an hour after: one.
    assert found[["before", "now"]].to_numpy().tolist() == [[1, 1], [2, 1], [1, 2]]


def test_without_customer_ids_there_are_two_parts() -> None:
    contacts = [replace(c, customer_id=None) for c in _chains(date(2024, 1, 10), 20, 2) + _chains(MARCH.to_on, 30, 3)]  # type: ignore[arg-type]
    decisions = entered((date(2024, 1, 5), 100), (date(2024, 3, 5), 120))
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = cpx_split(mart.under(decisions), MARCH, JANUARY)
    assert found["part"].tolist() == ["growth of orders", "contacts per unit"]
    assert found["contacts"].tolist() == pytest.approx([20 * (0.4 + 0.75) / 2, 110 * 0.35])


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        (Decisions(), "no units to divide by were entered: add orders, devices or customers in Settings"),
        (entered((date(2024, 3, 5), 1)), "of the comparison period: no units of 'orders' in this period"),
    ],
    ids=["nothing entered", "nothing before"],
)
def test_a_split_that_cannot_be_told_has_a_reason(decisions: Decisions, reason: str) -> None:
    with small_mart(tickets(days_between(FIRST, LAST)), watermark=CUTOFF, timezone="UTC") as mart:
        (row,) = rows(cpx_split(mart.under(decisions), MARCH, JANUARY))
    assert (row["contacts"], row["reason"]) == (None, reason)


def test_without_contacts_there_is_a_reason() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        (row,) = asked(mart, daily(1))
        assert asked(mart, daily(1), by=("intent",), grain="week") == []
    assert (row["value"], row["reason"]) == (None, "no contacts in the data yet")


def test_units_known_by_months_answer_for_the_last_whole_month() -> None:
    four_weeks = Slice(from_on=date(2024, 3, 25), to_on=date(2024, 4, 21))
    before = Slice(from_on=date(2024, 2, 26), to_on=date(2024, 3, 24))
    with small_mart(tickets(days_between(FIRST, LAST)), watermark=CUTOFF, timezone="UTC") as mart:
        assert whole_period(mart.under(daily(1)), four_weeks, before) == (four_weeks, before)
        assert whole_period(mart, four_weeks, None) == (four_weeks, None)
        february = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 2, 29))
        assert whole_period(mart.under(monthly()), four_weeks, before) == (MARCH, february)
        assert whole_period(mart.under(monthly()), MARCH, february) == (MARCH, february)
        over_time = rows(cpx_over_time(mart.under(monthly()), four_weeks))
    assert [row["period"] for row in over_time] == [f"2024-0{month}-01" for month in (1, 2, 3, 4)]
    assert [row["value"] for row in over_time] == [0.031, 0.029, 0.031, None]


def test_over_time_begins_with_the_first_units_of_the_last_year() -> None:
    days = days_between(date(2022, 6, 1), LAST)
    entries = entered(*((day, 2) for day in days_between(date(2024, 1, 10), LAST)))
    with small_mart(tickets(days), watermark=CUTOFF, timezone="UTC") as mart:
        short = cpx_over_time(mart.under(entries), Slice(to_on=LAST))
        long = cpx_over_time(mart.under(entered(*((day, 2) for day in days))), Slice(to_on=LAST))
        assert cpx_over_time(mart, Slice(to_on=LAST)).empty
    assert (short["period"].iloc[0], short["value"].iloc[1], short["complete"].iloc[-1]) == ("2024-01-08", 0.5, False)
    assert (long["period"].iloc[0], len(long)) == ("2023-05-01", 53)
