"""Did it help? The verdict on a fix or a pause: what it changed against intents that nobody touched.

Contacts of the days after are compared with those of the 56 days before, and that change with the one of the
untouched intents; days in which repeats of older contacts still arrive are left out. After a spike nothing is claimed
but that things are back to normal: spikes mostly fade by themselves, and in 66 of 100 simulated ones a fix that does
nothing would have looked like a success.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date, timedelta
from math import exp
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from cx_metrics.metrics.costs.cost import PICOS, cost_ledger
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.effect_told import FIX, PAUSE, Effect, What
from cx_metrics.reviews.effect_words import sentence
from cx_metrics.reviews.judging import SURE_DAYS, Judgement, Kind, judge
from cx_metrics.reviews.untouched import BEFORE, Daily, Span, daily, span
from cx_metrics.reviews.workflow import review
from cx_metrics.statistics.effect import LEAST_CONTROLS, Change, course_without
from cx_metrics.statistics.forecast import WEEK
from cx_metrics.store import ledger
from cx_metrics.store.marts.mart import Mart
from cx_metrics.store.records import ReviewVerdict

__all__ = [
    "AFTER",
    "BEFORE_FIX",
    "FIX",
    "FRAME_COLUMNS",
    "PAUSE",
    "WASHOUT",
    "Effect",
    "What",
    "effect",
    "effect_frame",
    "record_verdict",
]

FRAME_COLUMNS = ("day", "phase", "contacts", "expected", "low", "high")
BEFORE_FIX, WASHOUT, AFTER = "before", "washout", "after"
"""The phases of the days around a fix."""


def effect(
    mart: Mart,
    intent: str,
    *,
    on: date,
    what: What = FIX,
    spike: bool | None = None,
    excluded: Collection[str] = (),
) -> Effect:
    """What a fix changed: worked, no effect, worse, back to normal, too early to say, or why it can't be told.

    Args:
        mart: Whose data and decisions.
        intent: What was fixed.
        on: The business day of the fix, the first it may have changed.
        what: Whether it was a fix, or a pause.
        spike: Whether it came after a spike; None to find out from the days before.
        excluded: Intents that can't be compared with: those with a review or a signal of their own.
    """
    asked = span(mart, intent, on=on)
    found = daily(mart, intent, asked=asked, excluded=excluded)
    said = judge(asked, found, spike=spike)
    after = int(found.own[found.at(asked.after)].sum())
    told = Effect(
        intent=intent,
        on=on,
        what=what,
        kind=said.kind,
        **_ratio(said.change),
        **_avoided(mart, intent, asked, said, after=after),
        currency=mart.decisions.currency,
        before_on=asked.before.first,
        washout=asked.washout.length,
        judged_from=asked.after.first,
        judged_to=asked.after.last,
        days_after=asked.after.length,
        contacts_before=int(found.own[found.at(asked.before)].sum()),
        contacts_after=after,
        controls=len(found.names),
        pre_trend_ok=said.pre_trend_ok,
        spike_on=said.spike_on,
        first_answer_on=asked.after.first + timedelta(days=SURE_DAYS),
        data_version=mart.facts.version,
        reason=said.reason,
        sentence="",
    )
    return replace(told, sentence=sentence(told))


def effect_frame(
    mart: Mart, intent: str, *, on: date, spike: bool | None = None, excluded: Collection[str] = ()
) -> pd.DataFrame:
    """Contacts per day around a fix, beside those there would have been without it.

    Returns:
        One row per day from 56 days before the fix to the last day judged: ``day`` (ISO text), ``phase`` (before,
        washout or after), ``contacts``, and from the fix, or the spike before it, on ``expected``, ``low`` and ``high``
        (95 % of single days): missing where fewer than 8 untouched intents or eight weeks before are there.
    """
    asked = span(mart, intent, on=on)
    found = daily(mart, intent, asked=asked, excluded=excluded)
    days = np.datetime64(found.first) + np.arange(found.own.size)
    phase = np.full(days.size, BEFORE_FIX, dtype=object)
    phase[days >= np.datetime64(asked.washout.first)] = WASHOUT
    phase[days >= np.datetime64(asked.after.first)] = AFTER
    frame = pd.DataFrame({"day": days.astype(str), "phase": phase, "contacts": found.own}, columns=[*FRAME_COLUMNS])
    frame[["expected", "low", "high"]] = _expected(asked, found, judge(asked, found, spike=spike).spike_on)
    return frame[days >= np.datetime64(on - timedelta(days=BEFORE))].reset_index(drop=True)


def record_verdict(session: Session, review_id: int, judged: Effect, *, actor: str) -> None:
    """Keep a verdict with the review as it stands now: what makes it verified, where it worked.

    Raises:
        BadUse: There is no such review.
    """
    present = review(session, review_id)
    data = json.loads(json.dumps(asdict(judged), default=str))
    session.add(
        ReviewVerdict(
            review_id=review_id,
            review_version=present.version,
            kind=judged.kind.value,
            judged_on=judged.on,
            data=data,
            data_version=judged.data_version,
            actor=actor,
            at=ledger.utc_now(),
        )
    )
    ledger.audit(session, actor=actor, action="record verdict", subject=f"review {review_id}", before=None, after=data)


def _ratio(change: Change | None) -> dict[str, Any]:
    if change is None:
        return dict.fromkeys(("ratio", "low", "high"))
    return {"ratio": exp(change.value), "low": exp(change.low), "high": exp(change.high)}


def _avoided(mart: Mart, intent: str, asked: Span, said: Judgement, *, after: int) -> dict[str, Any]:
    """Contacts that fell away, what would have come less what came, and their money; only where that can be claimed."""
    found = dict.fromkeys(f"{what}{end}" for what in ("avoided", "money") for end in ("", "_low", "_high"))
    if said.change is None or said.kind not in (Kind.WORKED, Kind.WORSE):
        return found
    each = _marginal_cost(mart, intent, asked)
    for end, far in (("", said.change.value), ("_low", said.change.high), ("_high", said.change.low)):
        contacts = after * exp(-far) - after
        found |= {f"avoided{end}": contacts, f"money{end}": None if each is None else contacts * each}
    return found


def _marginal_cost(mart: Mart, intent: str, asked: Span) -> float | None:
    """Money that falls away with a contact, of those before and after the fix: all but what rates take per contact."""
    days = Slice(from_on=asked.before.first, to_on=asked.after.last, where=(("intent", (intent,)),))
    row = cost_ledger(mart, days).iloc[0]
    if not int(row["priced"]) and not row["downstream_picos"]:
        return None
    spared = int(row["direct_picos"]) + int(row["downstream_picos"]) - int(row["fixed_picos"])
    return spared / PICOS / int(row["contacts"])


def _expected(asked: Span, found: Daily, spike_on: date | None) -> np.ndarray:
    """Per day of the series the expected contacts with their range; missing before the fix, or the spike before it."""
    courses = np.full((found.own.size, 3), np.nan)
    begin = ((spike_on or asked.on) - found.first).days
    first = begin % WEEK
    if begin - first < BEFORE or len(found.names) < LEAST_CONTROLS or begin >= found.own.size:
        return courses
    others = found.others.sum(axis=0)
    course = course_without(found.own[first:begin], others_before=others[first:begin], others_after=others[begin:])
    courses[begin:] = np.column_stack(course)
    return courses
