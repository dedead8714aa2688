"""Customers who wish a follow-up: a list to work off, with who did what when. A fragment of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cx_metrics.metrics.heard.feedback import wishes
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import follow_ups
from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.people.access import Action, who_may
from pages.shared import contact_rows, loaders, row_log, who
from pages.shared import format as write
from pages.shared.choice import one_of
from pages.shared.loaders import home
from pages.shared.tables import Column, data_table, download_csv
from pages.shared.text import plain

MOST_ROWS = 500
OPEN, DONE = "Open", "Done"
_COLUMNS = (
    Column("contact_id", "Contact", pinned=True),
    Column("day", "Day"),
    Column("intent", "Intent"),
    Column("channel", "Channel"),
    Column("subject", "Subject"),
    Column("csat", "CSAT", write.count, help="What the customer answered, 1 to 5"),
    Column("done_by", "Done by"),
    Column("done_at", "Done at"),
)
_KEPT = ["source", "contact_id", "day", "intent", "channel", "subject", "csat", "done_by", "done_at"]


def follow_up_list(asked: Slice) -> None:
    """The wishes of a slice with both ends, newest first; one row at a time can be marked.

    Who may see the contacts of some intents only sees their wishes; who may see none, how many there are.
    """
    part = contact_rows.visible(asked)
    if part is None:
        many = write.plural(loaders.ask(wishes, asked), "customer wishes", "customers wish")
        st.caption(f"{many} a follow-up. {who_may(Action.FOLLOW_UP)} see who.")
        return
    if part != asked:
        st.caption("Of customers who wish a follow-up you see those who asked about your own intents.")
    _shelf(part, loaders.ask(wishes, part))


@st.fragment
def _shelf(asked: Slice, total: int) -> None:
    who.stay(contact_rows.visible(asked) is not None)
    shelf = st.expander(
        f"Customers who wish a follow-up ({write.count(total)})", key="follow_ups_open", on_change="rerun"
    )
    if shelf.open:
        with shelf:
            _list(asked, total)


def _list(asked: Slice, total: int) -> None:
    if not total:
        st.caption("Nobody who answered in this period asked for a follow-up.")
        return
    state = one_of("Show", [OPEN, DONE], usual=OPEN, key="follow_ups_state", linked=False)
    frame = _rows(asked, done=state == DONE)
    shown = f"the newest {write.count(MOST_ROWS)}" if len(frame) == MOST_ROWS else write.count(len(frame))
    st.caption(f"{shown} {state.lower()}, of {write.plural(total, 'wish', 'wishes')} in this period")
    if frame.empty:
        return
    # Another key once a wish changed its state: the row below must not be the one chosen then.
    key = f"follow_ups_{state}_{st.session_state.get('follow_ups_changed', 0)}"
    chosen = data_table(frame, _COLUMNS, alt=f"{state} follow-up wishes, newest first", key=key, select=True)
    with st.container(horizontal=True):
        _mark(None if chosen is None else frame.iloc[chosen], state)
        about = row_log.of_slice(asked) | {"done": state == DONE}
        download_csv(contact_rows.rows_csv(frame, what="follow-up wishes", about=about), key="follow_ups")


def _mark(row: pd.Series | None, state: str) -> None:
    verb = "Mark as done" if state == OPEN else "Open again"
    label = f"{verb}: {plain(row['contact_id'])}" if row is not None else f"{verb} (choose a row first)"
    if st.button(label, disabled=row is None, icon=":material/done:" if state == OPEN else ":material/undo:"):
        assert row is not None
        mark((row["source"], row["contact_id"]), intent=row["intent"], done=state == OPEN)
        st.session_state["follow_ups_changed"] = st.session_state.get("follow_ups_changed", 0) + 1
        st.rerun(scope="fragment")


def mark(contact: ContactKey, *, intent: str, done: bool) -> bool:
    """Note that a wish about an intent was worked off, or open it again; whether that changed anything."""
    actor = who.acting(Action.FOLLOW_UP, intent=intent)
    change = follow_ups.mark_done if done else follow_ups.undo
    with home().session() as session:
        return change(session, contact, actor=actor)


def _rows(asked: Slice, *, done: bool) -> pd.DataFrame:
    """The newest wishes that are open or done, with who did it when; times in the business time zone."""
    with home().session() as session:
        marks = follow_ups.done(session)
    frame = contact_rows.follow_ups(asked, marked=marks, done=done, limit=MOST_ROWS)
    if frame.empty:
        return frame
    zone = home().settings.timezone
    started = frame["started_at"].dt.tz_localize("UTC").dt.tz_convert(zone)
    mine = [marks.get(contact) for contact in zip(frame["source"], frame["contact_id"], strict=True)]
    frame = frame.assign(
        day=started.dt.strftime("%Y-%m-%d"),
        done_by=_texts(None if mark is None else mark.actor for mark in mine),
        done_at=_texts(None if mark is None else write.stamp(mark.at, zone) for mark in mine),
    )
    return frame.reindex(columns=_KEPT)


def _texts(values: Iterable[str | None]) -> NDArray[np.object_]:
    return np.array([*values], dtype=object)
