"""What a page says first: one or two sentences from computed values, uncertainty included. Pure: no Streamlit.

The sentences are Markdown: every text from the data goes through `plain`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cx_metrics.charts.numbers import change, count, likely, number, percent
from pages.shared.text import plain


def overview(*, volume: pd.DataFrame, movers: pd.DataFrame | None, pareto: pd.DataFrame) -> str:
    """How much we hear, how it changed, who made the change, and which reasons weigh most."""
    total = int(volume["value"].sum())
    parts = [f"Customers contacted us **{count(total)} times**{_against(movers)}."]
    parts.append(_biggest_mover(movers))
    parts.append(_weight(pareto))
    return " ".join(part for part in parts if part)


def intents(*, movers: pd.DataFrame | None, n_intents: int) -> str:
    """How many reasons there are, and how many moved more than chance lets expect."""
    reasons = f"**{count(n_intents)} reasons** to contact us" if n_intents != 1 else "**One reason** to contact us"
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


def intent(name: str, *, volume: pd.DataFrame, recontact: pd.DataFrame, fcr: pd.DataFrame, window: int) -> str:
    """One reason: how often, and in how many of 100 cases customers had to come back."""
    total = int(volume["value"].sum())
    parts = [f"*{plain(name)}* made customers contact us **{count(total)} times**."]
    rate = recontact.iloc[0] if len(recontact) else None
    if rate is not None and pd.notna(rate["value"]):
        again = number(rate["value"] * 100)
        parts.append(
            f"After **{again} of 100** contacts they came back about it within {_days(window)} "
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


def too_young(fcr: pd.DataFrame, *, window: int) -> str:
    """How many contacts FCR leaves out, and why."""
    row = fcr.iloc[0]
    return (
        f"First contact resolution rests on {count(row['n'])} first contacts. Left out: "
        f"{count(row['immature'])} younger than {_days(window)}, "
        f"{count(row['left_edge'])} from the first days of the data, "
        f"{count(row['no_customer_id'])} without a customer id."
    )


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


def _against(movers: pd.DataFrame | None) -> str:
    if movers is None or movers["change"].isna().all():
        return ""
    difference = int(movers["change"].sum())
    if difference == 0:
        return ", as often as before"
    return f", **{count(abs(difference))} {'more' if difference > 0 else 'fewer'}** than before"


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
    return f"**{count(heavy)} of {count(len(pareto))} reasons** make up 80{chr(0x202F)}% of it."


def _days(window: int) -> str:
    return "a day" if window == 1 else f"{window} days"
