"""What needs a decision, card by card: what is wrong, what is at stake, who answers for it. Pure: no Streamlit."""

from __future__ import annotations

import pandas as pd

from cx_metrics.metrics.reasons.attention import MISSED, RISING, UNOWNED
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import Standing
from cx_metrics.reports.phrases import in_period
from pages.shared.format import change, count, is_known, likely, money, percent, plural
from pages.shared.text import amount, plain

_WORDS = {MISSED: "Target missed", RISING: "Rising", UNOWNED: "Unowned"}


def grounds(row: pd.Series, *, asked: Slice, currency: str) -> str:
    """Why an intent is listed and what is at stake: ``Target missed · repeats cost € 8 370``."""
    kinds = str(row["kind"]).split(", ")
    return amount(" · ".join([*(_WORDS[kind] for kind in kinds), _stake(row, kinds[0], asked, currency)]))


def detail(row: pd.Series) -> str:
    """Who answers for it, and the figures behind it."""
    kinds = str(row["kind"]).split(", ")
    said = ["No one answers for this intent." if not isinstance(row["owner"], str) else f"Owner {plain(row['owner'])}."]
    if MISSED in kinds:
        spread = likely(row["low"], row["high"])
        solved = f"{percent(row['value'])} solved at the first contact ({spread}), target {percent(row['target'])}"
        said.append(f"{solved}: about {count(row['short'])} more customers came back than that allows.")
    if RISING in kinds:
        rate = f" ({percent(row['change_rate'], signed=True)})" if is_known(row["change_rate"]) else ""
        said.append(
            f"{plural(row['contacts'], 'contact')}, {change(row['change'])}{rate}: more than chance lets expect."
        )
    if kinds == [UNOWNED]:
        said.append(f"{plural(row['contacts'], 'contact')}.")
    return " ".join(said)


def nothing(stands: Standing) -> str:
    """Why no intent is listed."""
    if stands.has_owners and stands.has_targets:
        return "No target is missed, nothing rises beyond chance, and every intent has an owner."
    return "Nothing rises beyond chance. Targets and owners that are not decided can't be missed or missing."


def _stake(row: pd.Series, kind: str, asked: Slice, currency: str) -> str:
    """What the ground puts at stake, in money, or else in contacts."""
    if not is_known(row["money"]):
        contacts = row["contacts_at_stake"]
        said = {MISSED: "about {} short of it", RISING: "{} more", UNOWNED: "{} " + in_period(asked)}
        return said[kind].format(plural(contacts, "contact") if kind != MISSED else count(contacts))
    said = {MISSED: "repeats cost {}", RISING: "{} more than before", UNOWNED: "{} " + in_period(asked)}
    return said[kind].format(money(row["money"], currency))
