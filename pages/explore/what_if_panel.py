"""What less of one intent would save, on the Cost page: its own controls, in contacts and money."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cx_metrics.metrics.costs.what_if import FCR_POINTS, FEWER_RATE, what_if
from cx_metrics.metrics.slice import Slice
from pages.shared import cards, cost_sentences, loaders
from pages.shared import format as write
from pages.shared.tables import csv_button

_STEPS = {"fewer": "Fewer contacts", "solved": "Solved at first contact", "both": "Both"}


@st.fragment
def draw(asked: Slice, intents: Sequence[str], *, currency: str) -> None:
    """The panel, redrawn by itself when a wish changes.

    Args:
        asked: The period and the filters.
        intents: The intents to choose from, the dearest first.
        currency: ISO 4217 code of the amounts.
    """
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("What if there were less of it?", anchor=False, width="content")
            download = st.container(width="content")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            intent = st.selectbox("Intent", intents, key="what_if_intent", width=320)
            fewer = st.slider("Fewer contacts", 0, 100, round(100 * FEWER_RATE), 5, format="%d %%", key="fewer")
            more = st.slider("More solved at the first contact", 0, 50, round(FCR_POINTS), format="%d pts", key="more")
        frame = loaders.ask(what_if, asked, intent, fewer / 100, float(more))
        with download:
            csv_button(frame, key="what_if")
        st.markdown(cost_sentences.what_if(frame, intent=intent, fewer=fewer / 100, more=more, currency=currency))
        cards.card_row(
            [
                cards.Card(
                    _STEPS[str(row["step"])],
                    write.money_compact(row["money"], currency),
                    None if pd.isna(row["contacts"]) else write.plural(row["contacts"], "contact"),
                )
                for _, row in frame.iterrows()
            ],
            caption=cost_sentences.MARGINAL,
        )
