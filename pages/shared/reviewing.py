"""What pages read and do about reviews: the same doors as the command line."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from cx_metrics.errors import BadInput, CxError
from cx_metrics.reviews import messages as messages_
from cx_metrics.reviews import workflow
from cx_metrics.reviews.channels import channels
from cx_metrics.reviews.evidence import evidence
from cx_metrics.reviews.signals import Signal, current, states
from cx_metrics.reviews.states import Review, Severity, State, Step
from cx_metrics.reviews.verdicts import verdicts as recorded
from cx_metrics.store import ledger
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import Message
from pages.shared import contact_rows, loaders, who


def now() -> datetime:
    """The present, as clocks of reviews have it: UTC without an offset."""
    return ledger.utc_now()


def is_mine(review: Review) -> bool:
    """Whether who is looking owns the review's intent or flagged it."""
    me = who.person().email.casefold()
    return me in {(name or "").casefold() for name in (review.owner, review.owner_email, review.flagged_by)}


def signals() -> tuple[Signal, ...]:
    """What asks for a look, a review or a stop, the loudest first, in the data and under the decisions of now."""
    mart = loaders.mart()
    return () if mart is None else current(loaders.home(), mart)


def signal_states() -> list[str]:
    """Of each intent whether its contacts can be judged: judged, learning or too small."""
    mart = loaders.mart()
    return [] if mart is None else [str(state) for state in states(loaders.home(), mart)["state"]]


def every() -> tuple[Review, ...]:
    """All reviews, newest first."""
    with loaders.home().session() as session:
        return workflow.reviews(session)


def one(number: int) -> tuple[Review, tuple[Step, ...], dict[str, Any], Sequence[Message]]:
    """A review with its history, the evidence frozen when it was flagged, and the messages about it.

    Raises:
        BadUse: There is no such review.
    """
    with loaders.home().session() as session:
        found = workflow.review(session, number)
        kept = contact_rows.of_evidence(evidence(session, number), found.intent)
        return found, workflow.history(session, number), kept, messages_.outbox(session, number)


def verdicts(number: int) -> list[str]:
    """What measuring said about a review, in sentences, newest first."""
    with loaders.home().session() as session:
        return [str(row.data.get("sentence") or row.kind) for row in recorded(session, number)]


def open_review(intent: str) -> Review | None:
    """The review of an intent that is not over."""
    with loaders.home().session() as session:
        return workflow.open_review(session, intent)


def flag(
    intent: str,
    *,
    severity: Severity,
    paused_what: str | None,
    reason: str,
    resume_when: str,
    acknowledge_within: timedelta,
    decide_within: timedelta,
    signal: Signal | None,
) -> Review:
    """Flag an intent, with its newest contacts as evidence, and tell its owner.

    Raises:
        CxError: Nothing was flagged; the message says why.
    """
    mart = loaders.mart()
    if mart is None:
        raise BadInput("There is no data yet: load an extract first.")
    actor, contacts = who.acting(Action.FLAG, intent=intent), contact_rows.kept_as_evidence(mart, intent)
    begin = now()
    with loaders.home().session() as session:
        made = workflow.flag(
            session,
            mart=mart,
            intent=intent,
            severity=severity,
            paused_what=paused_what,
            reason=reason,
            acknowledge_by=begin + acknowledge_within,
            decide_by=begin + decide_within,
            resume_when=resume_when,
            signal=signal,
            actor=actor,
            contact_ids=contacts,
        )
    tell()
    return made


def step(review: Review, *, to: State, note: str, version: int, fixed_on: date | None) -> Review:
    """Take a review one step on, from the version that was on the screen.

    Raises:
        CxError: The step was not taken; the message says why.
    """
    actor = who.acting(Action.STEP, intent=review.intent)
    with loaders.home().session() as session:
        made = workflow.step(session, review.id, to=to, note=note, actor=actor, version=version, fixed_on=fixed_on)
    loaders.look_again()
    tell()
    return made


def telling_problem() -> str | None:
    """Why nobody can be told of reviews; None where that works, or is not asked for."""
    try:
        channels(loaders.home().settings)
    except BadInput as error:
        return str(error)
    return None


def is_told() -> bool:
    """Whether anybody is told of reviews at all."""
    return bool(loaders.home().settings.notify_urls.get_secret_value())


def tell() -> None:
    """Send what there is to tell, without making anybody wait for it; failures stay with the messages."""
    if is_told():
        threading.Thread(target=_tell, daemon=True).start()


def tell_now() -> None:
    """Send what there is to tell.

    Raises:
        CxError: It can't be sent at all; the message says why.
    """
    who.acting(Action.TELL)
    messages_.notify(loaders.home())


def _tell() -> None:
    with contextlib.suppress(CxError):
        messages_.notify(loaders.home())
