"""What pages say about reviews and signals, in sentences. Pure: no Streamlit. Markdown, data through ``plain``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cx_metrics.reviews.clocks import Clock, clocks, overdue
from cx_metrics.reviews.signals import Level, Signal
from cx_metrics.reviews.states import Review, Severity, State
from pages.shared import format as write
from pages.shared.text import amount, plain

STATE_ICONS = {
    State.FLAGGED: ":material/flag:",
    State.ACKNOWLEDGED: ":material/visibility:",
    State.PAUSED: ":material/pause_circle:",
    State.INVESTIGATING: ":material/search:",
    State.FIXING: ":material/build:",
    State.RESUMED: ":material/play_circle:",
    State.VERIFIED: ":material/verified:",
    State.DISMISSED: ":material/cancel:",
}
STEP_LABELS = {
    State.FLAGGED: "Flag again",
    State.ACKNOWLEDGED: "Acknowledge",
    State.PAUSED: "Pause",
    State.INVESTIGATING: "Investigate",
    State.FIXING: "Start fixing",
    State.RESUMED: "Resume",
    State.VERIFIED: "Verify",
    State.DISMISSED: "Dismiss",
}
_KINDS = {"volume": "Volume", "fcr": "First contact resolution", "cost": "Cost", "reach": "Survey reach"}
_RESUME_WHEN = {
    "volume": "Contacts are within their expected range on 7 days in a row.",
    "fcr": "First contact resolution meets its target again.",
    "cost": "The cost is back below what its owner set.",
    "reach": "We hear from as many customers as before.",
}


def board(reviews: Sequence[Review], asking: Sequence[Signal], now: datetime) -> str:
    """How many reviews are open, which clock is longest overdue, and how many signals ask for one."""
    n_open = sum(review.is_open for review in reviews)
    late = overdue(reviews, now)
    said = f"**{write.plural(n_open, 'review')}** {'is' if n_open == 1 else 'are'} open"
    if not n_open:
        said = "**No review is open**" if reviews else "**Nothing was flagged yet**"
    if late:
        said += f", **{write.plural(len(late), 'clock')} {'is' if len(late) == 1 else 'are'} overdue**"
        said += f": *{plain(late[0].review.intent)}* was {late[0].sentence(now)}"
    if asking:
        of = f", first of all *{plain(asking[0].intent)}*" if asking[0].intent else ""
        return f"{said}. {write.plural(len(asking), 'signal')} {'asks' if len(asking) == 1 else 'ask'} for one{of}."
    return f"{said}."


def review(found: Review, now: datetime) -> str:
    """What is reviewed, where it stands, and what is due."""
    said = f"*{plain(found.intent)}* is **{found.state}**"
    running = clocks(found)
    if running:
        said += f", {running[0].sentence(now)}"
    if found.state == State.FIXING:
        said += ": a fix is being made"
    if found.state == State.RESUMED:
        said += ": the effect has to be measured before it counts as verified"
    if found.paused_what and found.state in (State.PAUSED, State.INVESTIGATING, State.FIXING):
        said += f", while this is paused: {plain(found.paused_what).rstrip('.')}"
    return f"{said}."


def next_due(found: Review, now: datetime) -> str:
    """The clock that runs out next, as in ``to be decided, 3 hours left``; orange where it is overdue."""
    running = clocks(found)
    if not running:
        return ""
    return clock(running[0], now)


def clock(running: Clock, now: datetime) -> str:
    """A clock in words; orange where it is overdue."""
    said = running.sentence(now)
    return f":orange[**{said}**]" if running.due_at < now else said


def owner(found: Review) -> str:
    """Who answers for the intent."""
    return f"Owner {plain(found.owner)}" if found.owner else "Nobody owns this intent"


def signal_title(signal: Signal) -> str:
    """A signal's level and kind, as in ``Recommend pause · volume since 14 Sep``."""
    level = str(signal.level).capitalize()
    return f"{level} · {_KINDS.get(signal.kind, signal.kind).lower()} since {write.day(signal.since_on)}"


def judged(states: Sequence[str]) -> str:
    """How many intents signals can be found in; of each intent: judged, learning or too small."""
    n_judged, n_learning, n_small = (states.count(word) for word in ("judged", "learning", "too small"))
    said = [f"{write.count(n_judged)} of {write.plural(len(states), 'intent')} can be judged"]
    if n_learning:
        said.append(f"{write.count(n_learning)} still being learnt")
    if n_small:
        said.append(f"{write.count(n_small)} too small, watched together by category")
    return f"{', '.join(said)}."


def signal_detail(signal: Signal) -> str:
    """A signal's sentence, in Markdown."""
    return amount(plain(signal.sentence))


def usual_severity(signal: Signal | None) -> Severity:
    """Whether something should stop: only where the signal says so."""
    return Severity.PAUSE if signal is not None and signal.level == Level.PAUSE else Severity.NOTIFY


def usual_reason(signal: Signal | None, *, on: str) -> str:
    """What stands as reason at first, as plain text."""
    return signal.sentence if signal is not None else f"What the page {on} shows of this intent needs somebody to look."


def usual_pause(signal: Signal | None) -> str:
    """What stands as paused at first, as plain text."""
    if signal is None:
        return "What drives this intent: its owner names it"
    return f"What changed shortly before {write.day(signal.since_on)}: its owner names it"


def usual_end(signal: Signal | None) -> str:
    """When to resume, at first, as plain text."""
    return _RESUME_WHEN.get(signal.kind, "") if signal is not None else "The cause is known and mended."
