"""Clocks: which run, which have run out, and by how much."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from cx_metrics.reviews.clocks import clocks, due_soon, in_words, overdue, usual_clocks
from cx_metrics.reviews.workflow import Review, Severity, State

NOW = datetime(2026, 4, 1, 12)
HOUR = timedelta(hours=1)


def a_review(number: int, state: State, acknowledge: timedelta, decide: timedelta) -> Review:
    return Review(
        id=number,
        intent=f"intent {number}",
        owner=None,
        owner_email=None,
        severity=Severity.PAUSE,
        paused_what="a mailing",
        reason="too many contacts",
        state=state,
        flagged_at=NOW - timedelta(days=9),
        flagged_by="ada",
        acknowledge_by=NOW + acknowledge,
        decide_by=NOW + decide,
        resume_when=None,
        fixed_on=date(2026, 3, 1),
        version=1,
        signal=None,
    )


@pytest.mark.parametrize(
    ("state", "running"),
    [
        (State.FLAGGED, ["acknowledge", "decide"]),
        (State.ACKNOWLEDGED, ["decide"]),
        (State.PAUSED, ["decide"]),
        (State.INVESTIGATING, ["decide"]),
        (State.FIXING, []),
        (State.RESUMED, []),
        (State.VERIFIED, []),
        (State.DISMISSED, []),
    ],
)
def test_which_clocks_run(state: State, running: list[str]) -> None:
    assert [clock.what for clock in clocks(a_review(1, state, HOUR, 2 * HOUR))] == running


def test_the_longest_overdue_comes_first() -> None:
    reviews = [
        a_review(1, State.FLAGGED, -HOUR, 5 * HOUR),
        a_review(2, State.PAUSED, -9 * HOUR, -3 * HOUR),
        a_review(3, State.FLAGGED, HOUR, 30 * HOUR),
        a_review(4, State.RESUMED, -9 * HOUR, -9 * HOUR),
        a_review(5, State.FLAGGED, timedelta(), timedelta()),
    ]
    late = overdue(reviews, NOW)
    assert [(clock.review.id, clock.what, clock.left(NOW)) for clock in late] == [
        (2, "decide", -3 * HOUR),
        (1, "acknowledge", -HOUR),
    ]
    soon = due_soon(reviews, NOW, within=5 * HOUR)
    assert [(clock.review.id, clock.what) for clock in soon] == [
        (5, "acknowledge"),
        (5, "decide"),
        (3, "acknowledge"),
        (1, "decide"),
    ]
    assert late[0].sentence(NOW) == "to be decided, overdue by 3 hours"
    assert late[1].sentence(NOW) == "to be acknowledged, overdue by 1 hour"
    assert soon[2].sentence(NOW) == "to be acknowledged, 1 hour left"


def test_a_pause_has_less_time() -> None:
    assert usual_clocks(Severity.PAUSE, NOW) == (datetime(2026, 4, 1, 16), datetime(2026, 4, 3, 12))
    assert usual_clocks(Severity.NOTIFY, NOW) == (datetime(2026, 4, 2, 12), datetime(2026, 4, 8, 12))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (7_200, "2 hours"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_times_in_words(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
