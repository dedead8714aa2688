"""UTC months as numbers like 202401: the partitions of the lake and the mart."""

from __future__ import annotations

import re
from datetime import datetime


def month_of(file: str) -> int:
    """The month of a file by the last ``month=2024-01`` or ``month=202401`` in its path.

    Raises:
        ValueError: The path names no month.
    """
    found = re.findall(r"month=(\d{4})-?(\d{2})(?=[/\\])", file)
    if not found:
        raise ValueError(f"{file} lies in no folder month=YYYY-MM")
    return int("".join(found[-1]))


def month_at(instant: datetime) -> int:
    """The month of an instant."""
    return instant.year * 100 + instant.month


def start_of(month: int) -> datetime:
    """The first instant of a month."""
    return datetime(month // 100, month % 100, 1)


def shifted(month: int, by: int) -> int:
    """The month so many months later; earlier with a negative number."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def label(month: int) -> str:
    """The month as people write it, e.g. ``2024-01``."""
    return f"{month // 100}-{month % 100:02}"
