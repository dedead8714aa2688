"""What contacts cost, as tables: by intent, category, channel and period, what changed, and who brings most of it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cx_metrics.errors import BadUse
from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.output import Floats, ratio
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.returning.repeats import recontact_rate
from cx_metrics.metrics.slice import GRAINS, Slice
from cx_metrics.statistics.concentration import gini, hhi, rank_range, top_share
from cx_metrics.store.marts.mart import Mart

COSTS = ("cost", "direct", "downstream", "repeats")
_COUNTED = ("contacts", "unpriced_contacts", "downstream_assumed_contacts", "downstream_unstated_contacts")
TABLE = (
    *(
        "intent",
        "category",
        "owner",
        "cost",
        "cost_share",
        "direct",
        "downstream",
        "repeats",
        "contacts",
        "per_contact",
    ),
    *("per_resolution", "resolution_low", "resolution_high", "resolution_reason", "assumed_rate"),
    *("unpriced_contacts", "downstream_assumed_contacts", "downstream_unstated_contacts", "reason"),
)


def cost_table(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What each intent costs, the dearest first.

    Cost per contact is handling per contact priced plus downstream per contact. Cost per resolution is that by the
    share of contacts that no other of the same customer and intent followed within the window (1 - recontact rate):
    what is spent until a customer need not come back. Its interval is that of the share, as the cost is a full count.

    Returns:
        One row per intent with contacts: ``category`` and ``owner`` as decided (the category else as the data has
        it), ``cost`` = ``direct`` + ``downstream``, of which ``repeats``; ``cost_share`` of all that is known;
        ``per_contact``; ``per_resolution`` with ``resolution_low`` and ``resolution_high``, or
        ``resolution_reason``; ``assumed_rate``, the share of contacts with assumed minutes; counts of contacts
        unpriced, with an assumed downstream cost and with none; ``reason`` where the cost is not known.
    """
    frame = _costs(mart, slice, ("intent",))
    rates = recontact_rate(mart, replace(slice, by=("intent",), grain=None))[
        ["intent", "value", "low", "high", "reason"]
    ]
    frame = frame.merge(rates.add_prefix("again_"), how="left", left_on="intent", right_on="again_intent")
    quiet = {
        name: (1 - frame[f"again_{name}"].astype(float)).where(lambda s: s > 0) for name in ("value", "low", "high")
    }
    frame = frame.assign(
        category=frame["intent"].map(decided_categories(mart, slice)),
        owner=pd.Series([mart.decisions.owned.get(intent) for intent in frame["intent"]], dtype=object),
        per_resolution=frame["per_contact"] / quiet["value"],
        resolution_low=frame["per_contact"] / quiet["low"],
        resolution_high=frame["per_contact"] / quiet["high"],
    )
    why = frame["again_reason"].fillna("after every contact customers came back")
    why = why.mask(frame["reason"].notna(), "what contacts cost is not known").astype(object)
    frame["resolution_reason"] = why.where(frame["per_resolution"].isna(), None)
    return _dearest_first(frame, "intent").reindex(columns=[*TABLE])


def cost_by_channel(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What each channel costs, the dearest first: the columns of ``cost_table`` that don't need an intent."""
    frame = _dearest_first(_costs(mart, slice, ("channel",)), "channel")
    return frame.reindex(columns=["channel", *(name for name in TABLE[3:] if "resolution" not in name)])


def cost_by_category(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What each intent costs within its category, the dearest category first.

    Returns:
        ``category`` (as decided, else as the data has it), ``intent``, ``cost``, ``cost_share``, ``category_cost``,
        ``contacts``; only intents whose cost is known and not nought.
    """
    frame = _costs(mart, slice, ("intent",))
    frame = frame.assign(category=frame["intent"].map(decided_categories(mart, slice)))
    frame = frame.loc[frame["cost"] > 0, ["category", "intent", "cost", "cost_share", "contacts"]]
    frame = frame.assign(category_cost=frame.groupby("category")["cost"].transform("sum"))
    order = ["category_cost", "category", "cost", "intent"]
    return frame.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def cost_over_time(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What contacts cost per period: ``period``, ``complete``, the costs, ``contacts``, a ``reason`` without a cost.

    Raises:
        BadUse: The slice has no grain.
    """
    if slice.grain is None:
        raise BadUse(f"cost over time needs a grain: {', '.join(GRAINS)}")
    slice = replace(slice, by=())
    periods = volume(mart, slice)[["period", "complete"]]
    frame = cost(mart, slice).rename(columns={"value": "cost"})[["period", *COSTS, "contacts", "reason"]]
    frame = periods.merge(frame, how="left", on="period")
    silent = frame["contacts"].isna()
    frame[[*COSTS]] = frame[[*COSTS]].mask(silent, 0.0)
    return frame.assign(
        contacts=frame["contacts"].fillna(0).astype("int64"), reason=frame["reason"].where(~silent, None)
    )


def cost_change(mart: Mart, slice: Slice, compare: Slice) -> pd.DataFrame:
    """How what each intent costs changed against a comparison period, largest change first.

    Returns:
        ``intent``, ``cost``, ``before``, ``change`` (an intent without contacts in a period cost nothing in it) and
        ``reason`` where one of the two is not known.
    """
    now, before = (_costs(mart, s, ("intent",))[["intent", "cost", "reason"]] for s in (slice, compare))
    frame = now.merge(before, how="outer", on="intent", suffixes=("", "_before"), indicator=True)
    frame["cost"] = frame["cost"].mask(frame["_merge"] == "right_only", 0.0)
    frame["before"] = frame["cost_before"].mask(frame["_merge"] == "left_only", 0.0)
    frame["change"] = frame["cost"] - frame["before"]
    frame["reason"] = frame["reason"].where(frame["reason"].notna(), frame["reason_before"])
    frame = frame.assign(size=frame["change"].abs()).sort_values(["size", "intent"], ascending=[False, True])
    return frame[["intent", "cost", "before", "change", "reason"]].reset_index(drop=True)


def cost_pareto(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The intents whose cost is known, dearest first, with what they add up to and how sure their order is.

    Returns:
        ``intent``, ``cost``, ``cost_share``, ``cumulative_share``, ``rank`` from 1, and between which ranks the intent
        would likely stand if the same needs arose anew (``rank_low``, ``rank_high``): a Poisson bootstrap of its
        contacts, as many of which come as one as the design effect of its customers says.
    """
    frame = _dearest_first(_costs(mart, slice, ("intent",)), "intent")
    frame = frame[frame["cost"].notna()].reset_index(drop=True)
    effects = count_outcomes(
        mart, replace(slice, by=("intent",), grain=None), counts=("mature",), n="mature", unit="contact"
    )
    deff = frame[["intent"]].merge(effects.frame[["intent", "deff"]], how="left", on="intent")["deff"].fillna(1.0)
    low, high = rank_range(frame["cost"], frame["contacts"], deff=deff)
    return frame[["intent", "cost", "cost_share"]].assign(
        cumulative_share=frame["cost_share"].cumsum(), rank=np.arange(1, len(frame) + 1), rank_low=low, rank_high=high
    )


class Concentration(NamedTuple):
    """How unequally intents bring cost: share of the dearest fifth, HHI (to 10 000), Gini (0: equal); NaN: no cost."""

    top_fifth_share: float
    hhi: float
    gini: float


def concentration(costs: pd.Series) -> Concentration:
    """How much of the cost a few intents bring, from what each costs where that is known."""
    known = costs.dropna()
    return Concentration(top_share(known), hhi(known), gini(known))


def unpriced(channels: pd.DataFrame) -> pd.DataFrame:
    """The channels of ``cost_by_channel`` with contacts that have no price, most of these first."""
    lacking = channels[channels["unpriced_contacts"] > 0]
    return lacking.sort_values(["unpriced_contacts", "channel"], ascending=[False, True], ignore_index=True)


def _costs(mart: Mart, slice: Slice, by: tuple[str, ...]) -> pd.DataFrame:
    """The metric per group, with ``cost_share``, ``per_contact`` and ``assumed_rate``."""
    frame = cost(mart, replace(slice, by=by, grain=None)).rename(columns={"value": "cost"})
    return frame.assign(
        cost_share=ratio(frame["cost"], np.full(len(frame), frame["cost"].sum())),
        per_contact=per_contact(frame),
        assumed_rate=ratio(frame["assumed_contacts"], frame["contacts"]),
    )[[*by, *COSTS, "cost_share", "per_contact", "assumed_rate", *_COUNTED, "reason"]]


def per_contact(frame: pd.DataFrame) -> Floats:
    """Cost of a contact per row of the metric: handling per contact priced plus downstream per contact."""
    direct = ratio(frame["direct"].astype(float), frame["n"])
    return np.asarray(direct + ratio(frame["downstream"].astype(float), frame["contacts"]))


def decided_categories(mart: Mart, slice: Slice) -> dict[str, str]:
    """The category decided for each intent with contacts, else the one most of its contacts have."""
    counted = volume(mart, replace(slice, by=("intent", "category"), grain=None))
    counted = counted.sort_values(["n", "category"], ascending=[False, True]).drop_duplicates("intent")
    found = dict(zip(counted["intent"], counted["category"], strict=True))
    decided = {d.intent: d.category for d in mart.decisions.intents if d.category}
    return found | decided


def _dearest_first(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame.sort_values(["cost", "contacts", key], ascending=[False, False, True], ignore_index=True)
