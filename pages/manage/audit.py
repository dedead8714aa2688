"""Audit: who did what, when and from where."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from cx_metrics.store.people.audit_trail import Asked
from pages.shared import cards, loaders, trail
from pages.shared.format import count, plural, stamp
from pages.shared.registry import page
from pages.shared.tables import Column, data_table, download_csv
from pages.shared.text import plain

PAGE_ROWS = 100
ANYBODY, ANYTHING = "Anybody", "Anything"
_COLUMNS = (
    Column("when", "When", pinned=True),
    Column("by", "Who"),
    Column("action", "What"),
    Column("subject", "About"),
    Column("from", "From where"),
    Column("before", "Before"),
    Column("after", "After"),
)


def main() -> None:
    """Draw the page."""
    st.title(page("audit").title)
    asked = _asked()
    total = trail.entries(asked, limit=0, offset=0).total
    cards.answer(f"{plural(total, 'entry', 'entries')} {_about(asked)}. The database takes new ones only.")
    if not total:
        st.caption("Nothing of that kind was done." if asked != _all() else "Nobody has done anything yet.")
        return
    pages = max(1, -(-total // PAGE_ROWS))
    number = int(st.number_input(f"Page (of {pages})", 1, pages, key="audit_page", width=160)) if pages > 1 else 1
    found = trail.entries(asked, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS).frame
    zone = loaders.home().settings.zone
    shown = found.assign(when=[stamp(at, zone) for at in found["at"]])
    chosen = data_table(shown, _COLUMNS, alt="Entries of the audit trail, newest first", key="audit", select=True)
    download_csv(trail.entries_csv(asked), key="audit")
    st.caption(
        f"Newest first, times in {plain(loaders.home().settings.timezone)}. Contact rows that were shown or handed out "
        "are entered too, with how many. Choose a row to read it in full."
    )
    if chosen is not None and chosen < len(found):
        _entry(found.iloc[chosen])


def _asked() -> Asked:
    """What the filters ask for."""
    known, zone = trail.known(), loaders.home().settings.zone
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actor = st.selectbox("Who", [ANYBODY, *known.actors], key="audit_actor", width=220)
        action = st.selectbox("What", [ANYTHING, *known.actions], key="audit_action", width=220)
        first = st.date_input("From", value=None, key="audit_from", width=160)
        last = st.date_input("To", value=None, key="audit_to", width=160)
    return Asked(
        from_on=first if isinstance(first, date) else None,
        to_on=last if isinstance(last, date) else None,
        actor=None if actor == ANYBODY else actor,
        action=None if action == ANYTHING else action,
        zone=zone,
    )


def _all() -> Asked:
    return Asked(zone=loaders.home().settings.zone)


def _about(asked: Asked) -> str:
    """What was asked for, in words."""
    if asked == _all():
        return "in all, from the first day on"
    parts = [f"by {plain(asked.actor)}" if asked.actor else "", f"of '{plain(asked.action)}'" if asked.action else ""]
    parts += [f"from {asked.from_on}" if asked.from_on else "", f"until {asked.to_on}" if asked.to_on else ""]
    return " ".join(part for part in parts if part)


def _entry(row: pd.Series) -> None:
    """One entry in full; what it says comes from data and is shown as it stands."""
    st.markdown(f"**Entry {count(row['entry'])}: {plain(row['action'])}**, {plain(row['subject'])}")
    for title in ("before", "after"):
        if row[title] is not None:
            st.caption(title.capitalize())
            st.code(row[title], language="json", wrap_lines=True)


main()
