"""The disputes of a month on the Chargeback page, with the form that answers one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.store.decided.statements import UNOWNED
from cx_metrics.store.decided.words import MOST_CHARACTERS
from cx_metrics.store.people.access import Action, who_may
from cx_metrics.store.records import Dispute, DisputeState
from pages.shared import billing, loaders
from pages.shared import chargeback_sentences as sentences
from pages.shared.format import listing, plural, price, stamp
from pages.shared.frame import show_error
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain


def draw(month: str, *, currency: str) -> None:
    """The disputes of the month; a selected open one can be answered."""
    everything = billing.disputes()
    own = [row for row in everything if row.month == month]
    others = sorted({row.month for row in everything if row.month != month and row.state == DisputeState.OPEN})
    if not own and not others:
        return
    st.subheader("Disputes", anchor=False)
    if others:
        st.caption(f"Open in other months: {listing(list(map(sentences.month_name, others)))}.")
    if not own:
        return
    n_open = sum(row.state == DisputeState.OPEN for row in own)
    st.caption(f"{plural(n_open, 'open dispute')} of {len(own)}. Select one to answer it; an answer changes no amount.")
    frame = _table(own)
    chosen = data_table(frame, _columns(currency), alt="Disputed lines of the month", key="disputes", select=True)
    csv_button(frame, key="disputes")
    if chosen is not None and chosen < len(own) and own[chosen].state == DisputeState.OPEN:
        _answer(own[chosen])


def _table(rows: Sequence[Dispute]) -> pd.DataFrame:
    zone = loaders.home().settings.zone
    return pd.DataFrame(
        {
            "dispute": [row.id for row in rows],
            "intent": [row.intent for row in rows],
            "owner": [row.owner or UNOWNED for row in rows],
            "total": [row.total_cents / 100 for row in rows],
            "state": [row.state for row in rows],
            "reason": [row.reason for row in rows],
            "by": [row.opened_by for row in rows],
            "at": [stamp(row.opened_at, zone) for row in rows],
            "note": [row.note for row in rows],
            "answered_by": [row.answered_by for row in rows],
            "answered_at": [stamp(row.answered_at, zone) if row.answered_at else None for row in rows],
        }
    )


def _columns(currency: str) -> tuple[Column, ...]:
    return (
        Column("dispute", "No."),
        Column("intent", "Intent"),
        Column("owner", "Owner then"),
        Column("total", "Amount then", partial(price, currency=currency)),
        Column("state", "State"),
        Column("reason", "Reason"),
        Column("by", "By"),
        Column("at", "At"),
        Column("note", "Answer"),
        Column("answered_by", "Answered by"),
        Column("answered_at", "Answered at"),
    )


def _answer(row: Dispute) -> None:
    answers = billing.answers_allowed(row)
    if not answers:
        st.caption(f"{who_may(Action.SETTLE)} can answer it.")
        return
    with st.form(f"answer_{row.id}"):
        st.markdown(f"Dispute {row.id}: *{plain(row.intent)}*. {plain(row.opened_by)} says: {plain(row.reason)}")
        state = st.radio("Answer", answers, format_func=str.capitalize, horizontal=True, key="answer_state")
        note = st.text_area("Why? (needed unless it is withdrawn)", max_chars=MOST_CHARACTERS, key="answer_note")
        if st.form_submit_button("Answer", type="primary"):
            try:
                billing.answer(row, state=str(state), note=note)
            except CxError as error:
                show_error(error)
            else:
                st.rerun()
