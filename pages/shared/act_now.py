"""What asks to be acted on, as Overview and My intents show it: clocks of reviews, and signals nobody looks into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

import streamlit as st

from cx_metrics.reviews.clocks import Clock, due_soon, overdue
from cx_metrics.reviews.signals import Level, Signal
from cx_metrics.reviews.states import Review
from pages.shared import review_sentences as say
from pages.shared import reviewing
from pages.shared.flag import flag_button
from pages.shared.frame import open_intent, open_review
from pages.shared.text import plain

SOON = timedelta(hours=24)


def asking(every: Sequence[Review]) -> list[Signal]:
    """The signals that ask for a review of an intent, or of everything, that has none open."""
    running = {each.intent for each in every if each.is_open}
    return [each for each in reviewing.signals() if each.level != Level.WATCH and each.intent not in running]


def pressing(every: Sequence[Review]) -> list[Clock]:
    """The clocks that ran out, longest overdue first, then those that will within a day; one for each review."""
    now = reviewing.now()
    found: dict[int, Clock] = {}
    for clock in (*overdue(every, now), *due_soon(every, now, within=SOON)):
        found.setdefault(clock.review.id, clock)
    return list(found.values())


def act_now(intents: Collection[str], *, most: int) -> set[str]:
    """Clocks and signals about some intents as cards, each with a way to act.

    Args:
        intents: Only these.
        most: So many clocks, and so many signals, at most.

    Returns:
        The intents shown.
    """
    every = reviewing.every()
    clocks = [clock for clock in pressing(every) if clock.review.intent in intents][:most]
    signals = [each for each in asking(every) if each.intent in intents][:most]
    for clock in clocks:
        _clock(clock)
    for signal in signals:
        _signal(signal)
    return {clock.review.intent for clock in clocks} | {str(each.intent) for each in signals}


def my_reviews(intents: Collection[str]) -> None:
    """The open reviews of some intents with their clocks, and the signals that ask for one."""
    every = [each for each in reviewing.every() if each.intent in intents]
    running = [each for each in every if each.is_open]
    st.subheader("My reviews", anchor=False)
    if not running and not any(each.intent in intents for each in asking(every)):
        st.caption("None of my intents is under review, and no signal asks for it.")
        return
    now = reviewing.now()
    for each in running:
        with st.container(border=True, gap=None):
            if st.button(f"**{plain(each.intent)}**", key=f"my_review_{each.id}", type="tertiary"):
                open_review(each.id)
            st.markdown(f"{str(each.state).capitalize()}: {say.next_due(each, now) or 'no clock runs'}")
            st.caption(plain(each.reason))
    for signal in asking(every):
        if signal.intent in intents:
            _signal(signal)


def _clock(clock: Clock) -> None:
    each = clock.review
    with st.container(border=True, gap=None):
        if st.button(f"**{plain(each.intent)}**", key=f"act_review_{each.id}", type="tertiary"):
            open_review(each.id)
        st.markdown(f":orange[{str(each.state).capitalize()} · {clock.sentence(reviewing.now())}]")
        st.caption(f"{say.owner(each)}. {plain(each.reason)}")


def _signal(signal: Signal) -> None:
    intent = str(signal.intent)
    with st.container(border=True, gap=None):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            if st.button(f"**{plain(intent)}**", key=f"act_intent_{intent}_{signal.kind}", type="tertiary"):
                open_intent(intent)
            flag_button(intent, key=f"act_flag_{intent}_{signal.kind}")
        st.markdown(f":orange[{say.signal_title(signal)}]")
        st.caption(say.signal_detail(signal))
