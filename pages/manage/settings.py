"""Settings: who owns which intent, what contacts cost, and by what they are divided."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.metrics.reasons.ownership import ownership
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.store.decided.decision_rules import Table
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.people.access import Action, who_may
from pages.manage import access_tab
from pages.manage import decision_tables as tables
from pages.manage.decision_editor import SAID, editor, say_once
from pages.shared import cards, decided, loaders, settings_sentences, who
from pages.shared.format import count, plural
from pages.shared.frame import show_error
from pages.shared.registry import page
from pages.shared.tables import csv_button
from pages.shared.text import plain

MOST_EDITS = 500
FILE_TYPES = ["toml", "csv", "tsv", "txt"]
NEW = "A new one ..."
_VALUES = ["low", "high"]


def main() -> None:
    """Draw the page."""
    st.title(page("settings").title)
    present = decided.present()
    owned = loaders.ask(ownership, Slice()) if loaders.facts() else None
    cards.answer(settings_sentences.ownership(owned))
    _exchange(present)
    say_once()
    if not who.may(Action.DECIDE):
        st.caption(f":material/lock: {who_may(Action.DECIDE)} change what stands here.")
    intents, rates, units, money, access, history = st.tabs(
        ["Intents", "Rates", "Units of X", "Currency and time zone", "Access", "History"]
    )
    with intents:
        _intents(present, owned)
    with rates:
        _rates(present)
    with units:
        _units(present)
    with money:
        _environment()
    with access:
        access_tab.draw(present)
    with history:
        _history()


def _exchange(present: Decisions) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Export",
            decided.as_file(present),
            file_name="records.toml",
            mime="application/toml",
            key="export_records",
            icon=":material/download:",
            on_click="ignore",
        )
        if not who.may(Action.DECIDE):
            return
        with st.popover("Import", icon=":material/upload:"):
            st.markdown(
                "A records file (TOML) as exported here, or a CSV with the columns `name`, `on`, `units`. "
                "It adds and updates; nothing is removed. A mistake in it, and nothing is saved."
            )
            file = st.file_uploader("Records file or CSV", type=FILE_TYPES, key="records_file", max_upload_size=50)
            if st.button("Import it", type="primary", key="import_records", disabled=file is None) and file:
                _import(file.getvalue(), file.name)


def _import(raw: bytes, name: str) -> None:
    try:
        saved = decided.take_in(raw, name=name)
    except CxError as error:
        show_error(error)
        return
    st.session_state[SAID] = (
        f"Imported {plain(name)}: {count(saved.added)} added, {count(saved.changed)} changed, "
        f"{count(saved.unchanged)} unchanged."
    )
    st.rerun()


def _intents(present: Decisions, owned: pd.DataFrame | None) -> None:
    st.caption(
        "One owner answers for each intent: the same e-mail always goes with the same name and department; "
        "of an owner who has an intent already, the name is enough. "
        "What is left empty is not decided: a window is then 7 days, and nothing else is assumed."
    )
    frame = tables.intent_table(present, owned)
    if frame.empty:
        st.caption("No intent yet: load an extract, or import a records file.")
        return
    column = st.column_config
    columns = {
        "state": column.TextColumn("Owned?", disabled=True, width="small"),
        "intent": column.TextColumn("Intent", disabled=True, pinned=True, width="medium"),
        "owner": column.TextColumn("Owner", help="Who answers for it", max_chars=200),
        "owner_email": column.TextColumn("E-mail", help="Tells owners of the same name apart", max_chars=200),
        "department": column.TextColumn("Department", max_chars=200),
        "category": column.TextColumn("Category", help="Empty: as in the data", max_chars=200),
        "fcr_target": column.NumberColumn("FCR target", help="Share to be solved at the first contact, 0 to 1"),
        "window_days": column.SelectboxColumn(
            "Window", options=[float(days) for days in WINDOWS], format_func=_days, help="Repeats count within it"
        ),
        "downstream_cost": column.NumberColumn(
            f"Downstream ({present.currency})", help="Work after a contact, where the extract does not say", min_value=0
        ),
        "expected_hours": column.NumberColumn("Hours told", help="Within which customers are told it will be solved"),
        "value_to_customer": column.SelectboxColumn("Value to customer", options=_VALUES),
        "value_to_company": column.SelectboxColumn("Value to company", options=_VALUES),
        "contacts": column.NumberColumn("Contacts", disabled=True, format="localized", help="In all the data"),
        "usual_category": column.TextColumn("Category in the data", disabled=True),
    }
    editor(
        "intents",
        frame,
        stamp=present.stamp,
        name="intents",
        alt="Intents with their owners, targets and assumptions",
        columns=columns,
        rows="fixed",
        known=tables.people(present),
    )
    csv_button(frame, key="decided_intents")


def _rates(present: Decisions) -> None:
    st.caption(
        "What contacts of a channel cost from a day on, until its next rate. Minutes are assumed only for contacts "
        "whose handle time is not known, and pages say how many these are."
    )
    channels = loaders.dimension_values("channel") if loaders.facts() else ()
    if lacking := settings_sentences.rates(present, channels):
        st.caption(f":material/warning: {lacking}")
    known = sorted({*channels, *(rate.channel for rate in present.rates)})
    column, money = st.column_config, present.currency
    columns = {
        "channel": column.SelectboxColumn("Channel", options=known, width="medium"),
        "from_on": column.DateColumn("From", help="First day it holds"),
        "per_minute": column.NumberColumn(f"Per minute ({money})", min_value=0),
        "per_contact": column.NumberColumn(f"Per contact ({money})", min_value=0),
        "assumed_minutes": column.NumberColumn("Assumed minutes", min_value=0, help="Empty: nothing is assumed"),
    }
    alt, frame = "Rates by channel and day", tables.rate_table(present)
    editor("rates", frame, stamp=present.stamp, name="rates", alt=alt, columns=columns, rows="dynamic")
    csv_button(frame, key="decided_rates")


def _units(present: Decisions) -> None:
    st.caption(
        "What contacts are divided by: orders, installations, customers. Units belong to a day; where there is one "
        "entry a week or a month, it stands for all days up to the next. Many at once: import a CSV above."
    )
    summary = tables.unit_summary(present)
    if len(summary):
        look = {"units": st.column_config.NumberColumn(format="localized")}
        st.dataframe(summary, hide_index=True, width="stretch", column_config=look)
    name = str(st.selectbox("Units of", [*present.unit_names, NEW], key="unit_name"))
    if name == NEW:
        name = st.text_input("Its name", key="new_unit_name", max_chars=200, placeholder="orders").strip()
        if not name:
            return
    column = st.column_config
    columns = {
        "on": column.DateColumn("Day"),
        "units": column.NumberColumn("Units", min_value=0, help="How many belong to the day"),
    }
    editor(
        "x_units",
        tables.unit_table(present, name),
        stamp=present.stamp,
        name=f"units_{name}",
        alt=f"Units of {name} by day",
        columns=columns,
        rows="dynamic",
        fixed={"name": name},
    )


def _environment() -> None:
    settings = loaders.home().settings
    rows = [
        ("Currency of all amounts", settings.currency, "CX_CURRENCY"),
        ("Business time zone", settings.timezone, "CX_TIMEZONE"),
        ("Who acts here", who.person().email, "CX_USER"),
    ]
    frame = pd.DataFrame(rows, columns=["what", "value", "set by the environment variable"])
    st.dataframe(frame, hide_index=True, width="stretch")
    st.caption("They hold for the whole installation and are read when it starts. Amounts are never converted.")


def _history() -> None:
    if not who.may(Action.READ_AUDIT):
        st.caption(f"{who_may(Action.READ_AUDIT)} see who decided what.")
        return
    kind = st.selectbox("Edits of", [*tables.KINDS], key="history_of", format_func=_kind, width=240)
    frame = tables.history(decided.edits(MOST_EDITS, of=kind), loaders.home().settings.zone)
    if frame.empty:
        st.caption("None yet.")
        return
    limit = ", the newest" if len(frame) == MOST_EDITS else ""
    st.caption(f"{plural(len(frame), 'edit')}{limit}; times in {plain(loaders.home().settings.timezone)}.")
    st.dataframe(frame, hide_index=True, width="stretch", height=min(38 + 35 * len(frame), 520))
    csv_button(frame, key="history")


def _kind(table: Table) -> str:
    return tables.KINDS[table]


def _days(days: object) -> str:
    return plural(int(float(str(days))), "day")


main()
