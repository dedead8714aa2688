"""What the Settings page says first. Pure: no Streamlit; every text from the data goes through `plain`."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.numbers import count, percent
from cx_metrics.store.decided.decisions import Decisions
from pages.shared.format import listing
from pages.shared.text import plain

MOST_NAMED = 3


def ownership(owned: pd.DataFrame | None) -> str:
    """How many intents of the data have an owner, and how much those without one weigh."""
    if owned is None or owned.empty:
        return "Nothing was loaded yet: what you decide here counts as soon as there is data."
    lone = owned[owned["owner"].isna()]
    total, n_lone = len(owned), len(lone)
    if not n_lone:
        return f"**All {count(total)} intents have an owner.**" if total > 1 else "**The one intent has an owner.**"
    share = percent(lone["contacts"].sum() / owned["contacts"].sum(), 1)
    names = [f"*{plain(name)}*" for name in lone["intent"].head(MOST_NAMED)]
    if n_lone > MOST_NAMED:
        names.append(f"{count(n_lone - MOST_NAMED)} more")
    if n_lone == total:
        return f"**No intent has an owner yet**, not even the most frequent: {listing(names)}."
    return (
        f"**{count(total - n_lone)} of {count(total)} intents have an owner.** "
        f"Nobody answers for {share} of the contacts: {listing(names)}."
    )


def rates(decisions: Decisions, channels: tuple[str, ...]) -> str:
    """Which channels of the data have no rate, so that their contacts may have no cost."""
    priced = {rate.channel for rate in decisions.rates}
    lacking = [plain(channel) for channel in channels if channel not in priced]
    if not lacking:
        return ""
    return f"No rate yet for {listing(lacking)}: contacts there have a cost only where the extract states one."
