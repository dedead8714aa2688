"""Proactive alerts: effects by hand, spikes by a plain search, and every reason why there is none."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from scipy.stats import ttest_ind

from cx_metrics.metrics.prevented.alerts import (
    BEFORE_AFTER,
    FEWER,
    HELD_OUT,
    MORE,
    OPEN,
    alert_effects,
    alert_events,
    alerts,
)
from cx_metrics.metrics.reasons.spikes import spikes
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Alert, Decisions, IntentDecision, Rate
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

UTC = "UTC"
FIRST = date(2024, 1, 1)
N_DAYS = 240
WATERMARK = datetime(2024, 8, 28)
SENT_AT = datetime(2024, 3, 5, 8)
BEFORE, AFTER = (40, 55, 71), (120, 140, 161, 203)
"""Days with a spike that nobody was told of, and that customers were."""
MAIL = Alert("Mail", "Outage", SENT_AT, 1000, n_held_out=500, contacted_sent=40, contacted_held_out=40)
RATE = Rate("phone", FIRST, Decimal("1.10"), Decimal("0.50"), Decimal(10))


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def counts() -> list[int]:
    """Ten contacts a day, ten times as many on spikes, five times on those told of, half as many the day after."""
    chance = random.Random(11)
    usual = [10 + chance.choice([-1, 0, 1]) for _ in range(N_DAYS)]
    for at in BEFORE:
        usual[at] = 100 + at % 7
        usual[at + 1] = 40
    for at in AFTER:
        usual[at] = 50 + at % 5
    return usual


@contextmanager
def outage_mart(*told: Alert, rates: tuple[Rate, ...] = (RATE,)) -> Iterator[Mart]:
    contacts = [
        Ticket(
            "crm", f"{day}-{n}", None, datetime.combine(on(day), datetime.min.time()), intent="Outage", channel="phone"
        )
        for day, many in enumerate(counts())
        for n in range(many)
    ]
    with small_mart(contacts, watermark=WATERMARK, timezone=UTC) as mart:
        yield mart.under(Decisions(stamp="1", rates=rates, alerts=told))


def messages() -> list[Alert]:
    times = [datetime.combine(on(day), datetime.min.time()) + timedelta(hours=6) for day in AFTER]
    return [Alert(f"Outage {n}", "Outage", at, 900) for n, at in enumerate(times)]


def test_with_a_group_held_out_by_hand() -> None:
    with outage_mart(MAIL) as mart:
        (row,) = alerts(mart, Slice()).to_dict("records")
    assert (row["design"], row["sent_on"], row["within_days"]) == (HELD_OUT, "2024-03-05", 7)
    assert (row["rate_sent"], row["rate_held_out"], row["value"]) == (0.04, 0.08, -0.04)
    # Newcombe's method 10 from the two Wilson intervals: .0295 to .0540 and .0593 to .1071.
    assert (round(row["low"], 4), round(row["high"], 4)) == (-0.0691, -0.0150)
    assert (row["verdict"], row["avoided"]) == (FEWER, 40.0)
    # Ten assumed minutes at 1.10; the rate's 0.50 per contact stays.
    assert row["money"] == pytest.approx(40 * 11.0, rel=1e-12)
    assert row["money_low"] == pytest.approx(row["avoided_low"] * 11.0, rel=1e-12)
    assert row["avoided_low"] == pytest.approx(-1000 * row["high"], rel=1e-12)


def test_an_alert_can_bring_contacts_or_settle_nothing() -> None:
    harmful = replace(MAIL, name="Harmful", contacted_sent=160, contacted_held_out=40)
    unclear = replace(MAIL, name="Unclear", contacted_sent=82, contacted_held_out=40)
    with outage_mart(harmful, unclear) as mart:
        harm, unsure = alerts(mart, Slice()).to_dict("records")
    assert (harm["name"], harm["verdict"], harm["avoided"]) == ("Harmful", MORE, -80.0)
    assert harm["money"] < 0
    assert (unsure["name"], unsure["verdict"]) == ("Unclear", OPEN)


def test_without_rates_the_money_is_missing_and_not_nought() -> None:
    with outage_mart(MAIL, rates=()) as mart:
        (row,) = alerts(mart, Slice()).to_dict("records")
    assert row["avoided"] == 40.0
    assert math.isnan(row["money"])


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        (replace(MAIL, n_held_out=None, contacted_held_out=None), "nobody was held out: see before and after"),
        (replace(MAIL, n_held_out=0, contacted_held_out=None), "nobody was held out: see before and after"),
        (replace(MAIL, n_sent=0, contacted_sent=None), "it was sent to nobody"),
        (replace(MAIL, contacted_sent=None), "who contacted us afterwards was not counted"),
        (replace(MAIL, sent_at=WATERMARK - timedelta(days=6)), "too early: contacts count until 2024-08-29"),
        (
            replace(MAIL, sent_at=WATERMARK - timedelta(days=6), within_days=14),
            "too early: contacts count until 2024-09-05",
        ),
    ],
    ids=["no hold-out", "nobody held out", "nobody", "not counted", "early", "own days"],
)
def test_what_can_not_be_measured_says_why(alert: Alert, reason: str) -> None:
    with outage_mart(alert) as mart:
        (row,) = alerts(mart, Slice()).to_dict("records")
    assert row["reason"] == reason
    assert math.isnan(row["value"])
    assert math.isnan(row["money"])


def test_the_days_of_the_intent_count_where_an_alert_has_none() -> None:
    with outage_mart(MAIL) as mart:
        decided = replace(mart.decisions, intents=(IntentDecision("Outage", window_days=3),))
        (row,) = alerts(mart.under(decided), Slice()).to_dict("records")
    assert row["within_days"] == 3


def test_a_period_and_an_intent_choose_alerts() -> None:
    other = replace(MAIL, name="Other", intent="Bill", sent_at=datetime(2024, 4, 1))
    with outage_mart(MAIL, other) as mart:
        assert alerts(mart, Slice())["name"].tolist() == ["Other", "Mail"]
        assert alerts(mart, Slice(to_on=date(2024, 3, 5)))["name"].tolist() == ["Mail"]
        assert alerts(mart, Slice(from_on=date(2024, 3, 6)))["name"].tolist() == ["Other"]
        assert alerts(mart, Slice(where=(("intent", ("Outage",)),)))["name"].tolist() == ["Mail"]


def test_spikes_are_what_a_plain_search_finds() -> None:
    days, found = counts(), []
    for at, many in enumerate(days):
        around = [days[at + 7 * w] for w in (-4, -3, -2, -1, 1, 2, 3, 4) if 0 <= at + 7 * w < N_DAYS]
        usual = statistics.median(around)
        if len(around) >= 4 and many >= 2 * usual and many - usual >= 5 * math.sqrt(usual):
            found.append((on(at), many, usual))
    with outage_mart() as mart:
        spiked = spikes(mart, Slice(), "Outage")
        assert spikes(mart, Slice(), "Unheard") == []
    assert [s.on for s in spiked] == [on(day) for day in (*BEFORE, *AFTER)]
    assert all((s.on, s.contacts, s.usual) in found for s in spiked)
    # The day after belongs to the same spike.
    assert len(found) == len(spiked) + len(BEFORE)


def test_before_and_after_by_hand() -> None:
    with outage_mart(*messages()) as mart:
        events = alert_events(mart, Slice())
        (row,) = alert_effects(mart, Slice(from_on=date(2024, 8, 1))).to_dict("records")
    assert events["alert"].notna().tolist() == [False] * 3 + [True] * 4
    told, untold = (events[events["alert"].notna() == flag] for flag in (True, False))
    logs = [[math.log(lift) for lift in some["lift"]] for some in (told, untold)]
    ends = ttest_ind(*logs, equal_var=False).confidence_interval()
    change = math.expm1(statistics.mean(logs[0]) - statistics.mean(logs[1]))
    assert (row["design"], row["events_with"], row["events_without"]) == (BEFORE_AFTER, 4, 3)
    assert (row["value"], row["low"], row["high"]) == pytest.approx(
        (change, math.expm1(ends.low), math.expm1(ends.high)), rel=1e-9
    )
    assert -0.6 < row["value"] < -0.5
    assert (row["verdict"], row["alerts_without_spike"]) == (FEWER, 0)
    extra = told["extra"].sum()
    assert row["avoided"] == pytest.approx(extra / (1 + change) - extra, rel=1e-9)
    assert row["avoided_low"] < row["avoided"] < row["avoided_high"]
    assert row["money"] == pytest.approx(row["avoided"] * 11.0, rel=1e-9)


def test_few_spikes_and_alerts_about_nothing_are_said() -> None:
    idle = Alert("About nothing", "Outage", datetime(2024, 7, 1), 10)
    with outage_mart(*messages()[:2], idle) as mart:
        (row,) = alert_effects(mart, Slice()).to_dict("records")
    assert (row["events_with"], row["events_without"], row["alerts_without_spike"]) == (2, 5, 1)
    assert row["reason"] == "fewer than 3 spikes with or without an alert"
    assert math.isnan(row["value"])


@pytest.mark.parametrize(("days_before", "counts_as_told"), [(0, True), (3, True), (4, False), (-1, False)])
def test_an_alert_is_about_a_spike_of_its_day_or_the_three_after(days_before: int, counts_as_told: bool) -> None:
    sent = datetime.combine(on(AFTER[0] - days_before), datetime.min.time()) + timedelta(hours=1)
    with outage_mart(Alert("One", "Outage", sent, 10)) as mart:
        events = alert_events(mart, Slice()).set_index("day")
    assert (events.loc[str(on(AFTER[0])), "alert"] == "One") is counts_as_told


def test_nothing_noted_is_no_rows() -> None:
    with outage_mart() as mart:
        assert all(frame(mart, Slice()).empty for frame in (alerts, alert_effects, alert_events))
