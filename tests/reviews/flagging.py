"""Reviews flagged by hand, for tests that begin where a flag ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cx_metrics.reviews import workflow
from cx_metrics.reviews.workflow import Review, Severity, State
from cx_metrics.store import ledger
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import ReviewVerdict

NOON = datetime(2026, 4, 1, 12)


def flagged(session: Session, mart: Mart, intent: str = "Bill", **other: Any) -> Review:
    """A review flagged by Ada: of severity pause, unless it is said otherwise."""
    given: dict[str, Any] = {
        "severity": Severity.PAUSE,
        "paused_what": "the spring mailing",
        "reason": "twice as many contacts as expected",
        "acknowledge_by": NOON,
        "decide_by": NOON + timedelta(days=2),
        "actor": "ada@example.com",
    }
    return workflow.flag(session, mart=mart, intent=intent, **given | other)


def went(session: Session, review: Review, *states: State | str, actor: str = "bob@example.com") -> Review:
    """The review after these steps, each a state, or a state and the day of the fix as in ``fixing 2026-03-01``."""
    for state in states:
        word, _, day = str(state).partition(" ")
        review = workflow.step(
            session,
            review.id,
            to=State(word),
            note=f"now {word}",
            actor=actor,
            version=review.version,
            fixed_on=date.fromisoformat(day) if day else None,
        )
    return review


def judged(session: Session, review: Review, kind: str) -> None:
    """A verdict on the review as it stands."""
    session.add(
        ReviewVerdict(
            review_id=review.id,
            review_version=review.version,
            kind=kind,
            judged_on=date(2026, 3, 1),
            data={"kind": kind},
            data_version="1",
            actor="ada@example.com",
            at=ledger.utc_now(),
        )
    )
    session.flush()
