"""Channel fit: where the same question is solved better and for less than where it was asked."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cx_metrics.contacts.schema import NONE
from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.costs.cost_frames import per_contact
from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.output import Floats, ratio
from cx_metrics.metrics.returning.repeats import recontact_rate
from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.expectations import quantiles
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.statistics.differences import difference_p
from cx_metrics.statistics.many import false_discovery_rate
from cx_metrics.store.marts.mart import Mart

BY = ("intent", "channel")
Q = 0.05
MOST_UNNAMED = 0.1
"""Share of contacts without a customer id above which a channel looks better than it is: repeats stay unseen."""
_AGAIN = {"value": "recontact", "low": "recontact_low", "high": "recontact_high", "n": "recontact_n"}
FIT_COLUMNS = (
    *("intent", "channel", "contacts", "share", "value", "low", "high", "n", "reason", *_AGAIN.values()),
    *("unnamed", "cost", "per_contact", "cost_reason", "ended", "median_hours"),
)
_TOLD = ("value", "low", "high", "n", "per_contact", "median_hours")
MOVE_COLUMNS = ("intent", "channel", "to", "contacts", *_TOLD, *(f"to_{name}" for name in _TOLD), "saving")


def channel_fit(mart: Mart, slice: Slice) -> pd.DataFrame:
    """How each channel does for each intent: solved at first contact, coming back, cost and time.

    Returns:
        One row per intent and channel with contacts, intents with most contacts first: ``contacts``, their ``share``
        of the intent's, first contact resolution as ``value`` with its interval, ``n`` and ``reason``, ``recontact``
        rate with its interval, ``unnamed``: the share of contacts without a customer id, ``cost`` and cost
        ``per_contact`` in money (missing with ``cost_reason``), and ``median_hours`` until the end over the ``ended``
        ones (missing with fewer than 10).
    """
    return _fit(mart, slice).reindex(columns=list(FIT_COLUMNS))


def channel_moves(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Where an intent is solved worse and costs more in one channel than in another, with what moving it saves at most.

    Worse: the intervals of first contact resolution part, and so would those of at most 5% of such pairs by chance
    (false discovery rate over all pairs of which one costs more). A channel with over 10% of its contacts without a
    customer id is no better one: repeats stay unseen in it. Of several better channels it is the one with the lowest
    cost per contact. The saving takes every contact to cost what contacts cost there. It is at most that, and goes with
    the channel without being proven to come from it: harder cases may choose the phone.

    Returns:
        One row per intent and channel to move away from: ``to`` which channel, ``contacts``, the figures of both
        (``to_...`` of the better one) and the ``saving`` in money; largest first.

    Source:
        Benjamini & Hochberg 1995 over the tests of two shares, on n by the intent's design effect.
    """
    fit = _fit(mart, slice)
    fit = fit[fit["channel"] != NONE]
    pairs = fit.merge(fit.add_prefix("to_"), left_on="intent", right_on="to_intent")
    dearer = pairs["per_contact"] > pairs["to_per_contact"]
    pairs = pairs[dearer & (pairs["to_unnamed"] <= MOST_UNNAMED)]
    better = (pairs["high"] < pairs["to_low"]) & (_false_rate(pairs) <= Q)
    moves = pairs[better].sort_values(["to_per_contact", "to_channel"], kind="stable").drop_duplicates(list(BY))
    moves = moves.assign(saving=moves["contacts"] * (moves["per_contact"] - moves["to_per_contact"]))
    moves = moves.rename(columns={"to_channel": "to"})
    moves = moves.sort_values(["saving", *BY], ascending=[False, True, True], ignore_index=True)
    return moves.reindex(columns=list(MOVE_COLUMNS))


def _fit(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The rows of ``channel_fit`` with ``solved``, how many of the ``n`` were, and the design effect ``deff``."""
    asked = replace(slice, by=BY, grain=None)
    frame = cost(mart, asked)
    frame = frame.assign(per_contact=per_contact(frame)).rename(columns={"value": "cost", "reason": "cost_reason"})
    frame = frame[[*BY, "contacts", "cost", "per_contact", "cost_reason"]]
    again = recontact_rate(mart, asked)[[*BY, *_AGAIN]].rename(columns=_AGAIN)
    for other in (_solved(mart, asked), again, _hours(mart, asked)):
        frame = frame.merge(other, how="left", on=list(BY), validate="one_to_one")
    of_intent = frame.groupby("intent")["contacts"].transform("sum")
    frame = frame.assign(
        share=ratio(frame["contacts"], of_intent),
        unnamed=ratio(frame["no_customer_id"], frame["contacts"]),
        of_intent=of_intent,
    )
    order = ["of_intent", "intent", "contacts", "channel"]
    return frame.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def _solved(mart: Mart, asked: Slice) -> pd.DataFrame:
    rates = fcr(mart, asked)[[*BY, "value", "low", "high", "n", "reason", "no_customer_id"]]
    counts = count_outcomes(mart, asked, counts=("eligible", "followed_issues"), n="eligible", unit="issue").frame
    solved = counts["eligible"] - counts["followed_issues"]
    return rates.merge(counts[[*BY, "deff"]].assign(solved=solved), on=list(BY), validate="one_to_one")


def _hours(mart: Mart, asked: Slice) -> pd.DataFrame:
    selection = select(mart, asked)
    return quantiles(mart, selection, by=selection.keys)[[*BY, "ended", "median_hours"]]


def _false_rate(pairs: pd.DataFrame) -> Floats:
    p = difference_p(pairs["solved"], pairs["n"], pairs["to_solved"], pairs["to_n"], deff=pairs["deff"])
    return false_discovery_rate(p)
