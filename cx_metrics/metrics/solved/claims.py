"""Resolved, or just gone away? What agents claim, what customers do, and what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.output import Floats, ratio
from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.shrinkage import shrunken
from cx_metrics.store.marts.mart import Mart

LEAST_ANSWERS = 10
"""Survey answers below which no share of them is given: it would say little, and could name a customer."""
CLAIM_COLUMNS = (
    *("n", "claimed", "observed", "observed_low", "observed_high", "confirmed", "confirmed_low", "confirmed_high"),
    *("range_low", "range_high", "overclaim", "overclaim_low", "overclaim_high", "kappa", "reason"),
    *("claims_known", "claims", "claimed_quiet", "answers", "answers_claimed_quiet", "immature", "no_customer_id"),
)
OVERCLAIM_COLUMNS = ("value", "low", "high", "n", "reason", "followed", "raw")
_COUNTS_SQL = """
    count(*) FILTER (resolved IS NOT NULL) AS claims_known,
    count(*) FILTER (resolved) AS claims,
    count(*) FILTER (resolved AND quiet) AS claimed_quiet,
    count(*) FILTER (NOT resolved AND quiet) AS open_quiet,
    count(*) FILTER (confirmed IS NOT NULL) AS answers,
    count(*) FILTER (confirmed) AS confirmations,
    count(*) FILTER (resolved AND quiet AND confirmed IS NOT NULL) AS answers_claimed_quiet,
    count(*) FILTER (resolved AND quiet AND confirmed) AS confirmed_claimed_quiet"""
_ELIGIBLE_SQL = """
    d.customer_key IS NOT NULL AND d.before_cutoff AND coalesce(d.repeat_within > c.window_days, true)
    AND coalesce(d.left_edge_below > c.window_days, true) AND d.mature_for >= c.window_days"""


def claims(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Shares of first contacts solved by the agent's word, by the customer's staying away, and by the customer's word.

    None of the three is the truth: agents tick too much, the quiet may have given up, and few answer. The honest
    range goes from the share claimed and quiet, times the lower end of what customers of just that group confirm,
    up to the share observed. In simulations it held the truth in all of 200 runs.

    Returns:
        One row per group of the slice: ``n`` eligible first contacts; ``claimed``, ``observed`` and ``confirmed`` in
        0..1, with intervals of the latter two; ``range_low`` (missing with fewer than 10 answers of that group) and
        ``range_high``; ``overclaim``, the share of claimed ones that were followed after all, with its interval;
        ``kappa``, how far claimed and observed agree beyond chance (Cohen 1960); ``reason`` why nothing is
        observed; then the counts they rest on.
    """
    slice = replace(slice, grain=None)
    observed = fcr(mart, slice).rename(columns={"value": "observed", "low": "observed_low", "high": "observed_high"})
    deff = count_outcomes(mart, slice, counts=("eligible",), n="eligible", unit="issue").frame["deff"].to_numpy()
    counts = _counts(mart, slice)
    frame = observed.assign(**counts[[name for name in counts if name not in slice.by]])
    frame = _with_confirmed(frame, deff)
    return _with_overclaim(frame, deff).reindex(columns=[*slice.by, *CLAIM_COLUMNS])


def overclaims(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Of the first contacts that agents marked solved the share that was followed after all, by group, shrunken.

    Groups are pulled towards their common mean so far as chance explains their differences, so that the ends of
    the ranking are not just the smallest groups.

    Returns:
        One row per group of the slice: ``value`` and its interval after shrinking, ``n`` claimed first contacts,
        ``reason`` where there are none, ``followed`` of them and their ``raw`` share.
    """
    counted = count_outcomes(
        mart, replace(slice, grain=None), counts=("resolved", "resolved_followed"), n="resolved", unit="issue"
    )
    frame, n = counted.frame, counted.frame["resolved"]
    deff = frame["deff"].to_numpy()
    found = shrunken(frame["resolved_followed"] / deff, n / deff)
    some = (n > 0).to_numpy()
    reason = [None if known else "no first contact here is known to be marked solved" for known in some]
    frame = frame.assign(
        value=np.where(some, found.value, np.nan),
        low=np.where(some, found.low, np.nan),
        high=np.where(some, found.high, np.nan),
        n=n,
        reason=pd.Series(reason, dtype=object),
        followed=frame["resolved_followed"],
        raw=ratio(frame["resolved_followed"], n),
    )
    return frame.reindex(columns=[*slice.by, *OVERCLAIM_COLUMNS])


def _counts(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Cross counts of claim, fate and answer, which no sum of daily counts holds; rows as those of the metric."""
    selection = select(mart, slice)
    source = selection.source_sql("touches", with_window=True)
    counts = _COUNTS_SQL.replace("FILTER (", "FILTER (eligible AND ")
    group = f"GROUP BY {', '.join(slice.by)}" if slice.by else ""
    return mart.query(
        f"SELECT {selection.key_names} {counts} FROM (SELECT {selection.key_sql} d.resolved, d.confirmed, "
        f"{_ELIGIBLE_SQL} AS eligible, coalesce(d.followed_within > c.window_days, true) AS quiet {source}) "
        f"{group} {selection.order_sql}",
        selection.params | selection.windows,
    )


def _with_confirmed(frame: pd.DataFrame, deff: Floats) -> pd.DataFrame:
    low, high = wilson(frame["confirmations"], frame["answers"], deff=deff)
    enough = (frame["answers"] >= LEAST_ANSWERS).to_numpy()
    of_group, _ = wilson(frame["confirmed_claimed_quiet"], frame["answers_claimed_quiet"], deff=deff)
    in_group = (frame["answers_claimed_quiet"] >= LEAST_ANSWERS).to_numpy()
    lowest = ratio(frame["claimed_quiet"], frame["claims_known"]) * of_group
    observed = frame["observed"].to_numpy(dtype=float)
    return frame.assign(
        claimed=ratio(frame["claims"], frame["claims_known"]),
        confirmed=np.where(enough, ratio(frame["confirmations"], frame["answers"]), np.nan),
        confirmed_low=np.where(enough, low, np.nan),
        confirmed_high=np.where(enough, high, np.nan),
        range_low=np.where(in_group, np.minimum(lowest, observed), np.nan),
        range_high=observed,
    )


def _with_overclaim(frame: pd.DataFrame, deff: Floats) -> pd.DataFrame:
    claimed = frame["claims"]
    back = claimed - frame["claimed_quiet"]
    low, high = wilson(back, claimed, deff=deff)
    return frame.assign(overclaim=ratio(back, claimed), overclaim_low=low, overclaim_high=high, kappa=_kappa(frame))


def _kappa(frame: pd.DataFrame) -> Floats:
    """Agreement of claimed and observed beyond chance; NaN where one of them never varies in either."""
    n = frame["claims_known"].to_numpy(dtype=float)
    claimed = frame["claims"].to_numpy(dtype=float)
    quiet = (frame["claimed_quiet"] + frame["open_quiet"]).to_numpy(dtype=float)
    agree = 2 * frame["claimed_quiet"].to_numpy(dtype=float) + n - claimed - quiet
    by_chance = claimed * quiet + (n - claimed) * (n - quiet)
    return ratio(agree * n - by_chance, n * n - by_chance)
