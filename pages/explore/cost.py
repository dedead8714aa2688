"""Cost: what do contacts cost, which intents drive it, and what would less of them save?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import cost_pareto as pareto_chart
from cx_metrics.charts import periods as periods_chart
from cx_metrics.charts import stacked as stacked_chart
from cx_metrics.charts import treemap as treemap_chart
from cx_metrics.charts import waterfall as waterfall_chart
from cx_metrics.metrics.costs import cost_frames as frames
from cx_metrics.reports.phrases import in_period
from pages.explore import cpx_panel, what_if_panel
from pages.shared import cards, cost_sentences, loaders
from pages.shared import format as write
from pages.shared.empty import empty_state
from pages.shared.flag import titled
from pages.shared.forecast_card import forecast_cost_card, intent_of
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.text import plain
from pages.shared.view import View, usual_grain


def main() -> None:
    """Draw the page."""
    view = current_view()
    titled("cost")
    cost = loaders.metric("cost", view.now)
    if not cost["contacts"].sum():
        no_contacts()
        return
    currency = loaders.home().settings.currency
    table = loaders.ask(frames.cost_table, view.now)
    if cost["value"].isna().all():
        _unknown(cost)
    else:
        _known(view, cost, table, currency)
    cpx_panel.draw(view)
    if cost["value"].notna().all():
        forecast_cost_card(intent_of(view))
        _pareto(view, currency)
        what_if_panel.draw(view.now, tuple(table["intent"]), currency=currency)
    _every_intent(table, currency)


def _unknown(cost: pd.DataFrame) -> None:
    reason = str(cost["reason"].iloc[0])
    empty_state(
        ":material/payments:",
        "What contacts cost is not known",
        f"{plain(reason[:1].upper() + reason[1:])}. Say in Settings what a minute and a contact cost by channel.",
        link=(page("settings").script, "Enter rates in Settings"),
    )


def _known(view: View, cost: pd.DataFrame, table: pd.DataFrame, currency: str) -> None:
    before = None if view.before is None else loaders.metric("cost", view.before)
    changes = None if view.before is None else loaders.ask(frames.cost_change, view.now, view.before)
    cards.answer(cost_sentences.answer(cost, before, changes, table, days=in_period(view.now), currency=currency))
    _cards(cost, before, currency)
    _lacking(view)
    left, right = st.columns(2)
    with left:
        _by_intent(table, currency)
    with right:
        _changes(view, changes, currency)
    _by_category(view, currency)
    left, right = st.columns(2)
    with left:
        _by_channel(view, currency)
    with right:
        _over_time(view, currency)


def _cards(cost: pd.DataFrame, before: pd.DataFrame | None, currency: str) -> None:
    row = cost.iloc[0]
    earlier = None if before is None else before["value"].iloc[0]
    change = row["value"] - earlier if write.is_known(earlier) else None
    each = frames.per_contact(cost)[0]
    shares = {name: row[name] / row["value"] if row["value"] else None for name in ("downstream", "repeats")}
    cards.card_row(
        [
            cards.Card(
                "Cost of contacts",
                write.money_compact(row["value"], currency),
                None if change is None else write.money_compact(change, currency, signed=True),
                better="lower",
            ),
            cards.Card("Of which downstream", write.percent(shares["downstream"])),
            cards.Card("Of which repeats", write.percent(shares["repeats"])),
            cards.Card("Per contact", write.price(each, currency)),
            cards.Card("Minutes assumed", write.percent(row["assumed_contacts"] / row["contacts"])),
        ],
        caption=cost_sentences.rests_on(row, currency=currency),
    )


def _lacking(view: View) -> None:
    """Which channels have no price, where any has none."""
    said = cost_sentences.unpriced(frames.unpriced(loaders.ask(frames.cost_by_channel, view.now)))
    if said:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/warning: {said}", width="content")
            st.page_link(page("settings").script, label="Enter rates in Settings", icon=":material/tune:")


def _by_intent(table: pd.DataFrame, currency: str) -> None:
    cards.chart_card(
        "Which intents cost most?",
        "Handling and downstream, dearest first · at the end the sum and the share of repeats",
        loaders.drawn(stacked_chart.stacked, table, currency=currency),
        alt=stacked_chart.alt(table, currency=currency),
        data=table,
        key="cost_by_intent",
    )


def _changes(view: View, changes: pd.DataFrame | None, currency: str) -> None:
    title = "What changed, in money?"
    if changes is None:
        cards.missing_card(title, view.comparison)
        return
    cards.chart_card(
        title,
        "Cost against the comparison period, intent by intent",
        loaders.drawn(waterfall_chart.waterfall, changes, currency=currency),
        alt=waterfall_chart.alt(changes, currency=currency),
        data=changes,
        key="cost_change",
    )


def _by_category(view: View, currency: str) -> None:
    frame = loaders.ask(frames.cost_by_category, view.now)
    cards.chart_card(
        "Where does the money go?",
        "Categories, and in them intents, each as large as its cost · small fields say theirs when pointed at",
        loaders.drawn(treemap_chart.treemap, frame, currency=currency),
        alt=treemap_chart.alt(frame, currency=currency),
        data=frame,
        key="cost_by_category",
    )


def _by_channel(view: View, currency: str) -> None:
    frame = loaders.ask(frames.cost_by_channel, view.now)
    cards.chart_card(
        "By channel",
        "Handling and downstream, dearest first",
        loaders.drawn(stacked_chart.stacked, frame, currency=currency, by="channel"),
        alt=stacked_chart.alt(frame, currency=currency, by="channel"),
        data=frame,
        key="cost_by_channel",
    )


def _over_time(view: View, currency: str) -> None:
    grain = usual_grain(view)
    frame = loaders.ask(frames.cost_over_time, replace(view.now, grain=grain))
    cards.chart_card(
        "Over time",
        f"Cost per {grain} · pale = not complete yet",
        loaders.drawn(periods_chart.cost_bars, frame, grain=grain, currency=currency),
        alt=periods_chart.cost_alt(frame, grain=grain, currency=currency),
        data=frame,
        key="cost_over_time",
    )


def _pareto(view: View, currency: str) -> None:
    frame = loaders.ask(frames.cost_pareto, view.now)
    found = frames.concentration(frame["cost"])
    marks = "rank = where an intent would likely stand if the same needs arose anew · on the right, the sum so far"
    cards.chart_card(
        "Do few intents bring most of it?",
        f"{cost_sentences.stability(frame, found)}\n\n{marks[:1].upper()}{marks[1:]}",
        loaders.drawn(pareto_chart.cost_pareto, frame, currency=currency),
        alt=pareto_chart.alt(frame, currency=currency),
        data=frame,
        key="cost_pareto",
    )


def _every_intent(table: pd.DataFrame, currency: str) -> None:
    st.subheader("Every intent")
    st.caption(
        "Select a row to open the intent. Cost per resolution = cost per contact / share of contacts that no other "
        "about the same intent followed within the window."
    )
    money, price = partial(write.money, currency=currency), partial(write.price, currency=currency)
    share = partial(write.percent, digits=1)
    columns = [
        Column("intent", "Intent", pinned=True),
        Column("owner", "Owner"),
        Column("category", "Category"),
        Column("cost", "Cost", money),
        Column("cost_share", "Share", share, help="Of all cost that is known"),
        Column("direct", "Handling", money),
        Column("downstream", "Downstream", money),
        Column("repeats", "Repeats", money, help="Part of the cost: contacts whose customer had asked the same before"),
        Column("contacts", "Contacts", write.count),
        Column("per_contact", "Per contact", price),
        Column("per_resolution", "Per resolution", price, help="What is spent until a customer need not come back"),
        Column("resolution_low", "At least", price, help="Lower end of the 95 % interval per resolution"),
        Column("resolution_high", "At most", price, help="Upper end of the 95 % interval per resolution"),
        Column("assumed_rate", "Minutes assumed", share, help="Share of contacts"),
        Column("unpriced_contacts", "No price", write.count, help="Contacts with neither a cost nor a rate"),
        Column("reason", "Not known because"),
        Column("resolution_reason", "No cost per resolution because"),
    ]
    chosen = data_table(table, columns, alt="Intents and what they cost", key="costs", select=True)
    csv_button(table, key="costs")
    if chosen is not None:
        open_intent(str(table["intent"].iloc[chosen]))


main()
