"""Whether one contact was enough: first contact resolution."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cx_metrics.metrics.outcomes import add_rate, add_reason, count_outcomes, days_in_words
from cx_metrics.metrics.output import answer, ratio
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.verdict import verdict
from cx_metrics.store.marts.mart import Mart

FCR_PARTS = (
    "target",
    "verdict",
    "claimed",
    "confirmed",
    "immature",
    "left_edge",
    "no_customer_id",
    "window",
)
_COUNTS = (
    "repeats",
    "left_edge",
    "immature",
    "eligible",
    "followed_issues",
    "resolved",
    "resolved_known",
    "confirmed",
    "confirmed_known",
)


def fcr(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of first contacts that no other of the same customer and intent followed within the window.

    Args:
        mart: Where to count; the targets are those of its decisions.
        slice: What to count; its window, or else each intent's own, decides what follows.

    Returns:
        One row per group and period with contacts: value in 0..1 with its 95% interval, n = eligible first
        contacts (with customer id, mature, not at the left edge). ``claimed`` and ``confirmed`` are the
        shares resolved by the agent's and by the customer's word, of the same first contacts, where it is
        known; ``immature``, ``left_edge`` and ``no_customer_id`` count what is left out; ``window`` is missing
        where intents have different ones; ``target`` and ``verdict`` only where all contacts of a row have one
        intent, and that has a target.
    """
    outcomes = count_outcomes(mart, slice, counts=_COUNTS, n="eligible", unit="issue")
    counts = outcomes.frame
    frame = add_rate(counts, successes=counts["eligible"] - counts["followed_issues"], n=counts["eligible"])
    frame = _with_verdict(_with_reason(frame), _targets(frame, slice, mart.decisions.targets))
    frame = frame.assign(
        claimed=ratio(counts["resolved"], counts["resolved_known"]),
        confirmed=ratio(counts["confirmed"], counts["confirmed_known"]),
    )
    return answer(frame, keys=outcomes.keys, parts=FCR_PARTS)


def _with_reason(frame: pd.DataFrame) -> pd.DataFrame:
    within = frame["window"].map(days_in_words)
    return add_reason(
        frame,
        (frame["immature"] > 0, "too early: no first contact is older than " + within + " at the data cut-off"),
        (frame["left_edge"] > 0, "too early in the data: no contact has " + within + " of data before it"),
        (frame["repeats"] > 0, "no first contacts here: every contact follows another within " + within),
    )


def _targets(frame: pd.DataFrame, slice: Slice, targets: Mapping[str, float]) -> list[float | None]:
    if "intent" in frame:
        return [targets.get(intent) for intent in frame["intent"]]
    only = dict(slice.where).get("intent", ())
    return [targets.get(only[0]) if len(only) == 1 else None] * len(frame)


def _with_verdict(frame: pd.DataFrame, targets: list[float | None]) -> pd.DataFrame:
    columns = (frame[name] for name in ("value", "low", "high", "n", "deff"))
    verdicts = [
        verdict(value=value, low=low, high=high, n=n, n_eff=n / deff, target=target)
        for value, low, high, n, deff, target in zip(*columns, targets, strict=True)
    ]
    words = [None if said is None else said.value for said in verdicts]
    return frame.assign(target=pd.Series(targets, dtype=object), verdict=pd.Series(words, dtype=object))
