"""Reviews: only allowed steps, one at a time, a history that stays; in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse, Busy
from cx_metrics.reviews import workflow
from cx_metrics.reviews.workflow import ALLOWED, Review, Severity, State
from cx_metrics.store import database
from cx_metrics.store.decided import deciding
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import Audit, ReviewRow
from tests.reviews.flagging import NOON, flagged, judged, went

# Written down from the words of the design, not from the product.
TABLE = """
    flagged        acknowledged dismissed
    acknowledged   paused investigating dismissed
    paused         investigating resumed dismissed
    investigating  fixing resumed dismissed
    fixing         resumed investigating
    resumed        verified investigating
    verified       investigating
    dismissed      flagged
"""
MAY = {line.split()[0]: set(line.split()[1:]) for line in TABLE.strip().splitlines()}
VERDICTS = ("worked", "no effect", "worse", "too early", "back to normal", "can't tell")
DAYS = (date(2026, 3, 1), date(2026, 3, 9))
Move = tuple[str, str, date | None]

MOVES = st.one_of(
    st.tuples(st.just("step"), st.sampled_from([str(state) for state in State]), st.sampled_from([None, None, *DAYS])),
    st.tuples(st.just("verdict"), st.sampled_from(VERDICTS), st.none()),
    st.tuples(st.just("onward"), st.sampled_from("0123"), st.sampled_from([None, *DAYS])),
)


class Model:
    """A review by the table above: where it stands, and all that ever happened to it."""

    def __init__(self, *, pauses: bool) -> None:
        self.state, self.pauses, self.verdict, self.day_of_round = "flagged", pauses, "", None
        self.fixed_on: date | None = None
        self.steps: list[tuple[str | None, str, date | None]] = [(None, "flagged", None)]

    def allows(self, to: str, day: date | None) -> bool:
        if to not in MAY[self.state] or (to == "paused" and not self.pauses):
            return False
        if day is not None and to not in ("fixing", "resumed"):
            return False
        if to == "verified":
            return self.verdict in ("worked", "back to normal")
        return not (self.state == "fixing" and to == "resumed" and day is None and self.steps[-1][2] is None)

    def go(self, to: str, day: date | None) -> None:
        self.steps.append((self.state, to, day))
        self.state, self.verdict, self.fixed_on = to, "", day or self.fixed_on


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, max_size=30), pauses=st.booleans())
def test_only_the_steps_of_the_table_are_taken(home: Home, company: Mart, moves: list[Move], pauses: bool) -> None:
    first = _both(home, company)[pauses]
    with Session(database.engine(home.settings.records_url), expire_on_commit=False) as session:
        review, model = first, Model(pauses=pauses)
        for kind, word, day in moves:
            if kind == "verdict":
                judged(session, review, word)
                model.verdict = word
                continue
            possible = sorted(MAY[model.state])
            to = word if kind == "step" else possible[int(word) % len(possible)]
            if model.allows(to, day):
                model.go(to, day)
                review = _step(session, review, to, day)
            else:
                with pytest.raises(BadUse):
                    _step(session, review, to, day)
            review = workflow.review(session, review.id)
            assert (review.state, review.fixed_on) == (model.state, model.fixed_on)
            assert review.version == len(model.steps)
        found = workflow.history(session, review.id)
        assert [(each.state_before, each.state, each.fixed_on) for each in found] == model.steps
        assert [each.version for each in found] == list(range(1, len(found) + 1))
        assert [each.at for each in found] == sorted(each.at for each in found)
        audited = session.scalars(select(Audit).where(Audit.subject == f"review {review.id}: {review.intent}"))
        assert [(row.after or {})["state"] for row in audited] == [state for _, state, _ in model.steps]
        session.rollback()


_KEPT: dict[str, dict[bool, Review]] = {}


def _both(home: Home, mart: Mart) -> dict[bool, Review]:
    """A review that pauses something and one that does not; every example begins with them anew."""
    url = home.settings.records_url
    if url not in _KEPT:
        with home.session() as session:
            quiet = flagged(session, mart, "Visit", severity=Severity.NOTIFY, paused_what=None)
            _KEPT[url] = {True: flagged(session, mart), False: quiet}
    return _KEPT[url]


def _step(session: Session, review: Review, to: str, day: date | None = None) -> Review:
    return workflow.step(
        session, review.id, to=State(to), note="because", actor="bob", version=review.version, fixed_on=day
    )


def test_the_product_allows_what_the_table_says() -> None:
    assert {str(state): {str(to) for to in after} for state, after in ALLOWED.items()} == MAY


def test_a_flag_says_who_what_and_until_when(home: Home, company: Mart) -> None:
    with home.session() as session:
        made = flagged(session, company, resume_when="  fewer than 20 contacts a day ", contact_ids=[("desk", "3")])
    with home.session() as session:
        assert workflow.review(session, made.id) == made
        (only,) = workflow.history(session, made.id)
    assert (made.owner, made.owner_email) == ("Dana Okafor", "dana@example.com")
    assert (made.severity, made.state, made.version) == ("pause", "flagged", 1)
    assert (made.acknowledge_by, made.decide_by) == (NOON, NOON + timedelta(days=2))
    assert (made.paused_what, made.resume_when) == ("the spring mailing", "fewer than 20 contacts a day")
    assert (made.fixed_on, made.signal) == (None, None)
    assert (only.actor, only.note, only.at) == (
        "ada@example.com",
        "twice as many contacts as expected",
        made.flagged_at,
    )
    assert made.next_states == (State.ACKNOWLEDGED, State.DISMISSED)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"intent": "Bil"}, "no contact has the intent 'Bil': did you mean 'Bill'?"),
        ({"intent": "B" * 501}, "has 501 characters; 500 are allowed"),
        ({"reason": "  "}, "a reason is needed"),
        ({"reason": "x" * 2_001}, "the reason has 2001 characters; 2000 are allowed"),
        ({"paused_what": None}, "a word on what exactly is paused is needed"),
        ({"decide_by": NOON - timedelta(hours=1)}, "acknowledged by 2026-04-01 12:00:00, after it is decided"),
    ],
)
def test_a_flag_that_says_too_little_is_refused(home: Home, company: Mart, other: dict[str, Any], said: str) -> None:
    with home.session() as session:
        with pytest.raises(BadUse, match=re.escape(said)):
            flagged(session, company, **other)
        assert workflow.reviews(session) == ()
        assert session.query(Audit).count() == 0


def test_an_intent_has_one_open_review(home: Home, company: Mart) -> None:
    with home.session() as session:
        first = flagged(session, company)
        with pytest.raises(BadUse, match=f"under review already: review {first.id}, flagged by ada@example.com at"):
            flagged(session, company)
        went(session, first, "dismissed")
        second = flagged(session, company)
        with pytest.raises(BadUse, match=f"under review already: review {second.id}"):
            went(session, workflow.review(session, first.id), "flagged")
        assert workflow.open_review(session, "Bill") == second
        assert workflow.open_review(session, "Visit") is None


@pytest.mark.parametrize("state", ["flagged", "paused", "resumed"])
def test_the_database_itself_refuses_a_second_open_review(home: Home, company: Mart, state: str) -> None:
    with home.session() as session:
        flagged(session, company)
    fields = {name: getattr(_first(home), name) for name in Review.__dataclass_fields__ if name != "id"}
    with pytest.raises(IntegrityError), home.session() as session:
        session.execute(insert(ReviewRow).values(**fields | {"state": state}))
    with home.session() as session:
        session.execute(insert(ReviewRow).values(**fields | {"state": "dismissed"}))


def test_a_review_becomes_verified_by_a_verdict_on_its_present_state_only(home: Home, company: Mart) -> None:
    with home.session() as session:
        review = went(session, flagged(session, company), "acknowledged", "investigating", "fixing 2026-03-01")
        judged(session, review, "worked")
        review = went(session, review, "resumed")
        with pytest.raises(BadUse, match=r"measured effect only .*: none was recorded since it resumed"):
            went(session, review, "verified")
        judged(session, review, "no effect")
        with pytest.raises(BadUse, match="the newest one says 'no effect'"):
            went(session, review, "verified")
        judged(session, review, "worked")
        review = went(session, review, "verified")
        assert not review.is_open
        review = went(session, review, "investigating", "resumed")
        with pytest.raises(BadUse, match="none was recorded since it resumed"):
            went(session, review, "verified")


def test_a_refusal_names_what_is_allowed(home: Home, company: Mart) -> None:
    with home.session() as session:
        quiet = flagged(session, company, severity=Severity.NOTIFY, paused_what=None)
        with pytest.raises(BadUse, match=r"is flagged and can't become fixing: .* become acknowledged, dismissed"):
            went(session, quiet, "fixing")
        quiet = went(session, quiet, "acknowledged")
        with pytest.raises(BadUse, match=r"paused as nothing is paused in it: .* investigating, dismissed"):
            went(session, quiet, "paused")
        with pytest.raises(BadUse, match="belongs to the step to fixing or resumed, not to investigating"):
            went(session, quiet, "investigating 2026-03-01")
        quiet = went(session, quiet, "investigating", "fixing")
        with pytest.raises(BadUse, match=f"on which day did the fix of review {quiet.id} go live"):
            went(session, quiet, "resumed")
        with pytest.raises(BadUse, match="there is no review 99"):
            workflow.review(session, 99)
        with pytest.raises(BadUse, match="a note is needed"):
            workflow.step(session, quiet.id, to=State.INVESTIGATING, note="", actor="b", version=quiet.version)


def test_a_step_from_an_older_view_is_refused_and_says_who_was_first(home: Home, company: Mart) -> None:
    with home.session() as session:
        seen = flagged(session, company)
        went(session, seen, "acknowledged", actor="bob@example.com")
        at = workflow.history(session, seen.id)[-1].at
        told = f"changed by bob@example.com at {at:%Y-%m-%d %H:%M} UTC and is acknowledged now; your step was not taken"
        with pytest.raises(Busy, match=re.escape(told)):
            went(session, seen, "dismissed", actor="eve@example.com")


def test_of_two_who_step_at_once_one_wins_and_the_other_is_told(home: Home, company: Mart) -> None:
    with home.session() as session:
        review = flagged(session, company)
    for to in ("acknowledged", "investigating", "fixing 2026-03-01", "resumed", "investigating"):
        answers = _at_once(home, lambda session, actor, seen=review, to=to: went(session, seen, to, actor=actor))
        (won,) = [each for each in answers if isinstance(each, Review)]
        (told,) = [each for each in answers if isinstance(each, Exception)]
        with home.session() as session:
            last = workflow.history(session, review.id)[-1]
            review = workflow.review(session, review.id)
        assert review == won
        assert isinstance(told, Busy)
        assert f"was changed by {last.actor} at" in str(told)
    assert review.version == 6


def test_of_two_who_flag_at_once_one_wins_and_the_other_is_told(home: Home, company: Mart) -> None:
    with home.session() as session:
        assert workflow.reviews(session) == ()
    answers = _at_once(home, lambda session, actor: flagged(session, company, actor=actor))
    (won,) = [each for each in answers if isinstance(each, Review)]
    (told,) = [each for each in answers if isinstance(each, Exception)]
    assert isinstance(told, BadUse)
    assert f"under review already: review {won.id}, flagged by {won.flagged_by} at" in str(told)
    with home.session() as session:
        assert workflow.reviews(session) == (won,)


def _at_once(home: Home, act: Callable[..., Review]) -> list[Review | Exception]:
    """What two people get who act in the same moment, each in a session of their own."""
    start = Barrier(2)

    def one(actor: str) -> Review | Exception:
        try:
            with home.session() as session:
                start.wait(timeout=60)
                return act(session, actor)
        except (BadUse, Busy) as error:
            return error

    with ThreadPoolExecutor(2) as people:
        return list(people.map(one, ("ann@example.com", "ben@example.com")))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE review_steps SET note = 'something else'",
        "UPDATE review_steps SET actor = 'somebody else' WHERE version = 1",
        "DELETE FROM review_steps",
        "UPDATE review_evidence SET at = NULL",
        "DELETE FROM review_evidence",
        "UPDATE review_verdicts SET kind = 'worked'",
        "DELETE FROM review_verdicts",
        "DELETE FROM reviews",
    ],
    ids=lambda sql: "-".join(sql.split()[:3]).lower(),
)
def test_the_database_itself_refuses_to_edit_history(home: Home, company: Mart, sql: str) -> None:
    with home.session() as session:
        judged(session, flagged(session, company), "no effect")
    with pytest.raises(DBAPIError, match="the history of a review is only ever added to"), home.session() as s:
        s.execute(text(sql))
    with home.session() as session:
        (only,) = workflow.history(session, _first(home).id)
        assert only.note == "twice as many contacts as expected"


def test_a_reopened_review_has_as_much_time_as_at_first(home: Home, company: Mart) -> None:
    with home.session() as session:
        first = flagged(session, company)
        reopened = went(session, first, "dismissed", "flagged")
        at = workflow.history(session, first.id)[-1].at
        assert reopened.acknowledge_by - at == first.acknowledge_by - first.flagged_at
        assert reopened.decide_by - at == first.decide_by - first.flagged_at
        back = went(session, reopened, "acknowledged", "investigating", "resumed", "investigating")
        again = workflow.history(session, first.id)[-1].at
        assert back.decide_by - again == first.decide_by - first.flagged_at


def test_reviews_are_found_by_state_owner_and_intent(home: Home, company: Mart) -> None:
    with home.session() as session:
        bill, visit = flagged(session, company), flagged(session, company, "Visit")
        visit = went(session, visit, "acknowledged")
        assert workflow.reviews(session) == (visit, bill)
        assert workflow.reviews(session, states=[State.FLAGGED, State.PAUSED]) == (bill,)
        assert workflow.reviews(session, states=()) == ()
        assert workflow.reviews(session, intent="Visit") == (visit,)
        assert workflow.reviews(session, owner="DANA@example.com") == (bill,)
        assert workflow.reviews(session, owner="dana okafor") == (bill,)
        assert workflow.reviews(session, owner="Nobody") == ()


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        pytest.param(("fixing",), (), id="not live yet"),
        pytest.param(("fixing 2026-03-01", "resumed"), ("2026-03-01",), id="with fixing"),
        pytest.param(("fixing", "resumed 2026-03-02"), ("2026-03-02",), id="with resuming"),
        pytest.param(("fixing 2026-03-01", "resumed 2026-03-02"), ("2026-03-02",), id="corrected"),
        pytest.param(
            ("fixing 2026-03-01", "investigating", "fixing 2026-03-09", "resumed"),
            ("2026-03-01", "2026-03-09"),
            id="fixed twice",
        ),
        pytest.param(("fixing 2026-03-01", "resumed", "investigating", "resumed"), ("2026-03-01",), id="reopened"),
    ],
)
def test_decisions_know_the_fixes(home: Home, company: Mart, steps: tuple[str, ...], days: tuple[str, ...]) -> None:
    with home.session() as session:
        review = went(session, flagged(session, company), "acknowledged", "investigating")
        before = deciding.decisions_stamp(session)
        went(session, review, *steps)
        decided = deciding.decisions(session, currency="EUR")
    assert decided.fixes == tuple(("Bill", date.fromisoformat(day)) for day in days)
    assert (decided.stamp != before) == bool(days)


def _first(home: Home) -> Review:
    with home.session() as session:
        return workflow.reviews(session)[-1]
