"""Answers, rows of cards, and cards with a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pages.shared import format as write
from pages.shared.tables import csv_button
from pages.shared.text import plain

MOST_CARDS = 5
CHART_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False}
_CARD_WIDTH = 150
_SHORTEN_FROM = 1_000_000
_COLOURS: dict[str | None, Literal["normal", "inverse", "off"]] = {"higher": "normal", "lower": "inverse"}


@dataclass(frozen=True)
class Card:
    """One number on a card.

    Attributes:
        label: What it is, in a few words.
        value: The number, as text.
        change: How it changed, as text with its sign; None where there is nothing to compare with.
        better: Which way is good news; None where neither is, or the change may be chance.
        line: What it was over time, oldest first; empty for no line.
    """

    label: str
    value: str
    change: str | None = None
    better: Literal["higher", "lower"] | None = None
    line: Sequence[float] = ()


def count_card(
    label: str, now: pd.DataFrame, before: pd.DataFrame | None = None, *, line: Sequence[float] = ()
) -> Card:
    """How many, in full below a million; more contacts than before are bad news.

    Args:
        label: What is counted.
        now: A metric's answer with one row.
        before: The same for the comparison period.
        line: What it was over time, oldest first.
    """
    value, earlier = _value(now), _value(before)
    change = _shortest(value - earlier, signed=True) if value is not None and earlier is not None else None
    return Card(label, _shortest(value), change, better="lower", line=line)


def rate_card(
    label: str, now: pd.DataFrame, before: pd.DataFrame | None = None, *, better: Literal["higher", "lower"]
) -> Card:
    """A share in per cent with its change in points, which is good or bad news only where the intervals part.

    Args:
        label: What it is the share of.
        now: A metric's answer with one row.
        before: The same for the comparison period.
        better: Which way is good news.
    """
    value, earlier = _value(now), _value(before)
    change = write.points(value - earlier) if value is not None and earlier is not None else None
    return Card(label, write.percent(value), change, better=better if _intervals_part(now, before) else None)


def ratio_card(label: str, now: pd.DataFrame) -> Card:
    """So many of one thing for each of another, with two decimals.

    Args:
        label: What it is.
        now: A metric's answer with one row.
    """
    return Card(label, write.number(_value(now), 2))


def answer(sentence: str) -> None:
    """The answer a page opens with: Markdown, with names from the data through ``plain``."""
    st.header(sentence, anchor=False)


def card_row(cards: Sequence[Card], *, caption: str = "") -> None:
    """Up to five cards side by side, fewer on a narrow screen, and one line below for what they rest on.

    Args:
        cards: From left to right.
        caption: Markdown, with names from the data through ``plain``.

    Raises:
        ValueError: There are more than five cards.
    """
    if len(cards) > MOST_CARDS:
        raise ValueError(f"{len(cards)} cards don't fit in a row: at most {MOST_CARDS}")
    with st.grid(len(cards), min_column_width=_CARD_WIDTH):
        for card in cards:
            _metric(card)
    if caption:
        st.caption(caption)


def chart_card(title: str, caption: str, figure: Any, *, alt: str, data: pd.DataFrame, key: str) -> None:
    """A picture in a frame: heading, what the marks mean, the chart, and its data as CSV.

    Args:
        title: The question it answers, as Markdown.
        caption: What the marks mean, as Markdown.
        figure: A Plotly figure.
        alt: The takeaway in one sentence, as plain text.
        data: The data drawn, in full.
        key: Unique on the page, and the name of the CSV file.
    """
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            csv_button(data, key=key)
        st.caption(caption)
        st.plotly_chart(figure, config=CHART_CONFIG, alt=alt, key=f"chart_{key}")


def missing_card(title: str, reason: str) -> None:
    """In place of a picture: what it would have shown, and why it can't be drawn.

    Args:
        title: The question, as Markdown.
        reason: A sentence, as plain text.
    """
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.caption(plain(reason))


def _metric(card: Card) -> None:
    moved = card.change is not None and card.change.startswith(("+", "-"))
    st.metric(
        plain(card.label),
        card.value,
        card.change,
        delta_color=_COLOURS.get(card.better, "off") if moved else "off",
        delta_arrow="auto" if moved else "off",
        border=True,
        height="stretch",
        chart_data=list(card.line) or None,
    )


def _value(frame: pd.DataFrame | None) -> Any:
    value = None if frame is None or frame.empty else frame["value"].iloc[0]
    return value if write.is_known(value) else None


def _shortest(value: Any, *, signed: bool = False) -> str:
    long = value is not None and abs(value) >= _SHORTEN_FROM
    return write.compact(value, signed=signed) if long else write.count(value, signed=signed)


def _intervals_part(now: pd.DataFrame, before: pd.DataFrame | None) -> bool:
    """Whether both numbers are known and no number lies in both intervals."""
    if before is None or now.empty or before.empty:
        return False
    (low, high), (low_before, high_before) = (frame[["low", "high"]].iloc[0] for frame in (now, before))
    if not all(map(write.is_known, (low, high, low_before, high_before))):
        return False
    return bool(low > high_before or high < low_before)
