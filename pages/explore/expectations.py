"""Expectations: how long does it take, is it what we promised, and who waits although it is urgent?"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import control as control_chart
from cx_metrics.charts import hours as hours_chart
from cx_metrics.metrics.solved.expectations import hours, is_urgent, kept_weeks, urgencies, urgent_hours
from pages.shared import cards, loaders
from pages.shared import expectation_sentences as say
from pages.shared import format as write
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View

COLUMNS = (
    Column("intent", "Intent", pinned=True),
    Column("expected_hours", "Promised within", write.duration),
    Column("kept", "Kept", partial(write.percent, digits=1)),
    Column("median_hours", "Half within", write.duration),
    Column("p90_hours", "9 of 10 within", write.duration),
    Column("ended", "Ended", write.count),
    Column("not_ended", "Not ended", write.count),
    Column("contacts", "Contacts", write.count),
    Column("reason", "Not known because"),
)


def main() -> None:
    """Draw the page."""
    view = current_view()
    st.title(page("expectations").title)
    if not loaders.metric("volume", view.now)["value"].sum():
        no_contacts()
        return
    kept = loaders.metric("kept", view.now)
    by_intent = loaders.ask(hours, view.now)
    words = loaders.ask(urgencies)
    usual = tuple(filter(is_urgent, words))
    cards.answer(say.answer(kept, by_intent, loaders.ask(urgent_hours, view.now, usual)))
    _cards(view, kept)
    _hours(by_intent)
    left, right = st.columns(2)
    with left:
        _weeks(view, kept)
    with right:
        _urgent(view, words, usual)
    _table(by_intent)


def _cards(view: View, kept: pd.DataFrame) -> None:
    row = kept.iloc[0]
    before = loaders.metric("kept", view.before) if view.before else None
    cards.card_row(
        [
            cards.rate_card("Expectation kept", kept, before, better="higher"),
            cards.Card("Kept in time", write.count(row["kept"])),
            cards.Card("Too late", write.count(row["ended"] - row["kept"])),
            cards.Card("Not ended", write.count(row["not_ended"])),
            cards.Card("Without expectation", write.count(row["without_expectation"])),
        ],
        caption=say.notes(kept),
    )


def _hours(by_intent: pd.DataFrame) -> None:
    if by_intent["expected_hours"].isna().all():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown("Nobody has decided yet within how many hours customers are told it will be solved.")
            st.page_link(page("settings").script, label="Set expectations", icon=":material/tune:")
    drawn = min(len(by_intent), hours_chart.MOST)
    cut = f" · the first {drawn} of {len(by_intent)}" if drawn < len(by_intent) else ""
    cards.chart_card(
        "How long until it is solved?",
        "From the start of a contact to its end, by intent · dot = half are solved by then · ring = 9 of 10 are · "
        f"upright line = promised · each step to the right is several times as long{cut}",
        loaders.drawn(hours_chart.hours, by_intent),
        alt=hours_chart.alt(by_intent),
        data=by_intent,
        key="hours",
    )


def _weeks(view: View, kept: pd.DataFrame) -> None:
    title = "Do we keep what we promise?"
    if not write.is_known(kept["value"].iloc[0]):
        cards.missing_card(title, f"Not known: {kept['reason'].iloc[0]}.")
        return
    weeks = loaders.ask(kept_weeks, view.now)
    cards.chart_card(
        title,
        "Share solved within the hours promised, by the week contacts began · pale = where the usual week-to-week "
        "spread lets it lie · triangle = out of the ordinary · hatched = too young",
        loaders.drawn(control_chart.control, weeks),
        alt=control_chart.alt(weeks),
        data=weeks,
        key="kept_weeks",
    )


def _urgent(view: View, words: tuple[str, ...], usual: tuple[str, ...]) -> None:
    title = "Who waits although it is urgent?"
    if not words:
        cards.missing_card(title, "This data does not say how urgent a contact is.")
        return
    chosen = st.multiselect("Counts as urgent", words, default=usual, key="urgent", bind="query-params")
    frame = loaders.ask(urgent_hours, view.now, tuple(word for word in chosen if word in words))
    if frame.empty:
        cards.missing_card(title, "No contact of this period is urgent in these words.")
        return
    cards.chart_card(
        title,
        "Urgent contacts from start to end, by channel · dot = half are solved by then · ring = 9 of 10 are",
        loaders.drawn(hours_chart.hours, frame, by="channel"),
        alt=hours_chart.alt(frame, by="channel"),
        data=frame,
        key="urgent",
    )


def _table(by_intent: pd.DataFrame) -> None:
    st.subheader("Every intent")
    st.caption("Select a row to open the intent.")
    chosen = data_table(by_intent, COLUMNS, alt="Intents with hours until solved", key="hours_table", select=True)
    csv_button(by_intent, key="hours_table")
    if chosen is not None:
        open_intent(str(by_intent["intent"].iloc[chosen]))


main()
