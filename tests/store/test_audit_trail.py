"""The audit trail: who, when, from where; asked for by person, action and day."""

from __future__ import annotations

from contextvars import Context
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.people import audit_trail
from cx_metrics.store.people.audit_trail import Asked
from cx_metrics.store.people.origin import acting_from, origin
from cx_metrics.store.records import Audit

ROME = ZoneInfo("Europe/Rome")


def entered(home: Home) -> None:
    """Three entries: the last of 2 March in Rome, the first of 3 March there, and a later one by somebody else."""
    with home.session() as session:
        for at, actor, action in (
            (datetime(2026, 3, 2, 22, 59), "ana", "load"),
            (datetime(2026, 3, 2, 23, 0), "ana", "withdraw"),
            (datetime(2026, 3, 9, 12, 0), "bob", "load"),
        ):
            session.execute(
                insert(Audit).values(at=at, actor=actor, origin="here", action=action, subject="x", after={"ü": 1})
            )


def ids(home: Home, **asked: object) -> list[int]:
    with home.session() as session:
        wanted = Asked(zone=ROME, **asked)  # type: ignore[arg-type]
        found = [row.id for row in audit_trail.entries(session, wanted)]
        assert audit_trail.count(session, wanted) == len(found)
        return found


def test_newest_first_by_person_action_and_business_day(home: Home) -> None:
    entered(home)
    assert ids(home) == [3, 2, 1]
    assert ids(home, actor="ana") == [2, 1]
    assert ids(home, action="load") == [3, 1]
    assert ids(home, from_on=date(2026, 3, 3)) == [3, 2]
    assert ids(home, to_on=date(2026, 3, 2)) == [1]
    assert ids(home, from_on=date(2026, 3, 3), to_on=date(2026, 3, 3), actor="ana") == [2]
    with home.session() as session:
        assert audit_trail.actors(session) == ("ana", "bob")
        assert audit_trail.actions(session) == ("load", "withdraw")
        page = audit_trail.entries(session, Asked(), limit=1, offset=1)
        (line,) = audit_trail.frame(page).to_dict("records")
    assert line == {
        "entry": 2,
        "at": datetime(2026, 3, 2, 23, 0),
        "by": "ana",
        "from": "here",
        "action": "withdraw",
        "subject": "x",
        "before": None,
        "after": '{"ü": 1}',
    }


def test_every_entry_says_from_where(home: Home) -> None:
    with acting_from("browser at 10.0.0.7"), home.session() as session:
        ledger.audit(session, actor="ana", action="load", subject="x", before=None, after=None)
    with home.session() as session:
        ledger.audit(session, actor="ana", action="load", subject="y", before=None, after=None)
        session.flush()
        found = [row.origin for row in audit_trail.entries(session, Asked())]
    assert found == [origin(), "browser at 10.0.0.7"]
    assert Context().run(origin).startswith("program on ")
