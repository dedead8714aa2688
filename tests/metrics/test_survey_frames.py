"""Who is silent and what a score could be: by hand, and each frame once more from the contacts themselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.heard.feedback import feedback, solved_and_felt, wishes
from cx_metrics.metrics.heard.survey_doubt import COLUMNS, csat_by_intent, what_it_could_be
from cx_metrics.metrics.heard.survey_reach import answer_map, answerers, ladder, response_course, response_weeks
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from tests.metrics.small_mart import small_mart
from tests.metrics.surveys_by_definition import (
    Surveyed,
    groups_of,
    is_answered,
    is_offered,
    value_of,
    wilson,
)
from tests.metrics.test_surveys import CUTOFF, NOON, contact, decided, random_company

COMPANY = random_company(3, 400)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Every frame of one random company, over all its days."""
    with small_mart(COMPANY.contacts, watermark=COMPANY.watermark, timezone=COMPANY.timezone) as opened:
        mart = opened.under(decided(COMPANY))
        return {
            "ladder": ladder(mart, Slice()),
            "ladder by channel": ladder(mart, Slice(by=("channel",))),
            "answerers": answerers(mart, Slice()),
            "map": answer_map(mart, Slice()),
            "weeks": response_weeks(mart, Slice()),
            "feedback": feedback(mart, Slice(by=("channel",))),
            "both": solved_and_felt(mart, Slice()),
            "wishes": wishes(mart, Slice()),
            "intents": csat_by_intent(mart, Slice()),
            "csat": metric(mart, "csat", Slice(by=("intent",))),
        }


def test_the_ladder_counts_each_step(found: dict[str, Any]) -> None:
    c = COMPANY.contacts
    steps = [len(c), sum(x.ended_at is not None for x in c), sum(map(is_offered, c)), sum(map(is_answered, c))]
    frame = found["ladder"]
    assert frame["step"].tolist() == ["contacts", "ended", "offered", "answered"]
    assert frame["n"].tolist() == steps
    assert frame["share"].tolist() == [n / len(c) for n in steps]
    by_channel = found["ladder by channel"]
    assert by_channel.groupby("step")["n"].sum().to_dict() == dict(zip(frame["step"], steps, strict=True))


def test_a_step_that_cannot_be_known_says_why() -> None:
    with small_mart([contact(1, ended_at=None)], watermark=CUTOFF, timezone="UTC") as mart:
        found = rows(ladder(mart, Slice()))
    assert [row["n"] for row in found] == [1.0, None, None, None]
    assert [row["reason"] for row in found][1:] == [
        "no contact here has ended, or the data does not say when",
        "no surveys in this data",
        "no surveys in this data",
    ]


def test_answerers_are_counted_level_by_level(found: dict[str, Any]) -> None:
    frame = found["answerers"]
    fates = groups_of(COMPANY, Slice())[()]
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for fate in fates:
        c = fate.contact
        repeat = "no customer id" if not fate.takes_part else "repeat" if fate.repeat else "first"
        levels = [("everyone", "everyone"), ("repeat", repeat)]
        levels += [(name, value_of(c, name)) for name in ("intent", "channel", "segment", "region")]
        for level in levels:
            for at, counts_it in enumerate((True, is_offered(c), is_answered(c))):
                counts[level][at] += counts_it
    shown = {(row.attribute, row.level): [row.contacts, row.offered, row.answered] for row in frame.itertuples()}
    assert shown == dict(counts)
    for row in frame.itertuples():
        assert row.value == row.answered / row.contacts
        assert (row.low, row.high) == pytest.approx(wilson(row.value, row.contacts), abs=1e-12)
    assert frame["attribute"].iloc[0] == "everyone"


def test_levels_say_what_they_add_all_else_alike() -> None:
    """By phone 10 of 100 answer, by chat 30; the segments are alike within each."""
    contacts = [
        contact(at, channel=channel, csat=5 if at % 100 < chance else None)
        for at, channel, chance in [
            *((at, "phone", 10) for at in range(200)),
            *((at, "chat", 30) for at in range(200, 400)),
        ]
    ]
    contacts = [replace(Surveyed(**vars(c)), segment="ab"[at % 2]) for at, c in enumerate(contacts)]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        frame = answerers(mart, Slice()).set_index(["attribute", "level"])
    assert sorted({attribute for attribute, _ in frame.index}) == ["channel", "everyone", "segment"]
    effects = frame["effect"].dropna()
    assert abs(effects["channel"].iloc[0]) == pytest.approx(0.2, abs=1e-3)
    assert abs(effects["segment"].iloc[0]) < 0.01
    assert frame["beyond"].dropna().groupby("attribute").first().to_dict() == {"channel": True, "segment": False}


def test_the_map_is_reach_and_grey_below_ten_answers(found: dict[str, Any]) -> None:
    frame = found["map"]
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for c in COMPANY.contacts:
        cell = counts[c.intent, value_of(c, "channel")]
        cell[0] += 1
        cell[1] += is_answered(c)
    assert len(frame) == len(counts)
    for row in frame.itertuples():
        contacts, answered = counts[row.intent, row.channel]
        assert (row.n, row.answered) == (contacts, answered)
        if answered < 10:
            assert (np.isnan(row.value), row.reason) == (True, "fewer than 10 answers")
        else:
            assert (row.value, row.reason) == (answered / contacts, None)
    totals = frame.groupby("intent", sort=False)["n"].sum().tolist()
    assert totals == sorted(totals, reverse=True)


def test_weeks_are_those_of_the_contact_and_the_last_is_young(found: dict[str, Any]) -> None:
    frame = found["weeks"]
    offered, answered = defaultdict[str, int](int), defaultdict[str, int](int)
    for c in COMPANY.contacts:
        day = COMPANY.day(c.started_at)
        monday = str(day - timedelta(days=day.weekday()))
        offered[monday] += is_offered(c)
        answered[monday] += is_answered(c)
    for row in frame.itertuples():
        assert (row.n, row.answered) == (offered[row.period], answered[row.period])
        last_day = date.fromisoformat(row.period) + timedelta(days=6)
        assert row.young == (last_day + timedelta(days=7) > COMPANY.last_full_day)
    assert 1 <= frame["young"].sum() < len(frame)


def course_of(shares: list[int]) -> Any:
    """The course of response where of 20 asked each week so many answer, the last week long ago."""
    contacts = [
        contact(
            100 * week + at,
            started_at=NOON + timedelta(weeks=week, hours=at),
            survey_offered_at=NOON,
            csat=5 if at < answered else None,
        )
        for week, answered in enumerate(shares)
        for at in range(20)
    ]
    end = NOON + timedelta(weeks=len(shares) + 2)
    with small_mart(contacts, watermark=end, timezone="UTC") as mart:
        return response_course(mart, Slice(to_on=(end - timedelta(days=15)).date()))


def test_falling_response_is_a_signal_and_ups_and_downs_are_not() -> None:
    falling = course_of([16, 16, 15, 13, 12, 11, 10, 8, 7, 5, 5, 4]).trend
    assert falling is not None
    assert falling.beyond
    assert falling.first > 0.7
    assert falling.last < 0.3
    level = course_of([10, 9, 11, 10, 9, 11, 10, 9, 11, 10]).trend
    assert level is not None
    assert not level.beyond
    assert course_of([10, 9]).trend is None


def test_a_week_without_surveys_keeps_its_place() -> None:
    asked = contact(0, started_at=datetime(2026, 3, 2), csat=5)
    contacts = [asked, replace(asked, contact_id="later", started_at=NOON + timedelta(weeks=2))]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        frame = response_weeks(mart, Slice(to_on=date(2026, 3, 22)))
    assert frame["period"].tolist() == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert frame["n"].tolist() == [1, 0, 1]
    assert frame["value"].isna().tolist() == [False, True, False]


def test_feedback_is_counted_and_withheld_below_ten(found: dict[str, Any]) -> None:
    told = [contact(at, outcome=5 if at < 8 else 1, feeling=4 if at < 6 else 3 if at < 9 else None) for at in range(12)]
    with small_mart(told, watermark=CUTOFF, timezone="UTC") as mart:
        outcome, feeling = rows(feedback(mart, Slice()))
        both = solved_and_felt(mart, Slice())
    assert (outcome["question"], outcome["value"], outcome["n"]) == ("outcome", 8 / 12, 12)
    assert (outcome["low"], outcome["high"]) == pytest.approx(wilson(8 / 12, 12), abs=1e-12)
    assert (feeling["value"], feeling["n"], feeling["reason"]) == (None, 9, "fewer than 10 answers: 9")
    assert both["n"].isna().all()
    assert both["reason"].unique().tolist() == ["fewer than 10 answers to both questions: 9"]
    assert found["feedback"]["reason"].unique().tolist() == ["nobody answered this question here"]


def test_the_two_questions_together_and_the_wishes() -> None:
    """10 solved and felt well, 3 solved only, 2 felt well only, 1 neither; 4 wish a follow-up."""
    answers = [(5, 5)] * 10 + [(4, 3)] * 3 + [(3, 4)] * 2 + [(1, 1)]
    contacts = [
        contact(at, outcome=outcome, feeling=feeling, follow_up=at < 4) for at, (outcome, feeling) in enumerate(answers)
    ]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        frame = solved_and_felt(mart, Slice())
        assert wishes(mart, Slice()) == 4
        assert wishes(mart, Slice(to_on=date(2026, 3, 3))) == 2
    shares = {(row.solved, row.felt_well): (row.n, row.share) for row in frame.itertuples()}
    assert shares == {
        (True, True): (10, 10 / 16),
        (True, False): (3, 3 / 16),
        (False, True): (2, 2 / 16),
        (False, False): (1, 1 / 16),
    }


def test_what_a_score_could_be_by_hand() -> None:
    """85 of 100 answers happy, of 1,250 contacts: 8 of 100 heard; the silent tip it at 79.6."""
    contacts = [contact(at, csat=(5 if at < 85 else 1) if at < 100 else None) for at in range(1_250)]
    with small_mart(contacts, watermark=CUTOFF, timezone="UTC") as mart:
        (row,) = rows(what_it_could_be(mart, Slice(), 0.80))
        assert row["tipping"] == pytest.approx((0.80 - 0.08 * 0.85) / 0.92)
        assert (row["worst_low"], row["worst_high"]) == pytest.approx((0.068, 0.988))
        assert (row["delta_low"], row["delta_high"]) == pytest.approx((0.85 - 0.092, 0.85 + 0.092))
        assert (row["value"], row["weighted"], row["reach"]) == pytest.approx((0.85, 0.85, 0.08))
        with pytest.raises(BadUse, match="no share"):
            what_it_could_be(mart, Slice(), 80)


def test_it_is_the_metric_with_more_beside_it(found: dict[str, Any]) -> None:
    frame, csat = found["intents"].set_index("intent"), found["csat"].set_index("intent")
    shared = ["value", "low", "high", "n", "weighted", "n_eff", "quality", "doubt", "contacts"]
    pd.testing.assert_frame_equal(frame.loc[csat.index, shared], csat[shared], check_dtype=False)
    for row in frame.itertuples():
        if row.n >= 10:
            assert row.worst_low <= row.delta_low <= row.weighted <= row.delta_high <= row.worst_high
            assert row.n / row.contacts * row.value + (1 - row.n / row.contacts) * row.tipping == pytest.approx(0.8)
    assert frame["ranked"].is_monotonic_increasing


def test_nothing_and_almost_nothing_have_every_column() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        assert csat_by_intent(mart, Slice()).empty
        assert answerers(mart, Slice())["attribute"].tolist() == ["everyone"]
        assert answer_map(mart, Slice()).empty
        assert response_course(mart, Slice()).trend is None
        assert rows(ladder(mart, Slice()))[0]["n"] == 0.0
        assert wishes(mart, Slice()) == 0
    with small_mart([contact(1)], watermark=CUTOFF, timezone="UTC") as mart:
        frame = csat_by_intent(mart, Slice())
        assert list(frame.columns) == ["intent", *COLUMNS]
        assert rows(frame)[0]["reason"] == "no surveys in this data"
        assert rows(frame)[0]["coverage"] is None
        assert rows(answerers(mart, Slice()))[0]["reason"] == "no surveys in this data"


def test_ranking_does_not_put_tiny_groups_first() -> None:
    """Ten answers with 6 happy rank behind 200 with 130: they may well be like all the others."""
    small = [contact(at, intent="small", csat=5 if at < 6 else 1) for at in range(10)]
    low = [contact(100 + at, intent="low", csat=5 if at < 130 else 1) for at in range(200)]
    high = [contact(400 + at, intent="high", csat=5 if at < 170 else 1) for at in range(200)]
    with small_mart([*small, *low, *high], watermark=datetime(2026, 5, 1), timezone="UTC") as mart:
        frame = csat_by_intent(mart, Slice())
    assert frame.set_index("intent")["value"].to_dict() == {"small": 0.6, "low": 0.65, "high": 0.85}
    assert frame["intent"].tolist() == ["low", "small", "high"]
