"""Counts of contacts by what happened within the window, with the design effect of their customers.

Every contact falls into exactly one class, by its role (repeat, at the left edge, or a new issue) and its
fate (immature, followed, or quiet), all by the window of its own intent. The mart's codes say which:
``repeat_within`` is the smallest window in which a contact follows its predecessor, ``left_edge_below`` the
smallest in which the data may hide one, ``mature_for`` the days that had passed at the data cut-off,
``followed_within`` the days in which the next contact came.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.output import Condition, Floats, ratio, reasons
from cx_metrics.metrics.selection import Selection, group_rows, own_windows, select, with_iso_period
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.statistics.intervals import wilson
from cx_metrics.store.marts.mart import Mart

Unit = Literal["contact", "issue"]

ALL_INTENTS = ""

NO_CUSTOMER_ID, AFTER_CUTOFF = 0, 1
IMMATURE, FOLLOWED, QUIET = 0, 1, 2
REPEAT, LEFT_EDGE, ISSUE = 2, 5, 8
# One CASE and few groups take a fifth of the time of one FILTER per count over the daily rows.
CLASS_SQL = f"""
    CASE
        WHEN NOT d.identified THEN {NO_CUSTOMER_ID}
        WHEN NOT d.before_cutoff THEN {AFTER_CUTOFF}
        ELSE CASE
            WHEN d.repeat_within <= c.window_days THEN {REPEAT}
            WHEN d.left_edge_below <= c.window_days THEN {LEFT_EDGE}
            ELSE {ISSUE}
        END + CASE
            WHEN d.mature_for < c.window_days THEN {IMMATURE}
            WHEN d.followed_within <= c.window_days THEN {FOLLOWED}
            ELSE {QUIET}
        END
    END"""
"""The class of a row of ``daily`` as ``d``, its cell as ``c`` with ``window_days``."""


class Count(NamedTuple):
    """What to add up, over contacts of which classes."""

    classes: tuple[int, ...]
    column: str = "contacts"


def _classes(roles: tuple[int, ...], fates: Collection[int] = (IMMATURE, FOLLOWED, QUIET)) -> tuple[int, ...]:
    return tuple(role + fate for role in roles for fate in fates)


_ALL_ROLES = (REPEAT, LEFT_EDGE, ISSUE)
_ELIGIBLE = _classes((ISSUE,), (FOLLOWED, QUIET))

COUNTS: dict[str, Count] = {
    "contacts": Count((NO_CUSTOMER_ID, AFTER_CUTOFF, *_classes(_ALL_ROLES))),
    "no_customer_id": Count((NO_CUSTOMER_ID,)),
    "in_time": Count(_classes(_ALL_ROLES)),
    "mature": Count(_classes(_ALL_ROLES, (FOLLOWED, QUIET))),
    "followed": Count(_classes(_ALL_ROLES, (FOLLOWED,))),
    "repeats": Count(_classes((REPEAT,))),
    "left_edge": Count(_classes((LEFT_EDGE,))),
    "immature": Count(_classes((ISSUE,), (IMMATURE,))),
    "eligible": Count(_ELIGIBLE),
    "followed_issues": Count(_classes((ISSUE,), (FOLLOWED,))),
    "resolved": Count(_ELIGIBLE, "resolved"),
    "resolved_followed": Count(_classes((ISSUE,), (FOLLOWED,)), "resolved"),
    "resolved_known": Count(_ELIGIBLE, "resolved_known"),
    "confirmed": Count(_ELIGIBLE, "confirmed"),
    "confirmed_known": Count(_ELIGIBLE, "confirmed_known"),
}
"""Counts by name. ``in_time``: with a customer id, not after the cut-off; ``eligible``: mature issues."""

GROUNDS = ("contacts", "no_customer_id", "in_time")
"""The counts that say why a rate can't be known; every metric of outcomes asks for them."""


@dataclass(frozen=True)
class Outcomes:
    """Counts per row of an answer.

    Attributes:
        keys: Columns that name a row.
        frame: The keys, the counts asked for as whole numbers, ``deff``, the design effect of the rate, and
            ``window``, the days of the window of all intents in the row; missing where they differ.
    """

    keys: tuple[str, ...]
    frame: pd.DataFrame


def count_outcomes(
    mart: Mart,
    slice: Slice,
    *,
    counts: tuple[str, ...],
    n: str,
    unit: Unit,
    table: str = "daily",
    also: tuple[str, ...] = (),
) -> Outcomes:
    """The counts named and ``GROUNDS``, per group and period of the slice that has any contact.

    ``deff`` is the intent's where contacts of one intent make up the n; else the larger of the mean over the
    intents, weighted by their n, and the one of all intents together: customers come with several reasons.

    Args:
        mart: Where to count.
        slice: What to count; its window, or else each intent's own, tells repeats from new issues.
        counts: Names out of ``COUNTS``.
        n: The one of them the rate divides by.
        unit: What the design effect is of: all contacts, or issues only.
        table: Which contacts: all of ``daily``, or those of another table with the same codes.
        also: Columns of that table to group by beside the slice's dimensions.
    """
    selection = select(mart, slice).keyed(also)
    counts = (*GROUNDS, *counts)
    classes = mart.query(_sql(selection, counts, table=table), selection.params | selection.windows)
    groups, rows = group_rows(classes, selection.keys)
    parts = {name: _part(classes, COUNTS[name]) for name in counts}
    sums = {name: np.bincount(rows, part, len(groups)).astype(np.int64) for name, part in parts.items()}
    deff = _pooled(_effects(mart, slice, unit), classes["of_intent"], parts[n], rows=rows, n_groups=len(groups))
    window = _window(classes["window_days"], rows=rows, n_groups=len(groups), usual=slice.window_days)
    return Outcomes(selection.keys, with_iso_period(groups.assign(**sums, deff=deff, window=window)))


def _sql(selection: Selection, counts: tuple[str, ...], *, table: str) -> str:
    """The columns that the counts add up, per key, intent and class, in the order of the keys."""
    columns = sorted({COUNTS[name].column for name in counts})
    sums = ", ".join(f"CAST(sum(d.{column}) AS BIGINT) AS {column}" for column in columns)
    return (
        f"SELECT {selection.key_sql} c.intent AS of_intent, c.window_days, {CLASS_SQL} AS class, {sums} "
        f"{selection.source_sql(table, with_window=True)} GROUP BY ALL "
        f"ORDER BY {selection.key_names} of_intent, class"
    )


def _part(classes: pd.DataFrame, count: Count) -> NDArray[np.int64]:
    """What each row adds to a count."""
    is_in = np.isin(classes["class"].to_numpy(), count.classes)
    return np.where(is_in, classes[count.column].to_numpy(), 0)


def _effects(mart: Mart, slice: Slice, unit: Unit) -> dict[str, float]:
    """Design effect of each intent at its window; ``*`` is that of all together at the usual one."""
    own = own_windows(mart, slice)
    frame = mart.query(
        "SELECT intent, window_days, max(deff) AS deff FROM dispersion WHERE unit = $unit GROUP BY ALL", {"unit": unit}
    )
    return {
        intent: deff
        for intent, days, deff in zip(frame["intent"], frame["window_days"], frame["deff"], strict=True)
        if days == own.get(intent, slice.window_days)
    }


def _window(days: pd.Series, *, rows: NDArray[np.intp], n_groups: int, usual: int) -> NDArray[np.object_]:
    """The one window of each group; None where its intents have different ones, the usual one where it is empty."""
    most, least = np.zeros(n_groups, dtype=int), np.full(n_groups, max(WINDOWS))
    np.maximum.at(most, rows, days)
    np.minimum.at(least, rows, days)
    one = np.where(most == 0, usual, most).astype(object)
    one[(most > 0) & (most != least)] = None
    return one


def _pooled(
    effects: dict[str, float],
    intents: pd.Series,
    n: NDArray[np.int64],
    *,
    rows: NDArray[np.intp],
    n_groups: int,
) -> Floats:
    """Design effect of each group, from those of the intents in it; an intent without one has that of all."""
    of_all = effects.get(ALL_INTENTS, 1.0)
    numbers, names = pd.factorize(intents)
    own = np.array([effects.get(name, of_all) for name in names], dtype=float)[numbers]
    has_any = n > 0
    rows, n, own, numbers = rows[has_any], n[has_any], own[has_any], numbers[has_any]
    mean = ratio(np.bincount(rows, own * n, n_groups), np.bincount(rows, n, n_groups))
    pairs = np.unique(rows * len(names) + numbers)
    is_mixed = np.bincount(pairs // max(len(names), 1), minlength=n_groups) > 1
    single = np.ones(n_groups)
    single[rows] = own
    return np.where(is_mixed, np.maximum(mean, of_all), single)


def add_rate(frame: pd.DataFrame, *, successes: pd.Series, n: pd.Series) -> pd.DataFrame:
    """The frame with ``value`` = successes / n, its 95% Wilson interval on n / deff, and ``n``."""
    low, high = wilson(successes, n, deff=frame["deff"])
    return frame.assign(value=ratio(successes, n), low=low, high=high, n=n)


def add_reason(frame: pd.DataFrame, *further: Condition) -> pd.DataFrame:
    """The frame with ``reason``: per row without a value the first condition's words that holds, else None.

    Conditions that all metrics of outcomes share come first: no contacts, no customer ids, none before the
    cut-off.

    Args:
        frame: With ``value`` and the counts in ``GROUNDS``.
        further: More conditions, one flag per row, with their words.
    """
    reason = reasons(
        frame["value"],
        (frame["contacts"] == 0, "no contacts here"),
        (frame["contacts"] == frame["no_customer_id"], "no customer ids in this data"),
        (frame["in_time"] == 0, "no contact with a customer id is before the data cut-off"),
        *further,
    )
    return frame.assign(reason=reason)


def days_in_words(window: int | None) -> str:
    """A window as reasons name it: ``7 days``; None stands for windows that differ."""
    if window is None:
        return "its window"
    return "1 day" if window == 1 else f"{window} days"
