"""Contacts per X on the Cost page: how many, how it moves, and where a change in contacts comes from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from cx_metrics.charts import periods as periods_chart
from cx_metrics.metrics.costs.cpx import cpx_over_time, cpx_split, cpx_trend, trend_grain, whole_period
from cx_metrics.metrics.costs.units import NO_UNITS, unit_names
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports import phrases
from pages.shared import cards, cost_sentences, loaders
from pages.shared import format as write
from pages.shared.registry import page
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View

TITLE = "How many contacts come per unit?"


def draw(view: View) -> None:
    """The panel; without any units the way to enter some."""
    names = loaders.ask(unit_names)
    if not names:
        cards.missing_card(TITLE, f"{NO_UNITS[:1].upper()}{NO_UNITS[1:]}.")
        st.page_link(page("settings").script, label="Enter units in Settings", icon=":material/tune:")
        return
    unit = names[0]
    if len(names) > 1:
        unit = st.selectbox("Contacts per", names, key="unit", bind="query-params", width=240)
    asked = replace(view.now, unit=unit if unit in names else names[0])
    before = None if view.before is None else replace(view.before, unit=asked.unit)
    asked, before = loaders.ask(whole_period, asked, before)
    assert asked.from_on is not None
    assert asked.to_on is not None
    st.caption(f"Contacts and units of {write.day_span(asked.from_on, asked.to_on)}")
    left, right = st.columns(2)
    with left:
        _over_time(asked, before)
    with right:
        _split(asked, before, comparison=view.comparison)


def _over_time(asked: Slice, before: Slice | None) -> None:
    frame, grain = loaders.ask(cpx_over_time, asked), loaders.ask(trend_grain, asked)
    now = loaders.metric("cpx", asked).iloc[0]
    earlier = None if before is None else loaders.metric("cpx", before).iloc[0]
    known = frame["value"].dropna()
    per, _ = phrases.per_units(float(known.median()) if len(known) else 1.0)
    words = (
        cost_sentences.cpx(now, earlier),
        cost_sentences.trend(loaders.ask(cpx_trend, asked), grain=grain),
        f"Per {grain} · band = 95 % interval, widened by how far {grain}s stray · hollow = not complete",
    )
    cards.chart_card(
        f"Contacts per {cost_sentences.per_units(per, asked.unit)}",
        "\n\n".join(words),
        loaders.drawn(periods_chart.rate_line, frame, grain=grain, per=per),
        alt=periods_chart.rate_alt(frame, grain=grain, unit=str(asked.unit), per=per),
        data=frame,
        key="cpx_over_time",
    )


def _split(asked: Slice, before: Slice | None, *, comparison: str) -> None:
    title = "Where does the change in contacts come from?"
    if before is None:
        cards.missing_card(title, comparison)
        return
    frame = loaders.ask(cpx_split, asked, before)
    if frame["reason"].notna().any():
        cards.missing_card(title, f"Not known: {frame['reason'].iloc[0]}.")
        return
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.markdown(cost_sentences.split(frame))
        columns = [
            Column("part", "Part", pinned=True),
            Column("contacts", "Contacts", write.change),
            Column("before", "Before", partial(write.number, digits=3, trim=True)),
            Column("now", "Now", partial(write.number, digits=3, trim=True)),
        ]
        data_table(frame, columns, alt="Parts of the change in contacts", key="split")
        csv_button(frame, key="cpx_split")
        st.caption(
            "Contacts = units x first contacts per unit x contacts per first contact. A part is what its factor brings "
            "on average over all sequences in which they could have changed; the parts add up exactly."
        )
