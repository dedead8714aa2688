"""What the forecast says in words, and what its checks are worth. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from cx_metrics.metrics.reasons.forecasts import Record, UnitCost
from pages.shared.format import THIN, count, is_known, likely, money, percent, plural, price
from pages.shared.text import amount

MARKS = "Weeks of 7 days · dashed = what the forecast expects · bands = where 80 % and 95 % should lie"
ALL_FILTERS = "filters other than the intent play no part"


def outlook(weeks: pd.DataFrame, *, currency: str | None = None) -> str:
    """The next 4 and 13 weeks with their 95 % ranges, and what there would be if every week were as the last."""
    totals = weeks[weeks["kind"] == "total"].to_dict("records")
    if not totals:
        return ""
    four, thirteen = totals
    naive = _amount(four["naive"], currency)
    return (
        f"Next 4 weeks: **{_said(four, currency)}**, {_range(four, currency)}; "
        f"next 13 weeks: **{_said(thirteen, currency)}**, {_range(thirteen, currency)}. "
        f"If every week were as the last, 4 weeks would bring {naive}."
    )


def worth(own: Record, everyone: Record) -> str:
    """How often the real number lay in the range, and how much closer the forecast came than "same as last week".

    Args:
        own: The checks of what is shown.
        everyone: The checks of all intents, one by one.
    """
    if not own.checks:
        return "Not checked yet: a check needs 30 weeks of data."
    times = f"{own.inside_95} of {plural(own.checks, 'time')}"
    said = (
        f"Checked on {plural(own.checks, 'stretch', 'stretches')} of 4 weeks, each forecast from the days before it "
        f"alone: the real number lay in the 95{THIN}% range {times}, in the 80{THIN}% range {own.inside_80}."
    )
    return f"{said} {_closer(own)}{_everyone(everyone)}"


def price_note(each: UnitCost, *, currency: str) -> str:
    """At which cost per contact the forecast is priced, and what it rests on."""
    if each.value is None:
        return ""
    without = each.contacts - each.priced
    left_out = f", {count(without)} of them without a price for their handling, which adds nothing" if without else ""
    return (
        f"Contacts forecast x {amount(price(each.value, currency))}: the cost of the last 4 weeks over their "
        f"{plural(each.contacts, 'contact')}{left_out}. The range is that of the contacts: a change in the cost of a "
        "contact is not in it."
    )


def _closer(own: Record) -> str:
    if not is_known(own.closer) or own.closer is None:
        return ""
    how = "less" if own.closer >= 0 else "more"
    return f"Day by day it missed by {percent(abs(own.closer))} {how} than 'same as last week'."


def _everyone(everyone: Record) -> str:
    if not everyone.checks:
        return ""
    inside = percent(everyone.inside_95 / everyone.checks), percent(everyone.inside_80 / everyone.checks)
    return f" Over the {count(everyone.checks)} checks of all intents: {inside[0]} and {inside[1]}."


def _said(row: Mapping[Hashable, Any], currency: str | None) -> str:
    return _amount(row["value"], currency) if currency else plural(row["value"], "contact")


def _range(row: Mapping[Hashable, Any], currency: str | None) -> str:
    if currency is None:
        return likely(row["low"], row["high"], unit="")
    return f"likely {_amount(row['low'], currency)}{THIN}–{THIN}{_amount(row['high'], currency)}"


def _amount(value: float, currency: str | None) -> str:
    return amount(money(value, currency)) if currency else count(value)
