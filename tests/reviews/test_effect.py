"""Did the fix help? By hand and by brute force on a small company, and the demo company's two fixes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from cx_metrics.demo.contacts import simulate
from cx_metrics.reviews.effect import Effect, effect, effect_frame, record_verdict
from cx_metrics.reviews.effect_question import Question, answer, answer_frame, question
from cx_metrics.reviews.effect_words import sentence
from cx_metrics.reviews.judging import Kind
from cx_metrics.reviews.workflow import State
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import Audit, ReviewVerdict
from tests.metrics.small_mart import Ticket, small_mart
from tests.reviews.flagging import flagged, went

FIRST, LAST, FIXED = date(2024, 1, 1), date(2024, 7, 1), date(2024, 5, 6)
CONTROLS = tuple(f"untouched {n}" for n in range(10))
SPACES = str.maketrans({"\u202f": " "})
DECIDED = Decisions(
    "a",
    intents=(IntentDecision("Halved", window_days=7, downstream_cost=Decimal(2)),),
    rates=(Rate("phone", FIRST, Decimal(1), Decimal("0.50")),),
)


def per_day(intent: str, day: date, rng: np.random.Generator) -> int:
    """How many contacts an intent has on a day."""
    after = day >= FIXED
    # Only on some days: at most one in 90 contacts is Rare's.
    expected = {
        "Halved": 6.0 if after else 12.0,
        "Doubled": 12.0 if after else 6.0,
        "Idle": 10.0,
        "Spiked": 30.0 if date(2024, 4, 22) <= day < date(2024, 5, 9) else 8.0,
        "Stuck": 24.0 if day >= date(2024, 4, 22) else 8.0,
        "Drifting": 26.0 if day >= date(2024, 4, 8) else 20.0,
        "Rare": 0.2,
        "Sibling": 10.0,
    }.get(intent, 6.0)
    return int(rng.poisson(expected * (0.5 if day.weekday() > 4 else 1.2)))


def tickets() -> Iterator[Ticket]:
    rng, number = np.random.default_rng(5), 0
    named = ("Halved", "Doubled", "Idle", "Spiked", "Stuck", "Drifting", "Rare", "Sibling")
    for back in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=back)
        for intent in (*named, *CONTROLS):
            for _ in range(per_day(intent, day, rng)):
                number += 1
                yield Ticket(
                    "crm",
                    str(number),
                    None,
                    datetime(day.year, day.month, day.day, 12),
                    intent=intent,
                    channel="phone",
                    handle_minutes=Decimal(5),
                    category="own" if intent in ("Halved", "Sibling") else None,
                )


@pytest.fixture(scope="module")
def everything() -> list[Ticket]:
    return list(tickets())


@pytest.fixture(scope="module")
def mart(everything: list[Ticket]) -> Iterator[Mart]:
    """Contacts from January to the noon of 1 July: the last full day is 30 June."""
    with small_mart(everything, watermark=datetime(2024, 7, 1, 12), timezone="Europe/Rome") as opened:
        yield opened.under(DECIDED)


OTHERS = ("Doubled", "Idle", "Spiked", "Stuck", "Drifting", "Rare", "Sibling", "Halved")


def of(mart: Mart, intent: str, *, on: date = FIXED, **more: Any) -> Effect:
    return effect(mart, intent, on=on, **{"excluded": tuple(name for name in OTHERS if name != intent)} | more)


def until(everything: list[Ticket], last: date) -> list[Ticket]:
    return [ticket for ticket in everything if ticket.started_at.date() <= last]


def by_definition(everything: list[Ticket], intent: str, *, before: tuple[date, date], after: tuple[date, date]) -> Any:
    """The difference of differences with its placebos, in plain loops."""
    from scipy.stats import t

    counts = {"before": Counter[str](), "after": Counter[str]()}
    for ticket in everything:
        for name, (first, last) in (("before", before), ("after", after)):
            counts[name][ticket.intent] += first <= ticket.started_at.date() <= last
    pre, post = counts["before"], counts["after"]

    def change(one: str, others: tuple[str, ...]) -> float:
        return math.log(post[one] / pre[one]) - math.log(sum(post[o] for o in others) / sum(pre[o] for o in others))

    value, squares = change(intent, CONTROLS), []
    for one in CONTROLS:
        placebo = change(one, tuple(o for o in CONTROLS if o != one))
        squares.append(placebo**2 - 1 / post[one] - 1 / pre[one])
    variance = max(sum(squares) / len(squares), 1e-5)
    error = math.sqrt((variance + 1 / post[intent] + 1 / pre[intent]) * (1 + 1 / len(CONTROLS)))
    return value, float(t.ppf(0.975, len(CONTROLS) - 1)) * error, pre[intent], post[intent]


def test_the_fix_that_halved_by_brute_force(mart: Mart, everything: list[Ticket]) -> None:
    """56 days before 6 May against 13 May to 30 June, the week in between left out; 5 + 2 a contact at the margin."""
    found = of(mart, "Halved")
    value, half, pre, post = by_definition(
        everything,
        "Halved",
        before=(date(2024, 3, 11), date(2024, 5, 5)),
        after=(date(2024, 5, 13), date(2024, 6, 30)),
    )
    assert (found.contacts_before, found.contacts_after, found.controls) == (pre, post, 10)
    assert found.ratio == pytest.approx(math.exp(value), rel=1e-9)
    assert (found.low, found.high) == pytest.approx((math.exp(value - half), math.exp(value + half)), rel=1e-9)
    assert found.kind == Kind.WORKED
    assert found.avoided == pytest.approx(post * math.exp(-value) - post, rel=1e-9)
    assert found.avoided_low == pytest.approx(post * math.exp(-value - half) - post, rel=1e-9)
    assert found.avoided_high == pytest.approx(post * math.exp(-value + half) - post, rel=1e-9)
    assert found.money == pytest.approx(7 * (post * math.exp(-value) - post), rel=1e-9)
    assert found.money_high == pytest.approx(7 * (post * math.exp(-value + half) - post), rel=1e-9)
    assert (found.judged_from, found.judged_to, found.days_after) == (date(2024, 5, 13), date(2024, 6, 30), 49)
    assert (found.first_answer_on, found.pre_trend_ok, found.spike_on) == (date(2024, 5, 27), True, None)


def test_the_sentence_can_be_read_out(mart: Mart) -> None:
    told = replace(
        of(mart, "Halved"),
        ratio=0.76,
        low=0.66,
        high=0.88,
        avoided=413.0,
        avoided_low=204.0,
        avoided_high=598.0,
        money=2891.0,
        money_low=1428.0,
        money_high=4186.0,
    )
    assert sentence(told).translate(SPACES) == (
        "It worked. Since the fix on 6 May 2024 contacts run 24 % below what similar untouched intents suggest "
        "(likely 12 % to 34 %): about 410 contacts and € 2 900 avoided in the 49 days to 30 Jun 2024 "
        "(200 to 600; € 1 400 to € 4 200)."
    )
    assert "and €" not in sentence(replace(told, money=None, money_low=None, money_high=None))
    assert sentence(replace(told, what="pause")).startswith("It worked. Since the pause on 6 May 2024")


def test_more_contacts_are_worse_and_their_number_is_negative(mart: Mart) -> None:
    found = of(mart, "Doubled", spike=False)
    assert found.kind == Kind.WORSE
    assert found.avoided is not None
    assert found.avoided < 0
    assert " more in the 49 days to 30 Jun 2024 (" in found.sentence
    assert "-" not in found.sentence


def test_a_fix_that_does_nothing_has_no_effect_and_claims_nothing(mart: Mart) -> None:
    found = of(mart, "Idle")
    assert found.kind == Kind.NO_EFFECT
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1 < found.high
    assert (found.avoided, found.money) == (None, None)
    assert found.sentence.startswith("No effect can be shown: since the fix on 6 May 2024 contacts run ")


def test_after_a_spike_only_back_to_normal_and_never_avoided(mart: Mart) -> None:
    found = of(mart, "Spiked")
    assert (found.kind, found.avoided, found.money) == (Kind.BACK_TO_NORMAL, None, None)
    assert found.spike_on is not None
    assert date(2024, 4, 16) <= found.spike_on <= date(2024, 4, 22)
    assert found.ratio == pytest.approx(1, abs=0.25)
    assert found.sentence.endswith("spikes like this mostly fade by themselves.")
    assert "avoided" not in found.sentence
    assert of(mart, "Spiked", spike=False).kind == Kind.CANT_TELL, "the fake fix 28 days earlier lies in the spike"


def test_a_spike_that_goes_on_is_not_back_to_normal(mart: Mart) -> None:
    found = of(mart, "Stuck")
    assert (found.kind, found.avoided) == (Kind.NO_EFFECT, None)
    assert found.sentence.startswith("Not back to normal: since the fix on 6 May 2024 contacts still run ")
    assert found.ratio == pytest.approx(3, rel=0.2)


def test_a_spike_that_somebody_knows_of_is_taken_at_their_word(mart: Mart) -> None:
    found = of(mart, "Halved", spike=True)
    assert found.kind in (Kind.BACK_TO_NORMAL, Kind.CANT_TELL)
    assert found.avoided is None


def test_what_moved_before_the_fix_already_can_not_be_told(mart: Mart) -> None:
    found = of(mart, "Drifting")
    assert (found.kind, found.pre_trend_ok, found.spike_on) == (Kind.CANT_TELL, False, None)
    assert found.reason is not None
    assert found.reason in found.sentence


def test_few_contacts_few_untouched_and_few_days_can_not_be_told(mart: Mart) -> None:
    rare, lonely, early = of(mart, "Rare"), of(mart, "Idle", excluded=(*OTHERS, *CONTROLS[:3])), date(2024, 1, 20)
    assert rare.kind == lonely.kind == Kind.CANT_TELL
    assert rare.reason == f"only {rare.contacts_before} contacts in the 56 days before: 28 are needed"
    assert lonely.reason == "only 7 untouched intents to compare with: 8 are needed"
    assert of(mart, "Idle", on=early).reason == "only 14 days before it can be used, after 2024-01-01: 28 are needed"


def test_untouched_are_of_another_category_and_have_no_fix_of_their_own(mart: Mart) -> None:
    everyone = effect(mart, "Halved", on=FIXED)
    # All but itself, its sibling, and Rare with too few contacts.
    assert everyone.controls == 18 - 3
    fixes = (("Doubled", date(2024, 5, 10)), ("Halved", FIXED), ("Idle", date(2023, 5, 1)), ("Stuck", date(2024, 1, 5)))
    fixed = effect(mart.under(replace(DECIDED, fixes=fixes)), "Halved", on=FIXED)
    assert fixed.controls == everyone.controls - 2


def test_other_fixes_of_the_same_intent_bound_the_days(mart: Mart) -> None:
    fixes = (("Halved", date(2024, 3, 25)), ("Halved", FIXED), ("Halved", date(2024, 6, 1)))
    found = of(mart.under(replace(DECIDED, fixes=fixes)), "Halved")
    # 1 April to 5 May after the first one's washout are five whole weeks.
    assert (found.before_on, found.judged_to) == (date(2024, 4, 1), date(2024, 5, 31))
    assert (found.kind, found.pre_trend_ok) == (Kind.WORKED, None)


@pytest.mark.parametrize(
    ("last", "days", "kind"),
    [
        (date(2024, 5, 6), 0, Kind.TOO_EARLY),
        (date(2024, 5, 18), 6, Kind.TOO_EARLY),
        (date(2024, 5, 22), 10, Kind.WORKED),
        (date(2024, 5, 26), 14, Kind.WORKED),
    ],
    ids=str,
)
def test_too_early_unless_it_is_clear(everything: list[Ticket], last: date, days: int, kind: Kind) -> None:
    with small_mart(
        until(everything, last), watermark=datetime(last.year, last.month, last.day, 22), timezone="UTC"
    ) as m:
        found = of(m.under(DECIDED), "Halved")
        idle = of(m.under(DECIDED), "Idle")
    assert found.days_after == max(days - 1, 0), "the day of the cut-off is not over"
    if found.days_after >= 7:
        assert found.kind == kind
    else:
        assert found.kind == Kind.TOO_EARLY
        assert found.sentence.endswith("First honest answer on 27 May 2024.")
    assert idle.kind == Kind.TOO_EARLY


def test_a_fix_to_come_and_no_data_at_all(mart: Mart) -> None:
    found = of(mart, "Idle", on=date(2024, 8, 1))
    assert (found.kind, found.days_after, found.contacts_after) == (Kind.TOO_EARLY, 0, 0)
    assert found.sentence.translate(SPACES) == (
        "Too early: no full day yet after the 7 days in which repeats of older contacts arrive. "
        "First honest answer on 22 Aug 2024."
    )
    assert of(mart, "Nobody asks this").reason == "only 0 contacts in the 56 days before: 28 are needed"
    with small_mart([], watermark=None, timezone="UTC") as nothing:
        empty = effect(nothing, "Bill", on=FIXED)
        assert (empty.kind, empty.reason) == (Kind.CANT_TELL, "there is no data")
        assert effect_frame(nothing, "Bill", on=FIXED).empty


def test_the_picture_has_every_day_with_what_would_have_come(mart: Mart, everything: list[Ticket]) -> None:
    frame = effect_frame(mart, "Halved", on=FIXED, excluded=OTHERS[:-1])
    assert frame["day"].iloc[[0, -1]].tolist() == ["2024-03-11", "2024-06-30"]
    assert Counter(frame["phase"]) == {"before": 56, "washout": 7, "after": 49}
    counted = Counter(str(t.started_at.date()) for t in everything if t.intent == "Halved")
    assert frame["contacts"].tolist() == [counted[day] for day in frame["day"]]
    assert frame["expected"].isna().tolist() == [True] * 56 + [False] * 56
    after = frame[frame["phase"] == "after"]
    assert after["expected"].mean() == pytest.approx(12 * (5 * 1.2 + 2 * 0.5) / 7, rel=0.15)
    assert (after["low"] <= after["expected"]).all()
    spiked = effect_frame(mart, "Spiked", on=FIXED, excluded=OTHERS)
    assert spiked["expected"].notna().sum() > 56 + 14, "from before the spike on"
    assert spiked["expected"].dropna().mean() == pytest.approx(8, rel=0.2)


def test_a_verdict_is_kept_and_proves_the_fix(mart: Mart, home: Home) -> None:
    with home.session() as session:
        review = went(
            session, flagged(session, mart, "Halved"), "acknowledged", "investigating", f"fixing {FIXED}", "resumed"
        )
        asked = question(home, session, mart, review)
        assert asked is not None
        assert (asked.intent, asked.on, asked.what) == ("Halved", FIXED, "fix")
        found = answer(mart, Question("Halved", FIXED, "fix", OTHERS[:-1]))
        record_verdict(session, review.id, found, actor="ada@example.com")
        verified = went(session, review, "verified")
        (row,) = session.scalars(select(ReviewVerdict))
        (kept,) = session.scalars(select(Audit).where(Audit.action == "record verdict"))
    assert verified.state == State.VERIFIED
    assert (row.kind, row.judged_on, row.review_version, row.data_version) == (
        "worked",
        FIXED,
        review.version,
        mart.facts.version,
    )
    assert row.data["sentence"] == found.sentence
    assert (row.data["ratio"], row.data["judged_to"]) == (found.ratio, "2024-06-30")
    assert kept.after == row.data


def test_a_review_asks_about_its_pause_and_leaves_other_reviews_out(mart: Mart, home: Home) -> None:
    with home.session() as session:
        review = flagged(session, mart, "Idle")
        assert question(home, session, mart, review) is None
        paused = went(session, review, "acknowledged", "paused")
        asked = question(home, session, mart, paused)
    assert asked is not None
    assert asked.what == "pause"
    assert "Idle" not in asked.excluded
    assert answer(mart, asked).kind == Kind.TOO_EARLY
    assert len(answer_frame(mart, asked)) == 0


@pytest.fixture(scope="module")
def demo() -> Iterator[Mart]:
    """A fifth of the demo company, December 2025 to September 2026."""
    made = simulate(7, scale=0.2)
    made = made[made["started_at"].between("2025-12-01", "2026-09-30")]
    names = ("started_at", "intent", "category", "channel")
    rows = zip(*(made[name] for name in names), strict=True)
    contacts = [
        Ticket("demo", str(number), None, at.to_pydatetime(), intent=intent, category=category, channel=channel)
        for number, (at, intent, category, channel) in enumerate(rows)
    ]
    with small_mart(contacts, watermark=datetime(2026, 9, 30), timezone="Europe/Berlin") as opened:
        yield opened


def test_the_demo_fix_that_worked(demo: Mart) -> None:
    found = effect(demo, "Reset my password", on=date(2026, 6, 15))
    assert found.kind == Kind.WORKED
    assert found.ratio == pytest.approx(0.5, abs=0.1)
    assert found.high is not None
    assert found.high < 0.75
    assert found.avoided is not None
    assert found.avoided > 80
    assert found.money is None
    assert found.controls >= 20


def test_the_demo_fix_that_did_nothing(demo: Mart) -> None:
    found = effect(demo, "Slow speed", on=date(2026, 7, 1))
    assert found.kind == Kind.NO_EFFECT
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1 < found.high
    assert found.avoided is None
