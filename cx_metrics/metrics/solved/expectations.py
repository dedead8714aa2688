"""How long customers wait until it is solved: by intent, week by week, and where urgent contacts wait longest."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from cx_metrics.metrics.selection import Selection, select
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.kept import kept
from cx_metrics.metrics.solved.process import LIMIT_COLUMNS, is_over, process_weeks, with_limits
from cx_metrics.store.marts.mart import Mart

LEAST_ENDED = 10
"""Ended contacts below which no median is given: one more contact could move it far."""
HOUR = 3600
HOURS_COLUMNS = (
    *("contacts", "ended", "not_ended", "median_hours", "p90_hours", "reason", "expected_hours"),
    *("kept", "kept_low", "kept_high", "n"),
)
KEPT_WEEK_COLUMNS = ("period", "value", "low", "high", "n", "reason", "not_ended", *LIMIT_COLUMNS)
URGENT_COLUMNS = ("contacts", "ended", "not_ended", "median_hours", "p90_hours", "times_fastest", "reason")
_URGENT = re.compile(
    r"\s*(?:(?:\d+\s*[-–:.]\s*)?(?:urgent|high|critical|emergency|immediate|blocker)|(?:p|sev|prio|priority)?[\s-]*[01](?!\d))",
    re.I,
)


def hours(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Hours from the start of a contact to its end, by intent: the median and what 9 of 10 did not exceed.

    Both are hours of one ended contact: half, and 90 %, of the ended ones took at most as long. Contacts that have
    not ended are counted beside them; the longer they stay open, the more both understate.

    Returns:
        One row per intent: ``contacts``, ``ended``, ``not_ended``, ``median_hours`` and ``p90_hours`` (missing with
        fewer than 10 ended), ``reason`` why, ``expected_hours`` as decided, and ``kept`` in 0..1 with its interval
        and ``n``; longest median first.
    """
    asked = replace(slice, by=("intent",), grain=None)
    selection = select(mart, asked)
    frame = quantiles(mart, selection, by=selection.keys)
    share = kept(mart, asked)[["intent", "value", "low", "high", "n"]]
    share = share.rename(columns={"value": "kept", "low": "kept_low", "high": "kept_high"})
    decided = {d.intent: d.expected_hours for d in mart.decisions.intents}
    frame = frame.merge(share, on="intent")
    frame["expected_hours"] = pd.Series([decided.get(intent) for intent in frame["intent"]], dtype=object)
    frame = frame.sort_values(["median_hours", "intent"], ascending=[False, True], ignore_index=True)
    return frame.astype({"expected_hours": float}).reindex(columns=["intent", *HOURS_COLUMNS])


def kept_weeks(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of contacts solved within their expected hours, by the week they began, with its usual limits.

    A week has no value before the longest expectation has passed for all its days: what ended by then would look
    better than it is.

    Returns:
        One row per week from its Monday ``period``: ``value``, ``low``, ``high`` in 0..1, ``n`` ended, ``reason``,
        ``not_ended``, then the limits and signals of ``with_limits``.
    """
    mondays = process_weeks(mart.facts, slice)
    if not mondays:
        return pd.DataFrame(columns=list(KEPT_WEEK_COLUMNS))
    asked = replace(slice, from_on=mondays[0], to_on=mondays[-1] + timedelta(days=6), by=(), grain="week")
    frame = pd.DataFrame({"period": [str(monday) for monday in mondays]}).merge(kept(mart, asked), how="left")
    longest = max((d.expected_hours or 0.0 for d in mart.decisions.intents), default=0.0)
    days = math.ceil(longest / 24)
    young = pd.Series(~is_over(mart.facts, mondays, days=days))
    young &= frame["reason"].isna()
    counts = frame[["n", "kept", "not_ended"]].fillna(0).astype("int64")
    counts["n"] = counts["n"].mask(young, 0)
    reason = frame["reason"].astype(object).where(frame["n"].notna(), "no contacts here")
    reason = reason.mask(young, "too young: the longest expectation has not passed for all its days")
    frame = frame.assign(reason=reason.where(reason.notna(), None), n=counts["n"], not_ended=counts["not_ended"])
    frame[["value", "low", "high"]] = frame[["value", "low", "high"]].astype(float).mask(young)
    hits = counts["kept"].mask(young, 0).to_numpy(dtype=np.int64)
    return with_limits(frame, hits=hits, from_on=slice.from_on).reindex(columns=list(KEPT_WEEK_COLUMNS))


def urgencies(mart: Mart) -> tuple[str, ...]:
    """The words for urgency that the data has, sorted."""
    found = mart.query("SELECT DISTINCT urgency FROM touches WHERE urgency IS NOT NULL ORDER BY urgency")
    return tuple(str(word) for word in found["urgency"])


def is_urgent(word: str) -> bool:
    """Whether a word for urgency means urgent: it begins with urgent, high, critical, 1, P1 or the like."""
    return _URGENT.match(word) is not None


def urgent_hours(mart: Mart, slice: Slice, words: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Hours that urgent contacts take until their end, by channel, against the fastest channel.

    Args:
        mart: Where to look.
        slice: Period and filters.
        words: Urgencies that count as urgent; None for those that read so.

    Returns:
        One row per channel with urgent contacts: ``contacts``, ``ended``, ``not_ended``, ``median_hours`` and
        ``p90_hours`` (missing with fewer than 10 ended), ``times_fastest``: the median over that of the channel with
        the lowest one (missing where that is 0), ``reason``; slowest first.
    """
    chosen = words if words is not None else tuple(filter(is_urgent, urgencies(mart)))
    asked = replace(slice, by=("channel",), grain=None)
    selection = select(mart, asked)
    frame = quantiles(mart, selection, by=selection.keys, urgent=chosen)
    fastest = frame["median_hours"].min()
    times = frame["median_hours"] / fastest if fastest > 0 else np.nan
    frame = frame.assign(times_fastest=times)
    frame = frame.sort_values(["median_hours", "channel"], ascending=[False, True], ignore_index=True)
    return frame.reindex(columns=["channel", *URGENT_COLUMNS])


def quantiles(
    mart: Mart, selection: Selection, *, by: tuple[str, ...], urgent: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """Contacts, those ended, and two quantiles of their hours: the least that so many of them did not exceed."""
    keys = ", ".join(by)
    only = "" if urgent is None else "WHERE list_contains(CAST($urgent AS VARCHAR[]), urgency)"
    frame = mart.query(
        f"SELECT {keys}, count(*) AS contacts, count(ended_after_s) AS ended, "
        "quantile_disc(ended_after_s, 0.5) AS median_s, quantile_disc(ended_after_s, 0.9) AS p90_s "
        f"FROM (SELECT {selection.key_sql} d.ended_after_s, d.urgency {selection.source_sql('touches')}) {only} "
        f"GROUP BY {keys} ORDER BY {keys}",
        selection.params | ({} if urgent is None else {"urgent": list(urgent)}),
    )
    few = frame["ended"] < LEAST_ENDED
    reason = pd.Series(
        np.where(frame["ended"] == 0, "none is known to have ended", "fewer than 10 have ended"), dtype=object
    )
    return frame.assign(
        not_ended=frame["contacts"] - frame["ended"],
        median_hours=(frame["median_s"].astype(float) / HOUR).mask(few),
        p90_hours=(frame["p90_s"].astype(float) / HOUR).mask(few),
        reason=reason.where(few, None),
    )
