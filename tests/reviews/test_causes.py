"""The causes of a review: noted, changed by one of two, kept in the audit, and what people say about them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from cx_metrics.errors import BadUse, Busy
from cx_metrics.reviews.causes import BONES, Cause, add_cause, cause_frame, change_cause, fishbone
from cx_metrics.reviews.voices import add_voice, voices
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import Audit
from tests.reviews.flagging import flagged, went

IDS = (("desk", "1"), ("desk", "4"))


def noted(home: Home, mart: Mart, **other: Any) -> Cause:
    given: dict[str, Any] = {"bone": "system", "text": "the lease runs out at night", "actor": "ada"}
    with home.session() as session:
        return add_cause(session, flagged(session, mart).id, **given | other)


def change(home: Home, cause: Cause, **other: Any) -> Cause:
    names = ("bone", "text", "state", "contacts", "contact_ids", "whys", "version")
    given = {name: getattr(cause, name) for name in names} | {"actor": "bob"}
    with home.session() as session:
        return change_cause(session, cause.id, **given | other)


def test_a_cause_is_kept_as_it_was_noted(home: Home, company: Mart) -> None:
    made = noted(home, company, contacts=214, contact_ids=[*IDS, IDS[0]], whys=["lease of 24 h", " ", "firmware"])
    with home.session() as session:
        (kept,) = fishbone(session, made.review_id)
    assert kept == made
    assert (kept.bone, kept.text, kept.state, kept.origin) == (
        "system",
        "the lease runs out at night",
        "suspected",
        "by hand",
    )
    assert (kept.contacts, kept.contact_ids, kept.whys) == (214, IDS, ("lease of 24 h", "firmware"))
    assert (kept.version, kept.added_by, kept.changed_by, kept.changed_at) == (1, "ada", None, None)


def test_the_drawn_frame_has_a_row_per_cause_and_the_chain_of_whys(home: Home, company: Mart) -> None:
    first = noted(home, company, whys=["a", "b"])
    with home.session() as session:
        add_cause(session, first.review_id, bone="weather", text="storm", actor="bob", state="ruled out", contacts=0)
        frame = cause_frame(fishbone(session, first.review_id))
    assert frame.to_numpy().tolist() == [
        ["system", "the lease runs out at night", None, "suspected", "a → b"],
        ["weather", "storm", 0, "ruled out", ""],
    ]
    assert len(BONES) == 6
    assert cause_frame(()).shape == (0, 5)


def test_every_change_is_audited_with_what_it_was_before(home: Home, company: Mart) -> None:
    made = noted(home, company)
    changed = change(home, made, state="confirmed", text="the lease runs out", contacts=3, contact_ids=IDS)
    assert (changed.version, changed.state, changed.changed_by) == (2, "confirmed", "bob")
    with home.session() as session:
        rows = session.scalars(select(Audit).where(Audit.action.in_(["add cause", "change cause"]))).all()
    assert [(row.actor, row.action, row.subject) for row in rows] == [
        ("ada", "add cause", f"review {made.review_id}: cause {made.id}"),
        ("bob", "change cause", f"review {made.review_id}: cause {made.id}"),
    ]
    assert rows[0].before is None
    assert rows[1].before == rows[0].after
    assert rows[1].before is not None
    assert rows[1].after is not None
    told = [
        (each["text"], each["state"], each["contacts"], each["version"]) for each in (rows[1].before, rows[1].after)
    ]
    assert told == [
        ("the lease runs out at night", "suspected", None, 1),
        ("the lease runs out", "confirmed", 3, 2),
    ]


def test_a_change_from_an_older_view_is_refused_and_says_who_was_first(home: Home, company: Mart) -> None:
    made = noted(home, company)
    change(home, made, state="ruled out")
    with pytest.raises(Busy, match=rf"cause {made.id} was changed by bob at .* your change was not taken"):
        change(home, made, state="confirmed", actor="eve")
    with home.session() as session:
        (kept,) = fishbone(session, made.review_id)
    assert (kept.state, kept.version, kept.changed_by) == ("ruled out", 2, "bob")


def test_of_two_who_change_at_once_one_wins_and_the_other_is_told(home: Home, company: Mart) -> None:
    made, start = noted(home, company), Barrier(2)

    def one(actor: str) -> Cause | Busy:
        start.wait()
        try:
            return change(home, made, text=f"as {actor} says", actor=actor)
        except Busy as error:
            return error

    with ThreadPoolExecutor(2) as people:
        told = list(people.map(one, ["bob", "eve"]))
    (winner,) = [each for each in told if isinstance(each, Cause)]
    (loser,) = [each for each in told if isinstance(each, Busy)]
    assert f"changed by {winner.changed_by}" in str(loser)
    with home.session() as session:
        assert fishbone(session, made.review_id) == (winner,)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"text": "  "}, "a cause is needed"),
        ({"text": "x" * 2001}, "the cause has 2001 characters; 2000 are allowed"),
        ({"bone": ""}, "a bone is needed"),
        ({"bone": "b" * 101}, "the bone has 101 characters; 100 are allowed"),
        ({"state": "sure"}, "unknown state of a cause 'sure'"),
        ({"origin": "hearsay"}, "unknown origin of a cause 'hearsay'"),
        ({"contacts": -1}, "0 or more contacts, not -1"),
        ({"whys": list("abcdef")}, "6 whys were given; 5 are allowed"),
        ({"contact_ids": [("desk", str(n)) for n in range(201)]}, "201 contacts were named for a cause; 200"),
    ],
    ids=["no text", "long text", "no bone", "long bone", "state", "origin", "count", "whys", "ids"],
)
def test_a_cause_that_can_not_be_kept_is_refused(home: Home, company: Mart, other: dict[str, Any], said: str) -> None:
    with pytest.raises(BadUse, match=said):
        noted(home, company, **other)
    with home.session() as session:
        assert fishbone(session, 1) == ()


def test_the_fishbone_of_a_review_that_is_over_stays_as_it_is(home: Home, company: Mart) -> None:
    made = noted(home, company)
    with home.session() as session:
        went(session, flagged(session, company, "Visit"), "dismissed")
        over = refused(lambda: add_cause(session, 2, bone="people", text="late", actor="ada"))
        unknown = refused(lambda: add_cause(session, 9, bone="people", text="late", actor="ada"))
    assert "review 2 is dismissed: reopen it to change its fishbone" in over
    assert "9" in unknown
    with pytest.raises(BadUse, match="there is no cause 99"):
        change(home, replace(made, id=99))


def refused(act: Callable[[], Cause]) -> str:
    with pytest.raises(BadUse) as told:
        act()
    return str(told.value)


def test_what_people_say_is_attached_to_a_cause_or_to_the_review(home: Home, company: Mart) -> None:
    made = noted(home, company)
    with home.session() as session:
        number = made.review_id
        add_voice(session, number, voice="agent", said=" it drops at three ", actor="ada", cause_id=made.id)
        add_voice(session, number, voice="customer", said="every night!", actor="bob", contact=("desk", "7"))
        for wrong in ({"voice": "boss"}, {"said": " "}, {"cause_id": 99}):
            with pytest.raises(BadUse):
                add_voice(session, number, **{"voice": "agent", "said": "x", "actor": "ada"} | wrong)
    with home.session() as session:
        kept = [
            (each.voice, each.said, each.cause_id, each.source, each.contact_id) for each in voices(session, number)
        ]
    assert kept == [
        ("agent", "it drops at three", made.id, None, None),
        ("customer", "every night!", None, "desk", "7"),
    ]
