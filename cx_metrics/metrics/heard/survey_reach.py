"""Whom we hear and whom we don't: the ladder, who answers, the map of silence, and response over the weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from cx_metrics.metrics.heard.survey_counts import LADDER, NO_SURVEYS, has_surveys, survey_counts
from cx_metrics.metrics.heard.survey_weights import LEAST_ANSWERS
from cx_metrics.metrics.heard.surveys import NONE_ENDED, reach, response
from cx_metrics.metrics.outcomes import CLASS_SQL, LEFT_EDGE, REPEAT
from cx_metrics.metrics.output import ratio, reasons
from cx_metrics.metrics.periods import as_date, last_full_day
from cx_metrics.metrics.reasons.trend import full_week_days
from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.answer_effects import answer_effects
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.many import false_discovery_rate
from cx_metrics.statistics.share_trend import ShareTrend, share_trend
from cx_metrics.store.marts.mart import Mart

EVERYONE = "everyone"
REPEATED = "repeat"
WEEKS = 26
OLD_ENOUGH = timedelta(days=7)
"""So long answers may still come: a younger week's response isn't judged."""
_ATTRIBUTES = ("intent", "channel", "segment", "region")
_COUNTS = ("offered", "answered")


def ladder(mart: Mart, slice: Slice) -> pd.DataFrame:
    """From all contacts down to those we heard: contacts, ended, offered, answered.

    Returns:
        The slice's dimensions and period, ``step``, ``n``, ``share`` of the contacts in 0..1 and ``reason``, why a
        step can't be known.
    """
    counted = survey_counts(mart, slice)
    frame = counted.frame.melt(
        id_vars=[*counted.keys, "contacts"], value_vars=LADDER[1:], var_name="step", value_name="n"
    )
    first = counted.frame[[*counted.keys, "contacts"]].assign(step=LADDER[0], n=counted.frame["contacts"])
    frame = pd.concat([first, frame], ignore_index=True)
    silent = frame["step"].isin(_COUNTS) & (not counted.surveyed)
    endless = (frame["step"] == "ended") & (frame["n"] == 0)
    frame["n"] = frame["n"].where(~(silent | endless)).astype(float)
    frame["reason"] = reasons(frame["n"], (silent, NO_SURVEYS), (endless, NONE_ENDED))
    frame["share"] = ratio(frame["n"], frame["contacts"])
    order = frame["step"].map(LADDER.index)
    frame = frame.assign(order=order).sort_values([*counted.keys, "order"], ignore_index=True)
    return frame[[*counted.keys, "step", "n", "share", "reason"]]


def answerers(mart: Mart, slice: Slice) -> pd.DataFrame:
    """How many of 100 contacts answered, by intent, channel, segment, region and repeat, against everyone.

    Beside each share stands what the level adds when all five are taken together (see ``answer_effects``).

    Returns:
        ``attribute`` (``everyone`` comes first), ``level``, ``contacts``, ``offered``, ``answered``, ``value``
        (answered / contacts in 0..1) with its 95% Wilson interval, ``response`` (answered / offered), ``effect``
        against the most frequent level with its ends, ``beyond`` (whether the attribute plays a part at a false
        discovery rate of 5%; missing where no model can say) and ``reason``. Only attributes with two levels or more.
    """
    cells = _cells(mart, slice)
    surveyed = has_surveys(mart)
    parts = [_level_sums(cells.assign(everyone=EVERYONE), EVERYONE)]
    parts += [_level_sums(cells, name) for name in (*_ATTRIBUTES, REPEATED) if cells[name].nunique() > 1]
    frame = pd.concat(parts, ignore_index=True)
    low, high = wilson(frame["answered"], frame["contacts"])
    frame = frame.assign(
        value=ratio(frame["answered"], frame["contacts"]),
        low=low,
        high=high,
        response=ratio(frame["answered"], frame["offered"]),
    )
    frame["reason"] = None if surveyed else NO_SURVEYS
    if not surveyed:
        frame[["offered", "answered", "value", "low", "high", "response"]] = np.nan
    return frame.merge(_effects(cells), how="left", on=["attribute", "level"])


def answer_map(mart: Mart, slice: Slice) -> pd.DataFrame:
    """How many of 100 contacts answered, by intent and channel; withheld below 10 answers.

    Returns:
        ``intent``, ``channel``, ``value`` in 0..1, ``low``, ``high``, ``n`` (contacts), ``reason``, ``answered``;
        intents with most contacts first.
    """
    frame = reach(mart, replace(slice, by=("intent", "channel"), grain=None)).drop(columns="contacts")
    few = frame["value"].notna() & (frame["answered"] < LEAST_ANSWERS)
    frame.loc[few, ["value", "low", "high"]] = np.nan
    frame["reason"] = frame["reason"].astype(object).where(~few, "fewer than 10 answers")
    total = frame.groupby("intent")["n"].transform("sum")
    frame = frame.assign(total=total).sort_values(["total", "intent", "channel"], ascending=[False, True, True])
    return frame.drop(columns="total").reset_index(drop=True)


class ResponseWeeks(NamedTuple):
    """Response over the last full weeks, and what can be said about its course.

    Attributes:
        weeks: ``period``, ``value``, ``low``, ``high``, ``n`` (offered), ``answered``, ``young`` (answers may still
            come) and ``reason``; every week, also one without surveys.
        trend: The line through the weeks that aren't young; None where there are too few.
    """

    weeks: pd.DataFrame
    trend: ShareTrend | None


def response_weeks(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of surveys answered in each of the last 26 full weeks up to the slice's end; see ``ResponseWeeks``."""
    return response_course(mart, slice).weeks


def response_course(mart: Mart, slice: Slice) -> ResponseWeeks:
    """Response in the last 26 full weeks up to the slice's end, whenever it starts, with its trend."""
    days = full_week_days(mart.facts, slice, weeks=WEEKS)
    last_on = last_full_day(mart.facts)
    columns = ["period", "value", "low", "high", "n", "answered", "young", "reason"]
    if not days.size or last_on is None:
        return ResponseWeeks(pd.DataFrame(columns=columns), None)
    asked = replace(slice, by=(), grain="week", from_on=as_date(days[0]), to_on=as_date(days[-1]))
    mondays = [as_date(day) for day in days[::7]]
    frame = response(mart, asked).set_index("period").reindex([str(day) for day in mondays])
    frame["reason"] = frame["reason"].where(frame["value"].isna() & frame["reason"].notna(), None)
    frame[["n", "answered"]] = frame[["n", "answered"]].fillna(0).astype("int64")
    frame["young"] = [day + timedelta(days=6) + OLD_ENOUGH > last_on for day in mondays]
    old = frame[~frame["young"]]
    return ResponseWeeks(frame.reset_index()[columns], share_trend(old["answered"], old["n"]))


def _cells(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts, offered and answered by all attributes at once."""
    selection = select(mart, replace(slice, by=(), grain=None))
    repeat = f"CASE WHEN class < {REPEAT} THEN 'no customer id' WHEN class < {LEFT_EDGE} THEN 'repeat' ELSE 'first' END"
    names = ", ".join(f"c.{name}" for name in _ATTRIBUTES)
    sums = ", ".join(f"CAST(sum(d.{name}) AS BIGINT) AS {name}" for name in ("contacts", *_COUNTS))
    added = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in ("contacts", *_COUNTS))
    return mart.query(
        f"SELECT {', '.join(_ATTRIBUTES)}, {repeat} AS {REPEATED}, {added} FROM ("
        f"SELECT {names}, {CLASS_SQL} AS class, {sums} {selection.source_sql('daily', with_window=True)} GROUP BY ALL"
        f") GROUP BY ALL ORDER BY ALL",
        selection.params | selection.windows,
    )


def _level_sums(cells: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """The counts of each level of an attribute, most contacts first; one row of zeros for everyone in no contacts."""
    names = ["contacts", *_COUNTS]
    sums = cells.groupby(attribute, sort=True)[names].sum().rename_axis("level").reset_index()
    if attribute == EVERYONE and sums.empty:
        sums = pd.DataFrame([{"level": EVERYONE} | dict.fromkeys(names, 0)])
    sums = sums.sort_values(["contacts", "level"], ascending=[False, True])
    return sums.assign(attribute=attribute)[["attribute", "level", *names]]


def _effects(cells: pd.DataFrame) -> pd.DataFrame:
    """What each level adds, of attributes that can be told apart."""
    attributes = {name: cells[name].to_numpy() for name in (*_ATTRIBUTES, REPEATED)}
    effects = answer_effects(cells["answered"], cells["contacts"], attributes)
    p = effects.groupby("attribute", sort=False)["p"].first()
    beyond = pd.Series(false_discovery_rate(p.to_numpy(dtype=float)) < 0.05, index=p.index)
    effects = effects.assign(beyond=effects["attribute"].map(beyond))
    names = {"low": "effect_low", "high": "effect_high"}
    return effects.rename(columns=names).drop(columns=["p", "reference"])
