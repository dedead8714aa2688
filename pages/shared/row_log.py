"""Contact rows that a page shows or hands out, entered in the audit trail first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.metrics.slice import Slice
from cx_metrics.store.people import contact_log
from cx_metrics.store.people.access import Person
from cx_metrics.store.people.origin import acting_from
from pages.shared.loaders import home

_SEEN = "contact_rows_seen"


def of_slice(asked: Slice) -> dict[str, Any]:
    """The days and filters of a slice, as the audit trail has them."""
    ends = {"from": asked.from_on, "to": asked.to_on}
    told: dict[str, Any] = {name: day.isoformat() for name, day in ends.items() if day is not None}
    return told | {"where": {name: list(values) for name, values in asked.where}}


def handed_out(asking: Person, what: str, *, rows: int, about: dict[str, Any]) -> None:
    """Enter rows that leave as a file.

    Args:
        asking: To whom they go.
        what: Which rows.
        rows: How many.
        about: Which of them.
    """
    with acting_from(asking.origin), home().session() as session:
        contact_log.handed_out(session, what, rows=rows, about=about, actor=asking.email[:200])


def shown(asking: Person, what: str, *, rows: int, about: dict[str, Any]) -> None:
    """Enter rows that are shown, once for each session and what it is about; arguments as of `handed_out`."""
    seen: set[str] = st.session_state.setdefault(_SEEN, set())
    if not rows or (key := f"{what} {about}") in seen:
        return
    with acting_from(asking.origin), home().session() as session:
        contact_log.shown(session, what, rows=rows, about=about, actor=asking.email[:200])
    seen.add(key)
