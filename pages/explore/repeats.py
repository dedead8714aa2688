"""Repeat contacts: how many customers have to come back, how soon, about what, and what goes with it?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import cohorts as cohorts_chart
from cx_metrics.charts import curves as curves_chart
from cx_metrics.charts import distribution as distribution_chart
from cx_metrics.charts import drivers as drivers_chart
from cx_metrics.metrics.returning import repeat_drivers
from cx_metrics.metrics.returning.came_back import issues_came_back
from cx_metrics.metrics.returning.chains import longest_chains, returners
from cx_metrics.metrics.returning.cohorts import cohorts
from cx_metrics.metrics.returning.concentration import concentration
from cx_metrics.metrics.returning.curves import MOST_INTENTS, cohort_change, half_times, repeat_curves
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.people.access import Action, who_may
from pages.shared import cards, contact_rows, loaders
from pages.shared import format as write
from pages.shared import repeat_sentences as say
from pages.shared.choice import one_of
from pages.shared.empty import empty_state
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View

ALL = "All intents"
MOST_LEVELS = 8
CHAIN_COLUMNS = (
    Column("customer", "Customer", pinned=True, help="A pseudonym: the same customer, the same code"),
    Column("intent", "Intent"),
    Column("contacts", "Contacts", write.count),
    Column("first_on", "First"),
    Column("last_on", "Last"),
    Column("days", "Days", write.count, help="From the first to the last contact"),
    Column("channels", "Channels"),
    Column("minutes", "Handling, minutes", write.count, help="As far as known"),
    Column("note", "Note"),
)
TOP_COLUMNS = (
    Column("top", "Busiest", write.percent, pinned=True),
    Column("customers", "Customers", write.count),
    Column("value", "Share of contacts", partial(write.percent, digits=1)),
    Column(
        "expected", "If all were alike", partial(write.percent, digits=1), help="Contacts fall at random at one rate"
    ),
)
RETURNER_COLUMNS = (
    Column("customer", "Customer", pinned=True, help="A pseudonym: the same customer, the same code"),
    Column("repeats", "Repeats", write.count),
    Column("contacts", "Contacts", write.count),
    Column("intents", "Intents", write.count),
    Column("about", "About"),
    Column("minutes", "Handling, minutes", write.count, help="As far as known"),
)


def main() -> None:
    """Draw the page."""
    view = current_view()
    st.title(page("repeats").title)
    total = int(loaders.metric("volume", view.now)["value"].sum())
    if not total:
        no_contacts()
        return
    came_back = loaders.ask(issues_came_back, view.now)
    if came_back["no_customer_id"].iloc[0] == total:
        _nobody_known()
        return
    most = loaders.ask(repeat_drivers.moved_most, view.now, view.before) if view.before else None
    change = loaders.ask(cohort_change, view.now, view.before) if view.before else None
    half = loaders.ask(half_times, view.now)
    cards.answer(say.answer(came_back, half, change, most))
    _cards(view, came_back, half)
    _cohorts(view.now, most)
    left, right = st.columns(2)
    with left:
        _curves(view.now)
    with right:
        _distribution(view.now)
    _split(view)
    _model(view.now)
    _single_customers(view.now)
    st.caption(
        "Only who comes back with the same customer id about the same intent counts: who gave up, left, or came back "
        "without an id looks quiet here. A customer may be a household or a company. "
        f"What each number means stands in {page('methods').title}."
    )


def _nobody_known() -> None:
    cards.answer(say.nobody_known())
    empty_state(
        ":material/person_off:",
        "Nobody can be recognised when they come back",
        "Cohorts, curves, chains and drivers all need to know that it is the same customer. Map a column to the "
        "customer id, or remove a filter above.",
        link=(page("upload").script, "Go to Upload"),
    )


def _cards(view: View, came_back: pd.DataFrame, half: pd.DataFrame) -> None:
    repeats, customers = (loaders.metric(name, view.now) for name in ("repeat_share", "contacts_per_customer"))
    before = view.before
    earlier = loaders.ask(issues_came_back, before) if before else None
    top = loaders.ask(concentration, view.now)
    cards.card_row(
        [
            cards.rate_card("Issues that came back", came_back, earlier, better="lower"),
            cards.rate_card(
                "Repeats", repeats, loaders.metric("repeat_share", before) if before else None, better="lower"
            ),
            cards.Card("Half are back within", say.half_card(half)),
            cards.ratio_card("Per customer", customers),
            cards.Card("Busiest 10 % make", write.percent(top["value"].iloc[-1])),
        ],
        caption=say.notes(came_back, repeats, half, top),
    )


def _cohorts(asked: Slice, most: repeat_drivers.IntentChange | None) -> None:
    """The heatmap, of all intents or one; at first the one that changed most, where that is more than chance."""
    names = [ALL, *loaders.dimension_values("intent")]
    start = names.index(most.intent) if most is not None else 0
    wanted = st.query_params.get("cohorts_of")
    if wanted is not None and wanted not in names:
        st.info("The link asked for an intent that this data does not have; another one is shown.")
    chosen = st.selectbox("Cohorts of", names, index=start, key="cohorts_of", bind="query-params", width=360)
    chosen = chosen if chosen in names else names[start]
    only = asked if chosen == ALL else replace(asked, where=repeat_drivers.with_intent(asked, chosen))
    frame = loaders.ask(cohorts, only)
    cards.chart_card(
        "Do newer customers come back less?",
        "Share of a week's new issues whose customer had come back about them, by days since · the week's Monday and "
        "its issues on the left · hatched = not yet known: over 5 % of them aren't that old · grey = fewer than "
        "30 issues · – = fewer than 10",
        loaders.drawn(cohorts_chart.cohorts, frame),
        alt=cohorts_chart.alt(frame),
        data=frame,
        key="cohorts",
    )


def _curves(asked: Slice) -> None:
    names = loaders.dimension_values("intent")
    place = st.container()
    chosen = st.multiselect(
        "Intents to compare",
        names,
        max_selections=MOST_INTENTS,
        key="curves_of",
        bind="query-params",
        placeholder="The four with most issues",
    )
    kept = tuple(sorted(name for name in chosen if name in names))
    only = replace(asked, where=tuple(sorted({**dict(asked.where), "intent": kept}.items()))) if kept else asked
    frame = loaders.ask(repeat_curves, only)
    with place:
        cards.chart_card(
            "How soon do they come back?",
            "Share back by each day since the first contact (Kaplan-Meier) · bars at 1, 3, 7, 14 and 30 days = 95 % "
            "interval · a line ends where fewer than 10 issues are known so long",
            loaders.drawn(curves_chart.curves, frame),
            alt=curves_chart.alt(frame),
            data=frame,
            key="curves",
        )


def _distribution(asked: Slice) -> None:
    spread, top = loaders.distribution(asked), loaders.ask(concentration, asked)
    cards.chart_card(
        "Do a few make most of it?",
        "Customers by how many contacts they made in this period, whatever about",
        loaders.drawn(distribution_chart.distribution, spread),
        alt=distribution_chart.alt(spread),
        data=spread,
        key="distribution",
    )
    st.markdown(say.concentration(top))
    data_table(top, TOP_COLUMNS, alt="Contacts of the busiest customers", key="concentration_table")
    csv_button(top, key="concentration")


def _split(view: View) -> None:
    title = "What changed: rates or mix?"
    facts = loaders.facts()
    names = [name for name in repeat_drivers.ATTRIBUTES if facts is not None and name in facts.dimensions]
    if view.before is None:
        cards.missing_card(title, view.comparison)
        return
    if not names:
        cards.missing_card(title, "Nothing is known of these contacts by which they could be told apart.")
        return
    place = st.container()
    by = one_of("Split by", names, usual=names[0], key="split_by")
    found = loaders.ask(repeat_drivers.repeat_split, view.now, view.before, by)
    cut = f" · the {MOST_LEVELS} with the largest effects" if len(found.levels) > MOST_LEVELS else ""
    with place:
        cards.chart_card(
            title,
            f"{say.split(found, by=by)} Points of the share that comes back, against the earlier period · all bars "
            f"sum to the change exactly{cut}",
            loaders.drawn(drivers_chart.split, found.levels, by=by, most=MOST_LEVELS),
            alt=drivers_chart.split_alt(found.levels, by=by),
            data=found.levels,
            key="split",
        )


@st.fragment
def _model(asked: Slice) -> None:
    shelf = st.expander("What goes with coming back, all else alike?", key="drivers_open", on_change="rerun")
    if shelf.open:
        with shelf:
            _model_card(asked)


def _model_card(asked: Slice) -> None:
    with st.spinner("Fitting one model to all attributes ..."):
        found = loaders.ask(repeat_drivers.repeat_drivers, asked)
    names = list(dict.fromkeys(found.effects["attribute"]))
    if not names:
        st.markdown(say.model(found))
        return
    place = st.container()
    by = one_of("Show", names, usual=names[0], key="drivers_by", linked=False)
    with place:
        cards.chart_card(
            "What goes with coming back?",
            f"{say.model(found)} Points each level adds against the most frequent one · line = 95 % interval · hollow "
            "= can't tell",
            loaders.drawn(drivers_chart.effects, found.effects, attribute=by),
            alt=drivers_chart.effects_alt(found.effects, attribute=by),
            data=found.effects,
            key="drivers",
        )
    st.caption(say.model_basis(found))


def _single_customers(asked: Slice) -> None:
    """Single customers, by pseudonym: as contact rows are, for those who may see these."""
    part = contact_rows.visible(asked)
    if part is None:
        st.caption(f"Single customers and their snowballs: {who_may(Action.SEE_CONTACTS)} see them.")
        return
    if part != asked:
        st.caption("Single customers below are those who asked about your own intents.")
    _chains(part)
    _returners(part)


def _chains(asked: Slice) -> None:
    st.subheader("The longest snowballs", anchor=False)
    chains = loaders.ask(longest_chains, asked)
    if chains.empty:
        st.caption("No issue that began in this period brought its customer back.")
        return
    st.caption(
        "First contacts of this period with all their repeats, the longest first. Select a row to open the intent."
    )
    chosen = data_table(
        say.chain_table(chains), CHAIN_COLUMNS, alt="Longest chains of contacts", key="chains_table", select=True
    )
    csv_button(chains, key="chains")
    if chosen is not None:
        open_intent(str(chains["intent"].iloc[chosen]))


def _returners(asked: Slice) -> None:
    st.subheader("Who returns most", anchor=False)
    customers = loaders.ask(returners, asked)
    if customers.empty:
        st.caption("No customer came back in this period.")
        return
    st.caption("Customers by repeats in this period, by pseudonym: help them, and find out what they could not get.")
    data_table(customers, RETURNER_COLUMNS, alt="Customers who returned most", key="returners_table")
    csv_button(customers, key="returners")


main()
