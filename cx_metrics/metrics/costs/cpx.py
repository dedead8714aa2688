"""Contacts per X: how often customers have to ask for each order, device or customer there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from cx_metrics.metrics.costs.cost import cost_ledger
from cx_metrics.metrics.costs.units import NO_UNITS, PeriodUnits, Units, units_by_period
from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.output import Floats, answer
from cx_metrics.metrics.periods import as_date, day_range, known_days, period_starts
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.selection import group_rows
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.statistics.rates import ExposureTrend, exposure_trend, overdispersion, rate_interval
from cx_metrics.statistics.splits import split_product
from cx_metrics.store.marts.mart import Mart

CPX_PARTS = ("contacts", "units", "unit")
LEARNT = 26
"""Periods before the end of the slice from which the spread of counts is learnt."""
TREND_PERIODS = 52
_SPLIT_COLUMNS = ("part", "contacts", "before", "now", "reason")


def cpx(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts per unit of X in the slice's days; the same units stand under every group.

    The interval is an exact Poisson one, widened by how much further than Poisson the group's weeks stray.

    Returns:
        One row per group, or per group and period as ``volume`` has them: n = contacts; ``units`` of the period and
        their name, ``unit``. Missing with a reason where no units were entered, none for these days, or where they are
        known for longer stretches than the one asked for.

    Raises:
        BadUse: The slice asks for a unit that nobody entered, though others were.
    """
    units = Units.decided(mart.decisions, slice.unit)
    frame = _with_units(mart, slice, units)
    frame = frame.assign(
        value=pd.Series(list(map(_ratio, frame["contacts"], frame["exact"])), index=frame.index, dtype=float),
        units=pd.Series([float(per or "nan") for per in frame["exact"]], index=frame.index),
        unit=None if units is None else units.name,
    )
    frame = _with_interval(frame, _spread(mart, slice, units))
    keys = (*slice.by, *(("period",) if slice.grain else ()))
    return answer(frame, keys=keys, parts=(*CPX_PARTS, *(("complete",) if slice.grain else ())))


def cpx_over_time(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts per X of the weeks in the last year until the slice ends; of the months, where units are known by them.

    Returns:
        The metric's rows, with ``period`` and ``complete``, from the first period for which units were entered.

    Raises:
        BadUse: As for ``cpx``.
    """
    end = min(slice.to_on or date.max, mart.facts.data_to or date.max)
    grain = trend_grain(mart, slice)
    begin = None
    if end != date.max:
        (begin,) = map(as_date, period_starts(day_range(*[end - timedelta(weeks=TREND_PERIODS)] * 2), grain))
    frame = cpx(mart, replace(slice, by=(), from_on=begin, grain=grain))
    has_units = frame["units"].notna()
    return frame[has_units.cummax()].reset_index(drop=True) if has_units.any() else frame.iloc[:0]


def cpx_trend(mart: Mart, slice: Slice) -> ExposureTrend | None:
    """How contacts per X move from week to week, over up to 52 whole weeks until the slice ends.

    From month to month where units are known per month or longer. None where fewer than 8 are known.

    Raises:
        BadUse: As for ``cpx``.
    """
    units = Units.decided(mart.decisions, slice.unit)
    if units is None:
        return None
    _, counts, exposure = _history(mart, replace(slice, by=()), units, most=TREND_PERIODS)
    return exposure_trend(counts[0], exposure) if len(counts) else None


def trend_grain(mart: Mart, slice: Slice) -> Grain:
    """The periods between which contacts per X are compared: weeks, or months where units are known by them."""
    units = Units.decided(mart.decisions, slice.unit)
    return "week" if units is None else _grain(units)


def whole_period(mart: Mart, slice: Slice, compare: Slice | None) -> tuple[Slice, Slice | None]:
    """A period for which units are known, and what it is compared with: the two themselves, where they are.

    Where units are known by months that the period cuts: the last whole month that ends within it or before, and the
    month before that.

    Raises:
        BadUse: As for ``cpx``.
    """
    units = Units.decided(mart.decisions, slice.unit)
    known = known_days(mart.facts)
    if units is None or known is None or _grain(units) == "week" or slice.to_on is None:
        return slice, compare
    if all(asked is None or units_by_period(units, mart.facts, asked, ())[0].units for asked in (slice, compare)):
        return slice, compare
    month = _month_before(slice, min(slice.to_on, known[1]) + timedelta(days=1))
    return month, None if compare is None else _month_before(slice, month.from_on)


def _month_before(slice: Slice, day: date | None) -> Slice:
    """The slice over the last month that ends before a day."""
    assert day is not None
    last = day.replace(day=1) - timedelta(days=1)
    return replace(slice, from_on=last.replace(day=1), to_on=last, grain=None)


def cpx_split(mart: Mart, slice: Slice, compare: Slice) -> pd.DataFrame:
    """The change in contacts, split into growth of X, first contacts per X, and contacts per first contact.

    Contacts = X x first contacts per X x contacts per first contact, where a first contact is one that is no repeat.
    Each part is what its factor brings on average over all orders of change; they sum to the change exactly. Without
    customer ids, the last two are one part: contacts per X.

    Returns:
        ``part`` in words, ``contacts`` (more or fewer, not rounded), and the factor ``before`` and ``now``; one row
        with a ``reason`` where it can't be told.

    Raises:
        BadUse: As for ``cpx``.
    """
    units = Units.decided(mart.decisions, slice.unit)
    if units is None:
        return _no_split(NO_UNITS)
    now, before = (_factors(mart, replace(s, by=(), grain=None), units) for s in (slice, compare))
    for factors, which in ((now, "the period"), (before, "the comparison period")):
        if isinstance(factors, str):
            return _no_split(f"of {which}: {factors}")
    assert not isinstance(now, str)
    assert not isinstance(before, str)
    if len(now) != len(before):
        now, before = (now[0], now[1] * now[-1]), (before[0], before[1] * before[-1])
    per_x = ("first contacts per unit", "contacts per first contact") if len(now) == 3 else ("contacts per unit",)
    rows = zip((f"growth of {units.name}", *per_x), split_product(before, now), before, now, strict=True)
    return pd.DataFrame([(part, *map(float, sums), None) for part, *sums in rows], columns=[*_SPLIT_COLUMNS])


def _factors(mart: Mart, slice: Slice, units: Units) -> tuple[Fraction, ...] | str:
    """X, first contacts per X and contacts per first contact; without customer ids X and contacts per X; or why not."""
    (per,) = units_by_period(units, mart.facts, slice, ())
    if per.units is None:
        return str(per.reason)
    row = cost_ledger(mart, slice).iloc[0]
    x, contacts, first = Fraction(per.units), int(row["contacts"]), int(row["contacts"] - row["repeat_contacts"])
    if not contacts:
        return "no contacts here"
    if not row["in_time"] or not first:
        return x, contacts / x
    return x, first / x, Fraction(contacts, first)


def _no_split(reason: str) -> pd.DataFrame:
    return pd.DataFrame([(None, None, None, None, reason)], columns=[*_SPLIT_COLUMNS])


def _with_units(mart: Mart, slice: Slice, units: Units | None) -> pd.DataFrame:
    """The contacts of each row, with the units of its period as they were entered, or why there are none."""
    counted = volume(mart, slice)
    starts = [date.fromisoformat(start) for start in dict.fromkeys(counted["period"])] if slice.grain else []
    periods = [PeriodUnits(None, NO_UNITS)] * max(len(starts), 1)
    if units is not None:
        periods = units_by_period(units, mart.facts, slice, starts)
    of_row = periods * (len(counted) // max(len(periods), 1))
    exact = [per.units if is_known else None for per, is_known in zip(of_row, counted["value"].notna(), strict=True)]
    why = [reason or per.reason for per, reason in zip(of_row, counted["reason"], strict=True)]
    return counted.assign(
        contacts=counted["n"],
        exact=pd.Series(exact, index=counted.index, dtype=object),
        reason=pd.Series(why, index=counted.index, dtype=object),
    )


def _ratio(contacts: int, per: Decimal | None) -> float | None:
    return None if per is None else float(Fraction(contacts) / Fraction(per))


def _with_interval(frame: pd.DataFrame, spread: pd.DataFrame) -> pd.DataFrame:
    """The interval of every row, by the spread of its group."""
    keys = [name for name in spread if name != "dispersion"]
    wide = frame.merge(spread, how="left", on=keys)["dispersion"] if keys else spread["dispersion"].iloc[0]
    per = frame["units"].where(frame["value"].notna(), 0.0)
    low, high = rate_interval(frame["contacts"], per, dispersion=pd.Series(wide, index=frame.index).fillna(1.0))
    return frame.assign(low=low, high=high)


def _spread(mart: Mart, slice: Slice, units: Units | None) -> pd.DataFrame:
    """How far each group's counts stray beyond Poisson: its dimensions and ``dispersion``."""
    if units is None:
        return pd.DataFrame({"dispersion": [1.0]})
    groups, counts, exposure = _history(mart, slice, units, most=LEARNT)
    if not len(counts):
        return pd.DataFrame({"dispersion": [1.0]})
    return groups.assign(dispersion=overdispersion(counts, exposure))


def _history(mart: Mart, slice: Slice, units: Units, *, most: int) -> tuple[pd.DataFrame, Floats, Floats]:
    """Groups, their contacts in each of the last whole periods up to the slice's end, and the units of these."""
    frame = _with_units(mart, replace(slice, from_on=None, grain=_grain(units)), units)
    known = frame[frame["complete"].astype(bool) & frame["exact"].notna()]
    periods = sorted(set(known["period"]))[-most:]
    kept = known[known["period"].isin(periods)]
    groups, _ = group_rows(kept, slice.by)
    counts = kept["contacts"].to_numpy(dtype=float).reshape(-1, max(len(periods), 1))
    return groups, counts, kept["exact"].iloc[: len(periods)].to_numpy(dtype=float)


def _grain(units: Units) -> Grain:
    return "week" if units.cadence in (None, "day", "week") else "month"


INFO = (
    MetricInfo(
        name="cpx",
        title="Contacts per X",
        unit="contacts per unit",
        definition="How many contacts come for each order, device or customer: the contacts of a period by the units "
        "that belong to its days. Every group is divided by the same units.",
        formula="contacts / units of X",
        source=f"{DEFINITIONS}; interval: exact Poisson (Garwood 1936) on counts / dispersion",
        parts=CPX_PARTS,
        grain_parts=("complete",),
        compute=cpx,
    ),
)
