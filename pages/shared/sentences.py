"""What a page says first: one or two sentences from computed values, uncertainty included. Pure: no Streamlit.

The sentences are Markdown: every text from the data goes through `plain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from cx_metrics.charts.numbers import THIN, change, count, likely, number, percent
from cx_metrics.metrics.slice import DEFAULT_WINDOW
from cx_metrics.store.decided.decisions import IntentDecision
from pages.shared.format import day_span
from pages.shared.text import plain


def intents(*, movers: pd.DataFrame | None, pareto: pd.DataFrame) -> str:
    """How many reasons there are, which weigh most, and how many moved more than chance lets expect."""
    n_intents = len(pareto)
    reasons = f"**{count(n_intents)} reasons** to contact us" if n_intents != 1 else "**One reason** to contact us"
    reasons += _weight(pareto)
    if movers is None or movers["change"].isna().all():
        return f"{reasons}. Choose a comparison to see what moved."
    if movers["beyond"].isna().all():
        return f"{reasons}. {plain(movers['reason'].iloc[0]).capitalize()}."
    moved = movers[movers["beyond"].fillna(False).astype(bool)]
    up, down = int((moved["change"] > 0).sum()), int((moved["change"] < 0).sum())
    if moved.empty:
        return f"{reasons}; **none moved** more than chance lets expect."
    moves = f"**{count(up)} rose and {count(down)} fell** by more than chance lets expect"
    return f"{reasons}: {moves}. {_biggest_mover(movers)}"


def intent(name: str, *, volume: pd.DataFrame, recontact: pd.DataFrame, fcr: pd.DataFrame) -> str:
    """One reason: how often, and in how many of 100 cases customers had to come back."""
    total = int(volume["value"].sum())
    parts = [f"*{plain(name)}* made customers contact us **{count(total)} times**."]
    rate = recontact.iloc[0] if len(recontact) else None
    if rate is not None and pd.notna(rate["value"]):
        again = number(rate["value"] * 100)
        parts.append(
            f"After **{again} of 100** contacts they came back about it {within(window_of(fcr))} "
            f"({likely(rate['low'], rate['high'])})."
        )
    elif rate is not None:
        parts.append(f"Whether they had to come back is not known: {plain(rate['reason'])}.")
    solved = fcr.iloc[0] if len(fcr) else None
    if solved is not None and pd.notna(solved["value"]):
        parts.append(
            f"Solved at the first contact: **{percent(solved['value'])}** ({likely(solved['low'], solved['high'])})."
        )
    return " ".join(parts)


def window_of(fcr: pd.DataFrame) -> int | None:
    """Days of the window that an answer about FCR rests on; None where its intents have different ones."""
    days = fcr["window"].iloc[0] if len(fcr) else None
    return None if pd.isna(days) else int(days)


def within(window: int | None) -> str:
    """Within how many days another contact counts: ``within 7 days``, ``within each intent's own window``."""
    if window is None:
        return "within each intent's own window"
    return "within a day" if window == 1 else f"within {window} days"


def too_young(fcr: pd.DataFrame) -> str:
    """How many contacts FCR leaves out, and why."""
    row = fcr.iloc[0]
    window = window_of(fcr)
    age = "their window" if window is None else "a day" if window == 1 else f"{window} days"
    return (
        f"First contact resolution rests on {count(row['n'])} first contacts. Left out: "
        f"{count(row['immature'])} younger than {age}, "
        f"{count(row['left_edge'])} from the first days of the data, "
        f"{count(row['no_customer_id'])} without a customer id."
    )


def standing(decided: IntentDecision, judged: pd.DataFrame) -> str:
    """Who answers for an intent, and whether it meets its target, by the weekly verdict."""
    who = "Nobody owns this intent" if decided.owner is None else f"Owner **{plain(decided.owner)}**"
    if decided.owner is not None and decided.department:
        who += f" ({plain(decided.department)})"
    if decided.fcr_target is None:
        return f"{who} · no target · window {_window(decided)}"
    row = judged.iloc[0] if len(judged) else None
    target = f"{who} · target {percent(decided.fcr_target)} {within(decided.window_days or DEFAULT_WINDOW)}"
    if row is None or pd.isna(row["value"]):
        why = "no contacts" if row is None else plain(row["reason"])
        return f"{target} · no verdict: {why}"
    spread = likely(row["low"], row["high"])
    weeks = day_span(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))
    return f"{target} · **{row['verdict']}**: {percent(row['value'])} ({spread}, n = {count(row['n'])}, {weeks})"


def _window(decided: IntentDecision) -> str:
    days = decided.window_days or DEFAULT_WINDOW
    return "a day" if days == 1 else f"{days} days"


def card_notes(frames: Mapping[str, pd.DataFrame]) -> str:
    """The uncertainty of the cards above, in one line: interval and n of each, or why there is no number."""
    return " · ".join(_note(title, frame) for title, frame in frames.items())


def _note(title: str, frame: pd.DataFrame) -> str:
    if frame.empty:
        return f"{title}: no contacts here"
    row = frame.iloc[0]
    if pd.isna(row["value"]):
        return f"{title}: not known, {plain(row['reason'])}"
    spread = f"{likely(row['low'], row['high'], 1)}, " if pd.notna(row["low"]) else ""
    return f"{title}: {spread}n = {count(row['n'])}"


def _biggest_mover(movers: pd.DataFrame | None) -> str:
    if movers is None or movers["change"].isna().all():
        return ""
    sure = movers[movers["beyond"].fillna(False).astype(bool)]
    if sure.empty:
        return ""
    first = sure.iloc[0]
    return f"The largest change is *{plain(first['intent'])}*: {change(first['change'])} ({_rate(first)})."


def _rate(row: pd.Series) -> str:
    rate = row["change_rate"]
    return percent(rate, signed=True) if pd.notna(rate) else "new"


def _weight(pareto: pd.DataFrame) -> str:
    heavy = int((pareto["cumulative_share"] < 0.8).sum()) + 1
    if len(pareto) < 5 or heavy >= len(pareto):
        return ""
    return f", **{count(heavy)} of which** make up 80{THIN}% of contacts"
