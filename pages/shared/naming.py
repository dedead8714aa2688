"""What pages read and do about the causes of a review: the same doors as the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews import candidates as candidates_
from cx_metrics.reviews import causes as causes_
from cx_metrics.reviews import voices as voices_
from cx_metrics.reviews.causes import Cause
from cx_metrics.reviews.evidence import ContactKey, evidence
from cx_metrics.reviews.states import Review
from cx_metrics.reviews.workflow import review as review_of
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import ReviewNote
from pages.shared import contact_rows, who
from pages.shared.loaders import home


def causes(review_id: int) -> tuple[Cause, ...]:
    """The causes of a review, in the order in which they were noted."""
    with home().session() as session:
        return contact_rows.of_causes(causes_.fishbone(session, review_id), review_of(session, review_id).intent)


def save(review_id: int, present: Cause | None, *, ids: str, **given: Any) -> Cause:
    """Note a new cause, or change the one that is on the screen.

    Args:
        review_id: Of the review.
        present: The cause as it was shown; None for a new one.
        ids: Contacts that show it, one line each.
        given: The other parts of the cause.

    Raises:
        CxError: Nothing was changed; the message says why.
    """
    contact_ids = pairs(ids)
    with home().session() as session:
        actor = _actor(session, review_id)
        if present is None:
            return causes_.add_cause(session, review_id, actor=actor, contact_ids=contact_ids, **given)
        return causes_.change_cause(
            session, present.id, version=present.version, actor=actor, contact_ids=contact_ids, **given
        )


def suspect(review_id: int, offered: pd.Series, *, bone: str) -> Cause:
    """Take what the data offers as a suspected cause."""
    with home().session() as session:
        return causes_.add_cause(
            session,
            review_id,
            bone=bone,
            text=f"{offered['attribute']} {offered['level']}",
            origin=str(offered["kind"]),
            contacts=int(offered["contacts"]),
            whys=[str(offered["sentence"])],
            actor=_actor(session, review_id),
        )


def voices(review_id: int) -> Sequence[ReviewNote]:
    """What agents and customers say about a review, oldest first."""
    with home().session() as session:
        found, intent = voices_.voices(session, review_id), review_of(session, review_id).intent
    return contact_rows.of_voices(found, intent)


def attach(review_id: int, *, voice: str, said: str, cause_id: int | None, where: str) -> None:
    """Attach what an agent or a customer says.

    Raises:
        CxError: Nothing was attached; the message says why.
    """
    named = pairs(where)
    with home().session() as session:
        voices_.add_voice(
            session,
            review_id,
            voice=voice,
            said=said,
            cause_id=cause_id,
            contact=named[0] if named else None,
            actor=_actor(session, review_id),
        )


def periods(review: Review) -> tuple[Slice, Slice] | None:
    """The days of the trouble and as many before: the signal's, else those of the frozen numbers."""
    with home().session() as session:
        kept = evidence(session, review.id)
    return candidates_.periods(review, kept)


def _actor(session: Session, review_id: int) -> str:
    """Who works on the review, where they may."""
    return who.acting(Action.STEP, intent=review_of(session, review_id).intent)


def pairs(text: str) -> list[ContactKey]:
    """Contacts as people type them: ``source, contact id``, one line each.

    Raises:
        BadUse: A line names no source.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        source, comma, number = (part.strip() for part in line.partition(","))
        if not (comma and source and number):
            raise BadUse(f"'{line}' names no contact: write its source and its id, as in: desk, 4711")
        found.append((source, number))
    return found
