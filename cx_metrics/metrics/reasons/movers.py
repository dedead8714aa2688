"""Which intents weigh most, and which changed since a comparison period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cx_metrics.errors import BadUse
from cx_metrics.metrics.periods import full_days_within
from cx_metrics.metrics.reasons.trend import daily_counts, sparkline
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.band import MAD_TO_SD
from cx_metrics.store.marts.mart import Mart, MartFacts

LEARNT_WEEKS = 26
LEAST_WEEKS = 8
Z_99 = 2.576
_BY_INTENT = ("intent",)


def pareto(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The intents of a slice, heaviest first, with what they add up to.

    Returns:
        ``intent``, ``contacts``, ``share`` of all contacts in 0..1, ``cumulative_share`` down to this intent.
    """
    frame = _contacts(mart, slice, "contacts").sort_values(["contacts", "intent"], ascending=[False, True])
    total = frame["contacts"].sum()
    frame["share"] = frame["contacts"] / total
    frame["cumulative_share"] = frame["contacts"].cumsum() / total
    return frame.reset_index(drop=True)


def movers(mart: Mart, slice: Slice, compare: Slice) -> pd.DataFrame:
    """How each intent's contacts changed against a period of the same length, largest change first.

    ``beyond`` says whether the change is more than chance: ``|change| > 2.576 sqrt(phi (contacts +
    before))``, as for 1 of 100 intents whose rate didn't change. phi is how far the intent's weeks stray
    beyond Poisson, at least 1: the variance of a week over its mean in the 26 weeks before the period. The
    variance is taken from the median step between neighbouring weeks, so that neither a slow trend nor a past
    incident widens it.

    Args:
        mart: Where to count.
        slice: The period, with both ends.
        compare: The comparison period, with both ends.

    Returns:
        ``intent``, ``contacts``, ``before``, ``change``, ``change_rate`` (of before; missing where that is
        0), ``change_share`` (of the sum of all changes, negative against its direction; missing where that is
        0), ``beyond`` (missing with fewer than 8 weeks of data before the period) and ``reason``: why there
        is no change, as a period isn't complete, or why nothing can be said about chance.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    first_on = _check_periods(slice, compare)
    now, before = _contacts(mart, slice, "contacts"), _contacts(mart, compare, "before")
    frame = now.merge(before, how="outer", on="intent")
    frame[["contacts", "before"]] = frame[["contacts", "before"]].fillna(0).astype("int64")
    why = _incomplete(mart.facts, slice, "period") or _incomplete(mart.facts, compare, "comparison period")
    if why:
        frame = frame.assign(before=None, change=None, change_rate=None, change_share=None, beyond=None, reason=why)
        return frame.sort_values(["contacts", "intent"], ascending=[False, True], ignore_index=True)
    frame = _judged(_with_change(frame), _overdispersion(mart, slice, first_on))
    order = frame["change"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def intent_table(mart: Mart, slice: Slice, compare: Slice) -> pd.DataFrame:
    """The intents of a period in one table: ``movers`` with ``share`` of the contacts and ``weekly`` counts.

    Returns:
        The columns of ``movers``, then ``share`` in 0..1 and ``weekly`` as ``sparkline`` has it, zeros for an
        intent that doesn't occur in these weeks; most contacts first.
    """
    table = movers(mart, slice, compare).sort_values(["contacts", "intent"], ascending=[False, True])
    sparklines = sparkline(mart, slice)
    lines: dict[str, list[int]] = dict(zip(sparklines["intent"], sparklines["weekly"], strict=True))
    silent = [0] * max(map(len, lines.values()), default=0)
    table["share"] = table["contacts"] / max(table["contacts"].sum(), 1)
    table["weekly"] = [lines.get(intent, silent) for intent in table["intent"]]
    return table.reset_index(drop=True)


def _check_periods(slice: Slice, compare: Slice) -> date:
    """First day of the period, once both periods are known to be of one length."""
    if slice.from_on is None or slice.to_on is None or compare.from_on is None or compare.to_on is None:
        raise BadUse("a comparison needs two periods with a first and a last day")
    days, days_before = slice.to_on - slice.from_on, compare.to_on - compare.from_on
    if days != days_before:
        raise BadUse(
            f"the periods compared have {days.days + 1} and {days_before.days + 1} days: choose two of the same length"
        )
    return slice.from_on


def _contacts(mart: Mart, slice: Slice, name: str) -> pd.DataFrame:
    counted = volume(mart, replace(slice, by=_BY_INTENT, grain=None))
    return counted[["intent", "value"]].rename(columns={"value": name})


def _incomplete(facts: MartFacts, slice: Slice, what: str) -> str | None:
    full = full_days_within(facts, slice)
    if not full.size:
        return f"the data knows no day of the {what} in full"
    if (full[0], full[-1]) != (np.datetime64(slice.from_on), np.datetime64(slice.to_on)):
        return f"of the {what}, the data knows {full[0]} to {full[-1]} in full"
    return None


def _with_change(frame: pd.DataFrame) -> pd.DataFrame:
    change = frame["contacts"] - frame["before"]
    total = change.sum()
    return frame.assign(
        change=change,
        change_rate=(change / frame["before"]).where(frame["before"] > 0),
        change_share=change / total if total else np.nan,
    )


def _judged(frame: pd.DataFrame, phi: pd.Series | None) -> pd.DataFrame:
    if phi is None:
        why = f"fewer than {LEAST_WEEKS} weeks of data before this period: too few to tell a change from chance"
        return frame.assign(beyond=None, reason=why)
    spread = np.sqrt(frame["intent"].map(phi).fillna(1.0) * (frame["contacts"] + frame["before"]))
    return frame.assign(beyond=frame["change"].abs() > Z_99 * spread, reason=None)


def _overdispersion(mart: Mart, slice: Slice, first_on: date) -> pd.Series | None:
    """Variance over mean of each intent's weeks before the day given, at least 1; None with too few weeks."""
    days = full_days_within(mart.facts, replace(slice, from_on=None, to_on=first_on - timedelta(days=1)))
    weeks = min(LEARNT_WEEKS, days.size // 7)
    if weeks < LEAST_WEEKS:
        return None
    groups, counts = daily_counts(mart, replace(slice, by=_BY_INTENT), days[-7 * weeks :])
    weekly = counts.reshape(len(groups), weeks, 7).sum(axis=2)
    deviation = MAD_TO_SD * np.median(np.abs(np.diff(weekly, axis=1)), axis=1) / np.sqrt(2)
    phi = np.maximum(deviation**2 / weekly.mean(axis=1), 1.0)
    return pd.Series(phi, index=groups["intent"].to_numpy())
