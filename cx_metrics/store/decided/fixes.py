"""When what an intent's reviews found was fixed."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.store.records import ReviewRow, ReviewStep

Fix = tuple[str, date]
"""An intent and the business day on which a fix of it went live."""

_BACK = "investigating"


def fixes(session: Session) -> tuple[Fix, ...]:
    """The fixes that reviews tell of, sorted.

    A later day corrects an earlier one, unless the review went back to its investigation in between: then both
    days saw a fix.
    """
    asked = (
        select(ReviewRow.id, ReviewRow.intent, ReviewStep.state, ReviewStep.fixed_on)
        .join(ReviewStep, ReviewStep.review_id == ReviewRow.id)
        .order_by(ReviewRow.id, ReviewStep.version)
    )
    found: set[Fix] = set()
    for (_, intent), steps in groupby(session.execute(asked), key=lambda line: (line.id, line.intent)):
        present: date | None = None
        for step in steps:
            if step.state == _BACK and present is not None:
                found.add((intent, present))
                present = None
            present = step.fixed_on or present
        if present is not None:
            found.add((intent, present))
    return tuple(sorted(found))
