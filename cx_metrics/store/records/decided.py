"""What people decided: intents, rates, units of X, and follow-ups that were worked off."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Double, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base, Exact


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
