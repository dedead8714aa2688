"""What the Cost page says: the money, what moved it, what it rests on. Pure: no Streamlit.

The sentences are Markdown: every text from the data goes through `plain`, every amount through `amount`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.charts.cost_pareto import n_heavy
from cx_metrics.metrics.costs.cost_frames import Concentration
from cx_metrics.reports import phrases
from cx_metrics.reports.phrases import has
from cx_metrics.statistics.rates import ExposureTrend
from pages.shared.format import (
    change,
    count,
    likely,
    listing,
    money,
    number,
    percent,
    plural,
)
from pages.shared.text import amount, plain

MARGINAL = (
    "At marginal cost: the minutes that really fall away times the rate per minute, and what follows from a contact. "
    "What a rate takes per contact stays, so this is less than the full cost that is charged back. Repeats fall in "
    "proportion to the first contacts that are followed by another: repeats x points / (100 - FCR)."
)
_LISTED = 4


def answer(
    cost: pd.DataFrame,
    before: pd.DataFrame | None,
    changes: pd.DataFrame | None,
    table: pd.DataFrame,
    *,
    days: str,
    currency: str,
) -> str:
    """What contacts cost, how that changed, and which intent drives it."""
    total = cost["value"].iloc[0]
    earlier = None if before is None else before["value"].iloc[0]
    said = [f"Contacts cost **{_money(total, currency)}** {days}{_against(total, earlier, currency)}."]
    driver = None if changes is None else _driver(changes, total, earlier)
    if driver is not None:
        said.append(f"*{plain(driver['intent'])}* moved most: **{_money(driver['change'], currency, signed=True)}**.")
    first = table.iloc[0]
    if has(first["cost"]) and total:
        share = percent(first["cost"] / total)
        said.append(f"*{plain(first['intent'])}* costs most, {_money(first['cost'], currency)} or {share}.")
    return " ".join(said)


def rests_on(row: pd.Series, *, currency: str) -> str:
    """What the cards rest on: the two parts, what is assumed, what has no price and what is not stated."""
    contacts = row["contacts"]
    said = [f"{_money(row['direct'], currency)} handling, {_money(row['downstream'], currency)} downstream"]
    if row["assumed_contacts"]:
        said.append(f"{plural(row['assumed_contacts'], 'contact')} with assumed minutes")
    if row["unpriced_contacts"]:
        said.append(f"handling of {plural(row['unpriced_contacts'], 'contact')} in no sum, as they have no price")
    if row["downstream_assumed_contacts"]:
        said.append(f"downstream assumed for {_share(row['downstream_assumed_contacts'], contacts)} of contacts")
    if row["downstream_unstated_contacts"]:
        said.append(f"downstream not stated for {_share(row['downstream_unstated_contacts'], contacts)}")
    return " · ".join(said)


def unpriced(frame: pd.DataFrame) -> str:
    """Which channels have contacts without a price, and what to do; empty where all have one."""
    if frame.empty:
        return ""
    listed = [
        f"*{plain(row['channel'])}* ({plural(row['unpriced_contacts'], 'contact')})"
        for _, row in frame.head(_LISTED).iterrows()
    ]
    more = [f"{count(len(frame) - _LISTED)} more"] if len(frame) > _LISTED else []
    return f"No price for contacts by {listing([*listed, *more])}: their handling is in no sum."


def stability(frame: pd.DataFrame, found: Concentration) -> str:
    """How concentrated cost is, and whether the line of 80 % could fall elsewhere."""
    heavy = n_heavy(frame)
    last, following = frame.iloc[heavy - 1], frame.iloc[heavy] if heavy < len(frame) else None
    said = [f"The dearest fifth of the intents bring {percent(found.top_fifth_share)} (Gini {number(found.gini, 2)})."]
    if following is not None and last["rank_high"] > heavy >= following["rank_low"]:
        said.append(
            f"At the line the order is not sure: {plain(last['intent'])} and {plain(following['intent'])} could change "
            "places if the same needs arose anew."
        )
    elif following is not None:
        said.append("Which intents stand above the line is sure.")
    return " ".join(said)


def cpx(row: pd.Series, before: pd.Series | None) -> str:
    """How many contacts come per so many units, and how that changed; or why that isn't known."""
    if not has(row["value"]):
        return f"Contacts per unit are not known: {plain(row['reason'])}."
    per, _ = phrases.per_units(float(row["value"]))
    ends = likely(row["low"] * per, row["high"] * per, 1, unit="")
    said = f"**{number(row['value'] * per, 1)} contacts per {per_units(per, row['unit'])}** ({ends})"
    if before is None or not has(before["value"]):
        return f"{said}."
    apart = row["low"] > before["high"] or row["high"] < before["low"]
    moved = f"{number((row['value'] - before['value']) * per, 1, signed=True)} against the comparison period"
    return f"{said}, {moved}{'' if apart else ', which may be chance'}."


def trend(found: ExposureTrend | None, *, grain: str) -> str:
    """Whether contacts per unit rise or fall, with the interval."""
    if found is None:
        return f"Too few whole {grain}s for a trend."
    ends = likely(found.low, found.high, 1)
    moved = f"{percent(found.change_rate, 1, signed=True)} a {grain} over {count(found.n)} {grain}s ({ends})"
    return f"Trend: **{moved}**." if found.is_trend else f"No trend beyond chance: {moved}."


def split(frame: pd.DataFrame) -> str:
    """Where the change in contacts comes from, in whole contacts; or why that can't be told."""
    if frame["reason"].notna().any():
        return f"Where the change in contacts comes from is not known: {plain(frame['reason'].iloc[0])}."
    parts = [f"{change(row['contacts'])} from {plain(row['part'])}" for _, row in frame.iterrows()]
    return f"**{change(frame['contacts'].sum())} contacts**: {listing(parts)}."


def what_if(frame: pd.DataFrame, *, intent: str, fewer: float, more: float, currency: str) -> str:
    """What would be saved, in contacts and money."""
    both = frame[frame["step"] == "both"].iloc[0]
    chosen = both if has(both["contacts"]) else frame.iloc[0]
    wishes = [f"{percent(fewer)} fewer contacts about *{plain(intent)}*"]
    if chosen is both:
        wishes.append(f"{plural(more, 'point')} more of them solved at the first contact")
    saved = f"**{plural(chosen['contacts'], 'contact')}**"
    worth = f" and **{_money(chosen['money'], currency)}**" if has(chosen["money"]) else ""
    said = f"With {listing(wishes)}, the period would have had {saved}{worth} less."
    missing = [row["reason"] for _, row in frame.iterrows() if isinstance(row["reason"], str)]
    return f"{said} Not known: {plain(missing[0])}." if missing else said


def per_units(per: int, unit: object) -> str:
    """So many units: ``100 orders``."""
    return f"{count(per)} {plain(unit)}"


def _driver(changes: pd.DataFrame, total: Any, earlier: Any) -> pd.Series | None:
    """The intent that changed most in the direction of all."""
    known = changes[changes["change"].notna()]
    if known.empty or not (has(total) and has(earlier)) or total == earlier:
        return None
    along = known[known["change"] > 0] if total > earlier else known[known["change"] < 0]
    return None if along.empty else along.iloc[0]


def _against(total: Any, earlier: Any, currency: str) -> str:
    if not has(earlier):
        return ""
    difference = total - earlier
    word = "more" if difference > 0 else "less"
    return f", **{_money(abs(difference), currency)} {word}** than before" if difference else ", as much as before"


def _share(part: int, whole: int) -> str:
    return percent(part / whole)


def _money(value: Any, currency: str, *, signed: bool = False) -> str:
    return amount(money(value, currency, signed=signed))
