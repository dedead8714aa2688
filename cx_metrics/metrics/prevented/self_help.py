"""Self-help that failed: articles and flows customers had tried before they contacted us all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.metrics.costs.cost import cost_ledger, in_money
from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.output import ratio
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.differences import difference_p, newcombe
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.many import false_discovery_rate
from cx_metrics.store.marts.mart import Mart

TABLE, ARTICLE = "self_help", "article"
Q = 0.05
NOT_IN_DATA = "no column of the extracts says what customers had tried before"
COLUMNS = (
    *("intent", "article", "contacts", "share", "cost", "cost_reason"),
    *("followed", "mature", "value", "low", "high", "n", "reason"),
    *(
        "rest_value",
        "rest_low",
        "rest_high",
        "rest_n",
        "difference",
        "difference_low",
        "difference_high",
        "q",
        "beyond",
    ),
)
TOTAL_COLUMNS = ("contacts", "all_contacts", "share", "articles", "cost", "cost_share", "reason")
_COUNTS = ("mature", "followed")


def self_help(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts that came although the customer had tried an article or flow, per intent and article, dearest first.

    Returns:
        ``contacts`` with their ``share`` of the intent's, their ``cost`` in money (handling and what follows; missing
        with ``cost_reason``), ``value``: the share of them whose customer came back for the same intent within its
        window, with its interval, ``n`` and ``reason``; the same of the intent's other contacts (``rest_...``), and the
        ``difference`` of the two with its interval; ``beyond``: whether it is more than chance, at a false discovery
        rate ``q`` of 5% over all rows. It goes with the article and need not come from it: customers read because a
        problem is hard.

    Source:
        Wilson 1927, and Newcombe 1998, method 10, both on n by the intent's design effect.
    """
    asked = replace(slice, by=("intent",), grain=None)
    counts = _outcomes(mart, asked, table=TABLE, also=(ARTICLE,))
    everything = _outcomes(mart, asked)[["intent", "contacts", *_COUNTS]]
    frame = counts.merge(everything, how="left", on="intent", suffixes=("", "_all"), validate="many_to_one")
    frame = frame.merge(_costs(mart, asked), how="left", on=["intent", ARTICLE], validate="one_to_one")
    frame["share"] = ratio(frame["contacts"], frame["contacts_all"])
    frame = _with_difference(_with_rates(frame))
    order = ["cost", "contacts", "intent", ARTICLE]
    frame = frame.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    return frame.reindex(columns=list(COLUMNS))


def self_help_total(mart: Mart, slice: Slice) -> pd.DataFrame:
    """All contacts that came although self-help had been tried, in one row.

    Returns:
        ``contacts`` of ``all_contacts``, their ``share``, the number of ``articles``, what these contacts ``cost`` in
        money and ``cost_share`` of all (missing where not known); with a ``reason`` and nothing else where the data
        doesn't say what was tried.
    """
    asked = replace(slice, by=(), grain=None)
    everything = cost_ledger(mart, asked).iloc[0]
    if not says_what_was_tried(mart):
        return pd.DataFrame([{"reason": NOT_IN_DATA}]).reindex(columns=list(TOTAL_COLUMNS))
    tried = cost_ledger(mart, asked, table=TABLE).iloc[0]
    articles = cost_ledger(mart, asked, table=TABLE, also=(ARTICLE,))
    picos = [int(row["direct_picos"]) + int(row["downstream_picos"]) for row in (tried, everything)]
    is_known = bool(tried["priced"]) or picos[0] > 0
    row = {
        "contacts": int(tried["contacts"]),
        "all_contacts": int(everything["contacts"]),
        "share": float(ratio(tried["contacts"], everything["contacts"])),
        "articles": len(articles),
        "cost": float(in_money(pd.Series(picos[:1], dtype=object))[0]) if is_known else np.nan,
        "cost_share": picos[0] / picos[1] if is_known and picos[1] else np.nan,
    }
    return pd.DataFrame([row]).reindex(columns=list(TOTAL_COLUMNS))


def says_what_was_tried(mart: Mart) -> bool:
    """Whether any contact of the data says what its customer had tried before."""
    return len(mart.query(f"SELECT 1 FROM {TABLE} LIMIT 1")) > 0


def _outcomes(mart: Mart, slice: Slice, *, table: str = "daily", also: tuple[str, ...] = ()) -> pd.DataFrame:
    return count_outcomes(mart, slice, counts=_COUNTS, n="mature", unit="contact", table=table, also=also).frame


def _costs(mart: Mart, slice: Slice) -> pd.DataFrame:
    ledger = cost_ledger(mart, slice, table=TABLE, also=(ARTICLE,))
    total = ledger["direct_picos"] + ledger["downstream_picos"]
    unknown = (ledger["priced"] == 0) & (total == 0)
    why = pd.Series("no rates and no costs in the data for these contacts", index=ledger.index, dtype=object)
    return ledger[["intent", ARTICLE]].assign(
        cost=in_money(total, unknown=unknown), cost_reason=why.where(unknown, None)
    )


def _with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the shares that came back: of those who had tried the article, and of the intent's others."""
    rest_n, rest = frame["mature_all"] - frame["mature"], frame["followed_all"] - frame["followed"]
    low, high = wilson(frame["followed"], frame["mature"], deff=frame["deff"])
    rest_low, rest_high = wilson(rest, rest_n, deff=frame["deff"])
    young = pd.Series("no contact is old enough, or none has a customer id", index=frame.index, dtype=object)
    return frame.assign(
        value=ratio(frame["followed"], frame["mature"]),
        low=low,
        high=high,
        n=frame["mature"],
        rest_value=ratio(rest, rest_n),
        rest_low=rest_low,
        rest_high=rest_high,
        rest_n=rest_n,
        rest_followed=rest,
        reason=young.where(frame["mature"] == 0, None),
    )


def _with_difference(frame: pd.DataFrame) -> pd.DataFrame:
    tried, rest = (frame["followed"], frame["mature"]), (frame["rest_followed"], frame["rest_n"])
    low, high = newcombe(*tried, *rest, deff=frame["deff"])
    q = false_discovery_rate(difference_p(*tried, *rest, deff=frame["deff"]))
    beyond = pd.Series(q <= Q, index=frame.index, dtype=object)
    return frame.assign(
        difference=frame["value"] - frame["rest_value"],
        difference_low=low,
        difference_high=high,
        q=q,
        beyond=beyond.where(~np.isnan(q), None),
    )
