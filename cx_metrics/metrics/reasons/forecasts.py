"""What the coming weeks bring, as the refresh forecast it, with what its checks are worth.

A forecast is of all contacts, or of all those of an intent: other filters play no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.periods import as_date, full_days_within
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.forecasts import REACH, read_forecasts
from cx_metrics.store.marts.mart import Mart

PRICED_DAYS = 28
"""Full days up to the last one whose cost per contact the coming contacts are taken to have."""

_ENDS = ["value", "low", "high", "low_80", "high_80"]
_WEEKS = ["kind", "from_on", "to_on", *_ENDS, "naive", "reason"]


@dataclass(frozen=True)
class Record:
    """How a forecast fared in its checks: 28 days each, forecast from the days before them.

    Attributes:
        checks: How many there were.
        inside_80, inside_95: In how many the contacts counted lay in the 80 % and 95 % range.
        closer: By which share its days missed less than "same as last week" did, negative where they missed
            more; None without a check or where that one never missed.
    """

    checks: int
    inside_80: int
    inside_95: int
    closer: float | None


class UnitCost(NamedTuple):
    """What a contact costs.

    Attributes:
        value: In money; None where it is not known.
        priced: Contacts whose handling has a price.
        contacts: All of them.
        reason: Why it is not known.
    """

    value: float | None
    priced: int
    contacts: int
    reason: str | None


def open_forecasts(folder: Path) -> pd.DataFrame:
    """The rows of the home's forecast, days as ISO text; see ``store/forecasts.py`` for their kinds."""
    frame = read_forecasts(folder)
    return frame.assign(**{day: frame[day].astype("string").astype(object) for day in ("from_on", "to_on")})


def forecast_weeks(forecasts: pd.DataFrame, intent: str | None = None) -> pd.DataFrame:
    """Contacts of the last 26 weeks and the forecast of the next 13, one row each, then of the next 4 and 13 in sum.

    Args:
        forecasts: The home's.
        intent: Of which; None for all together.

    Returns:
        ``kind`` (history, week, total or unknown), ``from_on``, ``to_on``, ``value`` (contacts counted, or the
        median forecast), ``low`` and ``high`` (95 %), ``low_80`` and ``high_80``, ``naive`` (what there would be if
        every week were as the last one) and ``reason`` (why there is no forecast).
    """
    rows = _rows_of(forecasts, intent)
    return rows.loc[rows["kind"] != "check", _WEEKS].reset_index(drop=True)


def forecast_checks(forecasts: pd.DataFrame, intent: str | None = None) -> pd.DataFrame:
    """The checks of a forecast, oldest first: what it would have said of 28 days, beside what came.

    Returns:
        ``from_on``, ``to_on``, ``value``, ``low``, ``high``, ``low_80``, ``high_80``, ``naive``, ``actual``, and
        ``error`` and ``naive_error``: by how many contacts the single days were missed, in sum.
    """
    rows = _rows_of(forecasts, intent)
    columns = ["from_on", "to_on", *_ENDS, "naive", "actual", "error", "naive_error"]
    return rows.loc[rows["kind"] == "check", columns].reset_index(drop=True)


def forecast_totals(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The next 4 and 13 weeks of all contacts together, then of each intent, most contacts first.

    Returns:
        ``intent`` (missing for all together), ``from_on``, ``to_on``, ``value``, ``low``, ``high``, ``low_80``,
        ``high_80``, ``naive``, then ``checks``, ``inside_80``, ``inside_95`` and ``closer`` as in `Record`, and
        ``reason``; one row without numbers for an intent that is not forecast.
    """
    rows = forecasts[forecasts["kind"].isin(["total", "unknown"])].reset_index(drop=True)
    intents = [None if pd.isna(name) else str(name) for name in rows["intent"]]
    records = {name: record(forecast_checks(forecasts, name)) for name in dict.fromkeys(intents)}
    columns = ("checks", "inside_80", "inside_95", "closer")
    worth = pd.DataFrame([[getattr(records[name], c) for c in columns] for name in intents], columns=[*columns])
    return pd.concat([rows[["intent", "from_on", "to_on", *_ENDS, "naive"]], worth, rows["reason"]], axis=1)


def record(checks: pd.DataFrame) -> Record:
    """How forecasts fared in these checks.

    Args:
        checks: Rows of one intent, or of several.
    """
    inside_80 = (checks["low_80"] <= checks["actual"]) & (checks["actual"] <= checks["high_80"])
    inside_95 = (checks["low"] <= checks["actual"]) & (checks["actual"] <= checks["high"])
    missed, naive = checks["error"].sum(), checks["naive_error"].sum()
    closer = float(1 - missed / naive) if naive > 0 else None
    return Record(len(checks), int(inside_80.sum()), int(inside_95.sum()), closer)


def record_of_all(forecasts: pd.DataFrame) -> Record:
    """How the forecasts of all intents fared, one by one."""
    return record(forecasts[(forecasts["kind"] == "check") & forecasts["intent"].notna()])


def cost_per_contact(mart: Mart, intent: str | None = None) -> UnitCost:
    """The cost of the last 28 full days, as the metric has it, over their contacts, those without a price included."""
    days = full_days_within(mart.facts, Slice())
    if not days.size:
        return UnitCost(None, 0, 0, "the data knows no day in full")
    last = as_date(days[-1])
    found = cost(mart, Slice(from_on=last - timedelta(days=PRICED_DAYS - 1), to_on=last, where=_only(intent)))
    if found.empty or not found["contacts"].iloc[0]:
        return UnitCost(None, 0, 0, "no contacts in the last 4 weeks")
    row = found.iloc[0]
    n, contacts = int(row["n"]), int(row["contacts"])
    if pd.isna(row["value"]):
        return UnitCost(None, n, contacts, str(row["reason"]))
    return UnitCost(float(row["value"]) / contacts, n, contacts, None)


def forecast_cost(mart: Mart, forecasts: pd.DataFrame, intent: str | None = None) -> pd.DataFrame:
    """What the last weeks cost and the coming ones will: contacts forecast x cost per contact of the last 4 weeks.

    Returns:
        The columns of `forecast_weeks`, amounts in money, and ``per_contact``. The ranges are those of the
        contacts: that the cost of a contact may change as well is not in them.
    """
    weeks = forecast_weeks(forecasts, intent)
    each, _, _, why = cost_per_contact(mart, intent)
    if each is None:
        unknown = pd.DataFrame([{"kind": "unknown", "reason": why}], columns=weeks.columns)
        return unknown.assign(per_contact=None)
    priced = weeks.assign(**{name: weeks[name].astype(float) * each for name in [*_ENDS, "naive"]}, per_contact=each)
    is_past = (weeks["kind"] == "history").to_numpy()
    priced.loc[is_past, "value"] = _weekly_cost(mart, weeks[is_past], _only(intent))
    return priced


def _only(intent: str | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("intent", (intent,)),) if intent is not None else ()


def _weekly_cost(mart: Mart, history: pd.DataFrame, where: tuple[tuple[str, tuple[str, ...]], ...]) -> np.ndarray:
    """What the contacts of each week of the history cost; missing where none has a price."""
    if history.empty:
        return np.zeros(0)
    first, last = date.fromisoformat(history["from_on"].iloc[0]), date.fromisoformat(history["to_on"].iloc[-1])
    daily = cost(mart, Slice(from_on=first, to_on=last, where=where, grain="day"))
    week = (daily["period"].to_numpy(dtype="datetime64[D]") - np.datetime64(first)).astype(int) // 7
    known = daily["value"].notna().to_numpy()
    sums = np.bincount(week[known], daily["value"].to_numpy(dtype=float)[known], len(history))
    counted = np.bincount(week, minlength=len(history)) > 0
    return np.where(counted & (np.bincount(week[known], minlength=len(history)) == 0), np.nan, sums)


def _rows_of(forecasts: pd.DataFrame, intent: str | None) -> pd.DataFrame:
    """The rows of an intent; where there are none, one that says why."""
    name = forecasts["intent"]
    rows = forecasts[name.isna() if intent is None else name == intent]
    if len(rows):
        return rows
    why = f"no contacts in the last {REACH // 7} weeks" if len(forecasts) else "learning: no full day of data yet"
    return pd.DataFrame([{"intent": intent, "kind": "unknown", "reason": why}], columns=forecasts.columns)
