"""What measuring said about a review, as it was recorded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.store.records import ReviewVerdict


def verdicts(session: Session, review_id: int) -> Sequence[ReviewVerdict]:
    """The verdicts of a review, newest first."""
    asked = select(ReviewVerdict).where(ReviewVerdict.review_id == review_id).order_by(ReviewVerdict.id.desc())
    return session.scalars(asked).all()
