"""What the server runs at every click: configuration, navigation, the shared filters, then the page itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from cx_metrics.errors import CxError
from pages.shared import loaders
from pages.shared.frame import banners, filters_for, show_error
from pages.shared.registry import HOME, PAGES
from pages.shared.view import is_print

ICON = Path(__file__).with_name("icon.svg")


def draw() -> None:
    """Draw the page that the address asks for, in its frame."""
    st.set_page_config(page_title="CX Insight", page_icon=ICON, layout="wide")
    sections: dict[str, list[st.Page]] = {}
    by_title = {}
    for info in PAGES:
        script = st.Page(
            info.script,
            title=info.title,
            icon=info.icon,
            url_path=None if info is HOME else info.key,
            default=info is HOME,
            help=info.question,
        )
        by_title[script.title] = info
        sections.setdefault(info.section, []).append(script)
    printed = is_print(st.query_params.get("print"))
    chosen = st.navigation(sections, position="hidden" if printed else "sidebar")
    loaders.look_again()
    try:
        info = by_title[chosen.title]
        if not printed:
            banners()
        if info.filtered or not printed:
            filters_for(info)
        chosen.run()
    except CxError as error:
        show_error(error)
