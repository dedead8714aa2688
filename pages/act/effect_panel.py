"""Did it help? The effect of a review's fix or pause, with its picture, and the verdicts recorded so far."""

from __future__ import annotations

import streamlit as st

from cx_metrics.charts import effect as effect_chart
from cx_metrics.errors import CxError
from cx_metrics.reviews.effect import Effect
from cx_metrics.reviews.effect_question import Question, answer, answer_frame
from cx_metrics.reviews.states import Review
from cx_metrics.store.people.access import Action
from pages.shared import cards, effects, loaders, who
from pages.shared import effect_sentences as sentences
from pages.shared.frame import show_error
from pages.shared.text import amount, plain


def effect_panel(review: Review, *, controls: bool = True) -> None:
    """Whether the fix or the pause helped, what it rests on, and a button that records the verdict.

    Args:
        review: Whose.
        controls: Whether things can be clicked: not on paper.
    """
    st.subheader("Did it help?", anchor=False)
    asked = effects.asked(review)
    if asked is None:
        st.caption("Nothing is paused or fixed yet. Once it is, contacts are compared with those of untouched intents.")
        return
    judged = loaders.ask(answer, asked)
    st.markdown(f"{sentences.ICONS[judged.kind]} **{amount(plain(judged.sentence))}**")
    cards.card_row(sentences.effect_cards(judged), caption=sentences.basis(judged))
    _picture(asked, judged)
    st.caption(sentences.unknown(judged))
    _recorded(review, judged, controls=controls)


def _picture(asked: Question, judged: Effect) -> None:
    days = loaders.ask(answer_frame, asked)
    cards.chart_card(
        "What came, and what would have come?",
        sentences.marks(judged),
        loaders.drawn(effect_chart.effect, days, what=judged.what),
        alt=effect_chart.alt(days),
        data=days,
        key="effect",
    )


def _recorded(review: Review, judged: Effect, *, controls: bool) -> None:
    """What was recorded so far, and the button for more."""
    for row in effects.recorded(review.id):
        st.caption(sentences.record(row, loaders.home().settings.zone))
    if not controls or not who.may(Action.STEP, intent=review.intent):
        return
    if st.button(
        "Record this verdict",
        icon=":material/gavel:",
        key="record_effect",
        help="Keeps it with the review as it stands now. Worked, or back to normal, lets the review be verified.",
    ):
        try:
            effects.record(review.id, judged)
        except CxError as error:
            show_error(error)
        else:
            st.rerun()
