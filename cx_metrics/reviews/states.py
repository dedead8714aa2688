"""What a review is: its states, which may follow which, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cx_metrics.errors import BadUse, did_you_mean


class State(StrEnum):
    """Where a review stands."""

    FLAGGED = "flagged"
    ACKNOWLEDGED = "acknowledged"
    PAUSED = "paused"
    INVESTIGATING = "investigating"
    FIXING = "fixing"
    RESUMED = "resumed"
    VERIFIED = "verified"
    DISMISSED = "dismissed"


class Severity(StrEnum):
    """Whether something stops while the review runs."""

    PAUSE = "pause"
    NOTIFY = "notify only"


ALLOWED: Mapping[State, frozenset[State]] = {
    State.FLAGGED: frozenset({State.ACKNOWLEDGED, State.DISMISSED}),
    State.ACKNOWLEDGED: frozenset({State.PAUSED, State.INVESTIGATING, State.DISMISSED}),
    State.PAUSED: frozenset({State.INVESTIGATING, State.RESUMED, State.DISMISSED}),
    State.INVESTIGATING: frozenset({State.FIXING, State.RESUMED, State.DISMISSED}),
    State.FIXING: frozenset({State.RESUMED, State.INVESTIGATING}),
    State.RESUMED: frozenset({State.VERIFIED, State.INVESTIGATING}),
    State.VERIFIED: frozenset({State.INVESTIGATING}),
    State.DISMISSED: frozenset({State.FLAGGED}),
}
"""Which states may follow which; only a review with something to pause can be paused."""

CLOSED = frozenset({State.VERIFIED, State.DISMISSED})
"""The states of a review that is over, until it is reopened."""

PROVEN = ("worked", "back to normal")
"""The verdicts that make a review verified."""

REOPENINGS = frozenset(
    {
        (State.RESUMED, State.INVESTIGATING),
        (State.VERIFIED, State.INVESTIGATING),
        (State.DISMISSED, State.FLAGGED),
    }
)
"""The steps that begin a review anew, with new clocks of the same length."""

FIX_STATES = (State.FIXING, State.RESUMED)
"""The steps that can say on which day a fix went live."""


@dataclass(frozen=True)
class Review:
    """A pause-and-investigate review as it stands.

    Attributes:
        id: Its number.
        intent: What customers ask that should not have to.
        owner: Who answers for the intent; None: nobody.
        owner_email: How to reach the owner.
        severity: Whether something is paused.
        paused_what: What exactly: a product's sale, a mailing, a release, a policy; None where nothing is.
        reason: Why it was flagged.
        state: Where it stands.
        flagged_at: When it was flagged, UTC.
        flagged_by: Who flagged it.
        acknowledge_by: Until when somebody has to take it on, UTC.
        decide_by: Until when it has to be decided what is done, UTC.
        resume_when: What has to be true before the pause ends; None: not said.
        fixed_on: Business day on which the newest fix went live; None: none yet.
        version: Grows by one with each step.
        signal: The signal it was flagged from, as it was; None: by hand.
    """

    id: int
    intent: str
    owner: str | None
    owner_email: str | None
    severity: Severity
    paused_what: str | None
    reason: str
    state: State
    flagged_at: datetime
    flagged_by: str
    acknowledge_by: datetime
    decide_by: datetime
    resume_when: str | None
    fixed_on: date | None
    version: int
    signal: dict[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state not in CLOSED

    @property
    def next_states(self) -> tuple[State, ...]:
        """The states it may go to now, in the order of a review's life."""
        possible = ALLOWED[self.state]
        return tuple(
            state for state in State if state in possible and (state != State.PAUSED or self.severity == Severity.PAUSE)
        )


@dataclass(frozen=True)
class Step:
    """One step of a review: who took it, when and why.

    Attributes:
        version: Which version of the review it made; 1 is the flag.
        state_before: None for the flag.
        state: Where it led.
        at: When, UTC.
        actor: Who.
        note: Why.
        fixed_on: Business day of the fix, where the step says one.
    """

    version: int
    state_before: State | None
    state: State
    at: datetime
    actor: str
    note: str
    fixed_on: date | None


def as_state(word: str) -> State:
    """The state of a name.

    Raises:
        BadUse: There is none of that name.
    """
    try:
        return State(word)
    except ValueError:
        raise BadUse(f"unknown state '{word}': {did_you_mean(word, State)}") from None
