"""What people decided and did: the tables of the records. Of business numbers they keep closed bills only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    Numeric,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every record; all times are UTC without an offset."""

    metadata = MetaData(naming_convention=_NAMES)


class Exact(TypeDecorator[Decimal]):
    """A number with up to six decimals that comes back as it was; SQLite, which has none, keeps its digits as text."""

    impl = Numeric(18, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in a database."""
        return dialect.type_descriptor(String(24) if dialect.name == "sqlite" else Numeric(18, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """The value as the database takes it."""
        return f"{value:f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002  SQLAlchemy's
        """The number, without zeros at its end."""
        return None if value is None else Decimal(f"{Decimal(value).normalize():f}")


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
    """One write to the lake, numbered: the lake's commit carries the same number, so a crash between is seen."""

    __tablename__ = "operations"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    load_id: Mapped[int] = mapped_column(ForeignKey("loads.id"))
    actor: Mapped[str] = mapped_column(String(200))
    open: Mapped[bool] = mapped_column(default=True, index=True)

    __table_args__ = ({"sqlite_autoincrement": True},)


class SavedMapping(Base):
    """An analyst's own mapping under its name, in the TOML of a mapping file."""

    __tablename__ = "mappings"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    toml: Mapped[str] = mapped_column(Text)


class Audit(Base):
    """Who did what and when, with the state before and after; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


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


class Intent(Base):
    """What was decided about one intent: see `decisions.IntentDecision`, whose fields these are."""

    __tablename__ = "intents"

    intent: Mapped[str] = mapped_column(String(500), primary_key=True)
    category: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(200))
    owner_email: Mapped[str | None] = mapped_column(String(200))
    department: Mapped[str | None] = mapped_column(String(200))
    fcr_target: Mapped[float | None] = mapped_column(Double)
    window_days: Mapped[int | None]
    downstream_cost: Mapped[Decimal | None] = mapped_column(Exact)
    expected_hours: Mapped[float | None] = mapped_column(Double)
    value_to_customer: Mapped[str | None] = mapped_column(String(10))
    value_to_company: Mapped[str | None] = mapped_column(String(10))


class ChannelRate(Base):
    """What contacts of a channel cost from a day on: see `decisions.Rate`."""

    __tablename__ = "rates"

    channel: Mapped[str] = mapped_column(String(500), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    per_minute: Mapped[Decimal] = mapped_column(Exact)
    per_contact: Mapped[Decimal] = mapped_column(Exact)
    assumed_minutes: Mapped[Decimal | None] = mapped_column(Exact)


class UnitsOfX(Base):
    """Units of X that belong to a day: see `decisions.XUnits`."""

    __tablename__ = "x_units"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    units: Mapped[Decimal] = mapped_column(Exact)


class Revision(Base):
    """Which state of a part of the records is the present one: every write gives it another stamp."""

    __tablename__ = "revisions"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(40))


class FollowUpDone(Base):
    """A customer's wish for a follow-up that was worked off; one that is open has no row."""

    __tablename__ = "follow_ups_done"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Text, primary_key=True)
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
