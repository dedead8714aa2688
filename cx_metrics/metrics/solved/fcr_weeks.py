"""First contact resolution week by week, as a process with limits; and for every window, same and any intent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cx_metrics.metrics.outcomes import add_rate, add_reason, days_in_words
from cx_metrics.metrics.selection import own_windows, select
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.metrics.solved.process import LIMIT_COLUMNS, MOST_IMMATURE, is_over, process_weeks, with_limits
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.store.marts.mart import Mart

WEEK_COLUMNS = ("period", "value", "low", "high", "n", "reason", "immature", *LIMIT_COLUMNS)
STRIP_COLUMNS = ("scope", "window", "value", "low", "high", "n", "reason", "immature", "left_edge", "no_customer_id")
SAME, ANY = "same intent", "any intent"


def fcr_weeks(mart: Mart, slice: Slice) -> pd.DataFrame:
    """FCR of each full week of a period and of the 26 before it, with the limits it usually keeps.

    Where the slice is of one intent that was fixed, the limits are learnt from the weeks that begin after its last fix.
    A week is known when all its days are older than the window and at most 5 % of its issues are still too young
    because they took long to end; a younger week has no value, as half-known ones look better than they are.

    Args:
        mart: Where to count.
        slice: The period that is judged, and the filters.

    Returns:
        One row per week from its Monday ``period``: ``value``, ``low``, ``high`` in 0..1, ``n``, ``reason`` (why
        there is no value, or no limits), ``immature`` issues, then the limits and signals of ``with_limits``.
    """
    days = _longest_window(mart, slice)
    mondays = process_weeks(mart.facts, slice, edge_days=days)
    if not mondays:
        return pd.DataFrame(columns=list(WEEK_COLUMNS))
    asked = replace(slice, from_on=mondays[0], to_on=mondays[-1] + timedelta(days=6), by=(), grain="week")
    frame = pd.DataFrame({"period": [str(monday) for monday in mondays]}).merge(fcr(mart, asked), how="left")
    counts = frame[["n", "immature"]].fillna(0).astype("int64")
    too_many = counts["immature"] > MOST_IMMATURE * (counts["n"] + counts["immature"])
    young = too_many | ~pd.Series(is_over(mart.facts, mondays, days=days))
    counts["immature"] += counts["n"].where(young, 0)
    counts["n"] = counts["n"].mask(young, 0)
    reason = frame["reason"].astype(object).where(frame["n"].notna(), "no contacts here").mask(young, _too_young(days))
    frame = frame.assign(reason=reason.where(reason.notna(), None), **counts)
    frame[["value", "low", "high"]] = frame[["value", "low", "high"]].astype(float).mask(young)
    hits = np.rint((frame["value"].fillna(0.0) * frame["n"]).to_numpy(dtype=float)).astype(np.int64)
    fixed_on = _fixed_on(mart, slice, mondays[-1] + timedelta(days=6))
    frame = with_limits(frame, hits=hits, from_on=slice.from_on, fixed_on=fixed_on)
    return frame.reindex(columns=list(WEEK_COLUMNS))


def fcr_strip(mart: Mart, slice: Slice) -> pd.DataFrame:
    """FCR for windows of 1 to 30 days, by contacts about the same intent and by any contact of the customer.

    Returns:
        ``scope`` ("same intent" or "any intent") and ``window``, then ``value``, ``low``, ``high`` in 0..1, ``n``,
        ``reason`` and what is left out. The interval for any intent rests on the design effect of all issues.
    """
    plain = replace(slice, by=(), grain=None)
    same = pd.concat([fcr(mart, replace(plain, window=days)) for days in WINDOWS], ignore_index=True)
    any_intent = pd.concat([_any_intent(mart, plain, days) for days in WINDOWS], ignore_index=True)
    frames = [same.assign(scope=SAME), any_intent.assign(scope=ANY)]
    return pd.concat([frame.reindex(columns=list(STRIP_COLUMNS)) for frame in frames], ignore_index=True)


def _fixed_on(mart: Mart, slice: Slice, last: date) -> date | None:
    """Day of the last fix up to a day of the intent that a slice is of; None where it is of several."""
    only = dict(slice.where).get("intent", ())
    fixes = [on for intent, on in mart.decisions.fixes if only == (intent,) and on <= last]
    return max(fixes, default=None)


def _longest_window(mart: Mart, slice: Slice) -> int:
    """Days of the longest window of the intents that a slice allows."""
    own = own_windows(mart, slice)
    only = dict(slice.where).get("intent")
    chosen = [own.get(intent, slice.window_days) for intent in only] if only else [*own.values(), slice.window_days]
    return max(chosen)


def _too_young(days: int) -> str:
    return f"too young: not all of its first contacts are older than {days_in_words(days)} at the data cut-off"


_ANY_SQL = """
    SELECT
        CAST(coalesce(sum(contacts), 0) AS BIGINT) AS contacts,
        CAST(coalesce(sum(contacts) FILTER (NOT identified), 0) AS BIGINT) AS no_customer_id,
        CAST(coalesce(sum(contacts) FILTER (takes_part), 0) AS BIGINT) AS in_time,
        CAST(coalesce(sum(contacts) FILTER (takes_part AND NOT is_first), 0) AS BIGINT) AS repeats,
        CAST(coalesce(sum(contacts) FILTER (takes_part AND is_first AND is_edge), 0) AS BIGINT) AS left_edge,
        CAST(coalesce(sum(contacts) FILTER (is_issue AND NOT is_mature), 0) AS BIGINT) AS immature,
        CAST(coalesce(sum(contacts) FILTER (is_issue AND is_mature), 0) AS BIGINT) AS n,
        CAST(coalesce(sum(contacts) FILTER (is_issue AND is_mature AND is_followed), 0) AS BIGINT) AS followed,
        (SELECT max(deff) FROM dispersion WHERE intent = '' AND unit = 'issue' AND window_days = $days) AS deff
    FROM (
        SELECT *, takes_part AND is_first AND NOT is_edge AS is_issue
        FROM (
            SELECT
                d.contacts, d.identified, d.identified AND d.before_cutoff AS takes_part,
                coalesce(d.repeat_within > $days, true) AS is_first,
                coalesce(d.left_edge_below <= $days, false) AS is_edge,
                d.mature_for >= $days AS is_mature,
                coalesce(d.followed_within <= $days, false) AS is_followed
            {source}
        )
    )"""


def _any_intent(mart: Mart, slice: Slice, days: int) -> pd.DataFrame:
    selection = select(mart, slice)
    sql = _ANY_SQL.format(source=selection.source_sql("daily_any"))
    frame = mart.query(sql, selection.params | {"days": days})
    frame["deff"] = frame["deff"].astype(float).fillna(1.0)
    frame = add_rate(frame, successes=frame["n"] - frame["followed"], n=frame["n"]).assign(window=days)
    within = days_in_words(days)
    return add_reason(
        frame,
        (frame["immature"] > 0, f"too early: no first contact is older than {within} at the data cut-off"),
        (frame["left_edge"] > 0, f"too early in the data: no contact has {within} of data before it"),
        (frame["repeats"] > 0, f"no first contacts here: every contact follows another within {within}"),
    )
