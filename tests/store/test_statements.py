"""Closing a month: only when it is complete, only once, and nothing that happens later changes what was billed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.costs.bills import changed_lines
from cx_metrics.metrics.costs.chargeback import statement
from cx_metrics.metrics.periods import last_full_day
from cx_metrics.store.decided import closing, deciding, disputes, statements
from cx_metrics.store.decided.decisions import IntentDecision, Rate
from cx_metrics.store.decided.statements import Statement, StatementLine
from cx_metrics.store.home import Home
from cx_metrics.store.lake.withdrawing import withdraw
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.records import Audit, DisputeState
from tests.store.extracts import bring_in, row

OCTOBER = "2026-10"
ROWS = [
    row("1", "2026-10-05 10:00", channel="phone", handle_minutes="20", intent="Visit"),
    row("2", "2026-10-06 10:00", channel="phone", handle_minutes="10", intent="Visit"),
    row("3", "2026-10-07 10:00", channel="phone", handle_minutes="10", intent="Bill"),
    row("4", "2026-11-02 10:00", channel="phone", handle_minutes="10", intent="Bill"),
]


@pytest.fixture
def desk(home: Home) -> Home:
    """Three contacts in October, 40 minutes at 1.10, two of them Dana's; data up to November."""
    bring_in(home, ROWS)
    with home.session() as session:
        deciding.save_intents(session, [IntentDecision("Visit", owner="Dana", owner_email="d@x.org")], actor="tester")
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal("1.10"), Decimal(0))], actor="tester")
    return home


def today(home: Home) -> Statement:
    """October as data and decisions have it now."""
    bring_up_to_date(home)
    with home.session() as session:
        decisions = deciding.decisions(session, currency="EUR")
    with open_mart(home.mart, decisions=decisions) as mart:
        return statement(mart, OCTOBER)


def close(home: Home, made: Statement, *, complete_to: date | None = date(2026, 11, 1)) -> Statement:
    with home.session() as session:
        return closing.close_month(session, made, complete_to=complete_to, actor="Ada")


def kept(home: Home) -> Statement | None:
    with home.session() as session:
        return closing.closed_statement(session, OCTOBER)


def trail(home: Home, action: str) -> list[Audit]:
    with home.session() as session:
        return session.query(Audit).filter_by(action=action).order_by(Audit.id).all()


def test_a_closed_month_is_kept_as_it_was_computed(desk: Home) -> None:
    made = today(desk)
    closed = close(desk, made)
    assert closed.total_cents == made.total_cents == 4400
    assert kept(desk) == closed
    assert (closed.closed_by, closed.lines, closed.cutoff_at) == ("Ada", made.lines, datetime(2026, 11, 2, 10))
    with desk.session() as session:
        assert closing.closed_months(session) == (OCTOBER,)
    (audit,) = trail(desk, "close month")
    assert (audit.actor, audit.subject, audit.before) == ("Ada", "statement 2026-10", None)
    assert audit.after == {"total_cents": 4400, "currency": "EUR", "lines": 2}


def rates_rise(home: Home) -> None:
    with home.session() as session:
        deciding.save_rates(session, [Rate("phone", date(2026, 1, 1), Decimal("9.99"), Decimal(5))], actor="tester")


def owners_change(home: Home) -> None:
    with home.session() as session:
        entries = [IntentDecision("Visit", owner="Ed", owner_email="ed@x.org"), IntentDecision("Bill", owner="Ed")]
        deciding.save_intents(session, [replace(entry, owner_email="ed@x.org") for entry in entries], actor="tester")


def corrections_come_in(home: Home) -> None:
    late = row("9", "2026-10-08 10:00", channel="phone", handle_minutes="60", intent="Bill")
    bring_in(home, [{**ROWS[0], "handle_minutes": "45"}, late], name="corrections.csv")


def the_load_is_withdrawn(home: Home) -> None:
    withdraw(home, 1, actor="tester")


LATER: list[Callable[[Home], None]] = [rates_rise, owners_change, corrections_come_in]


@pytest.mark.parametrize("later", [*LATER, the_load_is_withdrawn], ids=lambda later: later.__name__)
def test_nothing_later_changes_a_closed_month(desk: Home, later: Callable[[Home], None]) -> None:
    closed = close(desk, today(desk))
    if later is the_load_is_withdrawn:
        bring_in(desk, [row("20", "2026-11-02 10:00")], source="other")
    later(desk)
    now = today(desk)
    assert kept(desk) == closed
    assert not changed_lines(closed, now).empty


def test_the_difference_to_today_is_named_line_by_line(desk: Home) -> None:
    closed = close(desk, today(desk))
    corrections_come_in(desk)
    found = changed_lines(closed, today(desk)).to_dict("records")
    assert found == [
        {"intent": "Bill", "owner": "(unowned)", "total": 11.0, "owner_today": "(unowned)", "total_today": 77.0},
        {"intent": "Visit", "owner": "Dana", "total": 33.0, "owner_today": "Dana", "total_today": 60.5},
    ]


def test_a_month_is_closed_once(desk: Home) -> None:
    made = today(desk)
    close(desk, made)
    with pytest.raises(BadUse, match=r"2026-10 is closed already, by Ada on 20\d\d-"):
        close(desk, replace(made, lines=()))
    assert len(trail(desk, "close month")) == 1


def test_a_month_that_may_still_get_contacts_stays_open(desk: Home) -> None:
    made = today(desk)
    with pytest.raises(BadUse, match="2026-10 can't be closed: the data is complete to 2026-10-30 only"):
        close(desk, made, complete_to=date(2026, 10, 30))
    with pytest.raises(BadUse, match="there is no data yet"):
        close(desk, made, complete_to=None)
    with pytest.raises(BadUse, match="it has no contacts"):
        close(desk, replace(made, lines=()))
    assert kept(desk) is None
    assert close(desk, made, complete_to=date(2026, 10, 31)).closed_by == "Ada"


def test_the_last_full_day_is_what_a_month_waits_for(desk: Home) -> None:
    today(desk)
    with open_mart(desk.mart) as mart:
        assert last_full_day(mart.facts) == date(2026, 11, 1)
    assert closing.why_not_closable(OCTOBER, complete_to=date(2026, 11, 1)) is None
    assert closing.why_not_closable("2026-11", complete_to=date(2026, 11, 1)) == (
        "2026-11 can't be closed: the data is complete to 2026-11-01 only. "
        "Load extracts that reach beyond 2026-11-30 first."
    )


@pytest.mark.parametrize("text", ["2026-1", "2026-13", "10-2026", "2026-10-01", "", "２０２６-10"])
def test_what_is_no_month_is_a_sentence(text: str) -> None:
    with pytest.raises(BadUse, match="is no month: write it as YYYY-MM"):
        statements.month_days(text)


def test_months_have_their_days() -> None:
    assert statements.month_days("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert statements.month_days("2026-12") == (date(2026, 12, 1), date(2026, 12, 31))


def test_large_bills_with_any_text_come_back_whole(home: Home) -> None:
    nasty = "=1+1 'x' \"y\" é ☎ " + "l" * 3000
    line = StatementLine(nasty, nasty[:50], "Ö'Neil", None, None, 10**9, 10**15, 1, None, 2, 3, 4, 5)
    made = Statement(OCTOBER, "JPY", datetime(2026, 11, 5), (line,))
    assert kept(home) is None
    closed = close(home, made)
    assert kept(home) == closed
    assert closed.total_cents == 10**15 + 1


def object_to(home: Home, intent: str = "Bill", reason: str = "It was our own test.") -> int:
    with home.session() as session:
        return disputes.dispute(session, today(home), intent, reason=reason, actor="Ed").id


def answered(home: Home, number: int, state: str, note: str = "") -> None:
    with home.session() as session:
        disputes.answer_dispute(session, number, state=state, note=note, actor="Ada")


def test_a_line_is_disputed_with_a_reason_and_answered(desk: Home) -> None:
    number = object_to(desk, reason="  It was our own test. ")
    with desk.session() as session:
        (row_,) = disputes.disputes(session, OCTOBER)
        assert (row_.intent, row_.owner, row_.total_cents, row_.state) == ("Bill", None, 1100, DisputeState.OPEN)
        assert (row_.reason, row_.opened_by, row_.answered_by) == ("It was our own test.", "Ed", None)
        assert disputes.disputes(session, "2026-09") == []
    answered(desk, number, "accepted", "Credited in November.")
    with desk.session() as session:
        (row_,) = disputes.disputes(session)
        assert (row_.state, row_.note, row_.answered_by) == ("accepted", "Credited in November.", "Ada")
    (opened,), (closed,) = trail(desk, "dispute"), trail(desk, "answer dispute")
    assert opened.after == {"state": "open", "reason": "It was our own test.", "total_cents": 1100}
    assert (closed.before, closed.after) == (
        {"state": "open"},
        {"state": "accepted", "note": "Credited in November."},
    )


def test_a_dispute_changes_no_closed_statement(desk: Home) -> None:
    closed = close(desk, today(desk))
    answered(desk, object_to(desk), "accepted", "Credited in November.")
    assert kept(desk) == closed


def test_one_dispute_at_a_time_for_a_line(desk: Home) -> None:
    number = object_to(desk)
    with pytest.raises(BadUse, match=f"'Bill' of 2026-10 is disputed already: dispute {number} by Ed"):
        object_to(desk)
    assert object_to(desk, "Visit") != number
    answered(desk, number, "withdrawn")
    assert object_to(desk) > number


@pytest.mark.parametrize(
    ("state", "note", "says"),
    [
        ("acepted", "why", "did you mean 'accepted'"),
        ("open", "why", "a dispute can't become 'open'"),
        ("accepted", "  ", "a note is needed"),
        ("rejected", "x" * 2001, "the note has 2001 characters; 2000 are allowed"),
    ],
)
def test_an_answer_that_is_none_is_a_sentence(desk: Home, state: str, note: str, says: str) -> None:
    number = object_to(desk)
    with pytest.raises(BadUse, match=says):
        answered(desk, number, state, note)
    assert not trail(desk, "answer dispute")


def test_what_cannot_be_disputed_or_answered_is_a_sentence(desk: Home) -> None:
    with pytest.raises(BadUse, match="a reason is needed"):
        object_to(desk, reason="")
    with pytest.raises(BadUse, match="the statement of 2026-10 has no line 'Bil': did you mean 'Bill'"):
        object_to(desk, "Bil")
    with pytest.raises(BadUse, match="there is no dispute 7"):
        answered(desk, 7, "accepted", "why")
    number = object_to(desk)
    answered(desk, number, "rejected", "The contacts are there.")
    with pytest.raises(BadUse, match=f"dispute {number} is rejected already, by Ada"):
        answered(desk, number, "accepted", "why")
