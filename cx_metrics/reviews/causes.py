"""The fishbone of a review: what may have led to the trouble, bone by bone, with what speaks for each cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse, Busy, did_you_mean
from cx_metrics.reviews.evidence import MOST_CONTACTS, ContactKey
from cx_metrics.reviews.workflow import review
from cx_metrics.store import ledger
from cx_metrics.store.decided.words import words
from cx_metrics.store.records import ReviewCause

BONES = ("people", "process", "product", "policy", "system", "communication")
"""The usual bones; any other name is allowed as well."""

BY_HAND = "by hand"
ORIGINS = (BY_HAND, "association", "rate", "mix")
"""Where a cause was taken from: thought of, or a candidate that the data offered."""

MOST_WHYS = 5
MOST_BONE_CHARACTERS = 100
FRAME_COLUMNS = ("bone", "cause", "n", "state", "whys")


class CauseState(StrEnum):
    """How sure a cause is."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled out"


@dataclass(frozen=True)
class Cause:
    """One cause on a bone.

    Attributes:
        id: Its number.
        review_id: Whose fishbone it is on.
        bone: Which bone.
        text: What it is, in a sentence.
        state: Suspected, confirmed or ruled out.
        origin: By hand, or the kind of candidate it was taken from, which is an association and no cause by itself.
        contacts: How many contacts it is about; None: not counted.
        contact_ids: Source and contact id of contacts that show it.
        whys: The chain of whys, first answer first, at most five.
        version: Grows by one with each change.
        added_by: Who noted it.
        added_at: When, UTC.
        changed_by: Who changed it last; None: nobody.
        changed_at: When.
    """

    id: int
    review_id: int
    bone: str
    text: str
    state: CauseState
    origin: str
    contacts: int | None
    contact_ids: tuple[ContactKey, ...]
    whys: tuple[str, ...]
    version: int
    added_by: str
    added_at: datetime
    changed_by: str | None
    changed_at: datetime | None


def add_cause(
    session: Session,
    review_id: int,
    *,
    bone: str,
    text: str,
    actor: str,
    state: str = CauseState.SUSPECTED,
    origin: str = BY_HAND,
    contacts: int | None = None,
    contact_ids: Sequence[ContactKey] = (),
    whys: Sequence[str] = (),
) -> Cause:
    """Note a cause on a bone of a review that is open.

    Raises:
        BadUse: There is no such review, it is over, or a part of the cause is missing, unknown or too long.
    """
    _check_open(session, review_id)
    if origin not in ORIGINS:
        raise BadUse(f"unknown origin of a cause '{origin}': {did_you_mean(origin, ORIGINS)}")
    row = ReviewCause(
        review_id=review_id,
        bone=_bone(bone),
        text=words(text, what="cause"),
        state=_state(state),
        origin=origin,
        contacts=_count(contacts),
        contact_ids=_ids(contact_ids),
        whys=_whys(whys),
        version=1,
        added_by=actor,
        added_at=ledger.utc_now(),
    )
    session.add(row)
    session.flush()
    _audit(session, row, action="add cause", before=None, actor=actor)
    return _cause(row)


def change_cause(
    session: Session,
    cause_id: int,
    *,
    version: int,
    actor: str,
    bone: str,
    text: str,
    state: str,
    contacts: int | None,
    contact_ids: Sequence[ContactKey],
    whys: Sequence[str],
) -> Cause:
    """Change a cause as a whole; it is never removed, but may be ruled out.

    Args:
        session: On the records.
        cause_id: Of the cause.
        version: Of the cause as the actor saw it.
        actor: Who changes it.
        bone: As it is to be, like what follows.
        text: What it is.
        state: How sure it is.
        contacts: How many contacts it is about.
        contact_ids: Contacts that show it.
        whys: The chain of whys.

    Raises:
        BadUse: There is no such cause, its review is over, or a part of it is missing, unknown or too long.
        Busy: Somebody else changed it since.
    """
    session.execute(update(ReviewCause).where(ReviewCause.id == cause_id).values(version=ReviewCause.version))
    row = session.get(ReviewCause, cause_id, populate_existing=True)
    if row is None:
        raise BadUse(f"there is no cause {cause_id}: `review causes` lists them")
    _check_open(session, row.review_id)
    if row.version != version:
        raise Busy(
            f"cause {cause_id} was changed by {row.changed_by} at {row.changed_at:%Y-%m-%d %H:%M} UTC; "
            "your change was not taken. Look at it again, and decide anew."
        )
    before = _kept(row)
    row.bone, row.text, row.state = _bone(bone), words(text, what="cause"), _state(state)
    row.contacts, row.contact_ids, row.whys = _count(contacts), _ids(contact_ids), _whys(whys)
    row.version, row.changed_by, row.changed_at = row.version + 1, actor, ledger.utc_now()
    session.flush()
    _audit(session, row, action="change cause", before=before, actor=actor)
    return _cause(row)


def fishbone(session: Session, review_id: int) -> tuple[Cause, ...]:
    """The causes of a review, in the order in which they were noted."""
    asked = select(ReviewCause).where(ReviewCause.review_id == review_id).order_by(ReviewCause.id)
    return tuple(_cause(row) for row in session.scalars(asked.execution_options(populate_existing=True)))


def cause_frame(causes: Iterable[Cause]) -> pd.DataFrame:
    """One row per cause as the fishbone draws it: ``bone``, ``cause``, ``n`` contacts, ``state``, ``whys`` as text."""
    lines = [(each.bone, each.text, each.contacts, str(each.state), " → ".join(each.whys)) for each in causes]
    return pd.DataFrame(lines, columns=list(FRAME_COLUMNS), dtype=object)


def _check_open(session: Session, review_id: int) -> None:
    found = review(session, review_id)
    if not found.is_open:
        raise BadUse(f"review {review_id} is {found.state}: reopen it to change its fishbone")


def _bone(name: str) -> str:
    said = words(name, what="bone")
    if len(said) > MOST_BONE_CHARACTERS:
        raise BadUse(f"the bone has {len(said)} characters; {MOST_BONE_CHARACTERS} are allowed")
    return said


def _state(word: str) -> CauseState:
    try:
        return CauseState(word)
    except ValueError:
        raise BadUse(f"unknown state of a cause '{word}': {did_you_mean(word, CauseState)}") from None


def _count(contacts: int | None) -> int | None:
    if contacts is not None and contacts < 0:
        raise BadUse(f"a cause is about 0 or more contacts, not {contacts}")
    return contacts


def _ids(contact_ids: Sequence[ContactKey]) -> list[list[str]]:
    if len(contact_ids) > MOST_CONTACTS:
        raise BadUse(f"{len(contact_ids)} contacts were named for a cause; {MOST_CONTACTS} are allowed")
    return [list(key) for key in dict.fromkeys(contact_ids)]


def _whys(whys: Sequence[str]) -> list[str]:
    said = [words(why, what="why") for why in whys if why.strip()]
    if len(said) > MOST_WHYS:
        raise BadUse(f"{len(said)} whys were given; {MOST_WHYS} are allowed")
    return said


def _cause(row: ReviewCause) -> Cause:
    kept = {field.name: getattr(row, field.name) for field in fields(Cause)}
    ids = tuple((str(source), str(number)) for source, number in row.contact_ids)
    return Cause(**kept | {"state": CauseState(row.state), "contact_ids": ids, "whys": tuple(row.whys)})


def _kept(row: ReviewCause) -> dict[str, Any]:
    left_out = ("added_at", "changed_at", "added_by", "changed_by")
    return {name: value for name, value in asdict(_cause(row)).items() if name not in left_out}


def _audit(session: Session, row: ReviewCause, *, action: str, before: dict[str, Any] | None, actor: str) -> None:
    subject = f"review {row.review_id}: cause {row.id}"
    ledger.audit(session, actor=actor, action=action, subject=subject, before=before, after=_kept(row))
