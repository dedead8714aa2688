"""The cards about how much customers ask, as several pages show them: over time, what changed, every intent."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.charts import movers as movers_chart
from cx_metrics.charts import trend as trend_chart
from cx_metrics.metrics.slice import GRAINS, Grain
from pages.shared import cards, loaders
from pages.shared.choice import one_of
from pages.shared.frame import open_intent
from pages.shared.tables import intent_rows
from pages.shared.view import View, usual_grain


def choose_grain(view: View) -> Grain:
    """The choice of day, week or month; where none is chosen, the one that shows the period best."""
    return one_of("Grain", GRAINS, usual=usual_grain(view), key="grain")


def trend_card(
    title: str, trend: pd.DataFrame, *, grain: Grain, by: str | None = None, compare: pd.DataFrame | None = None
) -> None:
    """Contacts over time: one line with its expected band and the comparison period, or several lines side by side."""
    marks = ["hollow = not complete yet"]
    if compare is not None:
        marks.insert(0, "grey = comparison period")
    if by is None:
        marks.insert(0, "pale band = expected from the weeks before, by weekday")
    cards.chart_card(
        title,
        f"Contacts per {grain} · {' · '.join(marks)}",
        loaders.drawn(trend_chart.trend, trend, grain=grain, by=by, compare=compare),
        alt=trend_chart.alt(trend, grain=grain, by=by),
        data=trend,
        key="trend",
    )


def movers_card(title: str, view: View) -> None:
    """What changed against the comparison period, by intent; or why that can't be told."""
    if view.before is None:
        cards.missing_card(title, view.comparison)
        return
    movers = loaders.movers(view.now, view.before)
    cards.chart_card(
        title,
        "Contacts against the comparison period · pale = no more than chance",
        loaders.drawn(movers_chart.movers, movers),
        alt=movers_chart.alt(movers),
        data=movers,
        key="movers",
    )


def every_intent(view: View) -> None:
    """All intents in a table; a selected row opens the intent."""
    st.subheader("Every intent")
    st.caption("Select a row to open the intent.")
    chosen = intent_rows(loaders.intent_table(view.now, view.before), key="intents")
    if chosen is not None:
        open_intent(chosen)
