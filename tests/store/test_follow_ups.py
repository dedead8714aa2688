"""Wishes for a follow-up: found in the lake, worked off in the records, opened again, and all of it audited."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cx_metrics.store.decided import follow_ups
from cx_metrics.store.home import Home
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.records import Audit
from tests.store.mart_lake import Contact, write_lake

ROME = ZoneInfo("Europe/Rome")
FIRST, SECOND = ("crm", "1"), ("crm", "it's <2>")


def test_a_wish_is_done_once_and_whoever_did_it_first_stays_named(home: Home) -> None:
    with home.session() as session:
        assert follow_ups.done(session) == {}
        assert follow_ups.mark_done(session, FIRST, actor="ann")
        assert not follow_ups.mark_done(session, FIRST, actor="bob")
    with home.session() as session:
        marks = follow_ups.done(session)
    assert {contact: mark.actor for contact, mark in marks.items()} == {FIRST: "ann"}


def test_undo_opens_it_again_and_every_step_is_audited(home: Home) -> None:
    with home.session() as session:
        follow_ups.mark_done(session, SECOND, actor="ann")
        at = follow_ups.done(session)[SECOND].at
        assert follow_ups.undo(session, SECOND, actor="bob")
        assert not follow_ups.undo(session, SECOND, actor="bob")
        assert follow_ups.done(session) == {}
        trail = session.scalars(select(Audit).where(Audit.action.startswith("follow-up")).order_by(Audit.id)).all()
    state = {"done_by": "ann", "done_at": at.isoformat()}
    assert [(step.actor, step.action, step.before, step.after) for step in trail] == [
        ("ann", "follow-up done", None, state),
        ("bob", "follow-up reopened", state, None),
    ]
    assert {step.subject for step in trail} == {"crm: contact it's <2>"}


def wish(number: str, started_at: str, intent: str, follow_up: bool | None) -> Contact:
    return Contact("crm", number, "Ann", datetime.fromisoformat(started_at), intent=intent, follow_up=follow_up)


@pytest.fixture
def drilldown(tmp_path: Path) -> Drilldown:
    contacts = [
        wish("1", "2026-06-01 08:00", "Billing", True),
        wish("2", "2026-06-03 08:00", "Billing", False),
        wish("3", "2026-06-05 08:00", "Router", True),
        wish("4", "2026-06-05 09:00", "Router", None),
        wish("5", "2026-07-05 08:00", "Router", True),
    ]
    return Drilldown(write_lake(tmp_path, contacts), zone=ROME)


@pytest.mark.parametrize(
    ("marked", "done", "expected"),
    [
        ((), False, ["3", "1"]),
        ((), True, []),
        (("3",), False, ["1"]),
        (("3",), True, ["3"]),
        (("3", "1", "5"), False, []),
    ],
    ids=["all open", "none done", "one left", "the one done", "all done"],
)
def test_the_list_is_of_those_open_or_done(
    drilldown: Drilldown, marked: tuple[str, ...], done: bool, expected: list[str]
) -> None:
    found = drilldown.follow_ups(
        where=(),
        from_on=date(2026, 6, 1),
        to_on=date(2026, 6, 30),
        marked=[("crm", number) for number in marked],
        done=done,
    )
    assert found["contact_id"].tolist() == expected


def test_filters_and_limit_hold_for_wishes_too(drilldown: Drilldown) -> None:
    open_in = partial(drilldown.follow_ups, from_on=date(2026, 6, 1), to_on=date(2026, 7, 31), marked=(), done=False)
    assert open_in(where=(("intent", ("Router",)),))["contact_id"].tolist() == ["5", "3"]
    assert open_in(where=(), limit=1)["contact_id"].tolist() == ["5"]


def test_an_empty_lake_has_no_wishes() -> None:
    nothing = Drilldown([], zone=ROME)
    days = (date(2026, 6, 1), date(2026, 7, 31))
    assert nothing.follow_ups(where=(), from_on=days[0], to_on=days[1], marked=(), done=False).empty
