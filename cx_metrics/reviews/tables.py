"""Reviews as tables, as pages, CSV and documents show them: the reviews, one's history, its messages, then and now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from cx_metrics.reviews.clocks import clocks
from cx_metrics.reviews.states import Review, Step
from cx_metrics.store.records import Message

REVIEW_COLUMNS = (
    *("review", "state", "severity", "intent", "owner", "owner_email", "clock", "due_at", "overdue_hours"),
    *("paused_what", "reason", "resume_when", "flagged_at", "flagged_by", "fixed_on"),
)
STEP_COLUMNS = ("version", "state", "at", "by", "note", "fixed_on")
MESSAGE_COLUMNS = ("message", "through", "recipient", "state", "queued_at", "tries", "sent_at", "next_try_at", "error")
COMPARE_COLUMNS = (
    *("metric", "title", "unit", "then", "then_low", "then_high", "then_n", "then_reason"),
    *("now", "now_low", "now_high", "now_n", "now_reason"),
)
_PARTS = {"value": "", "low": "_low", "high": "_high", "n": "_n", "reason": "_reason"}


def review_table(reviews: Iterable[Review], now: datetime) -> pd.DataFrame:
    """One row per review: what and who it is about, and its next clock; those longest overdue first.

    Args:
        reviews: In any order.
        now: The present, UTC without an offset.

    Returns:
        ``clock`` (acknowledge or decide), ``due_at`` (UTC) and ``overdue_hours`` (missing where it is not overdue)
        are of the clock that runs out next; without one they are missing. Reviews whose clock runs come first, by
        what is due, then the others, newest first.
    """
    lines = [_line(each, now) for each in reviews]
    lines.sort(key=lambda line: (line["due_at"] or datetime.max, -line["review"]))
    return pd.DataFrame(lines, columns=list(REVIEW_COLUMNS)).astype(object).where(lambda cells: cells.notna(), None)


def step_table(history: Sequence[Step]) -> pd.DataFrame:
    """One row per step of a review, the flag first; times in UTC."""
    found = [(s.version, str(s.state), s.at, s.actor, s.note, s.fixed_on) for s in history]
    return pd.DataFrame(found, columns=list(STEP_COLUMNS), dtype=object)


def message_table(messages: Iterable[Message]) -> pd.DataFrame:
    """One row per message about a review with its delivery; times in UTC."""
    found = [
        (m.title, m.service, m.recipient, m.state, m.queued_at, m.n_tries, m.sent_at, m.next_try_at, m.error)
        for m in messages
    ]
    return pd.DataFrame(found, columns=list(MESSAGE_COLUMNS), dtype=object)


def then_and_now(then: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The numbers of an intent when it was flagged beside the present ones, one row per metric.

    Args:
        then: The ``numbers`` of the frozen evidence.
        now: The same of the present data.

    Returns:
        ``then`` and ``now`` with interval, n and reason each, and the metric's unit; what is missing is None.
    """
    present = {str(row["metric"]): row for row in now}
    lines = [
        {name: row.get(name) for name in ("metric", "title", "unit")}
        | {f"then{end}": row.get(part) for part, end in _PARTS.items()}
        | {f"now{end}": present.get(str(row["metric"]), {}).get(part) for part, end in _PARTS.items()}
        for row in then
    ]
    return pd.DataFrame(lines, columns=list(COMPARE_COLUMNS), dtype=object)


def _line(review: Review, now: datetime) -> dict[str, Any]:
    clock = next(iter(clocks(review)), None)
    late = None if clock is None or clock.due_at >= now else -clock.left(now).total_seconds() / 3600
    return {
        "review": review.id,
        "state": str(review.state),
        "severity": str(review.severity),
        "intent": review.intent,
        "owner": review.owner,
        "owner_email": review.owner_email,
        "clock": clock.what if clock else None,
        "due_at": clock.due_at if clock else None,
        "overdue_hours": late,
        "paused_what": review.paused_what,
        "reason": review.reason,
        "resume_when": review.resume_when,
        "flagged_at": review.flagged_at,
        "flagged_by": review.flagged_by,
        "fixed_on": review.fixed_on,
    }
