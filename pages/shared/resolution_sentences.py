"""What the page on first contact resolution says, from computed values. Pure: no Streamlit; the text is Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from cx_metrics.charts.numbers import count, is_known, likely, number, percent
from cx_metrics.charts.targets import MET, MISSED, NO_TARGET, UNSURE, group
from pages.shared.format import THIN, day_span, listing, plural
from pages.shared.text import plain


def tally(verdicts: pd.DataFrame) -> Mapping[str, int]:
    """How many intents miss their target, meet it, can't be told, and have none."""
    groups = [group(word) for word in verdicts["verdict"]]
    return {name: groups.count(name) for name in (MISSED, MET, UNSURE, NO_TARGET)}


def answer(verdicts: pd.DataFrame, fcr: pd.DataFrame) -> str:
    """How many intents miss, meet, or can't be told, and the one most customers suffer from."""
    counts = tally(verdicts)
    judged = counts[MISSED] + counts[MET] + counts[UNSURE]
    if not judged:
        return f"{_observed(fcr)} **No intent has a target yet**, so none can be missed."
    misses = "miss their" if counts[MISSED] > 1 else "misses its"
    missed_of = count(counts[MISSED]) if counts[MISSED] else "None"
    meets = "meets it" if counts[MET] == 1 else "meet it"
    begin = (
        f"**{missed_of} of {plural(judged, 'intent')} {misses} target**, {count(counts[MET])} {meets}, "
        f"{count(counts[UNSURE])} can't be told yet."
    )
    missed = verdicts[verdicts["verdict"] == MISSED]
    return f"{begin} {_worst(missed.to_dict('records')[0])}" if len(missed) else f"{begin} {_observed(fcr)}"


def judged_on(verdicts: pd.DataFrame) -> str:
    """The days the verdicts rest on, and when they change."""
    if verdicts.empty:
        return ""
    spans = sorted(set(zip(verdicts["from"], verdicts["to"], strict=True)))
    first, last = map(date.fromisoformat, spans[-1])
    longer = " (intents with a longer window: earlier weeks)" if len(spans) > 1 else ""
    return (
        f"judged on the four full weeks {day_span(first, last)}{longer}, anew every Monday, whatever period is chosen"
    )


def chance(verdicts: pd.DataFrame) -> str:
    """Which missed targets may be chance where so many are judged at once; empty where none is missed."""
    missed = verdicts[verdicts["verdict"] == MISSED]
    if missed.empty:
        return ""
    doubtful = [f"*{plain(intent)}*" for intent in missed.loc[missed["q_value"] > 0.05, "intent"]]
    if not doubtful:
        return "All of those missed stand when that many intents are judged at once (Benjamini-Hochberg, 5 %). "
    return (
        f"Where that many intents are judged at once, {listing(doubtful)} may be missed by chance "
        "(Benjamini-Hochberg, 5 %). "
    )


def left_out(fcr: pd.DataFrame) -> str:
    """What takes no part in FCR, and why it matters."""
    row = fcr.iloc[0]
    spread = f"Solved first time: {likely(row['low'], row['high'], 1)}, n = {count(row['n'])}. " if row["n"] else ""
    return (
        f"{spread}Left out: {count(row['immature'])} first contacts younger than their window, "
        f"{count(row['left_edge'])} from the first days of the data, {count(row['no_customer_id'])} contacts without a "
        "customer id. Customers who come back without one count as solved."
    )


def verdict_words(row: Mapping[Any, Any]) -> str:
    """A verdict as the table shows it, with what is missing for one."""
    said = row["verdict"]
    if not isinstance(said, str):
        return "no target"
    if row["n"] == 0 and row["reason"]:
        return f"can't tell: {row['reason']}"
    if is_known(row["n_needed"]):
        return f"{said}: about {count(row['n_needed'] - row['n'])} more needed"
    return said


def table(verdicts: pd.DataFrame) -> pd.DataFrame:
    """The verdicts with their words and intervals, ready to show."""
    rows = verdicts.to_dict("records")
    return verdicts.assign(
        said=pd.Series([verdict_words(row) for row in rows], index=verdicts.index, dtype=object),
        interval=pd.Series([_interval(row) for row in rows], index=verdicts.index, dtype=object),
        owner=pd.Series([row["owner"] or "unowned" for row in rows], index=verdicts.index, dtype=object),
    )


def _worst(row: Mapping[Any, Any]) -> str:
    short = number((row["target"] - row["value"]) * 100)
    within = "a day" if row["window"] == 1 else f"{row['window']} days"
    return (
        f"*{plain(row['intent'])}* is {short} {'point' if short == '1' else 'points'} short: about "
        f"**{plural(row['followed'], 'customer')}** had to come back within {within}."
    )


def _observed(fcr: pd.DataFrame) -> str:
    row = fcr.iloc[0]
    if pd.isna(row["value"]):
        return f"Whether customers had to come back is not known: {plain(row['reason'])}."
    return (
        f"**{number(row['value'] * 100)} of 100** customers with a new issue did not have to come back for it "
        f"({likely(row['low'], row['high'])})."
    )


def _interval(row: Mapping[Any, Any]) -> str | None:
    if not is_known(row["value"]):
        return None
    return f"{percent(row['low'])} – {percent(row['high'])}".replace(f"{THIN}% –", " –")
