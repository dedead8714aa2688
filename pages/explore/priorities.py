"""Priorities: which reasons to eliminate, automate, simplify or leverage, and is the list of reasons fit for that?"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import quadrants as quadrants_chart
from cx_metrics.metrics.reasons import priorities as priorities_
from cx_metrics.metrics.reasons.priorities import NOT_SCORED, QUADRANTS, Quadrant
from cx_metrics.metrics.reasons.taxonomy import taxonomy
from pages.shared import cards, loaders, priorities_sentences
from pages.shared import format as write
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View


def main() -> None:
    """Draw the page."""
    view = current_view()
    st.title(page("priorities").title)
    rows = loaders.ask(priorities_.priorities, view.now)
    if rows.empty:
        no_contacts()
        return
    sums = loaders.ask(priorities_.quadrant_sums, view.now)
    currency = loaders.home().settings.currency if rows["cost"].notna().any() else None
    cards.answer(priorities_sentences.priorities(rows, sums, currency=currency))
    _cards(sums, currency)
    if (rows["quadrant"] != NOT_SCORED).any():
        _matrix(view, rows, currency)
    _not_scored(sums)
    _every_intent(rows, currency)
    _health(view)
    _unknown(rows, currency)


def _cards(sums: pd.DataFrame, currency: str | None) -> None:
    size = (lambda row: write.money_compact(row["cost"], currency)) if currency else _contacts
    shown = [cards.Card(str(row["quadrant"]).capitalize(), size(row)) for _, row in sums.iterrows() if row["intents"]]
    what = "Cost" if currency else "Contacts, as no cost is known,"
    cards.card_row(shown, caption=f"{what} of the period · {priorities_sentences.sizes(sums)}")


def _contacts(row: pd.Series) -> str:
    return write.compact(row["contacts"])


def _matrix(view: View, rows: pd.DataFrame, currency: str | None) -> None:
    """The four quadrants as they lie in the matrix; below each other on a phone."""
    st.subheader("What is each reason worth, and to whom?")
    st.caption("Worth much to the customer stands above, worth much to us on the right · hollow = nobody owns it")
    scored = rows[rows["quadrant"] != NOT_SCORED]
    top = float(scored["cost" if currency else "contacts"].astype(float).max())
    for at in (0, 2):
        for column, quadrant in zip(st.columns(2), QUADRANTS[at : at + 2], strict=True):
            with column:
                _quadrant(view, quadrant, top=top, currency=currency)


def _quadrant(view: View, quadrant: Quadrant, *, top: float, currency: str | None) -> None:
    frame = loaders.ask(priorities_.in_quadrant, view.now, quadrant.name)
    worth = priorities_sentences.WORTH
    cards.chart_card(
        quadrant.name.capitalize(),
        f"{quadrant.action} Worth {worth[quadrant.to_customer]} to the customer, {worth[quadrant.to_company]} to us.",
        loaders.drawn(quadrants_chart.quadrant, frame, top=top, currency=currency),
        alt=quadrants_chart.alt(frame, currency=currency),
        data=frame,
        key=quadrant.name,
    )


def _not_scored(sums: pd.DataFrame) -> None:
    left = sums[sums["quadrant"] == NOT_SCORED].iloc[0]
    if not left["intents"]:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{write.plural(left['intents'], 'intent')} with {write.plural(left['contacts'], 'contact')}: not scored "
            "yet. Say in Settings what each is worth to the customer and to us, best in a round of all departments.",
            width="stretch",
        )
        st.page_link(page("settings").script, label="Score them in Settings", icon=":material/tune:")


def _every_intent(rows: pd.DataFrame, currency: str | None) -> None:
    st.subheader("Every intent, and who has to act")
    st.caption("Select a row to open the intent.")
    columns = (
        Column("intent", "Intent", pinned=True),
        Column("quadrant", "What to do"),
        Column("owner", "Owner"),
        Column("department", "Department"),
        Column("cost", "Cost", partial(write.money, currency=currency) if currency else None),
        Column("cost_share", "Share of cost", partial(write.percent, digits=1)),
        Column("contacts", "Contacts", write.count),
    )
    named = rows.assign(owner=rows["owner"].astype(object).where(rows["owner"].notna(), "unowned"))
    chosen = data_table(named, columns, alt="Intents with what to do about them", key="priorities", select=True)
    csv_button(rows, key="priorities")
    if chosen is not None:
        open_intent(str(rows["intent"].iloc[chosen]))


def _health(view: View) -> None:
    checks = loaders.ask(taxonomy, view.now)
    st.subheader("Is the list of reasons fit to manage by?")
    st.caption(priorities_sentences.health(checks))
    shown = checks.assign(value=priorities_sentences.figures(checks))
    columns = (
        Column("check", "Check", pinned=True),
        Column("value", "Figure"),
        Column("limit", "Should be"),
        Column("state", "State"),
    )
    data_table(shown, columns, alt="Checks of the list of intents", key="taxonomy")
    st.markdown(priorities_sentences.advice(checks))
    csv_button(checks, key="taxonomy")


def _unknown(rows: pd.DataFrame, currency: str | None) -> None:
    without = int(rows["cost"].isna().sum())
    notes = ["Contacts without an intent are in no quadrant."]
    if currency and without:
        notes.append(f"The cost of {write.plural(without, 'intent')} is not known.")
    notes.append("Value is what people decided, not what the data shows; costs come from the Cost page.")
    st.caption(" ".join(notes))


main()
