"""Evidence: what was known of an intent at the moment it was flagged, kept as it was whatever the data says later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import METRICS, metric
from cx_metrics.metrics.costs.cost_frames import cost_over_time
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.trend import trend
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.fcr_weeks import fcr_weeks
from cx_metrics.metrics.solved.standing import usual_period
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import ReviewEvidence

ContactKey = tuple[str, str]
"""Source and contact id: what tells a contact from every other."""

MOST_CONTACTS = 200
WEEKS_DRAWN = 8
NUMBERS = ("volume", "cost", "fcr", "recontact_rate", "repeat_share", "kept", "reach", "csat")
"""The metrics that are kept, over the last four full weeks."""


def freeze(mart: Mart, intent: str, contact_ids: Sequence[ContactKey] = ()) -> dict[str, Any]:
    """What is known of an intent now, as JSON.

    Args:
        mart: Where to look.
        intent: Its name, as contacts have it.
        contact_ids: Contacts that show the trouble; the first 200 are kept.

    Returns:
        ``data_version``, ``decisions_stamp``, ``cutoff_at`` (UTC), ``currency``, ``from_on`` and ``to_on`` of the
        ``numbers`` (as of `numbers`), ``days`` (the rows of the trend of 8 weeks), ``fcr_weeks``, ``cost_weeks``
        and ``contacts`` (pairs of source and contact id). What is missing is null.
    """
    facts, asked = mart.facts, _asked(mart, intent)
    drawn = _drawn(asked)
    found = {
        "data_version": facts.version,
        "decisions_stamp": mart.decisions.stamp,
        "cutoff_at": facts.watermark,
        "currency": mart.decisions.currency,
        "from_on": asked.from_on,
        "to_on": asked.to_on,
        "numbers": numbers(mart, intent),
        "days": rows(trend(mart, replace(drawn, grain="day"))),
        "fcr_weeks": rows(fcr_weeks(mart, drawn)),
        "cost_weeks": rows(cost_over_time(mart, replace(drawn, grain="week"))),
        "contacts": [list(key) for key in contact_ids[:MOST_CONTACTS]],
    }
    kept: dict[str, Any] = json.loads(json.dumps(found, default=_iso, allow_nan=False))
    return kept


def numbers(mart: Mart, intent: str) -> list[dict[str, Any]]:
    """The numbers of an intent over the last four full weeks: ``metric``, ``title``, ``unit``, then its own columns."""
    asked = _asked(mart, intent)
    return [
        {"metric": name, "title": METRICS[name].title, "unit": METRICS[name].unit} | row
        for name in NUMBERS
        for row in rows(metric(mart, name, asked))
    ]


def recent_contacts(drilldown: Drilldown, mart: Mart, intent: str) -> tuple[ContactKey, ...]:
    """The newest contacts of an intent since the last four full weeks began, at most 200; those of today too."""
    asked, last = _asked(mart, intent), mart.facts.data_to
    if asked.from_on is None or last is None:
        return ()
    found = drilldown.contacts(where=asked.where, from_on=asked.from_on, to_on=last, limit=MOST_CONTACTS)
    return tuple((str(row["source"]), str(row["contact_id"])) for row in rows(found))


def evidence(session: Session, review_id: int) -> dict[str, Any]:
    """What was known when a review was flagged, as `freeze` kept it.

    Raises:
        BadUse: There is no such review.
    """
    row = session.get(ReviewEvidence, review_id)
    if row is None:
        raise BadUse(f"there is no review {review_id}: `review list` lists them")
    return row.data


def evidence_frame(kept: dict[str, Any], part: str) -> pd.DataFrame:
    """One of the lists of rows of the evidence (``numbers``, ``days``, ``fcr_weeks``, ``cost_weeks``) as a frame."""
    return pd.DataFrame(kept[part])


def _asked(mart: Mart, intent: str) -> Slice:
    period = usual_period(mart.facts)
    return Slice(from_on=period.from_on, to_on=period.to_on, where=(("intent", (intent,)),))


def _drawn(asked: Slice) -> Slice:
    """The weeks that are drawn: those of the numbers, and as many again before them."""
    if asked.to_on is None:
        return asked
    return replace(asked, from_on=asked.to_on - timedelta(days=7 * WEEKS_DRAWN - 1))


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
