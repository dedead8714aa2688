"""What a score could be: raw, weighted, if the silent differ, at worst; and where it would miss its target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.errors import BadUse
from cx_metrics.metrics.heard.survey_scores import CSAT, scored
from cx_metrics.metrics.output import ratio
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.nonresponse import delta_range, tipping_point, worst_case
from cx_metrics.statistics.shrinkage import shrunken
from cx_metrics.store.marts.mart import Mart

USUAL_TARGET = 0.80
DELTA = 0.10

COLUMNS = (
    *("contacts", "ended", "offered", "answered", "coverage", "response", "reach", "n", "value", "low", "high"),
    *("weighted", "weighted_low", "weighted_high"),
    *("delta_low", "delta_high", "worst_low", "worst_high", "tipping", "target", "ranked", "n_eff"),
    *("converged", "covered", "answered_rate", "all_rate", "silence_gap", "silence_z", "quality", "doubt", "reason"),
)


def what_it_could_be(mart: Mart, slice: Slice, target: float = USUAL_TARGET) -> pd.DataFrame:
    """Satisfaction per group of the slice with everything that can be wrong with it.

    Args:
        mart: Where to count.
        slice: What to count, grouped as it says.
        target: The share of satisfied customers to be reached, 0..1.

    Returns:
        The slice's keys; the counts of the ladder with ``coverage``, ``response`` and ``reach``; ``n`` answers to the
        question; ``value`` with its ends as ``csat`` gives it; ``weighted`` with its ends; the range around it if the
        silent differ by up to 10 points (``delta_...``); the worst case; ``tipping``, the share of the silent below
        which everybody's would miss ``target`` (below 0: met whatever they think, above 1: missed); ``ranked``, the
        share drawn towards that of all groups, to sort by; ``n_eff``, ``converged`` and ``covered`` of the weights;
        recontact rates of those who answered and of everybody with ``silence_z``; ``quality``, ``doubt`` and
        ``reason``. Lowest ``ranked`` first; groups without a score last, most contacts first.

    Raises:
        BadUse: The target is no share.
    """
    if not 0 <= target <= 1:
        raise BadUse(f"a target of {target} is no share: choose one from 0 to 1, such as 0.8")
    frame, counted = scored(mart, slice, CSAT)
    rate = ratio(frame["n"], frame["contacts"])
    value, weighted = (frame[name].to_numpy(dtype=float) for name in ("value", "weighted"))
    worst_low, worst_high = worst_case(value, rate)
    delta_low, delta_high = delta_range(weighted, rate, DELTA)
    frame = frame.assign(
        coverage=ratio(frame["offered"], frame["ended"].where(frame["offered"] <= frame["ended"], 0)),
        response=ratio(frame["answered"], frame["offered"]),
        reach=ratio(frame["answered"], frame["contacts"]),
        worst_low=worst_low,
        worst_high=worst_high,
        delta_low=delta_low,
        delta_high=delta_high,
        tipping=tipping_point(value, rate, target),
        target=target,
        ranked=_ranked(frame),
    )
    order = ["ranked", "contacts", *counted.keys]
    if not counted.surveyed:
        frame[["offered", "answered", "coverage", "response", "reach"]] = np.nan
    frame = frame.sort_values(order, ascending=[True, False, *(True for _ in counted.keys)], ignore_index=True)
    return frame[[*counted.keys, *COLUMNS]]


def csat_by_intent(mart: Mart, slice: Slice, target: float = USUAL_TARGET) -> pd.DataFrame:
    """``what_it_could_be`` of every intent, or of what else the slice groups by."""
    return what_it_could_be(mart, replace(slice, by=slice.by or ("intent",), grain=None), target)


def _ranked(frame: pd.DataFrame) -> pd.Series:
    known = frame["value"].notna()
    some = frame[known]
    n_eff = some["n_eff"].to_numpy(dtype=float)
    found = shrunken(some["value"].to_numpy(dtype=float) * n_eff, n_eff).value if len(some) else np.array([])
    return pd.Series(found, index=some.index).reindex(frame.index)
