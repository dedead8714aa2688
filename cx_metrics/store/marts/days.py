"""Business days of points in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STAMP_RESOLUTION = timedelta(minutes=1)
"""The coarsest stamps extracts have: a cut-off of 23:59 means that the day is complete."""


def local_day(at: datetime, *, timezone: str) -> date:
    """The business day of a UTC time."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


def full_day_before(watermark: datetime, *, timezone: str) -> date:
    """Last business day that lies before the data cut-off as a whole."""
    return local_day(watermark + STAMP_RESOLUTION, timezone=timezone) - timedelta(days=1)
