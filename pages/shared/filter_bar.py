"""The slim line of shared filters above every page: each lives in the address, so that every view is a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from cx_metrics.metrics.reasons.ownership import unowned
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import MartFacts
from pages.shared import loaders
from pages.shared.format import day_span, percent, plural, stamp
from pages.shared.registry import page
from pages.shared.text import plain
from pages.shared.view import (
    BEFORE,
    COMPARISONS,
    CUSTOM,
    DEFAULT_PERIOD,
    PERIODS,
    View,
    bounds,
    view,
)

_ADDRESS: Final = "query-params"


def filter_bar(facts: MartFacts) -> View:
    """Draw the filters and say what they ask for; a value the data does not have is dropped with a note."""
    options = {name: loaders.dimension_values(name) for name in facts.dimensions}
    _note_unknown(options)
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        period = st.selectbox(
            "Period",
            PERIODS,
            index=PERIODS.index(DEFAULT_PERIOD),
            key="period",
            bind=_ADDRESS,
            label_visibility="collapsed",
            width=190,
        )
        comparison = st.selectbox(
            "Comparison",
            COMPARISONS,
            index=COMPARISONS.index(BEFORE),
            key="compare",
            bind=_ADDRESS,
            label_visibility="collapsed",
            width=240,
        )
        with st.popover("Filter", icon=":material/filter_alt:"):
            where = {name: _choice(name, values) for name, values in options.items()}
        _chips(where)
    asked = view(facts, period=period, comparison=comparison, chosen=_chosen_days(facts, period), where=where)
    with row:
        unowned_note(asked.now)
    _covers(facts, asked)
    return asked


def _choice(name: str, values: Sequence[str]) -> list[str]:
    picked = st.multiselect(name.capitalize(), values, key=name, bind=_ADDRESS)
    return [value for value in picked if value in values]


def _chosen_days(facts: MartFacts, period: str) -> tuple[date, date] | None:
    if period != CUSTOM:
        return None
    first, last = bounds(facts)
    with st.container(horizontal=True):
        start = st.date_input("From", first, min_value=first, max_value=last, key="from", bind=_ADDRESS, width=160)
        end = st.date_input("To", last, min_value=first, max_value=last, key="to", bind=_ADDRESS, width=160)
    if start > end:
        st.info(f"The period started after it ended; it now runs from {end} to {start}.")
        start, end = end, start
    return start, end


def _chips(where: dict[str, list[str]]) -> None:
    for values in where.values():
        for value in values[:3]:
            # st.badge would escape brackets a second time.
            st.markdown(f":blue-badge[{plain(value)}]", width="content")
        if len(values) > 3:
            st.badge(f"and {len(values) - 3} more", color="blue")


def _covers(facts: MartFacts, asked: View) -> None:
    zone = ZoneInfo(facts.timezone)
    first, last = asked.days
    parts = [day_span(first, last)]
    if asked.before is not None and asked.before.from_on and asked.before.to_on:
        parts.append(f"against {day_span(asked.before.from_on, asked.before.to_on)}")
    else:
        parts.append(asked.comparison)
    parts.append(f"data until **{stamp(facts.watermark, zone)}** ({facts.timezone})")
    known = facts.identified / facts.contacts if facts.contacts else None
    parts.append(f"{percent(known)} with customer id")
    lagging = ", ".join(f"{plain(source)} ends {stamp(until, zone)}" for source, until in facts.lagging)
    if lagging:
        parts.append(f":material/warning: a source lags: {lagging}")
    st.caption(" · ".join(parts))


def unowned_note(asked: Slice) -> None:
    """How many intents nobody answers for, with the way to name an owner; nothing where each has one."""
    lone = loaders.ask(unowned, asked)
    if lone.n_intents:
        share = f": {percent(lone.share, 1)} of contacts" if lone.share else ""
        label = f"{plural(lone.n_intents, 'intent')} without an owner{share}"
        st.page_link(page("settings").script, label=label, icon=":material/person_off:", width="content")


def _note_unknown(options: Mapping[str, Sequence[str]]) -> None:
    allowed: dict[str, Sequence[str]] = {"period": PERIODS, "compare": COMPARISONS, **options}
    for name, values in allowed.items():
        unknown = [given for given in st.query_params.get_all(name) if given not in values]
        if unknown:
            listed = ", ".join(plain(given) for given in unknown)
            st.info(f"The link asked for {name} {listed}, which this data does not have; it was left out.")
