"""Whether customers were told the truth: the share solved within the hours their intent promises."""

from __future__ import annotations

import math

import pandas as pd

from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.outcomes import add_rate
from cx_metrics.metrics.output import answer, reasons
from cx_metrics.metrics.selection import Params, select, with_iso_period
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.clusters import design_effect
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.marts.mart import Mart

KEPT_PARTS = ("kept", "ended", "not_ended", "without_expectation")
_SUMS = {
    "contacts": "sum(contacts)",
    "without_expectation": "sum(without_expectation)",
    "ended": "sum(n)",
    "kept": "sum(y)",
    # A contact without a customer id is a customer of its own: nobody knows better.
    "clusters": "sum(CASE WHEN customer_key IS NULL THEN n WHEN n > 0 THEN 1 ELSE 0 END)",
    "sum_nn": "sum(CASE WHEN customer_key IS NULL THEN n ELSE n * n END)",
    "sum_ny": "sum(CASE WHEN customer_key IS NULL THEN y ELSE n * y END)",
    "sum_yy": "sum(CASE WHEN customer_key IS NULL THEN y ELSE y * y END)",
}


def kept(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of ended contacts that were solved within the hours customers are told for their intent.

    Args:
        mart: Where to count; the hours are those of its decisions.
        slice: What to count.

    Returns:
        One row per group and period with contacts: value in 0..1 with its 95% interval on the design effect by
        customer, n = ``ended``: contacts of intents with an expectation whose end is known; ``kept`` of them in
        time; ``not_ended`` have an expectation and no known end; ``without_expectation`` have none.
    """
    selection = select(mart, slice)
    sums = ", ".join(f"CAST(coalesce({sql}, 0) AS BIGINT) AS {name}" for name, sql in _SUMS.items())
    group = f"GROUP BY {', '.join(selection.keys)}" if selection.keys else ""
    counts = mart.query(
        "WITH promised AS (SELECT unnest(CAST($promised AS VARCHAR[])) AS of_intent, "
        "unnest(CAST($within AS BIGINT[])) AS within_s), parts AS ("
        f"SELECT {selection.key_names} customer_key, count(*) AS contacts, "
        "count(*) FILTER (within_s IS NULL) AS without_expectation, "
        "count(*) FILTER (within_s IS NOT NULL AND ended_after_s IS NOT NULL) AS n, "
        "count(*) FILTER (ended_after_s <= within_s) AS y "
        f"FROM (SELECT {selection.key_sql} c.intent AS of_intent, d.customer_key, d.ended_after_s "
        f"{selection.source_sql('touches', with_cells=True)}) LEFT JOIN promised USING (of_intent) GROUP BY ALL) "
        f"SELECT {selection.key_names} {sums} FROM parts {group} {selection.order_sql}",
        selection.params | _promised(mart.decisions),
    )
    return answer(_with_reason(_with_rate(counts)), keys=selection.keys, parts=KEPT_PARTS)


def _promised(decisions: Decisions) -> Params:
    """Whole seconds within which a contact of an intent is in time."""
    hours = {d.intent: d.expected_hours for d in decisions.intents if d.expected_hours is not None}
    # Rounded first, so that 4.1 hours are 14760 seconds and not the 14759 that binary fractions make of it.
    return {"promised": list(hours), "within": [math.floor(round(each * 3600, 6)) for each in hours.values()]}


def _with_rate(counts: pd.DataFrame) -> pd.DataFrame:
    deff = design_effect(
        clusters=counts["clusters"],
        n=counts["ended"],
        successes=counts["kept"],
        sum_nn=counts["sum_nn"],
        sum_ny=counts["sum_ny"],
        sum_yy=counts["sum_yy"],
    )
    frame = with_iso_period(counts.assign(deff=deff))
    frame["not_ended"] = frame["contacts"] - frame["without_expectation"] - frame["ended"]
    return add_rate(frame, successes=frame["kept"], n=frame["ended"])


def _with_reason(frame: pd.DataFrame) -> pd.DataFrame:
    reason = reasons(
        frame["value"],
        (frame["contacts"] == 0, "no contacts here"),
        (
            frame["contacts"] == frame["without_expectation"],
            "no hours to be solved within are decided for these intents",
        ),
        (frame["ended"] == 0, "no contact here is known to have ended"),
    )
    return frame.assign(reason=reason)


INFO: tuple[MetricInfo, ...] = (
    MetricInfo(
        name="kept",
        title="Expectation kept",
        unit="share",
        definition="How many of 100 contacts that have ended were solved within the hours that customers are told "
        "for their intent. Left out, and counted beside it, are contacts not known to have ended and those of intents "
        "for which no hours are decided.",
        formula="ended contacts solved within the expected hours / ended contacts with expected hours",
        source=f"{DEFINITIONS}; interval: Wilson 1927 on n / design effect by customer",
        parts=KEPT_PARTS,
        compute=kept,
    ),
)
