"""Snowballs: a first contact with all its repeats; and the customers who return most. By pseudonym, never by id."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cx_metrics.metrics.selection import Selection, select
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

MOST_CHAINS = 20
MOST_RETURNERS = 20
CUSTOMER_SQL = "'C-' || upper(left(md5(CAST(customer_key AS VARCHAR)), 8))"
"""A customer's pseudonym: the same wherever it stands, and not the id."""
_IS_REPEAT = "coalesce(d.repeat_within <= c.window_days, false)"
_MINUTES = """sum(handle_micros) / 1e6 AS minutes,
    CAST(count(*) - count(handle_micros) AS BIGINT) AS unmeasured"""


def longest_chains(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The 20 longest chains that began in the slice, whole: with repeats after its last day and of any channel.

    A chain is a first contact of one customer about one intent with its repeats. On one day a first contact comes
    before repeats, so chains need no times of day: of two contacts on a day the later one always repeats the earlier,
    but for the 25 hours of the day on which clocks go back.

    Args:
        mart: Where to look.
        slice: Which first contacts; its window, or else each intent's own, tells where a chain ends.

    Returns:
        Longest first, then the most recent: ``customer`` (a pseudonym), ``intent``, ``first_on`` and ``last_on`` (ISO
        days), ``days`` from one to the other, ``contacts``, ``channels`` (names in order), ``minutes`` of handling as
        far as known, ``unmeasured`` contacts without them, and ``edge``: whether it may have begun before the data.
        Chains of one contact are left out.
    """
    asked = select(mart, replace(slice, by=(), grain=None))
    intents = tuple((name, values) for name, values in slice.where if name == "intent")
    # Whole chains: only what can't be part of one that begins in the slice is left out.
    around = select(mart, Slice(from_on=slice.from_on, where=intents, window=slice.window))
    frame = mart.query(_chains_sql(asked, around), asked.params | around.params | around.windows)
    return frame.assign(first_on=frame["first_on"].astype(str), last_on=frame["last_on"].astype(str))


def returners(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The 20 customers with most repeats in the slice, by pseudonym.

    Returns:
        Most repeats first: ``customer``, ``repeats``, ``contacts``, ``intents`` (how many), ``about`` (their names,
        most frequent first), ``minutes`` of handling as far as known, and ``unmeasured`` contacts without them.
        Customers without a repeat are left out.
    """
    selection = select(mart, replace(slice, by=(), grain=None))
    source = f"{selection.source_sql('touches', with_window=True)} AND d.customer_key IS NOT NULL"
    # Names only of those who are told: to carry them for everybody is what would take time.
    return mart.query(
        f"""WITH most AS (
            SELECT d.customer_key, count(*) FILTER ({_IS_REPEAT}) AS repeats, count(*) AS contacts,
                {_MINUTES}
            {source} GROUP BY d.customer_key HAVING repeats > 0
            ORDER BY repeats DESC, contacts DESC, d.customer_key LIMIT {MOST_RETURNERS}
        ), named AS (
            SELECT d.customer_key, c.intent, count(*) AS n {source}
                AND d.customer_key IN (SELECT customer_key FROM most) GROUP BY ALL
        ), told AS (
            SELECT customer_key, count(*) AS intents, string_agg(intent, '; ' ORDER BY n DESC, intent) AS about
            FROM named GROUP BY customer_key
        )
        SELECT {CUSTOMER_SQL} AS customer, repeats, contacts, intents, about, minutes, unmeasured
        FROM most JOIN told USING (customer_key) ORDER BY repeats DESC, contacts DESC, customer_key""",
        selection.params | selection.windows,
    )


def _chains_sql(asked: Selection, around: Selection) -> str:
    return f"""
        WITH mine AS (
            SELECT d.customer_key, c.intent, d.day, c.channel, d.handle_micros, {_IS_REPEAT} AS is_repeat,
                coalesce(d.left_edge_below <= c.window_days, false) AS is_edge, {asked.where_sql} AS is_asked
            {around.source_sql("touches", with_window=True)} AND d.mature_for IS NOT NULL
        ), pairs AS (
            SELECT DISTINCT customer_key, intent FROM mine WHERE is_repeat
        ), numbered AS (
            SELECT *, count(*) FILTER (NOT is_repeat) OVER (
                PARTITION BY customer_key, intent ORDER BY day, is_repeat ROWS UNBOUNDED PRECEDING
            ) AS chain FROM mine SEMI JOIN pairs USING (customer_key, intent)
        )
        SELECT {CUSTOMER_SQL} AS customer, intent, min(day) AS first_on, max(day) AS last_on,
            CAST(max(day) - min(day) AS BIGINT) AS days, count(*) AS contacts,
            string_agg(DISTINCT channel, ', ' ORDER BY channel) AS channels, {_MINUTES},
            bool_or(is_edge AND NOT is_repeat) AS edge
        FROM numbered GROUP BY customer_key, intent, chain
        HAVING count(*) > 1 AND bool_or(is_asked AND NOT is_repeat)
        ORDER BY contacts DESC, first_on DESC, customer, intent LIMIT {MOST_CHAINS}"""
