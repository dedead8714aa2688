"""The door: a page to sign in where that is asked for, and in the sidebar who is in and the way out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cx_metrics.store.people.access import Person
from pages.shared import signing, who
from pages.shared.loaders import home
from pages.shared.registry import HOME, PAGES
from pages.shared.text import plain

OPEN_TO_ALL = (
    "Nobody signs in here: everybody who reaches this dashboard sees and changes everything (CX_OPEN_TO_ALL is set)."
)


def admitted() -> bool:
    """Whether who is looking may see the dashboard; a page says why where not, and nothing else is drawn."""
    refused = signing.refusal()
    if refused:
        _only(lambda: _refused(refused), title="Not shown")
        return False
    asking = who.visitor()
    if asking.trouble:
        _only(lambda: _sign_in(asking.trouble), title="Sign in")
        return False
    found = who.person()
    if found.role is None:
        _only(lambda: _no_role(found, asking.name), title="No access")
        return False
    return True


def badge() -> None:
    """In the sidebar: who is in, as what, and the way out; nothing where nobody signs in."""
    if not signing.signs_in():
        return
    found = who.person()
    with st.sidebar, st.container(gap="xsmall"):
        st.markdown(f":material/account_circle: **{plain(found.email)}**")
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"Role: {found.role}", width="content")
            _way_out()


def open_to_all_note() -> None:
    """A warning on every page of a dashboard that is open to all on purpose."""
    if home().settings.open_to_all and not signing.signs_in():
        st.warning(OPEN_TO_ALL, icon=":material/lock_open:")


def _only(draw: Callable[[], None], *, title: str) -> None:
    """One page for every link, without a way to another: the link stays in the address."""

    def page() -> None:
        with st.container(width=560):
            st.title(f"CX Insight: {title}", anchor=False)
            draw()

    every = [
        st.Page(page, title=title, url_path=None if info is HOME else info.key, default=info is HOME) for info in PAGES
    ]
    st.navigation(every, position="hidden").run()


def _refused(why: str) -> None:
    st.error(plain(why), icon=":material/lock:")


def _sign_in(why: str) -> None:
    st.markdown(plain(why))
    for name in signing.providers():
        label = "Sign in" if name == signing.DEFAULT else f"Sign in with {plain(name)}"
        if st.button(label, type="primary", icon=":material/login:", key=f"sign_in_{name}"):
            st.login(None if name == signing.DEFAULT else name)


def _no_role(found: Person, email: str) -> None:
    st.markdown(
        f"**{plain(email)}** is signed in, but has no role here yet, so nothing is shown. Ask {plain(found.ask)}."
    )
    _way_out()


def _way_out() -> None:
    if st.button("Sign out", icon=":material/logout:", type="tertiary", key="sign_out"):
        st.logout()
