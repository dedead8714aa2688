"""The andon cord: a page's title with the button that flags an intent, and the dialog it opens."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.reviews.clocks import usual_clocks
from cx_metrics.reviews.signals import Signal
from cx_metrics.reviews.states import Review, Severity
from cx_metrics.store.decided.words import MOST_CHARACTERS
from cx_metrics.store.people.access import Action, allowed, who_may
from pages.shared import loaders, reviewing, who
from pages.shared import review_sentences as say
from pages.shared.frame import open_review, show_error
from pages.shared.registry import page
from pages.shared.text import plain

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def titled(key: str, *, intent: str | None = None) -> None:
    """A page's title, with the button that flags an intent beside it for those who may.

    Args:
        key: Of the page.
        intent: What the page is about; else the dialog begins with the strongest signal's intent.
    """
    title = page(key).title
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, width="content")
        if who.may_somewhere(Action.FLAG) and st.button(
            "Flag an intent", icon=":material/flag:", type="primary", key="flag_intent"
        ):
            flag_dialog(intent, on=title)


def flag_button(intent: str, *, key: str) -> None:
    """A small button that flags one intent, for which there is a signal; nothing to who may not.

    Args:
        intent: Which.
        key: Unique on the page.
    """
    if who.may(Action.FLAG, intent=intent) and st.button("Flag", icon=":material/flag:", key=key):
        flag_dialog(intent, on="")


@st.dialog("Flag an intent", width="medium")
def flag_dialog(intent: str | None, *, on: str) -> None:
    """The form that flags an intent, in front of the page."""
    flag_form(intent, on=on)


def flag_form(intent: str | None, *, on: str) -> None:
    """What is needed to flag an intent, all of it filled in at first.

    Args:
        intent: The one to begin with; None: the strongest signal's without an open review, else the first.
        on: The title of the page on which it was noticed.
    """
    every = loaders.dimension_values("intent")
    asking = who.person()
    names = tuple(name for name in every if allowed(asking, Action.FLAG, intent=name))
    if not names:
        why = f"{who_may(Action.FLAG)} can flag it." if every else "Load an extract first."
        st.caption(f"There is no intent for you to flag. {why}")
        return
    start = intent if intent in names else _strongest(names)
    chosen = st.selectbox("Intent", names, index=names.index(start), key="flag_which")
    present = reviewing.open_review(chosen)
    if present is not None:
        _under_review(present)
        return
    signal = next((each for each in reviewing.signals() if each.intent == chosen), None)
    st.caption(say.signal_detail(signal) if signal else "No signal asks for a review of it; it is flagged by hand.")
    _form(chosen, signal, on=on)


def _strongest(names: tuple[str, ...]) -> str:
    """The intent of the strongest signal that nobody looks into yet; else the first."""
    busy = {each.intent for each in reviewing.every() if each.is_open}
    asking = (each.intent for each in reviewing.signals())
    return next((each for each in asking if each in names and each not in busy), names[0])


def _under_review(present: Review) -> None:
    st.info(f"It is under review already: review {present.id}, flagged by {plain(present.flagged_by)}.")
    if st.button("Open the review", icon=":material/arrow_forward:", type="primary", key="flag_open"):
        open_review(present.id)


def _form(intent: str, signal: Signal | None, *, on: str) -> None:
    """The fields, of which only the intent has no answer of its own; keyed by it, so that each begins anew."""
    severities = list(Severity)
    severity = st.radio(
        "What happens?",
        severities,
        index=severities.index(say.usual_severity(signal)),
        format_func=_SEVERITIES.__getitem__,
        horizontal=True,
        key=f"flag_severity_{intent}",
    )
    paused = None
    if severity == Severity.PAUSE:
        paused = st.text_input(
            "What exactly is paused: a sale, a mailing, a release, a policy?",
            say.usual_pause(signal),
            max_chars=MOST_CHARACTERS,
            key=f"flag_paused_{intent}",
        )
    reason = st.text_area(
        "Why?", say.usual_reason(signal, on=on)[:MOST_CHARACTERS], max_chars=MOST_CHARACTERS, key=f"flag_why_{intent}"
    )
    until = st.text_input(
        "When is it over?", say.usual_end(signal), max_chars=MOST_CHARACTERS, key=f"flag_until_{intent}"
    )
    acknowledge, decide = _clocks(intent, severity)
    st.caption("The numbers, the chart and the newest contacts of this moment are kept as evidence.")
    if st.button("Flag it", icon=":material/flag:", type="primary", key="flag_it"):
        try:
            made = reviewing.flag(
                intent,
                severity=severity,
                paused_what=paused,
                reason=reason,
                resume_when=until,
                acknowledge_within=acknowledge,
                decide_within=decide,
                signal=signal,
            )
        except CxError as error:
            show_error(error)
        else:
            open_review(made.id)


_SEVERITIES = {Severity.PAUSE: "Something is paused", Severity.NOTIFY: "The owner is told, nothing stops"}


def _clocks(intent: str, severity: Severity) -> tuple[timedelta, timedelta]:
    """How long the owner has to acknowledge, and to decide."""
    begin = reviewing.now()
    first, last = (at - begin for at in usual_clocks(severity, begin))
    left, right = st.columns(2)
    key = f"{severity}_{intent}"
    hours = left.number_input("Hours to acknowledge", 1, 24 * 90, int(first / HOUR), key=f"flag_hours_{key}")
    days = right.number_input("Days to decide", 1, 90, int(last / DAY), key=f"flag_days_{key}")
    return hours * HOUR, days * DAY
