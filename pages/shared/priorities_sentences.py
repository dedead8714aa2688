"""What the value-irritant matrix says in words. Pure: no Streamlit."""

from __future__ import annotations

import pandas as pd

from cx_metrics.metrics.reasons.priorities import NOT_SCORED
from cx_metrics.metrics.reasons.taxonomy import MEND
from pages.shared.format import count, is_known, money, percent, plural
from pages.shared.text import amount, plain

WORTH = {"high": "much", "low": "little"}


def priorities(rows: pd.DataFrame, sums: pd.DataFrame, *, currency: str | None) -> str:
    """What to remove first and who has to, or that nobody has said yet what intents are worth.

    Args:
        rows: The intents, costliest first.
        sums: What each quadrant adds up to.
        currency: Of the costs; None where no intent has one.
    """
    scored = rows[rows["quadrant"] != NOT_SCORED]
    if scored.empty:
        return (
            f"**None of {plural(len(rows), 'intent')} is scored yet**: until someone says what each is worth to the "
            "customer and to us, none can be called a waste."
        )
    parts = [_eliminate(rows, sums, currency)]
    unscored = len(rows) - len(scored)
    if unscored:
        parts.append(f"**{count(unscored)} of {plural(len(rows), 'intent')}** are not scored yet.")
    return " ".join(parts)


def health(checks: pd.DataFrame) -> str:
    """How many checks of the list of intents need mending."""
    mend = checks[checks["state"] == MEND]
    if mend.empty:
        return "The list of intents passes every check that can be made."
    needs = "needs" if len(mend) == 1 else "need"
    return f"{count(len(mend))} of {plural(len(checks), 'check')} {needs} mending."


def advice(checks: pd.DataFrame) -> str:
    """What to do about each check that needs mending, as a list; empty where none does."""
    mend = checks[checks["state"] == MEND]
    return "\n".join(f"- **{row['check']}**: {row['advice']}" for _, row in mend.iterrows())


def figures(checks: pd.DataFrame) -> list[str]:
    """The figure of each check, as its unit is written."""
    return [
        percent(value, 1) if unit == "share" else count(value)
        for value, unit in zip(checks["value"], checks["unit"], strict=True)
    ]


def sizes(sums: pd.DataFrame) -> str:
    """Intents of each quadrant, and how many of them nobody owns, in one line."""
    return " · ".join(
        f"{str(row['quadrant']).capitalize()}: {plural(row['intents'], 'intent')}, {count(row['unowned'])} unowned"
        for _, row in sums.iterrows()
        if row["intents"]
    )


def _eliminate(rows: pd.DataFrame, sums: pd.DataFrame, currency: str | None) -> str:
    waste = rows[rows["quadrant"] == "eliminate"]
    if waste.empty:
        return "No intent is scored as worth little to both the customer and us: nothing to eliminate."
    total = sums[sums["quadrant"] == "eliminate"].iloc[0]
    first = waste.iloc[0]
    who = "which **nobody owns**" if pd.isna(first["owner"]) else f"owned by {plain(first['owner'])}"
    largest = f"The largest is *{plain(first['intent'])}*, {who}."
    if currency is None or not is_known(total["cost"]):
        return f"**{plural(total['contacts'], 'contact')}** are worth little to the customer and to us. {largest}"
    share = f" ({percent(total['cost_share'])} of the cost)" if is_known(total["cost_share"]) else ""
    return (
        f"**{amount(money(total['cost'], currency))}**{share} goes to contacts worth little to the customer and to us: "
        f"eliminate their causes. {largest}"
    )
