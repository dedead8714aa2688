"""The ledger of loads on the Upload page, with the way to take one back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.store.people.access import Action, who_may
from cx_metrics.store.records import LoadState
from pages.shared import actions, loaders, uploads, who
from pages.shared.format import stamp
from pages.shared.frame import show_error
from pages.shared.tables import csv_button
from pages.shared.text import plain


def draw() -> None:
    """The loads, newest first; a selected one can be withdrawn."""
    st.subheader("Loads so far")
    rows = uploads.ledger()
    if not rows:
        st.caption("None yet.")
        return
    zone = loaders.home().settings.zone
    frame = pd.DataFrame(
        {
            "load": [row.id for row in rows],
            "state": [row.state for row in rows],
            "source": [row.source for row in rows],
            "file": [row.file for row in rows],
            "mapping": [row.mapping for row in rows],
            "at": [stamp(row.at, zone) for row in rows],
            "by": [row.actor for row in rows],
            "read": [row.read for row in rows],
            "accepted": [row.accepted for row in rows],
            "merged": [row.merged for row in rows],
            "dropped": [row.dropped for row in rows],
            "rejected": [row.rejected for row in rows],
            "complete until": [stamp(row.complete_until, zone) if row.complete_until else "" for row in rows],
        }
    )
    picked = st.dataframe(
        frame, hide_index=True, width="stretch", on_select="rerun", selection_mode="single-row", key="ledger"
    )
    csv_button(frame, key="loads")
    chosen = picked["selection"]["rows"]
    if not who.may(Action.WITHDRAW):
        st.caption(f"{who_may(Action.WITHDRAW)} can take a load back.")
        return
    if not chosen or chosen[0] >= len(rows):
        st.caption("Select a load to withdraw it: its rows go, and what it replaced comes back.")
        return
    row = rows[chosen[0]]
    if row.state != LoadState.LOADED:
        st.caption(f"Load {row.id} is {row.state}; there is nothing to withdraw.")
        return
    with st.popover(f"Withdraw load {row.id}", icon=":material/undo:"):
        st.markdown(f"The {row.accepted:,} contacts of load {row.id} go, unless another load brought them too.")
        if st.button("Withdraw it", type="primary", key="withdraw"):
            _withdraw(row.id)


def _withdraw(number: int) -> None:
    bar = st.progress(0.0)

    def progress(step: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=plain(step))

    try:
        actions.take_back(number, progress=progress)
    except CxError as error:
        show_error(error)
        return
    st.rerun()
