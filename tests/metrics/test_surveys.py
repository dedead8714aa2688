"""The survey metrics: by hand, against the definitions contact by contact, and where there is nothing to say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.by_definition import Company
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.surveys_by_definition import Surveyed, answer, check

NAMES = ("coverage", "response", "reach", "csat", "nps", "ces")
NOON = datetime(2026, 3, 2, 12)
CUTOFF = datetime(2026, 4, 30)
INTENTS = ["Bill", 'Where\'s my "technician"?', "(none)"]


def contact(number: int, **facts: Any) -> Ticket:
    """One of a contact a day, each by another customer."""
    started = NOON + timedelta(days=number % 30)
    usual: dict[str, Any] = {
        "customer_id": f"c{number}",
        "started_at": started,
        "ended_at": started + timedelta(hours=1),
    }
    return Ticket(source="crm", contact_id=str(number), **(usual | facts))


def one(mart: Mart, name: str, **asked: Any) -> dict[str, Any]:
    (row,) = rows(metric(mart, name, Slice(**asked)))
    return row


def scored(answers: Sequence[int | None], *, question: str = "csat") -> list[Ticket]:
    return [contact(number, **{question: said}) for number, said in enumerate(answers)]


def test_the_ladder_by_hand() -> None:
    """8 contacts, 7 ended, 4 asked (one only known by its answer), 2 answered."""
    asked = {"survey_offered_at": NOON}
    contacts = [
        contact(0, **asked, csat=5),
        contact(1, csat=1),
        contact(2, **asked),
        contact(3, **asked),
        *(contact(number) for number in range(4, 7)),
        contact(7, ended_at=None),
    ]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = {name: one(mart, name) for name in NAMES[:3]}
    assert {name: (row["value"], row["n"]) for name, row in found.items()} == {
        "coverage": (4 / 7, 7),
        "response": (2 / 4, 4),
        "reach": (2 / 8, 8),
    }
    assert (found["response"]["answered"], found["response"]["offered"]) == (2, 4)


def test_scores_by_hand() -> None:
    """20 contacts, 12 answers: 9 of 4 and 5; NPS 6 of 9-10, 4 of 0-6; effort 12 x 5 + 6."""
    csat = [5, 5, 5, 5, 5, 4, 4, 4, 4, 3, 2, 1, *[None] * 8]
    nps = [10, 10, 10, 9, 9, 9, 8, 7, 6, 5, 4, 0, *[None] * 8]
    ces = [5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 7, 7, *[None] * 8]
    contacts = [contact(i, csat=a, nps=b, ces=c) for i, (a, b, c) in enumerate(zip(csat, nps, ces, strict=True))]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        found = {name: one(mart, name) for name in NAMES[3:]}
    assert (found["csat"]["value"], found["csat"]["n"], found["csat"]["satisfied"]) == (0.75, 12, 9)
    assert found["nps"]["value"] == pytest.approx(100 * 2 / 12)
    assert [found["nps"][part] for part in ("promoters", "passives", "detractors")] == [6, 2, 4]
    assert (found["ces"]["value"], found["ces"]["total"]) == (66 / 12, 66)
    assert {row["quality"] for row in found.values()} == {"indicative"}


@pytest.mark.parametrize("n", [0, 1, 9], ids=["none", "one", "nine"])
def test_fewer_than_ten_answers_are_no_score_and_tell_nothing_of_who_gave_them(n: int) -> None:
    with small_mart(scored([*[5] * n, *[None] * 20]), watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "csat")
    assert (row["value"], row["low"], row["satisfied"], row["weighted"], row["quality"]) == (None,) * 5
    assert row["n"] == n
    if n:
        assert row["reason"].startswith(f"fewer than 10 answers: {n}")
    else:
        assert row["reason"] == "no surveys in this data"


def test_ten_answers_are_a_score() -> None:
    with small_mart(scored([5] * 10), watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "csat")
    assert (row["value"], row["n"], row["reason"]) == (1.0, 10, None)
    assert row["low"] < 0.75


def test_a_beautiful_score_from_few_answers_is_not_concluded() -> None:
    """40 happy answers of 1,000 contacts: below 5 of 100."""
    with small_mart(scored([*[5] * 40, *[None] * 960]), watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "csat")
    assert (row["value"], row["quality"]) == (1.0, "cannot conclude")
    assert row["doubt"].startswith("fewer than 5 of 100 contacts answered")


def pairs(n: int, *, answered_when_back: int, answered_when_quiet: int) -> list[Ticket]:
    """n customers, every second of whom comes back after a day; so many of each answer first time."""
    found = []
    for number in range(n):
        back = number % 2 == 0
        chosen = number // 2 < (answered_when_back if back else answered_when_quiet)
        found.append(contact(number, customer_id=f"c{number}", csat=5 if chosen else None))
        if back:
            started = found[-1].started_at + timedelta(days=1)
            facts = {"started_at": started, "ended_at": None, "channel": "later"}
            found.append(replace(contact(n + number, **facts), customer_id=f"c{number}"))
    return found


def test_the_silence_test_fires_where_those_who_come_back_keep_silent() -> None:
    """Of 200 who came back 40 answer, of 200 who did not 160; and 100 of each where it makes no difference."""
    first = Slice(where=(("channel", ("(none)",)),))
    quality = {}
    for name, back, quiet in (("silent", 40, 160), ("alike", 100, 100)):
        contacts = pairs(400, answered_when_back=back, answered_when_quiet=quiet)
        with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
            (row,) = rows(metric(mart, "csat", first))
        quality[name] = (row["quality"], row["doubt"])
    assert quality["alike"] == ("ok", None)
    assert quality["silent"][0] == "cannot conclude"
    assert "came back less often than everybody" in quality["silent"][1]


def test_answers_of_one_customer_widen_the_interval() -> None:
    """Ten customers who answered four times each, always the same, say what ten answers say."""
    contacts = [contact(i, customer_id=f"c{i % 10}", csat=5 if i % 10 < 7 else 1) for i in range(40)]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        many = one(mart, "csat")
    with small_mart(contacts[:10], watermark=CUTOFF, timezone="UTC") as mart:
        ten = one(mart, "csat")
    assert many["value"] == ten["value"] == 0.7
    assert many["high"] - many["low"] == pytest.approx(ten["high"] - ten["low"], rel=0.1)


def test_weights_make_answers_like_everybody() -> None:
    """10 of 20 by phone answer, all happy; 10 of 80 by chat, none: raw 50 %, weighted 20 %."""
    phone = [contact(i, channel="phone", csat=5 if i < 10 else None) for i in range(20)]
    chat = [contact(100 + i, channel="chat", csat=1 if i < 10 else None) for i in range(80)]
    with small_mart([*phone, *chat], watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "csat")
    assert row["value"] == 0.5
    assert row["weighted"] == pytest.approx(0.2)


@pytest.mark.parametrize("name", NAMES)
def test_no_contacts_and_no_surveys_are_reasons_not_zeros(name: str) -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        assert one(mart, name)["reason"] == "no contacts here"
    with small_mart([contact(1)], watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, name)
    assert (row["value"], row["reason"]) == (None, "no surveys in this data")


def test_coverage_of_contacts_that_never_end_is_not_known() -> None:
    asked = {"survey_offered_at": NOON, "ended_at": None}
    with small_mart([contact(1, **asked), contact(2, **asked)], watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "coverage")
        assert (row["value"], row["offered"], row["ended"]) == (None, 2, 0)
        assert row["reason"] == "no contact here has ended, or the data does not say when"
        assert one(mart, "response")["value"] == 0.0
    with small_mart([contact(1), contact(2, **asked), contact(3, **asked)], watermark=CUTOFF, timezone="UTC") as mart:
        row = one(mart, "coverage")
    assert row["value"] is None
    assert row["reason"].startswith("more contacts were offered a survey than have an end")


def test_an_answer_counts_on_the_day_of_the_contact() -> None:
    late = contact(1, survey_offered_at=NOON, survey_answered_at=NOON + timedelta(days=20), csat=5)
    with small_mart([late], watermark=CUTOFF, timezone="UTC") as mart:
        (week,) = rows(metric(mart, "reach", Slice(grain="week")))
    assert (week["period"], week["value"]) == ("2026-03-02", 1.0)


def random_company(seed: int, n: int) -> Company:
    """Customers who come often, surveys to some, answers to some of these, in two time zones' worth of days."""
    chance = random.Random(seed)
    contacts = []
    for number in range(n):
        started = CUTOFF - timedelta(minutes=chance.randrange(-3_000, 90_000))
        offered = chance.random() < 0.6
        said = chance.random() < 0.7
        contacts.append(
            Surveyed(
                source="crm",
                contact_id=str(number),
                customer_id=chance.choice(
                    [None, f"c{chance.randrange(n // 3 + 1)}", f"c{chance.randrange(n // 2 + 1)}"]
                ),
                started_at=started,
                ended_at=chance.choice([None, *[started + timedelta(hours=chance.randrange(100))] * 5]),
                intent=chance.choice(INTENTS),
                channel=chance.choice([None, "phone", "chat"]),
                segment=chance.choice([None, "x", "é\u0301"]),
                region=chance.choice([None, "north"]),
                survey_offered_at=started if offered else None,
                csat=chance.choice([1, 2, 3, 4, 5, 5, None]) if offered and said else None,
                nps=chance.choice([0, 6, 7, 8, 9, 10, 10]) if said and chance.random() < 0.5 else None,
                ces=chance.choice([1, 4, 5, 6, 7]) if said and chance.random() < 0.5 else None,
            )
        )
    windows = ((INTENTS[0], 3), (INTENTS[1], 14)) if seed % 2 else ()
    return Company(tuple(contacts), CUTOFF, "Europe/Rome", windows)


def decided(company: Company) -> Decisions:
    return Decisions(stamp="a", intents=tuple(IntentDecision(name, window_days=days) for name, days in company.windows))


QUESTIONS = [
    Slice(),
    Slice(by=("intent",)),
    Slice(by=("channel", "segment"), window=14),
    Slice(grain="month"),
    Slice(by=("region",), grain="week", window=1),
    Slice(from_on=date(2026, 4, 1), to_on=date(2026, 4, 20), where=(("channel", ("chat", "phone")),)),
]


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from([1, 12, 60, 250]))
def test_every_survey_metric_equals_the_definitions(seed: int, n: int) -> None:
    company = random_company(seed, n)
    with small_mart(company.contacts, watermark=company.watermark, timezone=company.timezone) as mart:
        judged = mart.under(decided(company))
        for asked in QUESTIONS:
            if all(set(values) <= {c.channel for c in company.contacts} for _, values in asked.where):
                for name in NAMES:
                    found = rows(metric(judged, name, asked))
                    check(found, answer(company, name, asked), lambda cell: pytest.approx(cell, rel=1e-6, abs=1e-9))


def test_the_order_of_contacts_is_irrelevant() -> None:
    company = random_company(5, 200)
    shuffled = random.Random(1).sample(company.contacts, len(company.contacts))
    found = []
    for contacts in (company.contacts, tuple(shuffled)):
        with small_mart(contacts, watermark=CUTOFF, timezone="Europe/Rome") as mart:
            found.append([rows(metric(mart, name, Slice(by=("intent",)))) for name in NAMES])
    assert found[0] == found[1]
