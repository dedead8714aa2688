"""What the page on expectations says, from computed values. Pure: no Streamlit; the text is Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.charts.numbers import count, duration, likely, number
from pages.shared.text import plain

NOTICEABLE = 2.0
"""How many times as long as in the fastest channel urgent contacts take before a sentence says so."""


def answer(kept: pd.DataFrame, hours: pd.DataFrame, urgent: pd.DataFrame) -> str:
    """How many promises were kept, where it takes longest, and where urgent contacts wait."""
    return " ".join(part for part in (_kept(kept), _slowest(hours), _urgent(urgent)) if part)


def notes(kept: pd.DataFrame) -> str:
    """What the share kept rests on."""
    row = kept.iloc[0]
    spread = f"Kept: {likely(row['low'], row['high'], 1)}, n = {count(row['n'])} ended contacts. " if row["n"] else ""
    return (
        f"{spread}Contacts not known to have ended, {count(row['not_ended'])} with an expectation, are in no share and "
        "no hours: while they stay open, both look better than they are."
    )


def _kept(kept: pd.DataFrame) -> str:
    row = kept.iloc[0]
    if pd.notna(row["value"]):
        return (
            f"**{number(row['value'] * 100)} of 100** contacts were solved within the hours customers are told "
            f"({likely(row['low'], row['high'])})."
        )
    return f"Whether expectations were kept is not known: {plain(row['reason'])}."


def _slowest(hours: pd.DataFrame) -> str:
    known = hours[hours["median_hours"].notna()]
    if known.empty:
        return ""
    row: Mapping[Any, Any] = known.to_dict("records")[0]
    return (
        f"Longest takes *{plain(row['intent'])}*: half within {duration(row['median_hours'])}, 9 of 10 within "
        f"{duration(row['p90_hours'])}."
    )


def _urgent(urgent: pd.DataFrame) -> str:
    known = urgent[urgent["median_hours"].notna()]
    if len(known) < 2 or not known["times_fastest"].iloc[0] >= NOTICEABLE:
        return ""
    slow, quick = known.to_dict("records")[0], known.to_dict("records")[-1]
    return (
        f"Half of the **urgent contacts by {plain(slow['channel'])} wait {duration(slow['median_hours'])}** or longer, "
        f"those by {plain(quick['channel'])} {duration(quick['median_hours'])}."
    )
