"""What a review asks of the data: did its fix, or its pause, help?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from cx_metrics.reviews.effect import FIX, PAUSE, Effect, What, effect, effect_frame
from cx_metrics.reviews.signal import Level
from cx_metrics.reviews.signals import current
from cx_metrics.reviews.states import Review, State
from cx_metrics.reviews.untouched import span
from cx_metrics.reviews.workflow import history, reviews
from cx_metrics.store.home import Home
from cx_metrics.store.marts.days import local_day
from cx_metrics.store.marts.mart import Mart


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        intent: What was fixed.
        on: The day of the fix, or of the pause.
        what: Which of them it was.
        excluded: Intents that can't be compared with, sorted.
    """

    intent: str
    on: date
    what: What
    excluded: tuple[str, ...]


def question(home: Home, session: Session, mart: Mart, about: Review) -> Question | None:
    """What a review asks: about its newest fix, else about its last pause; None where there was neither."""
    on, what = about.fixed_on, FIX
    if on is None:
        pauses = [step.at for step in history(session, about.id) if step.state == State.PAUSED]
        if not pauses:
            return None
        on, what = local_day(pauses[-1], timezone=mart.facts.timezone), PAUSE
    last = span(mart, about.intent, on=on).after.last
    return Question(about.intent, on, what, _touched(home, session, mart, but=about.intent, until=last))


def answer(mart: Mart, asked: Question) -> Effect:
    """What the fix or pause changed, as `effect` has it."""
    return effect(mart, asked.intent, on=asked.on, what=asked.what, excluded=asked.excluded)


def answer_frame(mart: Mart, asked: Question) -> pd.DataFrame:
    """Contacts per day around it, as `effect_frame` has them."""
    return effect_frame(mart, asked.intent, on=asked.on, excluded=asked.excluded)


def _touched(home: Home, session: Session, mart: Mart, *, but: str, until: date) -> tuple[str, ...]:
    """Other intents to which something happened by then: an open review, or a signal that asks for one.

    Those only watched stay: without them, what is left would look steadier than untouched intents are.
    """
    zone = mart.facts.timezone
    reviewed = {
        each.intent for each in reviews(session) if each.is_open and local_day(each.flagged_at, timezone=zone) <= until
    }
    signalled = {
        each.intent
        for each in current(home, mart)
        if each.intent is not None and each.level != Level.WATCH and each.since_on <= until
    }
    return tuple(sorted((reviewed | signalled) - {but}))
