"""A table of decisions that can be edited and saved: all or nothing, and never over what somebody else saved since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.store.decided.decision_rules import Table
from cx_metrics.store.people.access import Action
from pages.manage.decision_tables import Changes, People, changes
from pages.shared import decided, who
from pages.shared.format import plural
from pages.shared.frame import show_error

SAID = "settings_said"
"""Where the session keeps what was just saved, to be said once."""


@dataclass(frozen=True)
class _Base:
    """The table that is being edited: it stays while there are edits, whatever happens to the records."""

    round: int
    stamp: str
    frame: pd.DataFrame


def editor(
    table: Table,
    frame: pd.DataFrame,
    *,
    stamp: str,
    name: str,
    alt: str,
    columns: dict[str, Any],
    rows: Literal["fixed", "dynamic"],
    known: People | None = None,
    fixed: dict[str, str] | None = None,
) -> None:
    """Draw the table with the buttons that save it or begin anew; to who may not decide, the table only.

    Args:
        table: The kind of decision.
        frame: What is decided at present.
        stamp: Of the decisions it shows.
        name: Of this table, unique on the page.
        alt: What the table is about.
        columns: How each column is edited.
        rows: Whether rows can be added and taken away.
        known: Owners for whom the name is enough.
        fixed: Values that all rows have, beside the columns.
    """
    if not who.may(Action.DECIDE):
        st.dataframe(frame, hide_index=True, width="stretch", column_config=columns, placeholder="–", alt=alt)
        return
    base = _base(name, frame, stamp)
    edited = st.data_editor(
        base.frame,
        key=_key(name, base.round),
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * (len(base.frame) + (rows == "dynamic")), 520),
        num_rows=rows,
        disabled=[column for column, look in columns.items() if look.get("disabled")],
        column_config=columns,
        placeholder="–",
        alt=alt,
    )
    found = changes(table, base.frame, edited, known=known, **(fixed or {}))
    n_changes = len(found[0]) + len(found[1])
    if base.stamp != stamp:
        st.warning(
            "Somebody else changed the records since you began to edit. Your changes can't be saved any more: "
            "note them, reload, and make them again.",
            icon=":material/sync_problem:",
        )
    with st.container(horizontal=True):
        label = f"Save {plural(n_changes, 'change')}" if n_changes else "Nothing to save"
        save = st.button(label, type="primary", key=f"save_{name}", disabled=not n_changes)
        again = st.button("Reload", key=f"reload_{name}", help="Leave my changes and show what is decided now.")
    if again:
        _begin_anew(name)
        st.rerun()
    if save:
        _save(name, found, base.stamp)


def say_once() -> None:
    """What was just saved."""
    if said := st.session_state.pop(SAID, None):
        st.success(said, icon=":material/check_circle:")


def _base(name: str, frame: pd.DataFrame, stamp: str) -> _Base:
    kept: _Base | None = st.session_state.get(f"base_{name}")
    if kept is not None and (_pending(_key(name, kept.round)) or kept.frame.equals(frame)):
        if kept.frame.equals(frame) and kept.stamp != stamp:
            kept = _Base(kept.round, stamp, kept.frame)
    else:
        kept = _Base(st.session_state.get(f"round_{name}", 0) + 1, stamp, frame)
        st.session_state[f"round_{name}"] = kept.round
    st.session_state[f"base_{name}"] = kept
    return kept


def _begin_anew(name: str) -> None:
    st.session_state.pop(f"base_{name}", None)


def _pending(key: str) -> bool:
    state = st.session_state.get(key) or {}
    return any(state.get(part) for part in ("edited_rows", "added_rows", "deleted_rows"))


def _key(name: str, number: int) -> str:
    return f"edit_{name}_{number}"


def _save(name: str, found: Changes, stamp: str) -> None:
    try:
        saved = decided.save(found[0], gone=found[1], since=stamp)
    except CxError as error:
        show_error(error)
        return
    parts = {"added": saved.added, "changed": saved.changed, "taken away": saved.removed}
    st.session_state[SAID] = "Saved: " + (", ".join(f"{n} {what}" for what, n in parts.items() if n) or "no change")
    _begin_anew(name)
    st.rerun()
