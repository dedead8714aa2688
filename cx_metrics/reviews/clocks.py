"""The clocks of reviews: until when somebody has to take one on, and until when it has to be decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cx_metrics.reviews.states import Review, Severity, State

_USUAL = {
    Severity.PAUSE: (timedelta(hours=4), timedelta(days=2)),
    Severity.NOTIFY: (timedelta(days=1), timedelta(days=7)),
}
_UNDECIDED = frozenset({State.FLAGGED, State.ACKNOWLEDGED, State.PAUSED, State.INVESTIGATING})


@dataclass(frozen=True)
class Clock:
    """One running clock of a review.

    Attributes:
        review: Whose it is.
        what: ``acknowledge``: somebody takes the review on; ``decide``: a fix is begun, or it is resumed or dismissed.
        due_at: When it runs out, UTC.
    """

    review: Review
    what: Literal["acknowledge", "decide"]
    due_at: datetime

    def left(self, now: datetime) -> timedelta:
        """How much time is left; negative where it is overdue."""
        return self.due_at - now

    def sentence(self, now: datetime) -> str:
        """The clock in words, as in ``to be acknowledged, overdue by 3 hours``."""
        left = self.left(now)
        how = f"overdue by {in_words(-left)}" if left < timedelta() else f"{in_words(left)} left"
        return f"to be {'acknowledged' if self.what == 'acknowledge' else 'decided'}, {how}"


def usual_clocks(severity: Severity, now: datetime) -> tuple[datetime, datetime]:
    """By when a new review is usually acknowledged and decided: 4 hours and 2 days for a pause, else 1 and 7 days."""
    acknowledge, decide = _USUAL[Severity(severity)]
    return now + acknowledge, now + decide


def clocks(review: Review) -> tuple[Clock, ...]:
    """The clocks that run, the next one first; none once a fix is begun, or the review is resumed or over."""
    running = []
    if review.state == State.FLAGGED:
        running.append(Clock(review, "acknowledge", review.acknowledge_by))
    if review.state in _UNDECIDED:
        running.append(Clock(review, "decide", review.decide_by))
    return tuple(running)


def overdue(reviews: Iterable[Review], now: datetime) -> tuple[Clock, ...]:
    """The clocks that have run out, the longest overdue first."""
    late = (clock for review in reviews for clock in clocks(review) if clock.due_at < now)
    return tuple(sorted(late, key=lambda clock: (clock.due_at, clock.review.id)))


def due_soon(reviews: Iterable[Review], now: datetime, *, within: timedelta) -> tuple[Clock, ...]:
    """The clocks that run out within some time from now, the next one first."""
    found = (clock for review in reviews for clock in clocks(review) if now <= clock.due_at <= now + within)
    return tuple(sorted(found, key=lambda clock: (clock.due_at, clock.review.id)))


def in_words(time: timedelta) -> str:
    """A length of time in its largest whole unit, as in ``3 hours``; under a minute: ``less than a minute``."""
    seconds = int(time.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := seconds // length:
            return f"{count} {unit}{'s' * (count != 1)}"
    return "less than a minute"
