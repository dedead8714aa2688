"""What agents and customers say about a review or about one of its causes; what was said is never changed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.reviews.evidence import ContactKey
from cx_metrics.reviews.workflow import review
from cx_metrics.store import ledger
from cx_metrics.store.decided.words import words
from cx_metrics.store.records import ReviewCause, ReviewNote


class Voice(StrEnum):
    """Whose words they are."""

    AGENT = "agent"
    CUSTOMER = "customer"


def add_voice(
    session: Session,
    review_id: int,
    *,
    voice: str,
    said: str,
    actor: str,
    cause_id: int | None = None,
    contact: ContactKey | None = None,
) -> ReviewNote:
    """Attach what an agent or a customer says.

    Args:
        session: On the records.
        review_id: To which review.
        voice: Whose words: ``agent`` or ``customer``.
        said: The words.
        actor: Who attaches them.
        cause_id: The cause they speak for; None: the review as a whole.
        contact: Source and contact id of the contact in which it was said, where it was.

    Raises:
        BadUse: There is no such review, the cause is not one of its causes, or nothing is said.
    """
    review(session, review_id)
    if voice not in tuple(Voice):
        raise BadUse(f"unknown voice '{voice}': {did_you_mean(voice, Voice)}")
    cause = None if cause_id is None else session.get(ReviewCause, cause_id)
    if cause_id is not None and (cause is None or cause.review_id != review_id):
        raise BadUse(f"review {review_id} has no cause {cause_id}")
    source, number = contact or (None, None)
    row = ReviewNote(
        review_id=review_id,
        cause_id=cause_id,
        voice=Voice(voice),
        said=words(said, what="word of what was said"),
        source=source,
        contact_id=number,
        actor=actor,
        at=ledger.utc_now(),
    )
    session.add(row)
    session.flush()
    after = {"voice": str(voice), "said": row.said, "cause": cause_id}
    ledger.audit(
        session, actor=actor, action="add voice", subject=f"review {review_id}: note {row.id}", before=None, after=after
    )
    return row


def voices(session: Session, review_id: int) -> Sequence[ReviewNote]:
    """What was said about a review, oldest first."""
    asked = select(ReviewNote).where(ReviewNote.review_id == review_id).order_by(ReviewNote.id)
    return session.scalars(asked).all()
