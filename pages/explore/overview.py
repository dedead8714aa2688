"""Overview: what do we hear, what changed, and which reasons weigh most?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from cx_metrics.charts import pareto as pareto_chart
from pages.shared import cards, loaders, sentences
from pages.shared.frame import current_view, no_contacts
from pages.shared.registry import page
from pages.shared.view import View, usual_grain
from pages.shared.volume_cards import every_intent, movers_card, trend_card

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
    left, right = st.columns(2)
    with left:
        _weight(pareto)
    with right:
        movers_card("What changed?", view)
    grain = usual_grain(view)
    trend_card("Is it more than usual?", loaders.trend(replace(view.now, grain=grain)), grain=grain)
    every_intent(view)


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


def _weight(pareto: pd.DataFrame) -> None:
    cards.chart_card(
        "Which reasons weigh most?",
        "Contacts by intent, largest first · on the right, what they add up to",
        loaders.drawn(pareto_chart.pareto, pareto),
        alt=pareto_chart.alt(pareto),
        data=pareto,
        key="pareto",
    )


main()
