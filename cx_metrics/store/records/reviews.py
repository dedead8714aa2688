"""Pause-and-investigate reviews: where each stands, how it came there, its evidence, causes, voices and verdicts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base

_IS_OPEN = text("state NOT IN ('verified', 'dismissed')")


class ReviewRow(Base):
    """One review of an intent as it now stands; an intent has at most one that is open."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    intent: Mapped[str] = mapped_column(String(500))
    owner: Mapped[str | None] = mapped_column(String(200))
    owner_email: Mapped[str | None] = mapped_column(String(320))
    severity: Mapped[str] = mapped_column(String(20))
    paused_what: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    flagged_at: Mapped[datetime]
    flagged_by: Mapped[str] = mapped_column(String(200))
    acknowledge_by: Mapped[datetime]
    decide_by: Mapped[datetime]
    resume_when: Mapped[str | None] = mapped_column(Text)
    fixed_on: Mapped[date | None]
    version: Mapped[int]
    signal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index("uq_reviews_open", "intent", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        {"sqlite_autoincrement": True},
    )


class ReviewStep(Base):
    """One step of a review: the database itself refuses to change or remove it.

    Attributes:
        version: Which version of the review the step made; 1 is the flag.
        state_before: None for the flag.
        fixed_on: Business day of the fix, where the step says one.
    """

    __tablename__ = "review_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"))
    version: Mapped[int]
    state_before: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    fixed_on: Mapped[date | None]

    __table_args__ = (UniqueConstraint("review_id", "version"), {"sqlite_autoincrement": True})


class ReviewEvidence(Base):
    """What was known at the moment of flagging: the database itself refuses to change or remove it."""

    __tablename__ = "review_evidence"

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class ReviewCause(Base):
    """One cause on a bone of a review's fishbone.

    Attributes:
        state: suspected, confirmed or ruled out.
        origin: By hand, or which candidate it was taken from: association, rate or mix.
        contacts: How many contacts it is about; None: not counted.
        contact_ids: Contacts as evidence, as pairs of source and contact id.
        whys: The chain of whys, first answer first.
        version: Grows by one with each change.
    """

    __tablename__ = "review_causes"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    bone: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))
    contacts: Mapped[int | None] = mapped_column(BigInteger)
    contact_ids: Mapped[list[Any]] = mapped_column(JSON)
    whys: Mapped[list[Any]] = mapped_column(JSON)
    version: Mapped[int]
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime | None]

    __table_args__ = ({"sqlite_autoincrement": True},)


class ReviewNote(Base):
    """What an agent or a customer says about a review, or about one of its causes.

    Attributes:
        voice: Whose words these are: agent or customer.
        cause_id: The cause it speaks for; None: the review as a whole.
        source, contact_id: The contact in which it was said, where it was.
    """

    __tablename__ = "review_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("review_causes.id", ondelete="SET NULL"))
    voice: Mapped[str] = mapped_column(String(20))
    said: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(String(200))
    contact_id: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    __table_args__ = ({"sqlite_autoincrement": True},)


class ReviewVerdict(Base):
    """What measuring said about a fix or a pause: the database itself refuses to change or remove it.

    Attributes:
        review_version: The version the review had; a review becomes verified only by a verdict on its present one.
        kind: worked, no effect, worse, too early, back to normal or can't tell.
        judged_on: Business day of the fix or pause that is judged.
        data: The whole verdict.
        data_version: The mart it was computed from.
    """

    __tablename__ = "review_verdicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    review_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    judged_on: Mapped[date]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    data_version: Mapped[str] = mapped_column(String(100))
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    __table_args__ = ({"sqlite_autoincrement": True},)
