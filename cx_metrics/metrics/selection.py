"""A slice as SQL over the mart: what to group by and what to keep, every value bound as a parameter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.metrics.values import dimension_values
from cx_metrics.store.marts.mart import Mart

Params = dict[str, object]

MOST_LISTED = 12
_PERIOD_SQL: dict[Grain, str] = {
    "day": "d.day",
    "week": "CAST(date_trunc('week', d.day) AS DATE)",
    "month": "CAST(date_trunc('month', d.day) AS DATE)",
}


_CELLS_WITH_WINDOW = """(
    SELECT cells.*, CAST(coalesce(w.window_days, $window) AS TINYINT) AS window_days
    FROM cells LEFT JOIN (
        SELECT unnest(CAST($windowed AS VARCHAR[])) AS intent, unnest(CAST($window_of AS TINYINT[])) AS window_days
    ) AS w USING (intent)
)"""


@dataclass(frozen=True)
class Selection:
    """The halves of a query that come from the slice.

    Attributes:
        keys: Columns that name a row of the answer: the dimensions, then ``period`` with a grain.
        key_sql: Their expressions over ``d`` (daily or touches) and ``c`` (cells), comma-terminated; may be
            empty.
        where_sql: The filter as one condition over the same.
        params: What its parameters stand for.
        needs_cells: Whether any dimension takes part, so that ``c`` has to be joined.
        windows: Further parameters of a source with windows.
    """

    keys: tuple[str, ...]
    key_sql: str
    where_sql: str
    params: Params
    needs_cells: bool
    windows: Params

    def source_sql(self, table: str, *, with_cells: bool = False, with_window: bool = False) -> str:
        """FROM and WHERE over a table of the mart, joined with cells where they are needed.

        Args:
            table: Its name, e.g. ``daily``; ``d`` in the query.
            with_cells: Whether the query names dimensions, as those of ``c``, beyond the keys.
            with_window: Whether it names ``c.window_days``: within how many days a contact about this intent counts
                as a repeat.
        """
        cells = _CELLS_WITH_WINDOW if with_window else "cells"
        is_joined = self.needs_cells or with_cells or with_window
        join = f" JOIN {cells} AS c USING (month, cell)" if is_joined else ""
        return f"FROM {table} AS d{join} WHERE {self.where_sql}"

    def keyed(self, columns: tuple[str, ...]) -> Selection:
        """The same by further columns of the table itself, after its keys."""
        further = "".join(f"d.{column} AS {column}, " for column in columns)
        return replace(self, keys=(*self.keys, *columns), key_sql=self.key_sql + further)

    @property
    def key_names(self) -> str:
        """The keys as a comma-terminated SQL list; may be empty."""
        return "".join(f"{key}, " for key in self.keys)

    @property
    def order_sql(self) -> str:
        """ORDER BY dimensions then period; empty where the answer is one row."""
        return f"ORDER BY {', '.join(self.keys)}" if self.keys else ""


def select(mart: Mart, slice: Slice) -> Selection:
    """The slice as SQL, once its filters are known to name something the data holds.

    Raises:
        BadUse: A filter names a value that no contact has.
    """
    check_filters(mart, slice)
    params: Params = {}
    conditions = [
        *_day_conditions(slice.from_on, slice.to_on, params),
        *(f"c.{dimension} IN ({_bind(values, dimension, params)})" for dimension, values in slice.where),
    ]
    key_sql = "".join(f"c.{dimension} AS {dimension}, " for dimension in slice.by)
    if slice.grain:
        key_sql += f"{_PERIOD_SQL[slice.grain]} AS period, "
    return Selection(
        keys=(*slice.by, *(("period",) if slice.grain else ())),
        key_sql=key_sql,
        where_sql=" AND ".join(conditions) or "true",
        params=params,
        needs_cells=bool(slice.by or slice.where),
        windows=_windows(mart, slice),
    )


def own_windows(mart: Mart, slice: Slice) -> dict[str, int]:
    """Days of the window of each intent that has one of its own; none where the slice asks for one window."""
    return {} if slice.window is not None else dict(mart.decisions.windows)


def _windows(mart: Mart, slice: Slice) -> Params:
    own = own_windows(mart, slice)
    return {"window": slice.window_days, "windowed": list(own), "window_of": list(own.values())}


def check_filters(mart: Mart, slice: Slice) -> None:
    """Makes sure that every value a slice filters by occurs in the data; without data, any value does.

    Raises:
        BadUse: One doesn't; the sentence offers the nearest, or at most 12 of those that do.
    """
    if not mart.facts.contacts:
        return
    for dimension, values in slice.where:
        params: Params = {}
        found = mart.query(
            f"SELECT DISTINCT c.{dimension} AS value FROM cells AS c "
            f"WHERE c.{dimension} IN ({_bind(values, dimension, params)})",
            params,
        )
        for value in sorted(set(values) - set(found["value"])):
            raise BadUse(f"no contact has the {dimension} '{value}': {_hint(mart, dimension, value)}")


def _hint(mart: Mart, dimension: str, value: str) -> str:
    known = dimension_values(mart, dimension)
    hint = did_you_mean(value, known)
    if not hint.startswith("allowed") or len(known) <= MOST_LISTED:
        return hint
    return f"{did_you_mean(value, known[:MOST_LISTED])} and {len(known) - MOST_LISTED} more"


def _day_conditions(from_on: date | None, to_on: date | None, params: Params) -> list[str]:
    conditions = []
    for name, compare, day in (("from_on", ">=", from_on), ("to_on", "<=", to_on)):
        if day is not None:
            params[name] = day
            conditions.append(f"d.day {compare} ${name}")
    return conditions


def _bind(values: tuple[str, ...], name: str, params: Params) -> str:
    """Placeholders for the values, which are added to the parameters."""
    bound = {f"{name}_{i}": value for i, value in enumerate(values)}
    params |= bound
    return ", ".join(f"${key}" for key in bound)


def with_iso_period(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its period, if it has one, as ISO text."""
    if "period" in frame:
        frame["period"] = frame["period"].dt.strftime("%Y-%m-%d")
    return frame


def group_rows(frame: pd.DataFrame, keys: tuple[str, ...]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """The distinct groups of a frame as they first appear, and the number of the group each row is of.

    Without keys all rows are of one group, which is there even without rows.
    """
    if not keys:
        return pd.DataFrame(index=[0]), np.zeros(len(frame), dtype=np.intp)
    groups = frame[[*keys]].drop_duplicates(ignore_index=True)
    numbers = frame.groupby([*keys], sort=False).ngroup()
    return groups, np.asarray(numbers, dtype=np.intp)
