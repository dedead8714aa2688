"""Proactive alerts, and the customers of those whose contacts are counted in the data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cx_metrics.store.records.base import Base


class AlertRow(Base):
    """One message that was sent before customers asked: see `decisions.Alert`, whose fields these are."""

    __tablename__ = "alerts"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    intent: Mapped[str] = mapped_column(String(500))
    trigger: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime]
    within_days: Mapped[int | None]
    audience: Mapped[str | None] = mapped_column(String(500))
    n_sent: Mapped[int] = mapped_column(BigInteger)
    n_held_out: Mapped[int | None] = mapped_column(BigInteger)
    contacted_sent: Mapped[int | None] = mapped_column(BigInteger)
    contacted_held_out: Mapped[int | None] = mapped_column(BigInteger)


class AlertCustomer(Base):
    """One customer whom an alert was sent to, or from whom it was held back."""

    __tablename__ = "alert_customers"

    alert: Mapped[str] = mapped_column(ForeignKey("alerts.name", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    held_out: Mapped[bool]
