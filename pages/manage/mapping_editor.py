"""Mend a mapping in place: column by column, or as its text; and save it under a name."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.contacts.draft import draft_rules, renamed, with_rule
from cx_metrics.contacts.mapping import Mapping, parse_mapping, to_toml
from cx_metrics.contacts.mapping_columns import UNITS
from cx_metrics.errors import BadMapping, CxError
from cx_metrics.store.lake.intake import Preview
from pages.shared import actions, uploads
from pages.shared.frame import show_error

SUGGESTED = "columns with a contact's names"
EDITOR = "mapping_columns"
TEXT = "mapping_text"


def draw(file: str, seen: Preview) -> Mapping | None:
    """The mapping as it now stands in the editor; None while it can't be used."""
    names = [*seen.presets, *uploads.saved_mappings(), SUGGESTED, *uploads.other_presets(seen.presets)]
    start = st.selectbox("Start from", names, key="mapping_start", help="What fits stands first.")
    if st.session_state.get("mapping_origin") != (file, start):
        base = seen.suggested if start == SUGGESTED else uploads.mapping_named(start)
        st.session_state["mapping_origin"] = (file, start)
        st.session_state[TEXT] = to_toml(base)
    by_column, as_text = st.tabs(["Column by column", "As text"])
    with as_text:
        st.text_area("The mapping in TOML", key=TEXT, height=360)
    text = st.session_state[TEXT]
    with by_column:
        _columns(text, seen)
    try:
        mapping = parse_mapping(text, origin=start)
    except BadMapping as error:
        show_error(error)
        return None
    _save(text)
    return mapping


def _columns(text: str, seen: Preview) -> None:
    """A row per field of a contact; a change goes into the text, from which everything is drawn anew."""
    try:
        rules = draft_rules(text)
    except ValueError:
        st.info("The text is not valid TOML at the moment; mend it under *As text*.")
        return
    headers = list(dict.fromkeys([*seen.headers, *(rule.column for rule in rules if rule.column)]))
    frame = pd.DataFrame(
        {
            "field": [rule.field + (" *" if rule.required else "") for rule in rules],
            "column": [rule.column for rule in rules],
            "format": [rule.format for rule in rules],
            "unit": [rule.unit for rule in rules],
            "rest": [rule.rest for rule in rules],
            "meaning": [rule.meaning for rule in rules],
        }
    )
    st.data_editor(
        frame,
        key=EDITOR,
        hide_index=True,
        width="stretch",
        height=420,
        disabled=["field", "rest", "meaning"],
        on_change=_take_over,
        args=([rule.field for rule in rules],),
        column_config={
            "field": st.column_config.TextColumn("Field of a contact", help="* must be filled"),
            "column": st.column_config.SelectboxColumn("Column of the extract", options=headers, width="medium"),
            "format": st.column_config.TextColumn(
                "Date format", help="Empty: found out. Else a strptime pattern, iso, epoch_s or epoch_ms."
            ),
            "unit": st.column_config.SelectboxColumn("Unit", options=list(UNITS), help="Of durations."),
            "rest": st.column_config.TextColumn("And", help="Joins, values and constants: change them as text."),
            "meaning": st.column_config.TextColumn("What it says", width="large"),
        },
    )
    unused = [header for header in seen.headers if header not in {rule.column for rule in rules}]
    st.caption(f"{len(seen.headers) - len(unused)} of {len(seen.headers)} columns are taken by name here.")


def _take_over(fields: list[str]) -> None:
    text = st.session_state[TEXT]
    for row, changes in st.session_state[EDITOR]["edited_rows"].items():
        wanted = {part: value or None for part, value in changes.items()}
        text = with_rule(text, field=fields[int(row)], changes=wanted)
    st.session_state[TEXT] = text


def _save(text: str) -> None:
    with st.popover("Save this mapping", icon=":material/save:"):
        name = st.text_input("Name", key="mapping_name", max_chars=100)
        if st.button("Save", key="save_mapping", disabled=not name.strip()):
            try:
                actions.save_mapping(parse_mapping(renamed(text, name.strip()), origin=name))
            except CxError as error:
                show_error(error)
            else:
                st.success("Saved. It stands in the list of mappings from now on.")
