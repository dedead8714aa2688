"""Expectations: by hand, contact by contact from the definitions, and what counts as urgent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.expectations import (
    HOURS_COLUMNS,
    KEPT_WEEK_COLUMNS,
    URGENT_COLUMNS,
    hours,
    is_urgent,
    kept_weeks,
    urgencies,
    urgent_hours,
)
from cx_metrics.metrics.solved.kept import kept
from cx_metrics.statistics.clusters import design_effect
from cx_metrics.statistics.intervals import wilson
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from tests.metrics.by_definition import Company, first_day
from tests.metrics.resolution_by_definition import DECIDED, ROME, busy
from tests.metrics.small_mart import Ticket, small_mart

START = datetime(2024, 3, 4, 9)


def lasting(minutes: list[int | None], **more: Any) -> list[Ticket]:
    return [
        Ticket("crm", f"{n}", f"c{n}", START, None if each is None else START + timedelta(minutes=each), **more)
        for n, each in enumerate(minutes)
    ]


def test_by_hand() -> None:
    """Four hours are promised: ended after 1, 3, exactly 4 and just over 4 hours, and one still open."""
    contacts = lasting([60, 180, 240, 241, None])
    other = Ticket("crm", "x", "c9", START, intent="Delivery")
    decided = Decisions(intents=(IntentDecision("Bill", expected_hours=4.0),))
    with small_mart([*contacts, other], watermark=datetime(2024, 3, 20), timezone=ROME) as mart:
        (row,) = rows(kept(mart.under(decided), Slice()))
        assert rows(kept(mart, Slice()))[0]["reason"] == "no hours to be solved within are decided for these intents"
    assert (row["value"], row["n"]) == (0.75, 4)
    assert (row["kept"], row["ended"], row["not_ended"], row["without_expectation"]) == (3, 4, 1, 1)
    assert row["low"] == pytest.approx(float(wilson(3, 4, deff=4 / 3)[0]))


def test_a_tenth_of_an_hour_is_six_minutes() -> None:
    """4.1 x 3600 is a trifle below 14760 in binary fractions."""
    decided = Decisions(intents=(IntentDecision("Bill", expected_hours=4.1),))
    with small_mart(lasting([246]), watermark=datetime(2024, 3, 20), timezone=ROME) as mart:
        assert rows(kept(mart.under(decided), Slice()))[0]["value"] == 1.0


def in_time(c: Ticket) -> bool | None:
    """Whether a contact's expectation was kept; None where that isn't known."""
    promised = DECIDED.by_intent[c.intent].expected_hours
    if promised is None or c.ended_at is None or c.ended_at < c.started_at:
        return None
    return c.ended_at - c.started_at <= timedelta(hours=promised)


@pytest.mark.parametrize("seed", [21, 22])
@pytest.mark.parametrize("by", [(), ("intent",), ("channel", "segment")], ids=["all", "intent", "both"])
def test_kept_equals_the_definitions(seed: int, by: tuple[str, ...]) -> None:
    company = busy(seed, n=500, customers=60)
    asked = Slice(from_on=date(2024, 2, 1), by=by, grain="month")
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = rows(kept(mart.under(DECIDED), asked))
    groups: dict[tuple[str, ...], list[Ticket]] = {}
    for c in company.contacts:
        day = company.day(c.started_at)
        if day >= date(2024, 2, 1):
            key = tuple(getattr(c, name) or "(none)" for name in by)
            groups.setdefault((*key, str(first_day(day, "month"))), []).append(c)
    assert [tuple(row[name] for name in (*by, "period")) for row in found] == sorted(groups)
    for row, key in zip(found, sorted(groups), strict=True):
        check_kept(row, groups[key])


def check_kept(row: dict[str, Any], contacts: list[Ticket]) -> None:
    ended = [c for c in contacts if in_time(c) is not None]
    n, k = len(ended), sum(bool(in_time(c)) for c in ended)
    promised = [c for c in contacts if DECIDED.by_intent[c.intent].expected_hours is not None]
    assert (row["n"], row["ended"], row["kept"]) == (n, n, k)
    assert (row["not_ended"], row["without_expectation"]) == (len(promised) - n, len(contacts) - len(promised))
    if not n:
        assert row["value"] is None
        return
    # Without a customer id, every contact is a customer of its own.
    sizes: dict[str, list[bool]] = {}
    for c in ended:
        sizes.setdefault(c.customer_id or f"nobody {c.contact_id}", []).append(bool(in_time(c)))
    deff = design_effect(
        clusters=len(sizes),
        n=n,
        successes=k,
        sum_nn=sum(len(each) ** 2 for each in sizes.values()),
        sum_ny=sum(len(each) * sum(each) for each in sizes.values()),
        sum_yy=sum(sum(each) ** 2 for each in sizes.values()),
    )
    low, high = wilson(k, n, deff=deff)
    assert row["value"] == k / n
    assert (row["low"], row["high"]) == (pytest.approx(float(low)), pytest.approx(float(high)))


def least(seconds: list[float], share: float) -> float:
    """The least value that so many do not exceed."""
    return sorted(seconds)[math.ceil(round(share * len(seconds), 9)) - 1]


@pytest.mark.parametrize("seed", [23, 24])
def test_hours_equal_the_definitions(seed: int) -> None:
    company = busy(seed, n=300)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = {row["intent"]: row for row in rows(hours(mart.under(DECIDED), Slice()))}
    for intent, row in found.items():
        own = [c for c in company.contacts if c.intent == intent]
        lasted = [
            (c.ended_at - c.started_at) / timedelta(hours=1) for c in own if c.ended_at and c.ended_at >= c.started_at
        ]
        assert (row["contacts"], row["ended"], row["not_ended"]) == (len(own), len(lasted), len(own) - len(lasted))
        assert (row["median_hours"], row["p90_hours"]) == (least(lasted, 0.5), least(lasted, 0.9))
        assert row["expected_hours"] == DECIDED.by_intent[intent].expected_hours
    assert set(found) == {"Bill", "Delivery", "Visit"}


def test_fewer_than_ten_ended_give_no_median() -> None:
    with small_mart(lasting([60] * 9 + [None] * 4), watermark=datetime(2024, 3, 20), timezone=ROME) as mart:
        (row,) = rows(hours(mart, Slice()))
    assert (row["contacts"], row["ended"], row["median_hours"]) == (13, 9, None)
    assert row["reason"] == "fewer than 10 have ended"


@pytest.mark.parametrize("seed", [25, 26])
def test_weeks_equal_the_definitions(seed: int) -> None:
    """The longest expectation is a day: a week is known from the second Monday's end on."""
    company = busy(seed)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = rows(kept_weeks(mart.under(DECIDED), Slice()))
    assert [row["period"] for row in found] == sorted(row["period"] for row in found)
    for row in found:
        monday = date.fromisoformat(row["period"])
        own = [c for c in company.contacts if monday <= company.day(c.started_at) < monday + timedelta(days=7)]
        known = [c for c in own if in_time(c) is not None]
        if monday + timedelta(days=7) <= company.last_full_day:
            assert (row["n"], row["value"]) == (len(known), sum(map(bool, map(in_time, known))) / len(known))
        else:
            assert (row["n"], row["value"]) == (0, None)
            assert row["reason"].startswith("too young")
    assert found[-1]["value"] is None
    assert found[0]["centre"] is not None


@pytest.mark.parametrize("seed", [27, 28])
def test_urgent_contacts_by_channel_equal_the_definitions(seed: int) -> None:
    company = busy(seed)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        assert urgencies(mart) == ("2 - Low", "High", "normal", "p1 now")
        found = rows(urgent_hours(mart, Slice()))
        chosen = rows(urgent_hours(mart, Slice(), ("normal",)))
    check_urgent(company, found, ("High", "p1 now"))
    check_urgent(company, chosen, ("normal",))


def check_urgent(company: Company, found: list[dict[str, Any]], words: tuple[str, ...]) -> None:
    medians = {}
    for row in found:
        own = [c for c in company.contacts if c.channel == row["channel"] and c.urgency in words]
        lasted = [
            (c.ended_at - c.started_at) / timedelta(hours=1) for c in own if c.ended_at and c.ended_at >= c.started_at
        ]
        assert (row["contacts"], row["ended"]) == (len(own), len(lasted))
        medians[row["channel"]] = least(lasted, 0.5)
        assert row["median_hours"] == medians[row["channel"]]
    assert [row["median_hours"] for row in found] == sorted(medians.values(), reverse=True)
    for row in found:
        assert row["times_fastest"] == pytest.approx(row["median_hours"] / min(medians.values()))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((word, True) for word in ("urgent", "Urgent!", "HIGH", "Highest", "critical", "1", "1 - Critical", "P1")),
        *((word, True) for word in ("2 - High", "p0", "Sev 1", "Priority 1", "blocker", "emergency", "prio-1")),
        *(
            (word, False)
            for word in ("low", "normal", "2", "10", "p10", "P2", "3 - Moderate", "medium", "not urgent", "")
        ),
    ],
)
def test_which_words_mean_urgent(word: str, expected: bool) -> None:
    assert is_urgent(word) == expected


def test_nothing_at_all() -> None:
    with small_mart([], watermark=None, timezone=ROME) as mart:
        assert list(hours(mart, Slice()).columns) == ["intent", *HOURS_COLUMNS]
        assert list(kept_weeks(mart, Slice()).columns) == list(KEPT_WEEK_COLUMNS)
        assert list(urgent_hours(mart, Slice()).columns) == ["channel", *URGENT_COLUMNS]
        assert urgencies(mart) == ()
        assert rows(kept(mart, Slice()))[0]["reason"] == "no contacts here"
    with small_mart(lasting([None]), watermark=datetime(2024, 3, 20), timezone=ROME) as mart:
        decided = mart.under(replace(DECIDED))
        assert rows(kept(decided, Slice()))[0]["reason"] == "no contact here is known to have ended"
        assert rows(hours(decided, Slice()))[0]["reason"] == "none is known to have ended"
