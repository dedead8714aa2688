"""What the server runs at every click: configuration, the door, navigation, shared filters, then the page itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from cx_metrics.errors import CxError
from cx_metrics.store.people import access
from pages.shared import loaders, who
from pages.shared.frame import banners, filters_for, show_error
from pages.shared.registry import HOME, PAGES, PageInfo
from pages.shared.rights import to_open
from pages.shared.sign_in import admitted, badge, open_to_all_note
from pages.shared.text import plain
from pages.shared.view import is_print

ICON = Path(__file__).with_name("icon.svg")


def draw() -> None:
    """Draw the page that the address asks for, in its frame."""
    st.set_page_config(page_title="CX Insight", page_icon=ICON, layout="wide")
    who.look_again()
    loaders.look_again()
    try:
        if admitted():
            _frame()
    except CxError as error:
        show_error(error)


def _frame() -> None:
    sections: dict[str, list[st.Page]] = {}
    by_title = {}
    for info in PAGES:
        script = _page(info)
        by_title[script.title] = info
        sections.setdefault(info.section, []).append(script)
    printed = is_print(st.query_params.get("print"))
    chosen = st.navigation(sections, position="hidden" if printed else "sidebar", expanded=True)
    info = by_title[chosen.title]
    if not printed:
        badge()
        banners()
    open_to_all_note()
    if not who.may(to_open(info)):
        _closed(info)
        return
    if info.filtered or not printed:
        filters_for(info)
    chosen.run()


def _page(info: PageInfo) -> st.Page:
    """A page as the navigation knows it; one that may not be opened keeps its link, which says why."""
    return st.Page(
        info.script,
        title=info.title,
        icon=info.icon,
        url_path=None if info is HOME else info.key,
        default=info is HOME,
        help=info.question,
        visibility="visible" if who.may(to_open(info)) else "hidden",
    )


def _closed(info: PageInfo) -> None:
    """What stands in the place of a page that may not be opened."""
    st.title(info.title)
    asking, action = who.person(), to_open(info)
    st.info(
        f"This page is for those who may {action}: {access.who_may(action).lower()}. You are {asking.role}. "
        f"Ask {plain(asking.ask)}.",
        icon=":material/lock:",
    )
