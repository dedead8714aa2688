"""What the Prevention page says, from computed values. Pure: no Streamlit; the text is Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.metrics.prevented.alerts import BEFORE_AFTER, FEWER, MORE
from cx_metrics.metrics.prevented.channel_fit import MOST_UNNAMED
from pages.shared.format import count, interval, is_known, likely, money, number, percent, plural, points
from pages.shared.text import amount, plain

NOT_PROVEN = (
    "It goes with the article and need not come from it: customers read because a problem is hard. A contact without "
    "an article was either not preceded by any, or nobody noted it."
)
_AT_MOST = (
    "A move saves that at most, and it is not proven: it takes every contact to cost what contacts cost in the better "
    "channel, while harder cases may choose the phone. "
)


def answer(
    total: pd.DataFrame,
    repairs: pd.DataFrame,
    alerts: pd.DataFrame,
    effects: pd.DataFrame,
    moves: pd.DataFrame,
    *,
    currency: str,
) -> str:
    """What failed self-help costs, whether telling customers beforehand helped, and what a move would save."""
    said = (_failed(total, repairs, currency), _told(alerts, effects), _moves(moves, currency))
    return " ".join(part for part in said if part)


def rests_on(total: pd.DataFrame) -> str:
    """What the cards rest on."""
    row = total.iloc[0]
    if isinstance(row["reason"], str):
        return f"Failed self-help is not known: {plain(row['reason'])}."
    return (
        f"Failed self-help: contacts of customers who had tried an article or flow first, {count(row['contacts'])} of "
        f"{count(row['all_contacts'])} in the period. Alerts are all there are, whatever the period."
    )


def effect(row: Mapping[Any, Any], *, currency: str) -> str:
    """What before and after says of one intent's alerts."""
    about = f"*{plain(row['intent'])}*"
    spikes = f"{plural(row['events_with'], 'spike')} with an alert, {count(row['events_without'])} without"
    if isinstance(row["reason"], str):
        return f"{about}: can't tell, {plain(row['reason'])} ({spikes})."
    return (
        f"{about}: with an alert a spike brought {number(row['lift_with'], 1)} times a usual day on top, without "
        f"{number(row['lift_without'], 1)} times. Its usual size changed by **{percent(row['value'], signed=True)}** "
        f"(likely {percent(row['low'], signed=True)} to {percent(row['high'], signed=True)}; {spikes}): "
        f"{_avoided(row, currency)}. *{BEFORE_AFTER.capitalize()}*: whatever else changed since is in it as well."
    )


def trial(row: Mapping[Any, Any], *, currency: str) -> str:
    """What one alert with a group held out did."""
    if isinstance(row["reason"], str):
        return f"Not measured: {plain(row['reason'])}."
    return (
        f"{percent(row['rate_sent'], 1)} of those told contacted us, {percent(row['rate_held_out'], 1)} of those held "
        f"out: **{points(row['value'], 1)}** (likely {points(row['low'], 1)} to {points(row['high'], 1)}), "
        f"{_verdict(row, currency)}."
    )


def channels(moves: pd.DataFrame) -> str:
    """What the comparison of channels rests on."""
    return (
        f"{_AT_MOST if len(moves) else ''}Costs are full ones. A channel in which more than {percent(MOST_UNNAMED)} of "
        "the contacts have no customer id is never the better one: repeats stay unseen in it."
    )


def count_of(alerts: pd.DataFrame, verdict: str) -> int:
    """How many alerts with a group held out came to this verdict."""
    return int((alerts["verdict"] == verdict).sum())


def _verdict(row: Mapping[Any, Any], currency: str) -> str:
    if row["verdict"] == MORE:
        return f"**it brought more contacts, not fewer**: {_avoided(row, currency)}"
    if row["verdict"] == FEWER:
        return f"it helped: {_avoided(row, currency)}"
    return "which may be chance"


def _avoided(row: Mapping[Any, Any], currency: str) -> str:
    """Contacts avoided or brought, with their money; ends in the order of their size."""
    if row["verdict"] not in (FEWER, MORE):
        return "which may be chance"
    sign, word = (1, "avoided") if row["verdict"] == FEWER else (-1, "brought")
    low, high = sorted(sign * float(row[name]) for name in ("avoided_low", "avoided_high"))
    said = f"about {count(sign * row['avoided'])} contacts {word} ({interval(low, high, unit='')})"
    if not is_known(row["money"]):
        return said
    return f"{said}, {amount(money(sign * float(row['money']), currency))} at marginal cost"


def _failed(total: pd.DataFrame, repairs: pd.DataFrame, currency: str) -> str:
    row = total.iloc[0]
    if isinstance(row["reason"], str):
        return "What customers had tried before they contacted us is not in this data."
    if not row["contacts"]:
        return "Nobody in this period is known to have tried self-help first."
    if is_known(row["cost"]):
        share = f" or {percent(row['cost_share'])} of the bill" if is_known(row["cost_share"]) else ""
        begin = f"Customers whom self-help had failed first cost **{amount(money(row['cost'], currency))}**{share}"
    else:
        begin = f"**{percent(row['share'])} of the contacts** came although self-help had been tried"
    first = repairs.iloc[0]
    return f"{begin}, most of it *{plain(first['article'])}* for *{plain(first['intent'])}*."


def _told(alerts: pd.DataFrame, effects: pd.DataFrame) -> str:
    said = []
    known = effects[effects["verdict"].isin([FEWER, MORE])]
    if len(known):
        row = known.sort_values("avoided", ascending=False).iloc[0]
        more = row["verdict"] == MORE
        ends = sorted((abs(row["low"]), abs(row["high"])))
        said.append(
            f"Spikes of *{plain(row['intent'])}* that customers were told of are **{percent(abs(row['value']))} "
            f"{'larger' if more else 'smaller'}** ({likely(*ends)}; no control group)."
        )
    harmful = alerts[alerts["verdict"] == MORE]
    if len(harmful):
        said.append(f"The alert *{plain(harmful['name'].iloc[0])}* **brought more contacts**, not fewer.")
    return " ".join(said)


def _moves(moves: pd.DataFrame, currency: str) -> str:
    if moves.empty:
        return ""
    row = moves.iloc[0]
    return (
        f"*{plain(row['intent'])}* by {plain(row['to'])} instead of {plain(row['channel'])} would save at most "
        f"**{amount(money(row['saving'], currency))}**."
    )
