"""The two questions after a contact: was it solved, and how did it feel?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.heard.survey_counts import NO_CONTACTS, NO_SURVEYS, survey_counts
from cx_metrics.metrics.heard.survey_weights import LEAST_ANSWERS
from cx_metrics.metrics.output import ratio, reasons
from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.intervals import wilson
from cx_metrics.store.marts.mart import Mart

QUESTIONS = ("outcome", "feeling")
"""Was it solved? How did I feel? Each from 1 to 5, high is good."""


def feedback(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of answers of 4 and 5 to each of the two questions; withheld below 10 answers.

    Returns:
        The slice's dimensions and period, ``question`` (outcome, feeling), ``value`` in 0..1 with its 95% Wilson
        interval, ``n`` answers, ``reason``.
    """
    counted = survey_counts(mart, slice, answers=tuple(f"{q}_{part}" for q in QUESTIONS for part in ("n", "top")))
    parts = []
    for question in QUESTIONS:
        frame = counted.frame[[*counted.keys, "contacts"]].assign(question=question, n=counted.frame[f"{question}_n"])
        enough = frame["n"] >= LEAST_ANSWERS
        n, top = (counted.frame[f"{question}_{part}"].where(enough, 0) for part in ("n", "top"))
        low, high = wilson(top, n)
        frame = frame.assign(value=ratio(top, n), low=low, high=high)
        parts.append(frame.assign(reason=_reason(frame, surveyed=counted.surveyed)))
    columns = [*counted.keys, "question", "value", "low", "high", "n", "reason"]
    both = pd.concat(parts, ignore_index=True)[columns]
    return both.sort_values([*counted.keys], kind="stable", ignore_index=True) if counted.keys else both


def solved_and_felt(mart: Mart, slice: Slice) -> pd.DataFrame:
    """How the two answers of one customer go together; withheld below 10 who gave both.

    Returns:
        Four rows: ``solved`` and ``felt_well`` (true: 4 or 5), ``n``, ``share`` of all four in 0..1, ``reason``.
    """
    selection = select(mart, slice)
    frame = mart.query(
        f"SELECT d.outcome >= 4 AS solved, d.feeling >= 4 AS felt_well, count(*) AS n "
        f"{selection.source_sql('touches')} AND d.outcome IS NOT NULL AND d.feeling IS NOT NULL GROUP BY ALL",
        selection.params,
    )
    every = pd.MultiIndex.from_product([[True, False], [True, False]], names=["solved", "felt_well"])
    full = frame.set_index(["solved", "felt_well"]).reindex(every, fill_value=0).reset_index()
    total = int(full["n"].sum())
    if total < LEAST_ANSWERS:
        return full.assign(n=np.nan, share=np.nan, reason=f"fewer than 10 answers to both questions: {total}")
    return full.assign(share=full["n"] / total, reason=None)


def wishes(mart: Mart, slice: Slice) -> int:
    """How many customers asked for a follow-up, worked off or not."""
    return int(survey_counts(mart, slice, answers=("follow_ups",)).frame["follow_ups"].sum())


def _reason(frame: pd.DataFrame, *, surveyed: bool) -> NDArray[np.object_]:
    return reasons(
        frame["value"],
        (frame["contacts"] == 0, NO_CONTACTS),
        (pd.Series(not surveyed, index=frame.index), NO_SURVEYS),
        (frame["n"] == 0, "nobody answered this question here"),
        (frame["n"] < LEAST_ANSWERS, "fewer than 10 answers: " + frame["n"].astype(str)),
    )
