"""Overview: what do we hear, what changed, and which reasons weigh most?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from cx_metrics.charts import movers as movers_chart
from cx_metrics.charts import pareto as pareto_chart
from cx_metrics.charts import trend as trend_chart
from pages.shared import cards, loaders, sentences
from pages.shared.frame import current_view, no_contacts, open_intent
from pages.shared.registry import page
from pages.shared.tables import intent_rows
from pages.shared.view import View, usual_grain

RATES = {
    "recontact_rate": "Came back",
    "fcr": "Solved first time",
    "repeat_share": "Repeats",
}


def main() -> None:
    """Draw the page."""
    view = current_view()
    st.title(page("overview").title)
    volume = loaders.metric("volume", view.now)
    if not volume["value"].sum():
        no_contacts()
        return
    movers = loaders.movers(view.now, view.before) if view.before else None
    pareto = loaders.pareto(view.now)
    cards.answer(sentences.overview(volume=volume, movers=movers, pareto=pareto))
    _cards(view, volume)
    _pictures(view, pareto, movers)
    _table(view)


def _cards(view: View, volume: pd.DataFrame) -> None:
    before = view.before
    now = {name: loaders.metric(name, view.now) for name in RATES}
    earlier = {name: loaders.metric(name, before) if before else None for name in RATES}
    customers = loaders.metric("contacts_per_customer", view.now)
    cards.card_row(
        [
            cards.count_card("Contacts", volume, loaders.metric("volume", before) if before else None),
            *(
                cards.rate_card(title, now[name], earlier[name], better="higher" if name == "fcr" else "lower")
                for name, title in RATES.items()
            ),
            cards.ratio_card("Per customer", customers),
        ],
        caption=sentences.card_notes({title: now[name] for name, title in RATES.items()})
        + f" · repeats count within {view.now.window_days} days",
    )


def _pictures(view: View, pareto: pd.DataFrame, movers: pd.DataFrame | None) -> None:
    left, right = st.columns(2)
    with left:
        cards.chart_card(
            "Which reasons weigh most?",
            caption="Contacts by intent, largest first · on the right, what they add up to",
            figure=loaders.drawn(pareto_chart.pareto, pareto),
            alt=pareto_chart.alt(pareto),
            data=pareto,
            key="pareto",
        )
    with right:
        if movers is None:
            cards.missing_card("What changed?", view.comparison)
        else:
            cards.chart_card(
                "What changed?",
                caption="Contacts against the comparison period · pale = no more than chance",
                figure=loaders.drawn(movers_chart.movers, movers),
                alt=movers_chart.alt(movers),
                data=movers,
                key="movers",
            )
    grain = usual_grain(view)
    trend = loaders.trend(replace(view.now, grain=grain))
    cards.chart_card(
        "Is it more than usual?",
        caption=f"Contacts per {grain} · pale band = expected, by weekday · hollow = not complete yet",
        figure=loaders.drawn(trend_chart.trend, trend, grain=grain),
        alt=trend_chart.alt(trend, grain=grain),
        data=trend,
        key="trend",
    )


def _table(view: View) -> None:
    st.subheader("Every intent")
    st.caption("Select a row to open the intent.")
    table = loaders.intent_table(view.now, view.before)
    chosen = intent_rows(table, key="intents")
    if chosen is not None:
        open_intent(chosen)


main()
