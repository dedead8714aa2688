"""The business day of a UTC timestamp as plain SQL, the same in every engine whatever its own table of time zones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cx_metrics.contacts.zones import Change, changes

LAST_YEAR = 2037
"""Until when clock changes are known; later days follow the last one."""


def local_date(timezone: str) -> str:
    """The SQL of the business day of ``ts``, in words that DuckDB and `sqlglot` know.

    The zone's clock changes are a decision tree, which takes a tenth of the time of a call of ICU per row.

    Args:
        timezone: The business time zone, an IANA name.
    """
    steps = changes(timezone, until_year=LAST_YEAR)
    start = steps[0].before if steps else datetime.now(ZoneInfo(timezone)).utcoffset()
    assert start is not None
    return f"CAST({_local_time(steps, offset=start)} AS DATE)"


def _local_time(steps: Sequence[Change], *, offset: timedelta) -> str:
    if not steps:
        return f"ts + INTERVAL '{offset.total_seconds():.0f}' SECOND"
    middle = len(steps) // 2
    before = _local_time(steps[:middle], offset=offset)
    after = _local_time(steps[middle + 1 :], offset=steps[middle].after)
    return f"CASE WHEN ts < TIMESTAMP '{steps[middle].at}' THEN {before} ELSE {after} END"
