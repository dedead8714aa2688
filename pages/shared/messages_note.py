"""What became of messages about reviews: in one line where some failed, and as a list for one review."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.reviews.messages import undelivered
from cx_metrics.reviews.tables import message_table
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import Message
from pages.shared import format as write
from pages.shared import loaders, reviewing, who
from pages.shared.frame import show_error
from pages.shared.tables import Column, csv_button, data_table, paper_table, stamps
from pages.shared.text import plain


def undelivered_note() -> None:
    """Why nobody can be told, or which messages did not arrive; nothing where all is well."""
    problem = reviewing.telling_problem()
    if problem:
        st.warning(plain(problem), icon=":material/notifications_off:")
        return
    with loaders.home().session() as session:
        failed = undelivered(session)
    if not failed:
        return
    many = write.plural(len(failed), "message")
    said = f"{many} {'was' if len(failed) == 1 else 'were'} not delivered; the newest: {failed[0].error}"
    st.warning(plain(said), icon=":material/notifications_off:")
    _retry("board")


def messages_of(found: Sequence[Message], *, controls: bool) -> None:
    """The messages about a review with what became of each, and why nobody is told where that is so."""
    st.subheader("Messages", anchor=False)
    problem = reviewing.telling_problem()
    if problem:
        st.warning(plain(problem), icon=":material/notifications_off:")
    elif not reviewing.is_told():
        st.caption("Nobody is told of reviews: no address is set (CX_NOTIFY_URLS).")
    if not found:
        if reviewing.is_told():
            st.caption("No message about this review yet.")
        return
    frame, zone = message_table(found), loaders.home().settings.zone
    words = frame.copy()
    for name in _TIMES:
        words[name] = stamps(frame[name], zone)
    if not controls:
        paper_table(words, _COLUMNS)
    else:
        data_table(words, _COLUMNS, alt="Messages about this review, newest first", key="messages")
        with st.container(horizontal=True):
            csv_button(frame, key="messages")
            if frame["state"].eq("waiting").any():
                _retry("review")


def _retry(key: str) -> None:
    if who.may(Action.TELL) and st.button("Send what is due", icon=":material/send:", key=f"retry_{key}"):
        try:
            reviewing.tell_now()
        except CxError as error:
            show_error(error)
        else:
            st.rerun()


_TIMES = ("queued_at", "sent_at", "next_try_at")
_COLUMNS = (
    Column("message", "Message", pinned=True),
    Column("through", "Through"),
    Column("recipient", "To"),
    Column("state", "State"),
    Column("queued_at", "Written"),
    Column("sent_at", "Sent"),
    Column("tries", "Tries", write.count),
    Column("next_try_at", "Next try"),
    Column("error", "Why it failed"),
)
