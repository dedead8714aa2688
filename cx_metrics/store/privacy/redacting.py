"""What the records say of people whose contacts are erased or forgotten, taken out: their ids, contacts and words.

Steps, evidence and the audit trail are kept by the database as they were written. It lets a row lose something only
while an erasure is open, and who did it stays in the trail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.records import (
    AlertCustomer,
    AlertRow,
    Audit,
    Base,
    Dispute,
    FollowUpDone,
    Message,
    ReviewCause,
    ReviewEvidence,
    ReviewNote,
    ReviewRow,
    ReviewStep,
)

ERASED = "(erased)"

_WORDS: Mapping[type[Base], tuple[str, ...]] = {
    ReviewRow: ("reason", "paused_what", "resume_when"),
    ReviewStep: ("note",),
    ReviewEvidence: ("data",),
    ReviewCause: ("text", "whys", "contact_ids"),
    ReviewNote: ("said",),
    Dispute: ("reason", "note"),
    Message: ("title", "body"),
    AlertRow: ("audience",),
    Audit: ("subject", "before", "after"),
}
"""The columns in which people write, or in which contacts are named."""


@dataclass(frozen=True)
class Gone:
    """Whom and what nothing may be said of any more.

    Attributes:
        ids: Customer ids, as they rest and in clear.
        contacts: Source and contact id of contacts.
        alerts_before: Customers of alerts sent before this time, UTC; None: of no alert.
    """

    ids: tuple[str, ...] = ()
    contacts: frozenset[ContactKey] = frozenset()
    alerts_before: datetime | None = None

    @cached_property
    def words(self) -> re.Pattern[str] | None:
        """Finds ids inside of texts; None where they are too short to be told from other numbers."""
        told = [re.escape(each) for each in self.ids if is_telling(each)]
        return re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(told)})(?![0-9A-Za-z])") if told else None

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """What the trail calls a contact, and what it says instead."""
        return {f"{source}: contact {number}": f"{source}: contact {ERASED}" for source, number in self.contacts}

    def taken_out(self, value: Any) -> Any:
        """A text, or a JSON value, without them."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: self.taken_out(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.taken_out(each) for each in value if not self._is_contact(each)]
        return value

    def _text(self, value: str) -> str:
        if value in self.ids:
            return ERASED
        value = self.subjects.get(value, value)
        return self.words.sub(ERASED, value) if self.words else value

    def _is_contact(self, value: Any) -> bool:
        return isinstance(value, list) and len(value) == 2 and tuple(map(str, value)) in self.contacts


def is_telling(customer_id: str) -> bool:
    """Whether an id can be told from other words and numbers of a text: 5 characters, or 3 with digits and letters."""
    mixed = any(map(str.isalpha, customer_id)) and any(map(str.isdigit, customer_id))
    return len(customer_id) >= (3 if mixed else 5)


def named_contacts(session: Session) -> set[ContactKey]:
    """Every contact that follow-up marks, evidence, causes or notes name."""
    marked = session.execute(select(FollowUpDone.source, FollowUpDone.contact_id))
    noted = session.execute(select(ReviewNote.source, ReviewNote.contact_id))
    named = {(source, number) for source, number in (*marked, *noted)}
    kept = [data.get("contacts", []) for data in session.scalars(select(ReviewEvidence.data))]
    for pairs in (*kept, *session.scalars(select(ReviewCause.contact_ids))):
        named |= {(str(source), str(number)) for source, number in pairs}
    return {(source, number) for source, number in named if source is not None and number is not None}


def redact(session: Session, gone: Gone) -> dict[str, int]:
    """Take them out of every table.

    Args:
        session: On the records; an erasure is open.
        gone: Whom and what.

    Returns:
        How many rows of each table were changed or removed; tables of which none was are left out.
    """
    found = {
        FollowUpDone.__tablename__: _remove(session, _marks(session, gone)),
        AlertCustomer.__tablename__: _remove(session, _customers(session, gone)),
    }
    quoted = _hush(session, gone)
    for record, columns in _WORDS.items():
        found[record.__tablename__] = sum(
            _take_out(row, columns, gone.taken_out)
            for row in session.scalars(select(record).execution_options(yield_per=500))
        )
    found[Audit.__tablename__] += _hush_trail(session, quoted)
    found[ReviewNote.__tablename__] += len(quoted)
    session.flush()
    return {table: count for table, count in found.items() if count}


def _marks(session: Session, gone: Gone) -> list[Base]:
    if not gone.contacts:
        return []
    marks = session.scalars(select(FollowUpDone))
    return [mark for mark in marks if (mark.source, mark.contact_id) in gone.contacts]


def _customers(session: Session, gone: Gone) -> list[Base]:
    found: list[Base] = list(session.scalars(select(AlertCustomer).where(AlertCustomer.customer_id.in_(gone.ids))))
    if gone.alerts_before is not None:
        old = select(AlertRow.name).where(AlertRow.sent_at < gone.alerts_before)
        found += session.scalars(select(AlertCustomer).where(AlertCustomer.alert.in_(old)))
    return found


def _remove(session: Session, rows: Iterable[Base]) -> int:
    own = list(rows)
    for row in own:
        session.delete(row)
    session.flush()
    return len(own)


def _hush(session: Session, gone: Gone) -> list[ReviewNote]:
    """Notes that were taken in such a contact lose it, and a customer's words too."""
    notes = session.scalars(select(ReviewNote).where(ReviewNote.contact_id.is_not(None)))
    own = [note for note in notes if (note.source, note.contact_id) in gone.contacts]
    for note in own:
        note.source = note.contact_id = None
        if note.voice == "customer":
            note.said = ERASED
    return own


def _hush_trail(session: Session, notes: list[ReviewNote]) -> int:
    """The trail says of such a note what the note itself still says."""
    said = {f"review {note.review_id}: note {note.id}": note.said for note in notes}
    rows = (
        session.scalars(select(Audit).where(Audit.action == "add voice", Audit.subject.in_(said))).all() if said else []
    )
    for row in rows:
        row.after = {**(row.after or {}), "said": said[row.subject]}
    return len(rows)


def _take_out(row: Base, columns: Iterable[str], taken_out: Callable[[Any], Any]) -> bool:
    changed = False
    for name in columns:
        before = getattr(row, name)
        after = taken_out(before)
        if after != before:
            setattr(row, name, after)
            changed = True
    return changed
