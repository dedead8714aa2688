"""What people are told about reviews, and whether it arrived."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


class Message(Base):
    """What someone is told about a review through one service, and whether it arrived; its address is not kept."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"))
    event: Mapped[str] = mapped_column(String(30))
    about: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(40))
    service: Mapped[str] = mapped_column(String(100))
    recipient: Mapped[str | None] = mapped_column(String(320))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    queued_at: Mapped[datetime]
    n_tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("review_id", "event", "about", "target"),
        Index("ix_messages_next_try_at", "next_try_at"),
    )
