"""A review from its flag to its verified fix: the steps that are allowed, who took which, and one at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse, Busy
from cx_metrics.metrics.selection import check_filters
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.evidence import ContactKey, freeze
from cx_metrics.reviews.signal import Signal
from cx_metrics.reviews.states import (
    ALLOWED,
    CLOSED,
    FIX_STATES,
    PROVEN,
    REOPENINGS,
    Review,
    Severity,
    State,
    Step,
    as_state,
)
from cx_metrics.store import ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.words import words
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import ReviewEvidence, ReviewRow, ReviewStep, ReviewVerdict

__all__ = [
    "ALLOWED",
    "CLOSED",
    "PROVEN",
    "Review",
    "Severity",
    "State",
    "Step",
    "as_state",
    "flag",
    "history",
    "open_review",
    "review",
    "reviews",
    "step",
]

MOST_CHARACTERS_OF_INTENT = 500


def flag(
    session: Session,
    *,
    mart: Mart,
    intent: str,
    severity: Severity,
    reason: str,
    acknowledge_by: datetime,
    decide_by: datetime,
    actor: str,
    paused_what: str | None = None,
    resume_when: str | None = None,
    signal: Signal | None = None,
    contact_ids: Sequence[ContactKey] = (),
) -> Review:
    """Flag an intent, and freeze what is known of it at this moment as evidence.

    Args:
        session: On the records.
        mart: What the evidence is taken from; its decisions say who owns the intent.
        intent: Its name, as contacts have it.
        severity: Whether something is paused.
        reason: Why, in a sentence.
        acknowledge_by: Until when somebody has to take it on, UTC without an offset.
        decide_by: Until when it has to be decided what is done, UTC without an offset.
        actor: Who flags.
        paused_what: What exactly is paused; needed where something is.
        resume_when: What has to be true before the pause ends.
        signal: What it is flagged from; None: by hand.
        contact_ids: Source and contact id of contacts that show the trouble, the first 200 are kept.

    Raises:
        BadUse: The intent is unknown or under review already, a text is missing or too long, or the clocks run
            against each other.
    """
    told = {
        "severity": Severity(severity),
        "reason": words(reason, what="reason"),
        "paused_what": words(paused_what, what="word on what exactly is paused", needed=severity == Severity.PAUSE)
        or None,
        "resume_when": words(resume_when, what="condition for resuming", needed=False) or None,
    }
    if acknowledge_by > decide_by:
        raise BadUse(f"it is to be acknowledged by {acknowledge_by}, after it is decided by {decide_by}: swap the two")
    _check_intent(mart, intent)
    evidence = freeze(mart, intent, contact_ids)
    deciding.hold(session)
    _check_free(session, intent)
    now, decided = ledger.utc_now(), mart.decisions.by_intent.get(intent)
    row = ReviewRow(
        **told,
        intent=intent,
        owner=decided.owner if decided else None,
        owner_email=decided.owner_email if decided else None,
        state=State.FLAGGED,
        flagged_at=now,
        flagged_by=actor,
        acknowledge_by=acknowledge_by,
        decide_by=decide_by,
        version=1,
        signal=None if signal is None else json.loads(json.dumps(asdict(signal), default=str)),
    )
    session.add(row)
    session.flush()
    session.add(ReviewEvidence(review_id=row.id, at=now, data=evidence))
    _keep_step(session, row, before=None, note=row.reason, actor=actor, at=now, fixed_on=None)
    return _review(row)


def step(
    session: Session,
    review_id: int,
    *,
    to: State,
    note: str,
    actor: str,
    version: int,
    fixed_on: date | None = None,
) -> Review:
    """Take a review one step on.

    Args:
        session: On the records.
        review_id: Of the review.
        to: Where it goes.
        note: Why, in a sentence.
        actor: Who takes the step.
        version: Of the review as the actor saw it.
        fixed_on: Business day on which the fix went live; with the step to fixing or to resumed.

    Raises:
        BadUse: The step is not allowed from where the review stands, or something it needs is missing.
        Busy: Somebody else took a step since; the message says who and when.
    """
    session.execute(update(ReviewRow).where(ReviewRow.id == review_id).values(version=ReviewRow.version))
    row = _row(session, review_id)
    before, to = State(row.state), as_state(to)
    last = history(session, review_id)[-1]
    if row.version != version:
        raise Busy(
            f"review {review_id} was changed by {last.actor} at {last.at:%Y-%m-%d %H:%M} UTC and is {row.state} now; "
            "your step was not taken. Reload to see it, and decide again."
        )
    said = words(note, what="note")
    _check_step(session, _review(row), last, to=to, fixed_on=fixed_on)
    now = ledger.utc_now()
    if before in CLOSED:
        deciding.hold(session)
        _check_free(session, row.intent)
    if (before, to) in REOPENINGS:
        _wind_clocks(session, row, now=now)
    row.state, row.version = to, row.version + 1
    if fixed_on is not None:
        row.fixed_on = fixed_on
        deciding.renew_stamp(session)
    _keep_step(session, row, before=before, note=said, actor=actor, at=now, fixed_on=fixed_on)
    return _review(row)


def review(session: Session, review_id: int) -> Review:
    """One review as it stands.

    Raises:
        BadUse: There is none of that number.
    """
    return _review(_row(session, review_id))


def reviews(
    session: Session, *, states: Collection[State] | None = None, owner: str | None = None, intent: str | None = None
) -> tuple[Review, ...]:
    """The reviews, newest first.

    Args:
        session: On the records.
        states: Only those in one of these states; None: in any.
        owner: Only those of this owner, by name or e-mail.
        intent: Only those of this intent.
    """
    asked = select(ReviewRow).order_by(ReviewRow.id.desc())
    if states is not None:
        asked = asked.where(ReviewRow.state.in_([as_state(state) for state in states]))
    if intent is not None:
        asked = asked.where(ReviewRow.intent == intent)
    found = (_review(row) for row in session.scalars(asked.execution_options(populate_existing=True)))
    if owner is None:
        return tuple(found)
    key = owner.strip().casefold()
    return tuple(each for each in found if key in {(each.owner or "").casefold(), (each.owner_email or "").casefold()})


def open_review(session: Session, intent: str) -> Review | None:
    """The review of an intent that is not over; None where there is none."""
    return next((each for each in reviews(session, intent=intent) if each.is_open), None)


def history(session: Session, review_id: int) -> tuple[Step, ...]:
    """Every step of a review, the flag first."""
    asked = select(ReviewStep).where(ReviewStep.review_id == review_id).order_by(ReviewStep.version)
    return tuple(
        Step(
            version=row.version,
            state_before=State(row.state_before) if row.state_before else None,
            state=State(row.state),
            at=row.at,
            actor=row.actor,
            note=row.note,
            fixed_on=row.fixed_on,
        )
        for row in session.scalars(asked)
    )


def _check_intent(mart: Mart, intent: str) -> None:
    if len(intent) > MOST_CHARACTERS_OF_INTENT:
        raise BadUse(
            f"the intent's name has {len(intent)} characters; {MOST_CHARACTERS_OF_INTENT} are allowed in a review"
        )
    check_filters(mart, Slice(where=(("intent", (intent,)),)))


def _check_free(session: Session, intent: str) -> None:
    other = open_review(session, intent)
    if other is not None:
        raise BadUse(
            f"'{intent}' is under review already: review {other.id}, flagged by {other.flagged_by} at "
            f"{other.flagged_at:%Y-%m-%d %H:%M} UTC, is {other.state}. Take that one on."
        )


def _check_step(session: Session, present: Review, last: Step, *, to: State, fixed_on: date | None) -> None:
    if to not in present.next_states:
        why = " as nothing is paused in it" if (to, present.severity) == (State.PAUSED, Severity.NOTIFY) else ""
        allowed = ", ".join(present.next_states)
        raise BadUse(
            f"review {present.id} is {present.state} and can't become {to}{why}: from there it can become {allowed}"
        )
    if fixed_on is not None and to not in FIX_STATES:
        raise BadUse(f"a day of the fix belongs to the step to {' or '.join(FIX_STATES)}, not to {to}: leave it out")
    if present.state == State.FIXING and to == State.RESUMED and fixed_on is None and last.fixed_on is None:
        raise BadUse(f"on which day did the fix of review {present.id} go live? Say it with this step.")
    if to == State.VERIFIED:
        _check_proof(session, present)


def _check_proof(session: Session, present: Review) -> None:
    """A verdict counts for the version it was measured on: a reopened review needs another one."""
    newest = session.scalars(
        select(ReviewVerdict).where(ReviewVerdict.review_id == present.id).order_by(ReviewVerdict.id.desc()).limit(1)
    ).first()
    if newest is not None and newest.review_version == present.version and newest.kind in PROVEN:
        return
    standing = "none was recorded since it resumed"
    if newest is not None and newest.review_version == present.version:
        standing = f"the newest one says '{newest.kind}'"
    raise BadUse(
        f"review {present.id} becomes verified by a measured effect only ({' or '.join(PROVEN)}): {standing}. "
        "Record one first, or reopen the investigation."
    )


def _wind_clocks(session: Session, row: ReviewRow, *, now: datetime) -> None:
    """A review that begins anew has as much time as it had at first, also where a clock was ahead when it began."""
    begun = [
        each.at
        for each in history(session, row.id)
        if each.state_before is None or (each.state_before, each.state) in REOPENINGS
    ]
    passed = max(now - begun[-1], timedelta())
    row.acknowledge_by, row.decide_by = row.acknowledge_by + passed, row.decide_by + passed


def _keep_step(
    session: Session,
    row: ReviewRow,
    *,
    before: State | None,
    note: str,
    actor: str,
    at: datetime,
    fixed_on: date | None,
) -> None:
    """The review's history and the audit trail say the same."""
    kept = {"state": str(row.state), "note": note} | ({"fixed_on": fixed_on.isoformat()} if fixed_on else {})
    session.add(
        ReviewStep(
            review_id=row.id,
            version=row.version,
            state_before=before,
            state=row.state,
            at=at,
            actor=actor,
            note=note,
            fixed_on=fixed_on,
        )
    )
    ledger.audit(
        session,
        actor=actor,
        action="flag review" if before is None else "step review",
        subject=f"review {row.id}: {row.intent}",
        before=None if before is None else {"state": str(before)},
        after=kept | ({"severity": str(row.severity)} if before is None else {}),
    )
    session.flush()


def _row(session: Session, review_id: int) -> ReviewRow:
    row = session.get(ReviewRow, review_id, populate_existing=True)
    if row is None:
        raise BadUse(f"there is no review {review_id}: `review list` lists them")
    return row


def _review(row: ReviewRow) -> Review:
    fields = {name: getattr(row, name) for name in Review.__dataclass_fields__}
    return Review(**fields | {"severity": Severity(row.severity), "state": State(row.state)})
