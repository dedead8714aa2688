"""What the days around a fix say about it, by rules that hold off where nothing can be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from cx_metrics.reviews.untouched import BEFORE, LEAST_BEFORE, LEAST_CONTACTS, Daily, Days, Span
from cx_metrics.statistics.effect import LEAST_CONTROLS, Change, change_against, episode
from cx_metrics.statistics.forecast import WEEK

LEAST_DAYS, SURE_DAYS = 7, 14
"""Full days after the washout before which nothing is said, and from which on the usual interval decides."""
EARLY_LEVEL = 0.99
"""Level of the interval that has to exclude no change in between."""
FAKE = 28
"""How many days earlier the fake fix is that must show no effect."""
_NORMAL, _APART = 28, 14


class Kind(StrEnum):
    """What can be said about a fix."""

    WORKED = "worked"
    NO_EFFECT = "no effect"
    WORSE = "worse"
    TOO_EARLY = "too early"
    BACK_TO_NORMAL = "back to normal"
    CANT_TELL = "can't tell"


@dataclass(frozen=True)
class Judgement:
    """A verdict with what it rests on.

    Attributes:
        kind: The verdict.
        change: Against untouched intents, or after a spike against normal; None where it was not computed.
        pre_trend_ok: Whether a fake fix 28 days earlier shows no effect, as it must; None without data for it.
        spike_on: First day of the first week far above normal; None: no spike before the fix.
        reason: Why it can't be told; None where it can, or may be in a while.
    """

    kind: Kind
    change: Change | None
    pre_trend_ok: bool | None
    spike_on: date | None
    reason: str | None = None


def judge(asked: Span, found: Daily, *, spike: bool | None = None) -> Judgement:
    """The verdict on a fix.

    In this order: can't tell without days, contacts and untouched intents enough; too early below 7 full days; after a
    spike back to normal or not, from 14 days on; too early below 14 days unless a 99 % interval excludes no change;
    can't tell where a fake fix 28 days earlier shows an effect; then what the 95 % interval says.

    Args:
        asked: The days around the fix.
        found: Contacts per day.
        spike: Whether it came after a spike; None to find out from the days before.
    """
    why = _why_not(asked, found)
    spike_at = _spike(asked, found, spike=spike)
    spike_on = None if spike_at is None else found.first + timedelta(days=spike_at)
    trend = _pre_trend(asked, found)
    if why is not None:
        return Judgement(Kind.CANT_TELL, None, trend, spike_on, why)
    if asked.after.length < LEAST_DAYS:
        return Judgement(Kind.TOO_EARLY, None, trend, spike_on)
    kind, change, reason = _after_spike(asked, found, spike_on) if spike_on else _usual(asked, found, trend)
    return Judgement(kind, change, trend, spike_on, reason)


_Said = tuple[Kind, Change | None, str | None]


def _usual(asked: Span, found: Daily, trend: bool | None) -> _Said:
    change = _change(found, asked.before, asked.after)
    is_sure = asked.after.length >= SURE_DAYS or _change(found, asked.before, asked.after, level=EARLY_LEVEL).beyond
    if not is_sure:
        return Kind.TOO_EARLY, change, None
    if trend is False:
        return Kind.CANT_TELL, change, "it moved otherwise than untouched intents already before"
    if not change.beyond:
        return Kind.NO_EFFECT, change, None
    return (Kind.WORKED if change.high < 0 else Kind.WORSE), change, None


def _after_spike(asked: Span, found: Daily, spike_on: date) -> _Said:
    """Whether things are as in the 28 days that end 14 days before the spike; never more than that."""
    last = spike_on - timedelta(days=_APART + 1)
    normal = Days(last - timedelta(days=_NORMAL - 1), last)
    if normal.first < found.first:
        return Kind.CANT_TELL, None, "too little is known of the days before the spike to say what is normal"
    columns = found.at(Days(spike_on, asked.before.last))
    first = found.first + timedelta(days=_highest_week(found, columns.start, columns.stop))
    peak = _change(found, normal, Days(first, first + timedelta(days=WEEK - 1)))
    change = _change(found, normal, asked.after)
    if asked.after.length < SURE_DAYS:
        return Kind.TOO_EARLY, change, None
    if change.low > 0:
        return Kind.NO_EFFECT, change, None
    if change.high >= peak.value:
        return Kind.CANT_TELL, change, "contacts may be as they were before the spike, or still as in it"
    return Kind.BACK_TO_NORMAL, change, None


def _why_not(asked: Span, found: Daily) -> str | None:
    """Why the days can't be compared at all."""
    if asked.since is None:
        return "there is no data"
    n_days, columns = asked.before.length, found.at(asked.before)
    contacts = int(found.own[columns].sum())
    if n_days < LEAST_BEFORE:
        return f"only {n_days} days before it can be used, after {asked.since}: {LEAST_BEFORE} are needed"
    # Days that are not over yet are not days without contacts.
    if contacts < LEAST_CONTACTS and columns.stop <= found.own.size:
        return f"only {contacts} contacts in the {n_days} days before: {LEAST_CONTACTS} are needed"
    if asked.after.length >= LEAST_DAYS and len(found.names) < LEAST_CONTROLS:
        return f"only {len(found.names)} untouched intents to compare with: {LEAST_CONTROLS} are needed"
    return None


def _change(found: Daily, before: Days, after: Days, *, level: float = 0.95) -> Change:
    pre, post = found.at(before), found.at(after)
    return change_against(
        int(found.own[pre].sum()),
        int(found.own[post].sum()),
        others_before=found.others[:, pre].sum(axis=1),
        others_after=found.others[:, post].sum(axis=1),
        level=level,
    )


def _pre_trend(asked: Span, found: Daily) -> bool | None:
    """Whether a fake fix 28 days earlier shows no effect."""
    fake = asked.on - timedelta(days=FAKE)
    before = Days(fake - timedelta(days=BEFORE), fake - timedelta(days=1))
    if before.first < found.first or len(found.names) < LEAST_CONTROLS:
        return None
    return not _change(found, before, Days(fake, asked.before.last)).beyond


def _spike(asked: Span, found: Daily, *, spike: bool | None) -> int | None:
    """Column on which the first week of a spike before the fix begins; None without one."""
    end = found.at(asked.before).stop
    if spike is False or end < WEEK or not found.names:
        return None
    others = found.others[:, :end].sum(axis=0)
    at = episode(found.own[:end], others_before=others, within=BEFORE)
    return _highest_week(found, max(end - BEFORE, 0), end) if at is None and spike else at


def _highest_week(found: Daily, first: int, end: int) -> int:
    """Column on which the week with most contacts of the intent begins."""
    return first + int(np.argmax(np.convolve(found.own[first:end], np.ones(WEEK), mode="valid")))
