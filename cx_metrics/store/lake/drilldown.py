"""The contacts themselves, for one intent and period: the one place where a page reads the lake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from cx_metrics.contacts.schema import DIMENSIONS, FIELDS, NONE, arrow_schema
from cx_metrics.store.engines.locked import connect
from cx_metrics.store.lake.object_store import saying
from cx_metrics.store.lake.tables import files_relation
from cx_metrics.store.marts.months import month_at, month_of

Filters = Sequence[tuple[str, Sequence[str]]]


class Drilldown:
    """The contacts that one version of the mart tells of; safe to use from many threads at once.

    Args:
        files: The lake's files the mart was built from.
        zone: The business time zone.
    """

    def __init__(self, files: Sequence[str], *, zone: ZoneInfo) -> None:
        self._zone = zone
        self._files = tuple(files)
        self._connection = connect(files=files)

    def contacts(
        self, *, where: Filters, from_on: date, to_on: date, limit: int | None = None, offset: int = 0
    ) -> pd.DataFrame:
        """The contacts of these filters and business days, newest first; times in UTC, text as it came.

        Args:
            where: Dimensions with the values allowed, as a slice has them; ``(none)`` stands for a missing value.
            from_on: First business day.
            to_on: Last business day, inclusive.
            limit: How many at most; None for all.
            offset: How many to leave out first.

        Returns:
            One row a contact, and of its columns those that have a value in some row asked for.
        """
        return self._read((), {}, where=where, from_on=from_on, to_on=to_on, limit=limit, offset=offset)

    def follow_ups(
        self,
        *,
        where: Filters,
        from_on: date,
        to_on: date,
        marked: Collection[tuple[str, str]],
        done: bool,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """The contacts whose customers asked for a follow-up, newest first; columns as in ``contacts``.

        Args:
            where: As in ``contacts``.
            from_on: First business day.
            to_on: Last business day, inclusive.
            marked: Source and contact id of those that were worked off.
            done: Whether to give these, or those that are open.
            limit: How many at most; None for all.
        """
        among = "(SELECT unnest($sources), unnest($ids))"
        conditions = ("follow_up", f"(source, contact_id) {'IN' if done else 'NOT IN'} {among}")
        params = {"sources": [source for source, _ in marked], "ids": [contact_id for _, contact_id in marked]}
        return self._read(conditions, params, where=where, from_on=from_on, to_on=to_on, limit=limit, offset=0)

    def _read(
        self,
        conditions: Sequence[str],
        params: Mapping[str, object],
        *,
        where: Filters,
        from_on: date,
        to_on: date,
        limit: int | None,
        offset: int,
    ) -> pd.DataFrame:
        start, end = self._utc(from_on), self._utc(to_on + timedelta(days=1))
        conditions = [*conditions, "started_at >= $start", "started_at < $end"]
        params = {**params, "start": start, "end": end}
        for number, (name, values) in enumerate(where):
            assert name in DIMENSIONS
            conditions.append(f"coalesce(\"{name}\", '{NONE}') IN (SELECT unnest($values{number}))")
            params[f"values{number}"] = list(values)
        columns = ", ".join(f'"{field.name}"' for field in FIELDS)
        page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
        months = range(month_at(start), month_at(end) + 1)
        files = [file for file in self._files if month_of(file) in months]
        sql = (
            f"SELECT {columns} FROM {files_relation(files, schema=arrow_schema())} WHERE {' AND '.join(conditions)} "
            f"ORDER BY started_at DESC, source, contact_id {page}"
        )
        with saying(), self._connection.cursor() as cursor:
            frame = cursor.execute(sql, params).df()
        return frame.dropna(axis="columns", how="all") if len(frame) else frame

    def _utc(self, day: date) -> datetime:
        """The first moment of a business day, in UTC without an offset."""
        return datetime.combine(day, time(), self._zone).astimezone(UTC).replace(tzinfo=None)
