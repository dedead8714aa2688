"""The evidence of a review: what was known when it was flagged, beside what is known now."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.charts import trend as trend_chart
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import usual_period
from cx_metrics.reviews.evidence import WEEKS_DRAWN, evidence_frame, numbers
from cx_metrics.reviews.states import Review
from cx_metrics.reviews.tables import then_and_now
from cx_metrics.store.people.access import Action, who_may
from pages.shared import cards, contact_rows, loaders, who
from pages.shared import format as write
from pages.shared.tables import Column, csv_button, data_table, download_csv, paper_table


def evidence_panel(review: Review, kept: dict[str, Any], *, controls: bool) -> None:
    """Numbers and pictures, then and now, and the contacts that were kept.

    Args:
        review: Whose.
        kept: What was frozen when it was flagged.
        controls: Whether things can be clicked: not on paper.
    """
    st.subheader("Evidence, then and now", anchor=False)
    st.caption(_periods(kept))
    frame = then_and_now(kept["numbers"], present_numbers(review.intent))
    words = _in_words(frame, str(kept["currency"]))
    if controls:
        data_table(words, _COLUMNS, alt="Numbers then and now", key="evidence")
        csv_button(frame, key="evidence")
    else:
        paper_table(words, _COLUMNS)
    left, right = st.columns(2)
    with left:
        _picture("When it was flagged", evidence_frame(kept, "days"), key="days_then")
    with right:
        if _is_in_data(review.intent):
            _picture("Now", loaders.trend(_drawn(review.intent)), key="days_now")
        else:
            cards.missing_card("Now", "The data has no contact with this intent any more.")
    if controls:
        _contacts(review, kept)


def present_numbers(intent: str) -> list[dict[str, Any]]:
    """The numbers of an intent in the present data; none where it is not in it any more."""
    return loaders.ask(numbers, intent) if _is_in_data(intent) else []


def _is_in_data(intent: str) -> bool:
    return intent in loaders.dimension_values("intent")


def _drawn(intent: str) -> Slice:
    """The newest weeks, as many as the evidence keeps, day by day."""
    facts = loaders.facts()
    last = usual_period(facts).to_on if facts else None
    first = None if last is None else last - timedelta(days=7 * WEEKS_DRAWN - 1)
    return Slice(from_on=first, to_on=last, where=(("intent", (intent,)),), grain="day")


def _periods(kept: dict[str, Any]) -> str:
    """Of which days both are, and until when the data was complete."""
    zone, facts = loaders.home().settings.zone, loaders.facts()
    cutoff = datetime.fromisoformat(kept["cutoff_at"]) if kept["cutoff_at"] else None
    then = f"Then: {_span(kept['from_on'], kept['to_on'])}, data until {write.stamp(cutoff, zone)}"
    if facts is None:
        return f"{then}."
    now = usual_period(facts)
    return f"{then}. Now: {_span(now.from_on, now.to_on)}, data until {write.stamp(facts.watermark, zone)}."


def _span(first: str | date | None, last: str | date | None) -> str:
    if first is None or last is None:
        return "no days"
    ends = [date.fromisoformat(end) if isinstance(end, str) else end for end in (first, last)]
    return write.day_span(*ends)


def _in_words(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Each number as its unit is written, or why there is none."""
    words = {
        side: [
            _written(row[side], row[f"{side}_low"], row[f"{side}_high"], row[f"{side}_reason"], row["unit"], currency)
            for row in frame.to_dict("records")
        ]
        for side in ("then", "now")
    }
    return frame.assign(**words)


def _written(value: Any, low: Any, high: Any, reason: str | None, unit: str, currency: str) -> str:
    if not write.is_known(value):
        return write.unknown(reason)
    if unit == "share":
        return write.estimate(value, low, high, digits=1)
    return write.money(value, currency) if unit == "money" else write.count(value)


_COLUMNS = (
    Column("title", "Number", pinned=True),
    Column("then", "When it was flagged"),
    Column("now", "Now"),
    Column("then_n", "n then", write.count),
    Column("now_n", "n now", write.count),
)


def _picture(title: str, days: pd.DataFrame, *, key: str) -> None:
    cards.chart_card(
        title,
        "Contacts per day · pale band = expected from the weeks before, by weekday · hollow = not complete yet",
        trend_chart.trend(days, grain="day"),
        alt=trend_chart.alt(days, grain="day"),
        data=days,
        key=key,
    )


def _contacts(review: Review, kept: dict[str, Any]) -> None:
    """Which contacts were kept as evidence, to who may see them."""
    many = f"{write.plural(len(kept['contacts']), 'contact')} kept as evidence"
    if not who.may(Action.SEE_CONTACTS, intent=review.intent):
        st.caption(f"{many}: {who_may(Action.SEE_CONTACTS)} see which.")
        return
    found = pd.DataFrame(kept["contacts"], columns=["source", "contact_id"])
    with st.expander(many):
        if found.empty:
            st.caption("None: there were no contacts in the period.")
            return
        st.caption("The newest ones when it was flagged; the data may have changed since.")
        columns = (Column("contact_id", "Contact", pinned=True), Column("source", "Source"))
        data_table(found, columns, alt="Contacts kept as evidence", key="evidence_contacts")
        make = contact_rows.rows_csv(
            found, what="contacts kept as evidence", about={"review": review.id}, intent=review.intent
        )
        download_csv(make, key="evidence_contacts")
