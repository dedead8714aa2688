"""How far our ear reaches: who is asked, who answers. The scores themselves are in ``survey_scores``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.metrics.heard.survey_counts import NO_CONTACTS, NO_SURVEYS, SurveyCounts, survey_counts
from cx_metrics.metrics.heard.survey_scores import CES_PARTS, CSAT_PARTS, NPS_PARTS, ces, csat, nps
from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.output import Condition, answer, ratio, reasons
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.intervals import wilson
from cx_metrics.store.marts.mart import Mart

NONE_ENDED = "no contact here has ended, or the data does not say when"
MORE_OFFERED = "more contacts were offered a survey than have an end: the data does not say when all of them ended"
NONE_OFFERED = "no survey was offered here"


def coverage(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of ended contacts that were offered a survey.

    Returns:
        One row per group and period with contacts: value = ``offered`` / ``ended`` in 0..1 with its 95% Wilson
        interval, n = ended. No value where fewer contacts have an end than were offered a survey.
    """
    counted = survey_counts(mart, slice)
    counts = counted.frame
    known = counts["offered"] <= counts["ended"]
    return _share(
        counted,
        counts["offered"].where(known, 0),
        counts["ended"].where(known, 0),
        (counts["ended"] == 0, NONE_ENDED),
        (~known, MORE_OFFERED),
        parts=("offered", "ended"),
    )


def response(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of surveys offered that were answered, by the contact's day, not the answer's.

    Returns:
        One row per group and period with contacts: value = ``answered`` / ``offered`` in 0..1 with its 95% Wilson
        interval, n = offered.
    """
    counted = survey_counts(mart, slice)
    counts = counted.frame
    return _share(
        counted,
        counts["answered"],
        counts["offered"],
        (counts["offered"] == 0, NONE_OFFERED),
        parts=("answered", "offered"),
    )


def reach(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of all contacts that we got an answer to.

    Returns:
        One row per group and period with contacts: value = ``answered`` / ``contacts`` in 0..1 with its 95% Wilson
        interval, n = contacts.
    """
    counted = survey_counts(mart, slice)
    counts = counted.frame
    return _share(counted, counts["answered"], counts["contacts"], parts=("answered", "contacts"))


def _share(
    counted: SurveyCounts, part: pd.Series, whole: pd.Series, *further: Condition, parts: tuple[str, ...]
) -> pd.DataFrame:
    """Part of whole with its interval; nothing at all is known where the data has no surveys."""
    whole = whole if counted.surveyed else whole * 0
    part = part if counted.surveyed else part * 0
    low, high = wilson(part, whole)
    frame = counted.frame.assign(value=ratio(part, whole), low=low, high=high, n=whole)
    nowhere = pd.Series(not counted.surveyed, index=frame.index)
    reason = reasons(frame["value"], (frame["contacts"] == 0, NO_CONTACTS), (nowhere, NO_SURVEYS), *further)
    if not counted.surveyed:
        frame[["offered", "answered"]] = np.nan
    return answer(frame.assign(reason=reason), keys=counted.keys, parts=parts)


_WILSON = f"{DEFINITIONS}; interval: Wilson 1927"
_SCORED = "by the contact's day; no score below 10 answers"
INFO: tuple[MetricInfo, ...] = (
    MetricInfo(
        name="coverage",
        title="Survey coverage",
        unit="share",
        definition="How many of 100 contacts that ended were offered a survey. An answer without a note that it was "
        "asked for counts as offered.",
        formula="contacts offered a survey / contacts ended",
        source=_WILSON,
        parts=("offered", "ended"),
        compute=coverage,
    ),
    MetricInfo(
        name="response",
        title="Survey response",
        unit="share",
        definition="How many of 100 surveys offered were answered, by the day of the contact. Answers to contacts of "
        "the last days may still come.",
        formula="contacts that answered / contacts offered a survey",
        source=_WILSON,
        parts=("answered", "offered"),
        compute=response,
    ),
    MetricInfo(
        name="reach",
        title="Survey reach",
        unit="share",
        definition="How many of 100 contacts we got an answer to, asked or not. The others are silent: nothing says "
        "what they think.",
        formula="contacts that answered / contacts",
        source=_WILSON,
        parts=("answered", "contacts"),
        compute=reach,
    ),
    MetricInfo(
        name="csat",
        title="Customer satisfaction (CSAT)",
        unit="share",
        definition="How many of 100 who answered gave 4 or 5 of 5, each answer counting the same. It is withheld below "
        "10 answers, and its quality says how far it stands for those who kept silent.",
        formula=f"answers of 4 and 5 / answers, {_SCORED}",
        source=f"{_WILSON} on n / design effect by customer; weights: raking (Deming & Stephan 1940)",
        parts=CSAT_PARTS,
        compute=csat,
    ),
    MetricInfo(
        name="nps",
        title="Net promoter score (NPS)",
        unit="points from -100 to 100",
        definition="How many more of 100 who answered would recommend us (9 or 10 of 10) than would not (0 to 6). It "
        "is withheld below 10 answers, and its quality says how far it stands for those who kept silent.",
        formula=f"100 x (answers of 9 and 10 - answers of 0 to 6) / answers, {_SCORED}",
        source=f"{DEFINITIONS}; interval: adjusted Wald, Rocks 2016, on n / design effect by customer",
        parts=NPS_PARTS,
        compute=nps,
    ),
    MetricInfo(
        name="ces",
        title="Customer effort score (CES)",
        unit="mean of 1 to 7, high is easy",
        definition="How easy customers who answered found it to get their issue handled, from 1 to 7. It is withheld "
        "below 10 answers, and its quality says how far it stands for those who kept silent.",
        formula=f"sum of answers / answers, {_SCORED}",
        source=f"{DEFINITIONS}; interval: t on the design effect by customer",
        parts=CES_PARTS,
        compute=ces,
    ),
)
"""The survey metrics for the catalogue."""
