"""Signals of a small company in which one thing of each kind goes wrong, and of companies that can't be judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from cx_metrics.config import Settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews import signals as signals_module
from cx_metrics.reviews.signal_series import daily_series
from cx_metrics.reviews.signal_words import chance, mostly
from cx_metrics.reviews.signals import Level, Signal, current, signal_frame, signals, state_of, states
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, XUnits
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

FIRST = date(2026, 2, 2)
N_DAYS = 25 * 7
LAST = FIRST + timedelta(days=N_DAYS - 1)
AFTER = datetime(LAST.year, LAST.month, LAST.day) + timedelta(days=1)
WEEKDAYS = (1.3, 1.1, 1.1, 1.0, 1.0, 0.8, 0.7)
OWNED = IntentDecision("Router", owner="Tomasz", owner_email="t@example.com")
DECIDED = Decisions("x", (OWNED, IntentDecision("Returns", owner="Dana", fcr_target=0.8)))


def company(n_days: int = N_DAYS, *, up: float = 1.0) -> list[Ticket]:
    """Four ordinary intents and others with a story, some of them too small; ``up`` on the last two days for all."""
    rng = np.random.default_rng(17)
    usual = {f"Ordinary {number}": 20.0 for number in range(4)} | {"Router": 20.0, "Dear": 15.0, "Silent": 15.0}
    usual |= dict.fromkeys(("Tiny 1", "Tiny 2", "Tiny 3"), 1.5) | {"Alone": 1.0, "Young": 10.0}
    contacts = []
    for back in range(n_days - 1, -1, -1):
        on = LAST - timedelta(days=back)
        for intent, rate in usual.items():
            more = up if back < 2 else 1.0
            if intent == "Router" and back < 3:
                more *= 3
            if intent.startswith("Tiny") and back < 2:
                more *= 5
            if intent != "Young" or back < 40:
                n = rng.poisson(rate * WEEKDAYS[on.weekday()] * more)
                contacts += [_contact(intent, on, k, n, back) for k in range(n)]
        contacts += [_contact("Returns", on, k, 8, back) for k in range(8)]
    return contacts


def _contact(intent: str, on: date, k: int, n: int, back: int) -> Ticket:
    at = datetime(on.year, on.month, on.day, 6) + timedelta(minutes=5 * k)
    ticket = Ticket("desk", f"{intent}-{on}-{k}", None, at, at, intent, "phone", direct_cost=Decimal(10))
    ticket = replace(ticket, category="Small" if intent.startswith("Tiny") else intent.split(maxsplit=1)[0])
    if intent == "Returns":
        return replace(ticket, customer_id=f"{on}-{k % 4}")
    if intent == "Dear" and back < 7:
        return replace(ticket, direct_cost=Decimal(30))
    if intent == "Silent":
        asked = at + timedelta(hours=1)
        answers = k < n * (0.1 + 0.4 * back / N_DAYS)
        return replace(ticket, survey_offered_at=asked, csat=5 if answers else None)
    return ticket


@pytest.fixture(scope="module")
def contacts() -> list[Ticket]:
    return company()


@pytest.fixture(scope="module")
def mart(contacts: list[Ticket]) -> Iterator[Mart]:
    with small_mart(contacts, watermark=AFTER, timezone="UTC") as opened:
        yield opened.under(DECIDED)


@pytest.fixture(scope="module")
def found(mart: Mart) -> tuple[Signal, ...]:
    return signals(mart)


def one(found: tuple[Signal, ...], kind: str, intent: str | None) -> Signal:
    (signal,) = [signal for signal in found if (signal.kind, signal.intent) == (kind, intent)]
    return signal


def test_a_rise_says_what_came_what_was_expected_and_what_it_costs(
    found: tuple[Signal, ...], contacts: list[Ticket]
) -> None:
    signal = one(found, "volume", "Router")
    begin = signal.on - timedelta(days=signal.days - 1)
    assert signal.observed == sum(c.intent == "Router" and begin <= c.started_at.date() <= signal.on for c in contacts)
    assert signal.level is Level.PAUSE
    assert LAST - timedelta(days=2) <= signal.since_on <= signal.on == LAST
    assert signal.low < signal.expected < signal.high < signal.observed
    assert signal.owner == "Tomasz"
    week = [c for c in contacts if c.intent == "Router" and c.started_at.date() > LAST - timedelta(days=7)]
    assert signal.per_week_money == pytest.approx(10 * (len(week) - 7 * 20), rel=0.15)
    said = signal.sentence
    assert said.startswith("“Router”: ")
    assert f"{round((signal.observed / signal.expected - 1) * 100)}\u202f% above what we expect" in said
    assert f"{signal.observed:.0f} came " in said
    assert f"unusual since {signal.since_on.day} Jul 2026." in said
    assert "Chance brings " in said
    assert "a week more than expected." in said
    assert said.endswith("About 1 in 10 signals like this turns out to be nothing.")
    assert signal.false_rate == 0.1


def test_small_intents_are_judged_as_a_family(found: tuple[Signal, ...], mart: Mart, contacts: list[Ticket]) -> None:
    signal = one(found, "volume", None)
    assert signal.category == "Small"
    assert signal.sentence.startswith("The small intents of “Small” together: ")
    assert signal.owner is None
    begin = signal.on - timedelta(days=signal.days - 1)
    tiny = [c for c in contacts if c.category == "Small" and begin <= c.started_at.date() <= signal.on]
    assert signal.observed == len(tiny)
    series = daily_series(mart)
    assert series.names[-1] == (None, "Small")
    assert series.members(len(series.names) - 1) == ["Tiny 1", "Tiny 2", "Tiny 3"]


def test_every_intent_has_a_state_with_its_reason(mart: Mart) -> None:
    told = {row["intent"]: row for row in state_of(mart).to_dict("records")}
    assert told["Router"] == {"intent": "Router", "category": "Router", "state": "judged", "reason": None}
    assert told["Young"]["state"] == "learning"
    assert told["Young"]["reason"] == "learning: 40 days of contacts, more than 86 are needed"
    small = {intent for intent, row in told.items() if row["state"] == "too small"}
    assert small == {"Alone", "Tiny 1", "Tiny 2", "Tiny 3"}
    assert str(told["Alone"]["reason"]).startswith("too small: 0.8 contacts a day, ")
    assert len(told) == 13


def test_a_missed_target_says_what_reaching_it_would_spare(found: tuple[Signal, ...]) -> None:
    """Every customer comes twice a day: no issue is solved; 4 weeks x 28 issues x .8 at 10 each are spared."""
    signal = one(found, "fcr", "Returns")
    assert (signal.expected, signal.observed, signal.owner) == (0.8, 0, "Dana")
    assert signal.level is Level.INVESTIGATE
    assert signal.days == 28
    assert signal.per_week_money == pytest.approx(0.8 * 28 * 10)
    assert "where the target is 80\u202f%" in signal.sentence
    assert "Reaching the target would spare about €\u202f224 a week." in signal.sentence.replace("\u00a0", "\u202f")


def test_cost_above_its_band_without_more_contacts(found: tuple[Signal, ...], contacts: list[Ticket]) -> None:
    signal = one(found, "cost", "Dear")
    week = [c for c in contacts if c.intent == "Dear" and c.started_at.date() > LAST - timedelta(days=7)]
    assert signal.observed == pytest.approx(30 * len(week))
    assert (signal.since_on, signal.on) == (LAST - timedelta(days=6), LAST)
    earlier = [
        10 * sum(c.intent == "Dear" and 7 * back <= (LAST - c.started_at.date()).days < 7 * back + 7 for c in contacts)
        for back in range(1, 17)
    ]
    assert signal.expected == pytest.approx(np.median(earlier))
    assert signal.per_week_money == pytest.approx(signal.observed - np.median(earlier))
    assert signal.false_rate is None
    assert signal.sentence.endswith("has not been measured.")


def test_falling_reach_is_watched(found: tuple[Signal, ...]) -> None:
    signal = one(found, "reach", "Silent")
    assert signal.level is Level.WATCH
    assert signal.expected == pytest.approx(0.49, abs=0.06)
    assert signal.observed == pytest.approx(0.12, abs=0.06)
    assert signal.on == LAST - timedelta(days=7)
    assert signal.per_week_money is None


def test_nothing_else_calls_loudly_and_the_loudest_come_first(found: tuple[Signal, ...]) -> None:
    loud = {(signal.kind, signal.intent) for signal in found if signal.level is not Level.WATCH}
    assert loud == {("volume", "Router"), ("volume", None), ("fcr", "Returns"), ("cost", "Dear")}
    places = [list(Level).index(signal.level) for signal in found]
    assert places == sorted(places, reverse=True)


def test_one_signal_where_everything_rises() -> None:
    with small_mart(company(up=2.0), watermark=AFTER, timezone="UTC") as mart:
        found = [signal for signal in signals(mart) if signal.kind == "volume" and signal.level is not Level.WATCH]
    everything = next(signal for signal in found if signal.intent is None and signal.category is None)
    assert everything.sentence.startswith("Most intents rise together, the middle one by ")
    assert "Intents are judged against this common rise." in everything.sentence
    assert everything.observed > everything.high > everything.expected > everything.low
    assert everything.days == 7
    assert everything.per_week_money is not None
    assert 10 < everything.per_week_money / (everything.observed - everything.expected) < 11
    assert {signal.intent for signal in found} <= {None, "Router"}
    assert not {f"Ordinary {number}" for number in range(4)} & {signal.intent for signal in found}


def test_a_unit_of_x_of_every_day_is_the_denominator(mart: Mart) -> None:
    days = [FIRST + timedelta(days=number) for number in range(N_DAYS)]
    devices = [XUnits("devices", on, Decimal(1000)) for on in days]
    gaps = [XUnits("accounts", on, Decimal(1000)) for on in days[:-1]]
    zeros = [XUnits("boxes", on, Decimal(on.weekday() != 6)) for on in days]
    decided = replace(DECIDED, x_units=(*gaps, *zeros, *devices))
    series = daily_series(mart.under(decided))
    assert series.unit == "devices"
    assert series.exposure is not None
    assert set(series.exposure) == {1000.0}
    assert daily_series(mart.under(replace(DECIDED, x_units=tuple(zeros)))).unit is None
    signal = one(signals(mart.under(decided)), "volume", "Router")
    assert "with this many devices, " in signal.sentence


def test_a_young_company_is_learning() -> None:
    with small_mart(company(60), watermark=AFTER, timezone="UTC") as mart:
        assert [signal for signal in signals(mart) if signal.kind == "volume"] == []
        assert set(state_of(mart)["state"]) == {"learning"}


def test_no_contacts_and_a_single_one() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        assert signals(mart) == ()
        assert state_of(mart).empty
        assert signal_frame(mart, Slice()).empty
    with small_mart([_contact("Router", LAST, 0, 1, 0)], watermark=AFTER, timezone="UTC") as mart:
        assert signals(mart) == ()
        assert state_of(mart)["reason"].tolist() == ["learning: 1 day of contacts, more than 86 are needed"]


def test_the_frame_has_a_row_per_signal_and_follows_filters(mart: Mart, found: tuple[Signal, ...]) -> None:
    frame = signal_frame(mart, Slice())
    assert frame["sentence"].tolist() == [signal.sentence for signal in found]
    assert frame["level"].tolist() == [signal.level.value for signal in found]
    assert frame["on"].tolist() == [str(signal.on) for signal in found]
    only = signal_frame(mart, Slice(where=(("intent", ("Router",)),)))
    assert set(only["intent"]) == {"Router"}
    small = signal_frame(mart, Slice(where=(("category", ("Small",)),)))
    assert small["category"].tolist() == ["Small"]
    assert small["intent"].tolist() == [None]
    with pytest.raises(BadUse, match="no contact has the intent 'Rooter'"):
        signal_frame(mart, Slice(where=(("intent", ("Rooter",)),)))


def test_signals_are_kept_until_data_or_decisions_change(
    mart: Mart, found: tuple[Signal, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(Settings(home=tmp_path / "home", user="tester"))
    assert current(home, mart) == found
    asked: list[str] = []
    real = signals_module.signals

    def counted(of: Mart) -> tuple[Signal, ...]:
        asked.append(of.decisions.stamp)
        return real(of)

    monkeypatch.setattr(signals_module, "signals", counted)
    assert current(home, mart) == found
    assert states(home, mart).equals(state_of(mart))
    assert asked == []
    other = current(home, mart.under(replace(DECIDED, stamp="y", intents=(OWNED,))))
    assert asked == ["y"]
    assert "fcr" not in {signal.kind for signal in other}
    (home.folder / "signals" / "signals.json").write_text("{broken")
    assert current(home, mart) == found
    assert asked == ["y", "x"]


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.02, "once in 50."), (0.00031, "once in 3\u202f000."), (1e-30, "once in 1\u202f000\u202f000.")],
    ids=["usual", "rare", "never"],
)
def test_chance_is_told_coarsely(p: float, said: str) -> None:
    assert chance(p, n_days=1).endswith(said)


def test_how_often_it_is_nothing() -> None:
    assert mostly(0.2) == "About 1 in 5 signals like this turns out to be nothing."
    assert mostly(0.67) == "About 2 in 3 signals like this turn out to be nothing."
    assert mostly(0.05).startswith("About 1 in 20 ")
    assert "not been measured" in mostly(None)
