"""Homes for reviews, with their records in SQLite and in PostgreSQL, and a mart to flag from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart
from tests.store.conftest import home, postgres, sqlite_home

__all__ = ["home", "postgres", "sqlite_home"]

DECIDED = Decisions("a", (IntentDecision("Bill", owner="Dana Okafor", owner_email="dana@example.com"),))


@pytest.fixture(scope="session")
def company() -> Iterator[Mart]:
    """Ninety days in which customers ask about bills, visits and parcels, every few hours in turn."""
    contacts = [
        Ticket(
            "desk",
            str(number),
            f"c{number % 40}",
            datetime(2026, 1, 1, 9) + timedelta(hours=7 * number),
            intent=("Bill", "Visit", "Parcel")[number % 3],
        )
        for number in range(300)
    ]
    with small_mart(contacts, watermark=datetime(2026, 3, 30), timezone="UTC") as mart:
        yield mart.under(DECIDED)
