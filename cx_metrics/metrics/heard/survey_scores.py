"""Scores of those who answered, what they become when weighted to everybody, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.heard.survey_counts import NO_CONTACTS, NO_SURVEYS, SurveyCounts, survey_counts
from cx_metrics.metrics.heard.survey_weights import LEAST_ANSWERS, customers_effect, weigh
from cx_metrics.metrics.output import Floats, answer, reasons
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.nonresponse import Z_95
from cx_metrics.statistics.scores import mean_interval
from cx_metrics.statistics.scores import nps as nps_of
from cx_metrics.store.marts.mart import Mart

OK, INDICATIVE, CANNOT_CONCLUDE = "ok", "indicative", "cannot conclude"
LEAST_EFFECTIVE = 30
LEAST_REACH = 0.05

FEW_HEARD = "fewer than 5 of 100 contacts answered"
LESS_OFTEN = "those who answered came back less often than everybody: the silent are worse off"
MORE_OFTEN = "those who answered came back more often than everybody: the silent are better off"
FEW_EFFECTIVE = "worth fewer than 30 independent answers"
UNTESTED = "whether the silent differ can't be tested: nobody is known to have come back or stayed away"

_OF_ALL = ("contacts", "weighted", "n_eff", "quality", "doubt")
CSAT_PARTS = ("satisfied", *_OF_ALL)
NPS_PARTS = ("promoters", "passives", "detractors", *_OF_ALL)
CES_PARTS = ("total", *_OF_ALL)

Ends = tuple[Floats, ...]
Sums = Mapping[str, Floats]


@dataclass(frozen=True)
class Question:
    """A question of the survey and how its answers become a score.

    Attributes:
        n: The column of the surveys table that counts its answers.
        sums: The columns its score is made of.
        answer_sql: One answer as a number, over the touches as ``d``; missing where there is none.
        score: Value, low and high from the sums, n and design effect.
        widest: Half-width of the interval beyond which a score is indicative only.
        wide: That in words.
    """

    n: str
    sums: tuple[str, ...]
    answer_sql: str
    score: Callable[[Sums, Floats, Floats], Ends]
    widest: float
    wide: str


def _csat_score(sums: Sums, n: Floats, deff: Floats) -> Ends:
    # A weighted sum may pass n by a rounding error.
    top = np.minimum(sums["csat_top"], n)
    return (np.divide(top, n, out=np.full(n.shape, np.nan), where=n > 0), *wilson(top, n, deff=deff))


def _nps_score(sums: Sums, n: Floats, deff: Floats) -> Ends:
    return tuple(100 * end for end in nps_of(sums["nps_promoters"], sums["nps_detractors"], n, deff=deff))


def _ces_score(sums: Sums, n: Floats, deff: Floats) -> Ends:
    return mean_interval(sums["ces_sum"], sums["ces_sumsq"], n, lowest=1, highest=7, deff=deff)


CSAT = Question(
    n="csat_n",
    sums=("csat_top",),
    answer_sql="CAST(d.csat >= 4 AS INTEGER)",
    score=_csat_score,
    widest=0.05,
    wide="the interval reaches more than 5 points to each side",
)
NPS = Question(
    n="nps_n",
    sums=("nps_promoters", "nps_detractors"),
    answer_sql="CAST(d.nps >= 9 AS INTEGER) - CAST(d.nps <= 6 AS INTEGER)",
    score=_nps_score,
    widest=15.0,
    wide="the interval reaches more than 15 points to each side",
)
CES = Question(
    n="ces_n",
    sums=("ces_sum", "ces_sumsq"),
    answer_sql="CAST(d.ces AS INTEGER)",
    score=_ces_score,
    widest=0.3,
    wide="the interval reaches more than 0.3 to each side",
)


def csat(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of answers of 4 and 5 on 1 to 5.

    Returns:
        One row per group and period with contacts: value in 0..1 with its 95% interval, n = answers, parts
        ``satisfied`` (answers of 4 and 5), ``contacts``, ``weighted`` (the share had those who answered the channels,
        intents, segments and repeats of everybody), ``n_eff`` (how many independent answers that is worth),
        ``quality`` (ok, indicative, cannot conclude) and ``doubt`` (why it is not ok). Below 10 answers there is
        neither value nor part but the contacts.
    """
    frame, counted = scored(mart, slice, CSAT)
    return answer(frame.assign(satisfied=_shown(frame, "csat_top")), keys=counted.keys, parts=CSAT_PARTS)


def nps(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of answers 9 and 10 less that of 0 to 6, in points from -100 to 100; parts as in ``csat``."""
    frame, counted = scored(mart, slice, NPS)
    frame = frame.assign(promoters=_shown(frame, "nps_promoters"), detractors=_shown(frame, "nps_detractors"))
    frame["passives"] = frame["n"] - frame["promoters"] - frame["detractors"]
    return answer(frame, keys=counted.keys, parts=NPS_PARTS)


def ces(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Mean answer on 1 to 7, high is easy, with the sum of the answers as ``total``; parts as in ``csat``."""
    frame, counted = scored(mart, slice, CES)
    return answer(frame.assign(total=_shown(frame, "ces_sum")), keys=counted.keys, parts=CES_PARTS)


def scored(mart: Mart, slice: Slice, question: Question) -> tuple[pd.DataFrame, SurveyCounts]:
    """A question's score per group and period, raw and weighted, with everything its quality rests on.

    Returns:
        The counts with ``value``, ``low``, ``high``, ``n``, ``reason``, ``weighted`` with its ends, ``n_eff``,
        ``converged``, ``covered``, ``answered_rate``, ``all_rate``, ``silence_z``, ``quality`` and ``doubt``.
    """
    counted = survey_counts(mart, slice, answers=(question.n, *question.sums))
    frame = counted.frame.rename(columns={question.n: "n"})
    enough = frame["n"] >= LEAST_ANSWERS
    frame = _with_weights(frame, enough, _weighted(mart, slice, question), counted.keys)
    n = frame["n"].where(enough, 0).to_numpy(dtype=float)
    raw = {name: frame[name].where(enough, 0).to_numpy(dtype=float) for name in question.sums}
    value, low, high = question.score(raw, n, frame["customers_deff"].fillna(1.0).to_numpy(dtype=float))
    frame = frame.assign(value=value, low=low, high=high)
    frame["reason"] = _reason(frame, surveyed=counted.surveyed)
    judged = [_judged(row, question) for row in frame.to_dict("records")]
    for at, name in enumerate(("quality", "doubt")):
        frame[name] = pd.Series([said[at] for said in judged], index=frame.index, dtype=object)
    return frame, counted


def _weighted(mart: Mart, slice: Slice, question: Question) -> pd.DataFrame:
    """Per group with answers enough: the weighted score, and what the silence test found."""
    customers = customers_effect(mart, slice, answer_sql=question.answer_sql)
    found = weigh(mart, slice, n=question.n, sums=question.sums, by_customer=customers)
    deff = found.kish * found.customers
    value, low, high = question.score(found.sums, found.n, deff)
    return found.groups.assign(
        weighted=value,
        weighted_low=low,
        weighted_high=high,
        n_eff=found.n / deff,
        customers_deff=found.customers,
        converged=found.converged,
        covered=found.covered,
        answered_rate=found.answered_rate,
        all_rate=found.all_rate,
        silence_gap=found.silence.gap,
        silence_z=found.silence.z,
    )


def _with_weights(frame: pd.DataFrame, enough: pd.Series, found: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """The counts beside what was found for the groups with answers enough, both in the order of the keys."""
    found = found.drop(columns=[*keys]).set_axis(frame.index[enough])
    return frame.join(found)


def _reason(frame: pd.DataFrame, *, surveyed: bool) -> NDArray[np.object_]:
    few = "fewer than 10 answers: " + frame["n"].astype(str) + " say too little, and too much about who gave them"
    return reasons(
        frame["value"],
        (frame["contacts"] == 0, NO_CONTACTS),
        (pd.Series(not surveyed, index=frame.index), NO_SURVEYS),
        (frame["n"] == 0, "nobody answered this question here"),
        (frame["n"] < LEAST_ANSWERS, few),
    )


def _judged(row: Mapping[Any, Any], question: Question) -> tuple[str | None, str | None]:
    """How far a score can be trusted, and why not further."""
    if pd.isna(row["value"]):
        return None, None
    grave = []
    if row["n"] < LEAST_REACH * row["contacts"]:
        grave.append(FEW_HEARD)
    if abs(row["silence_z"]) > Z_95:
        grave.append(LESS_OFTEN if row["silence_gap"] < 0 else MORE_OFTEN)
    light = []
    if row["n_eff"] < LEAST_EFFECTIVE:
        light.append(FEW_EFFECTIVE)
    if (row["weighted_high"] - row["weighted_low"]) / 2 > question.widest:
        light.append(question.wide)
    if pd.isna(row["silence_z"]) and row["n"] < row["contacts"]:
        light.append(UNTESTED)
    quality = CANNOT_CONCLUDE if grave else INDICATIVE if light else OK
    return quality, "; ".join(grave or light) or None


def _shown(frame: pd.DataFrame, name: str) -> pd.Series:
    """A count behind a score, which is withheld with it."""
    return frame[name].where(frame["value"].notna())
