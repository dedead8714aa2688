"""Intents: how do the reasons for contacting us move, and which move more than usual?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from cx_metrics.charts import pareto as pareto_chart
from cx_metrics.charts import rates as rates_chart
from pages.shared import cards, loaders, sentences
from pages.shared.flag import titled
from pages.shared.forecast_card import forecast_card, intent_of
from pages.shared.frame import current_view, no_contacts
from pages.shared.text import plain
from pages.shared.view import View
from pages.shared.volume_cards import choose_grain, every_intent, movers_card, trend_card

MOST_LINES = 6
MOST_RATES = 12


def main() -> None:
    """Draw the page."""
    view = current_view()
    titled("intents")
    table = loaders.intent_table(view.now, view.before)
    pareto = loaders.pareto(view.now)
    if pareto.empty:
        no_contacts()
        return
    movers = loaders.movers(view.now, view.before) if view.before else None
    cards.answer(sentences.intents(movers=movers, pareto=pareto))
    lines = _explorer(view, [str(name) for name in table["intent"]])
    forecast_card(lines[0] if len(lines) == 1 else intent_of(view))
    left, right = st.columns(2)
    with left:
        movers_card("Top movers", view)
    with right:
        _recontacts(view)
    _weight(pareto)
    every_intent(view)


def _weight(pareto: pd.DataFrame) -> None:
    cards.chart_card(
        "Which reasons weigh most?",
        "Contacts by intent, largest first · on the right, what they add up to",
        loaders.drawn(pareto_chart.pareto, pareto),
        alt=pareto_chart.alt(pareto),
        data=pareto,
        key="pareto",
    )


def _recontacts(view: View) -> None:
    rates = loaders.metric("recontact_rate", replace(view.now, by=("intent",)))
    within = sentences.within(sentences.window_of(loaders.metric("fcr", view.now)))
    cards.chart_card(
        "After which do customers come back?",
        f"Share of contacts followed by another about the same intent {within} · "
        f"line = 95 % interval · hollow = can't tell · the {min(MOST_RATES, len(rates))} highest",
        loaders.drawn(rates_chart.rates, rates, first="highest", most=MOST_RATES),
        alt=rates_chart.alt(rates),
        data=rates,
        key="recontact",
    )


def _explorer(view: View, names: list[str]) -> list[str]:
    """Volume over time: everything with its band, or up to six intents side by side; which of them were chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        grain = choose_grain(view)
        lines = st.multiselect(
            "Compare intents (up to six; none: all together)",
            names,
            max_selections=MOST_LINES,
            key="lines",
            bind="query-params",
        )
    lines = [name for name in lines if name in names][:MOST_LINES]
    asked = replace(view.now, grain=grain)
    if lines:
        others = tuple((name, values) for name, values in asked.where if name != "intent")
        asked = replace(asked, by=("intent",), where=(*others, ("intent", tuple(sorted(lines)))))
    trend = loaders.trend(asked)
    by = "intent" if len(lines) > 1 else None
    compare = None
    if by is None and view.before is not None:
        compare = loaders.trend(replace(asked, from_on=view.before.from_on, to_on=view.before.to_on))
    title = f"Contacts per {grain}" + (f": {plain(lines[0])}" if len(lines) == 1 else "")
    trend_card(title, trend, grain=grain, by=by, compare=compare)
    return lines


main()
