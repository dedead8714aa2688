"""Prevention: did telling customers beforehand help, which self-help fails, and which channel fits?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import channel_fit as fit_chart
from cx_metrics.charts import self_help as self_help_chart
from cx_metrics.metrics.prevented.alerts import FEWER, MORE, alert_effects, alerts
from cx_metrics.metrics.prevented.channel_fit import channel_fit, channel_moves
from cx_metrics.metrics.prevented.self_help import self_help, self_help_total
from pages.explore.alerts_panel import alerts_panel
from pages.shared import cards, loaders
from pages.shared import format as write
from pages.shared import prevention_sentences as say
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View


def main() -> None:
    """Draw the page."""
    view = current_view()
    st.title(page("prevention").title)
    if not loaders.metric("volume", view.now)["value"].sum():
        no_contacts()
        return
    currency = loaders.home().settings.currency
    whenever = replace(view.now, from_on=None, to_on=None)
    found, effects = loaders.ask(alerts, whenever), loaders.ask(alert_effects, whenever)
    total, repairs = loaders.ask(self_help_total, view.now), loaders.ask(self_help, view.now)
    moves = loaders.ask(channel_moves, view.now)
    cards.answer(say.answer(total, repairs, found, effects, moves, currency=currency))
    _cards(total, found, moves, currency)
    alerts_panel(found, effects, asked=whenever, currency=currency)
    _repairs(total, repairs, currency)
    _fit(view, moves, currency)


def _cards(total: pd.DataFrame, found: pd.DataFrame, moves: pd.DataFrame, currency: str) -> None:
    row = total.iloc[0]
    cards.card_row(
        [
            cards.Card("Failed self-help costs", write.money_compact(row["cost"], currency)),
            cards.Card("Tried self-help first", write.percent(row["share"])),
            cards.Card("Alerts that helped", write.count(say.count_of(found, FEWER))),
            cards.Card("Alerts that harmed", write.count(say.count_of(found, MORE))),
            cards.Card("Channel moves save", _saving(moves, currency)),
        ],
        caption=say.rests_on(total),
    )


def _saving(moves: pd.DataFrame, currency: str) -> str:
    return write.money_compact(moves["saving"].sum(), currency) if len(moves) else "none found"


def _repairs(total: pd.DataFrame, repairs: pd.DataFrame, currency: str) -> None:
    st.subheader("Which self-help should be repaired first?")
    if isinstance(total["reason"].iloc[0], str):
        cards.missing_card("Self-help that failed", f"Not known: {total['reason'].iloc[0]}.")
        return
    if repairs.empty:
        st.caption("Nobody in this period is known to have tried self-help first.")
        return
    cards.chart_card(
        "Do customers come back more often after it failed?",
        "Dearest first · share who came back for the same reason, with its interval · upright line = "
        f"{self_help_chart.REST} · the first {self_help_chart.MOST} of {len(repairs)}",
        loaders.drawn(self_help_chart.self_help, repairs),
        alt=self_help_chart.alt(repairs),
        data=repairs,
        key="self_help",
    )
    _repair_rows(repairs, currency)


def _repair_rows(repairs: pd.DataFrame, currency: str) -> None:
    columns = (
        Column("article", "Tried before", pinned=True),
        Column("intent", "Intent"),
        Column("cost", "Cost", partial(write.money, currency=currency), help="Of contacts that came all the same"),
        Column("contacts", "Contacts", write.count),
        Column("share", "Of the intent", partial(write.percent, digits=1)),
        Column("value", "Came back", partial(write.percent, digits=1)),
        Column("rest_value", "Others came back", partial(write.percent, digits=1)),
        Column("difference", "Difference", partial(write.points, digits=1)),
        Column("beyond", "Is it chance?"),
        Column("reason", "Not known because"),
    )
    words = repairs.assign(beyond=_in_words(repairs["beyond"]))
    chosen = data_table(words, columns, alt="Articles that failed, dearest first", key="self_help_table", select=True)
    csv_button(repairs, key="self_help_table")
    st.caption(say.NOT_PROVEN)
    if chosen is not None:
        open_intent(str(repairs["intent"].iloc[chosen]))


def _in_words(beyond: pd.Series) -> pd.Series:
    words = ["more than chance" if cell else "may be chance" for cell in beyond]
    return pd.Series(words, index=beyond.index, dtype=object).where(beyond.notna(), None)


def _fit(view: View, moves: pd.DataFrame, currency: str) -> None:
    st.subheader("Which channel fits which reason?")
    _moves(moves, currency)
    fit = loaders.ask(channel_fit, view.now)
    intents = list(dict.fromkeys(fit["intent"]))
    only = st.selectbox("Reason", intents, key="fit_of", bind="query-params")
    only = only if only in intents else intents[0]
    one = fit[fit["intent"] == only].reset_index(drop=True)
    cards.chart_card(
        "What does each channel cost, and does it solve?",
        "Share solved at first contact, with its interval, over the cost of a contact · best is top left",
        fit_chart.channel_fit(one, currency=currency),
        alt=fit_chart.alt(one, currency=currency),
        data=fit,
        key="channel_fit",
    )
    columns = (
        Column("channel", "Channel", pinned=True),
        Column("contacts", "Contacts", write.count),
        Column("share", "Share", write.percent),
        Column("value", "Solved first time", partial(write.percent, digits=1)),
        Column("recontact", "Came back", partial(write.percent, digits=1)),
        Column("per_contact", "Each costs", partial(write.price, currency=currency)),
        Column("median_hours", "Half within", write.duration),
        Column("unnamed", "No customer id", partial(write.percent, digits=1)),
        Column("reason", "Not known because"),
        Column("cost_reason", "Cost not known because"),
    )
    data_table(one, columns, alt="Channels of the reason", key="channel_fit_table")
    st.caption(say.channels(moves))


def _moves(moves: pd.DataFrame, currency: str) -> None:
    if moves.empty:
        st.markdown("No channel solves a reason worse and costs more than another, as far as the data can tell.")
        return
    price = partial(write.price, currency=currency)
    columns = (
        Column("intent", "Intent", pinned=True),
        Column("channel", "Away from"),
        Column("to", "To"),
        Column("contacts", "Contacts", write.count),
        Column("value", "Solved first time", write.percent),
        Column("to_value", "There", write.percent),
        Column("per_contact", "Each costs", price),
        Column("to_per_contact", "There", price),
        Column("saving", "Saves at most", partial(write.money, currency=currency)),
    )
    data_table(moves, columns, alt="Moves to a channel that solves better and costs less", key="channel_moves")
    csv_button(moves, key="channel_moves")


main()
