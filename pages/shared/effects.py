"""What pages ask and record about the effect of fixes: the same doors as the command line."""

from __future__ import annotations

from collections.abc import Sequence

from cx_metrics.reviews.effect import Effect, record_verdict
from cx_metrics.reviews.effect_question import Question, question
from cx_metrics.reviews.states import Review
from cx_metrics.reviews.verdicts import verdicts
from cx_metrics.reviews.workflow import review as review_of
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import ReviewVerdict
from pages.shared import who
from pages.shared.loaders import home, mart
from pages.shared.reviewing import tell


def asked(review: Review) -> Question | None:
    """What a review asks of the data; None while nothing was paused or fixed, or there is no data."""
    present = mart()
    if present is None:
        return None
    with home().session() as session:
        return question(home(), session, present, review)


def recorded(number: int) -> Sequence[ReviewVerdict]:
    """The verdicts of a review, newest first."""
    with home().session() as session:
        return verdicts(session, number)


def record(number: int, judged: Effect) -> None:
    """Keep a verdict with the review as it stands now.

    Raises:
        CxError: It was not kept; the message says why.
    """
    with home().session() as session:
        actor = who.acting(Action.STEP, intent=review_of(session, number).intent)
        record_verdict(session, number, judged, actor=actor)
    tell()
