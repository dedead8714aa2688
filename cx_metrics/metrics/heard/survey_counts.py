"""How many contacts ended, were asked for an answer, and gave one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.selection import select, with_iso_period
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

LADDER = ("contacts", "ended", "offered", "answered")
"""From everybody down to those we heard, as columns of the daily table."""

NO_CONTACTS = "no contacts here"
NO_SURVEYS = "no surveys in this data"


@dataclass(frozen=True)
class SurveyCounts:
    """Counts per row of an answer.

    Attributes:
        keys: Columns that name a row.
        frame: The keys and the counts of ``LADDER`` and of the columns asked for, as whole numbers.
        surveyed: Whether the data, not only this slice, has any survey at all.
    """

    keys: tuple[str, ...]
    frame: pd.DataFrame
    surveyed: bool


def survey_counts(mart: Mart, slice: Slice, *, answers: tuple[str, ...] = ()) -> SurveyCounts:
    """The ladder, and sums of answers, per group and period with contacts; by the contact's day.

    Args:
        mart: Where to count.
        slice: What to count; its window plays no part.
        answers: Columns of the surveys table to add up.
    """
    selection = select(mart, slice)
    columns = [*LADDER, *answers]
    sums = ", ".join(f"CAST(coalesce(sum({name}), 0) AS BIGINT) AS {name}" for name in columns)
    contacts = ", ".join([*(f"d.{name}" for name in LADDER), *(f"0 AS {name}" for name in answers)])
    said = ", ".join([*(f"0 AS {name}" for name in LADDER), *(f"d.{name}" for name in answers)])
    rows = f"SELECT {selection.key_sql} {contacts} {selection.source_sql('daily')}"
    if answers:
        rows += f" UNION ALL SELECT {selection.key_sql} {said} {selection.source_sql('surveys')}"
    group = f"GROUP BY {', '.join(selection.keys)}" if selection.keys else ""
    frame = mart.query(
        f"SELECT {selection.key_names} {sums} FROM ({rows}) {group} {selection.order_sql}", selection.params
    )
    return SurveyCounts(selection.keys, with_iso_period(frame), has_surveys(mart))


def has_surveys(mart: Mart) -> bool:
    """Whether any contact of the data was offered a survey or answered one."""
    return bool(mart.query("SELECT EXISTS (FROM surveys) AS found")["found"].iloc[0])
