"""The next steps of a review: a button for each that is allowed, with a note, and nothing lost if two people act."""

from __future__ import annotations

from datetime import date

import streamlit as st

from cx_metrics.errors import Busy, CxError
from cx_metrics.metrics.periods import last_full_day
from cx_metrics.reviews.states import FIX_STATES, Review, State
from cx_metrics.store.decided.words import MOST_CHARACTERS
from cx_metrics.store.people.access import Action, who_may
from pages.shared import loaders, reviewing, who
from pages.shared import review_sentences as say
from pages.shared.frame import show_error
from pages.shared.text import plain


def step_panel(review: Review) -> None:
    """The allowed steps of a review, and what became of the last one.

    The step is taken from the version that was on the screen: if somebody took one since, it is not taken, and the
    page says who did what.
    """
    seen_key = f"review_seen_{review.id}"
    seen = int(st.session_state.get(seen_key, review.version))
    st.subheader("Next step", anchor=False)
    told = st.session_state.pop("step_told", None)
    if told:
        st.success(plain(told), icon=":material/check:")
    if not who.may(Action.STEP, intent=review.intent):
        st.caption(f"{who_may(Action.STEP)} take its steps, name its causes and record what helped.")
        return
    steps = review.next_states
    if State.VERIFIED in steps:
        st.caption("Verify works once an effect below is recorded that says worked, or back to normal.")
    with st.container(horizontal=True):
        for to in steps:
            with st.popover(say.STEP_LABELS[to], icon=say.STATE_ICONS[to], key=f"open_step_{to}"):
                _form(review, to, seen=seen)
    st.session_state[seen_key] = review.version


def _form(review: Review, to: State, *, seen: int) -> None:
    with st.form(f"step_{review.id}_{to}", border=False):
        note = st.text_area(f"{say.STEP_LABELS[to]}: why?", max_chars=MOST_CHARACTERS, key=f"note_{review.id}_{to}")
        fixed_on = _day(review, to) if to in FIX_STATES else None
        if not st.form_submit_button(say.STEP_LABELS[to], type="primary"):
            return
        try:
            made = reviewing.step(review, to=to, note=note, version=seen, fixed_on=fixed_on)
        except Busy as error:
            show_error(error)
        except CxError as error:
            show_error(error)
        else:
            st.session_state["step_told"] = f"Review {made.id} is {made.state}."
            st.rerun()


def _day(review: Review, to: State) -> date | None:
    """On which day the fix went live; may stay empty while it is being made."""
    facts = loaders.facts()
    usual = (last_full_day(facts) if facts else None) if to == State.RESUMED and review.fixed_on is None else None
    picked = st.date_input(
        "On which day did the fix go live?" + ("" if to == State.RESUMED else " (empty: not yet)"),
        review.fixed_on or (usual if review.state == State.FIXING else None),
        key=f"fixed_{review.id}_{to}",
    )
    return picked if isinstance(picked, date) else None
