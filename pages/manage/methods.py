"""Methods: what every number means, and which settings are in force."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from cx_metrics.metrics.catalogue import METRICS
from cx_metrics.store.people.access import Action
from pages.shared import loaders, who
from pages.shared.format import count, stamp
from pages.shared.registry import page
from pages.shared.text import plain


def main() -> None:
    """Draw the page."""
    st.title(page("methods").title)
    st.markdown("What each number counts, what it leaves out, and what it rests on.")
    for info in METRICS.values():
        with st.container(border=True):
            st.subheader(info.title, anchor=info.name)
            st.markdown(plain(info.definition))
            st.code(info.formula, language=None, wrap_lines=True)
            st.caption(
                f"Command line: python -m cx_metrics metric {plain(info.name)} · unit: {plain(info.unit)} · "
                f"source: {plain(info.source)}"
            )
    _words()
    _data()
    if who.may(Action.DECIDE):
        _settings()


def _words() -> None:
    st.subheader("Words used on the pages")
    st.markdown(
        """
        - **Data cut-off**: until when every source still in use is complete. Contacts after it count in volumes only.
        - **Too young**: a contact whose window has not passed at the data cut-off. Counted, and left out of rates.
        - **Likely 70 – 72 %**: the 95 % interval (Wilson), widened for customers who come more than once.
        - **Expected band**: where 95 of 100 ordinary periods lie, from the weeks before, weekday by weekday.
        - **More than chance**: a change that 1 of 100 intents without any change would show.
        """
    )


def _data() -> None:
    facts = loaders.facts()
    if facts is None:
        return
    st.subheader("The data at hand")
    zone = ZoneInfo(facts.timezone)
    rows = {
        "Data cut-off": stamp(facts.watermark, zone),
        "First day": str(facts.data_from or ""),
        "Last day": str(facts.data_to or ""),
        "Contacts": count(facts.contacts),
        "With customer id": count(facts.identified),
        "Dimensions with values": ", ".join(facts.dimensions),
        "Sources that lag": ", ".join(source for source, _ in facts.lagging) or "none",
        "Built": stamp(facts.built_at, zone),
    }
    st.dataframe(pd.DataFrame(rows.items(), columns=["what", "value"]), hide_index=True, width="stretch")


def _settings() -> None:
    st.subheader("Settings in force")
    settings = loaders.home().settings
    rows = [
        (f"CX_{name.upper()}", loaders.shown_setting(name), field.description)
        for name, field in type(settings).model_fields.items()
    ]
    st.dataframe(pd.DataFrame(rows, columns=["variable", "value", "meaning"]), hide_index=True, width="stretch")


main()
