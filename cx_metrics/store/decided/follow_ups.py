"""Which customers' wishes to be called back were worked off, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cx_metrics.store import ledger
from cx_metrics.store.records import FollowUpDone

ContactKey = tuple[str, str]
"""Source and contact id: what names a contact."""


@dataclass(frozen=True)
class Done:
    """Who worked a wish off.

    Attributes:
        actor: Who.
        at: When, UTC.
    """

    actor: str
    at: datetime


def done(session: Session) -> dict[ContactKey, Done]:
    """Every wish that was worked off, by its contact, latest first."""
    rows = session.scalars(select(FollowUpDone).order_by(FollowUpDone.at.desc(), FollowUpDone.contact_id))
    return {(row.source, row.contact_id): Done(row.actor, row.at) for row in rows}


def mark_done(session: Session, contact: ContactKey, *, actor: str) -> bool:
    """Note that a wish was worked off; whoever did it first stays named.

    Returns:
        Whether it was still open.
    """
    if session.get(FollowUpDone, contact) is not None:
        return False
    mark = FollowUpDone(source=contact[0], contact_id=contact[1], actor=actor, at=ledger.utc_now())
    try:
        with session.begin_nested():
            session.add(mark)
    except IntegrityError:  # somebody else did it at the same moment
        return False
    _audit(session, contact, action="follow-up done", before=None, after=mark, actor=actor)
    return True


def undo(session: Session, contact: ContactKey, *, actor: str) -> bool:
    """Open a wish again.

    Returns:
        Whether it was marked as done.
    """
    mark = session.get(FollowUpDone, contact)
    if mark is None:
        return False
    session.delete(mark)
    session.flush()
    _audit(session, contact, action="follow-up reopened", before=mark, after=None, actor=actor)
    return True


def _audit(
    session: Session,
    contact: ContactKey,
    *,
    action: str,
    before: FollowUpDone | None,
    after: FollowUpDone | None,
    actor: str,
) -> None:
    ledger.audit(
        session,
        actor=actor,
        action=action,
        subject=f"{contact[0]}: contact {contact[1]}",
        before=_state(before),
        after=_state(after),
    )


def _state(mark: FollowUpDone | None) -> dict[str, str] | None:
    return None if mark is None else {"done_by": mark.actor, "done_at": mark.at.isoformat()}
