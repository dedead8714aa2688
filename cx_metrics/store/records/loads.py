"""What came in, and who did what: loads, operations on the lake, mappings and the audit trail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base


class LoadState(StrEnum):
    """Where a load stands."""

    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Load(Base):
    """One extract that came in: a row of the ledger of loads."""

    __tablename__ = "loads"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    file: Mapped[str] = mapped_column(String(500))
    mapping: Mapped[str] = mapped_column(String(200))
    demo: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    read: Mapped[int]
    accepted: Mapped[int]
    merged: Mapped[int]
    dropped: Mapped[int]
    rejected: Mapped[int]
    added: Mapped[int]
    replaced: Mapped[int]
    unchanged: Mapped[int]
    complete_until: Mapped[datetime | None]

    __table_args__ = (Index("ix_loads_source_state", "source", "state"), {"sqlite_autoincrement": True})


class Operation(Base):
    """One write to the lake, numbered: the lake's commit carries the same number, so a crash between is seen.

    Attributes:
        kind: ``load`` and ``withdraw`` are about a load; ``erase`` and ``forget`` are about many.
    """

    __tablename__ = "operations"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    load_id: Mapped[int | None] = mapped_column(ForeignKey("loads.id"))
    actor: Mapped[str] = mapped_column(String(200))
    open: Mapped[bool] = mapped_column(default=True, index=True)

    __table_args__ = ({"sqlite_autoincrement": True},)


class SavedMapping(Base):
    """An analyst's own mapping under its name, in the TOML of a mapping file."""

    __tablename__ = "mappings"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    toml: Mapped[str] = mapped_column(Text)


class Audit(Base):
    """Who did what, when and from where, with the state before and after; the database only takes new rows."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str | None] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class PseudonymKey(Base):
    """Fingerprint of the key by which customer ids became pseudonyms; the key itself is kept nowhere."""

    __tablename__ = "pseudonym_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
