"""Closing a month on the Chargeback page: what it means, what is still open, and the button."""

from __future__ import annotations

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.metrics.costs.chargeback import not_ended
from cx_metrics.store.people.access import Action, who_may
from cx_metrics.store.records import DisputeState
from pages.shared import billing, loaders, who
from pages.shared import chargeback_sentences as sentences
from pages.shared.billing import Bill
from pages.shared.frame import show_error
from pages.shared.text import plain


def draw(bill: Bill) -> None:
    """The way to close an open month, or why there is none yet."""
    if bill.is_closed:
        return
    month = bill.today.month
    name = sentences.month_name(month)
    st.subheader(f"Close {name}", anchor=False)
    if bill.blocked is not None:
        st.caption(plain(bill.blocked))
        return
    n_disputed = sum((row.month, row.state) == (month, DisputeState.OPEN) for row in billing.disputes())
    running = loaders.ask(not_ended, month)
    for said in sentences.before_closing(bill.today, running=running, n_disputed=n_disputed):
        st.markdown(f"- {said}")
    if not who.may(Action.CLOSE):
        st.caption(f"{who_may(Action.CLOSE)} can close it.")
        return
    with st.popover(f"Close {name}", icon=":material/lock:"):
        st.markdown("This can't be undone.")
        if st.button("Close it for good", type="primary", key="close_month"):
            try:
                billing.close(bill.today)
            except CxError as error:
                show_error(error)
            else:
                st.rerun()
