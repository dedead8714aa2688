"""Disputes: an owner objects to one line of a month's statement, and someone answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.store import ledger
from cx_metrics.store.decided.statements import Statement
from cx_metrics.store.decided.words import words
from cx_metrics.store.records import Dispute, DisputeState

ANSWERS = (DisputeState.ACCEPTED, DisputeState.REJECTED, DisputeState.WITHDRAWN)
"""What can become of a dispute."""


def disputes(session: Session, month: str | None = None) -> Sequence[Dispute]:
    """The disputes of a month, or all of them, newest first."""
    asked = select(Dispute).order_by(Dispute.id.desc())
    return session.scalars(asked if month is None else asked.where(Dispute.month == month)).all()


def dispute(session: Session, statement: Statement, intent: str, *, reason: str, actor: str) -> Dispute:
    """Object to one line of a month, with a reason. The line itself is changed by its data and rates only.

    Raises:
        BadUse: The month has no such line, it is disputed already, or the reason is missing or too long.
    """
    line = statement.line(intent)
    said = words(reason, what="reason")
    for other in disputes(session, statement.month):
        if other.intent == intent and other.state == DisputeState.OPEN:
            by = f"dispute {other.id} by {other.opened_by}"
            raise BadUse(f"'{intent}' of {statement.month} is disputed already: {by}.")
    row = Dispute(
        month=statement.month,
        intent=intent,
        owner=line.owner,
        total_cents=line.total_cents,
        reason=said,
        state=DisputeState.OPEN,
        opened_by=actor,
        opened_at=ledger.utc_now(),
    )
    session.add(row)
    session.flush()
    after = {"state": row.state, "reason": said, "total_cents": line.total_cents}
    _audit(session, row, actor=actor, action="dispute", before=None, after=after)
    return row


def answer_dispute(session: Session, number: int, *, state: str, note: str, actor: str) -> Dispute:
    """Accept, reject or withdraw an open dispute; a closed statement stays as it is.

    Args:
        session: On the records.
        number: Of the dispute.
        state: ``accepted``, ``rejected`` or ``withdrawn``.
        note: Why; may be empty only where the dispute is withdrawn.
        actor: Who answers.

    Raises:
        BadUse: There is no such dispute, it is answered already, or the answer is not one of the three or says
            nothing.
    """
    row = session.get(Dispute, number)
    if row is None:
        raise BadUse(f"there is no dispute {number}: `disputes` lists them")
    if state not in ANSWERS:
        raise BadUse(f"a dispute can't become '{state}': {did_you_mean(state, ANSWERS)}")
    if row.state != DisputeState.OPEN:
        raise BadUse(f"dispute {number} is {row.state} already, by {row.answered_by}.")
    said = words(note, what="note", needed=state != DisputeState.WITHDRAWN)
    row.state, row.note, row.answered_by, row.answered_at = state, said or None, actor, ledger.utc_now()
    after = {"state": state, "note": said}
    _audit(session, row, actor=actor, action="answer dispute", before={"state": "open"}, after=after)
    return row


def _audit(
    session: Session,
    row: Dispute,
    *,
    actor: str,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    subject = f"dispute {row.id}: {row.intent}, {row.month}"
    ledger.audit(session, actor=actor, action=action, subject=subject, before=before, after=after)
