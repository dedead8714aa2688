"""What stands around every page: notices, filters, and the sentence shown when something can't be done."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from cx_metrics.demo import COMPANY
from cx_metrics.errors import CxError
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.people.access import Action
from pages.shared import loaders, who
from pages.shared.empty import empty_state
from pages.shared.filter_bar import filter_bar, unowned_note
from pages.shared.registry import PageInfo, page
from pages.shared.text import plain
from pages.shared.view import View


def banners() -> None:
    """Say that this is demo data, with the one way to replace it."""
    if loaders.demo_loads():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge("Demo data", icon=":material/science:", color="violet")
            st.caption(f"{COMPANY} is made up.", width="content")
            if who.may(Action.LOAD):
                st.page_link(page("upload").script, label="Replace it with your own data", icon=":material/upload:")


def filters_for(info: PageInfo) -> None:
    """Draw the shared filters where the page uses them; an empty home says what to do instead.

    Every page says how many intents nobody answers for, except where this is mended.
    """
    facts = loaders.facts()
    if not info.filtered:
        if facts is not None and info != page("settings"):
            unowned_note(Slice())
        return
    if facts is None or not facts.contacts:
        st.title(info.title)
        empty_state(
            ":material/inbox:",
            "There is no data yet",
            f"Load a first extract, and this page will answer: {info.question}",
            link=(page("upload").script, "Load an extract"),
        )
        st.stop()
    st.session_state["view"] = filter_bar(facts)


def current_view() -> View:
    """What the shared filters ask for, in the run of a page that has them."""
    view: View = st.session_state["view"]
    return view


def no_contacts() -> None:
    """Why a page is empty, where its filters are the reason."""
    empty_state(
        ":material/filter_alt_off:",
        "No contacts in this period with these filters",
        "Choose a longer period, or remove a filter above.",
    )


def open_intent(name: str) -> NoReturn:
    """Go to one intent, with the shared filters as they are."""
    params = {key: st.query_params.get_all(key) for key in st.query_params}
    st.switch_page(page("intent").script, query_params={**params, "about": name})


def open_review(number: int) -> NoReturn:
    """Go to one review."""
    st.switch_page(page("review").script, query_params={"review": str(number)})


def show_error(error: CxError) -> None:
    """The error's sentence as plain text, and its problems as a list below."""
    sentence, *problems = str(error).split("\n  - ")
    st.error("\n".join([plain(sentence), *(f"- {plain(each)}" for each in problems)]), icon=":material/error:")
