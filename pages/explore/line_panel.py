"""One line of a statement on the Chargeback page: the contacts behind it, and the way to dispute it."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.statements import StatementLine, month_days
from cx_metrics.store.decided.words import MOST_CHARACTERS
from cx_metrics.store.people.access import Action, who_may
from cx_metrics.store.records import DisputeState
from pages.shared import billing, contact_rows, loaders, who
from pages.shared import chargeback_sentences as sentences
from pages.shared.billing import Bill
from pages.shared.format import count
from pages.shared.frame import show_error
from pages.shared.registry import page
from pages.shared.tables import contact_table
from pages.shared.text import plain
from pages.shared.view import CUSTOM, bounds

PAGE_ROWS = 100


def draw(bill: Bill, line: StatementLine) -> None:
    """What stands behind a line."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(line.intent), anchor=False, width="content")
            if st.button("Open the intent in this month", icon=page("intent").icon, type="tertiary", key="open_intent"):
                _open(bill.shown.month, line.intent)
        st.markdown(f"*{plain(line.payer)}*, {sentences.line_note(line, bill.shown.currency)}")
        _dispute(bill, line)
        if who.may(Action.SEE_CONTACTS, intent=line.intent):
            _evidence(bill, line)
        else:
            st.caption(f"The contacts behind it: {who_may(Action.SEE_CONTACTS)} see them.")


def _open(month: str, intent: str) -> NoReturn:
    """Go to the intent with the month as its period."""
    facts = loaders.facts()
    assert facts is not None
    first, last = (min(max(day, bounds(facts)[0]), bounds(facts)[1]) for day in month_days(month))
    params = {"about": intent, "period": CUSTOM, "from": str(first), "to": str(last)}
    st.switch_page(page("intent").script, query_params=params)


def _dispute(bill: Bill, line: StatementLine) -> None:
    """The open dispute of this line, or the form that opens one."""
    own = [row for row in billing.disputes() if (row.month, row.intent) == (bill.shown.month, line.intent)]
    for row in own:
        if row.state == DisputeState.OPEN:
            st.caption(f":material/gavel: Disputed by {plain(row.opened_by)}, answer it below: *{plain(row.reason)}*")
            return
    if not who.may(Action.DISPUTE, intent=line.intent):
        st.caption(f"{who_may(Action.DISPUTE)} can dispute this line.")
        return
    with st.popover("Dispute this line", icon=":material/gavel:"), st.form("dispute", border=False):
        reason = st.text_area("What is wrong with it?", max_chars=MOST_CHARACTERS, key="dispute_reason")
        if st.form_submit_button("Dispute it", type="primary"):
            try:
                billing.dispute(bill.shown, line.intent, reason=reason)
            except CxError as error:
                show_error(error)
            else:
                st.rerun()


@st.fragment
def _evidence(bill: Bill, line: StatementLine) -> None:
    who.stay(who.may(Action.SEE_CONTACTS, intent=line.intent))
    shelf = st.expander(f"The contacts behind it ({count(line.contacts)})", key="line_contacts", on_change="rerun")
    if not shelf.open:
        return
    first, last = month_days(bill.shown.month)
    asked = Slice(from_on=first, to_on=last, where=(("intent", (line.intent,)),))
    now = next((each.contacts for each in bill.today.lines if each.intent == line.intent), 0)
    pages = max(1, -(-now // PAGE_ROWS))
    with shelf:
        if now != line.contacts:
            st.caption(f"The line was closed with {count(line.contacts)} contacts; the data has {count(now)} now.")
        number = int(st.number_input(f"Page (of {pages})", 1, pages, key="line_page", width=160)) if pages > 1 else 1
        contact_table(
            contact_rows.contacts(asked, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS),
            total=now,
            first=(number - 1) * PAGE_ROWS + 1,
            everything=contact_rows.contacts_csv(asked),
            zone=loaders.home().settings.timezone,
        )
