"""Closed statements, their lines, and disputes of lines."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ClosedStatement(Base):
    """The statement of a month that was closed: neither it nor its lines are ever changed."""

    __tablename__ = "statements"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(String(200))
    cutoff_at: Mapped[datetime]
    data_version: Mapped[str] = mapped_column(String(100))
    decisions_stamp: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    total_cents: Mapped[int] = mapped_column(BigInteger)


class ClosedLine(Base):
    """One intent's line of a closed statement, as it was billed."""

    __tablename__ = "statement_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(ForeignKey("statements.month"))
    intent: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(200))
    owner_email: Mapped[str | None] = mapped_column(String(320))
    department: Mapped[str | None] = mapped_column(String(200))
    contacts: Mapped[int] = mapped_column(BigInteger)
    direct_cents: Mapped[int] = mapped_column(BigInteger)
    downstream_cents: Mapped[int] = mapped_column(BigInteger)
    repeats_cents: Mapped[int | None] = mapped_column(BigInteger)
    assumed_contacts: Mapped[int] = mapped_column(BigInteger)
    downstream_assumed_contacts: Mapped[int] = mapped_column(BigInteger)
    downstream_unstated_contacts: Mapped[int] = mapped_column(BigInteger)
    unpriced_contacts: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("month", "intent"),)


class Dispute(Base):
    """An objection to one intent's line of a month, and what became of it."""

    __tablename__ = "disputes"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    intent: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(200))
    total_cents: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    opened_by: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_disputes_month", "month"), {"sqlite_autoincrement": True})
