"""The frame of every page: configuration, navigation, the shared filters, then the page itself."""

from __future__ import annotations

import streamlit as st

from cx_metrics.errors import CxError
from pages.shared.frame import banners, filters_for, show_error
from pages.shared.registry import HOME, PAGES

st.set_page_config(page_title="CX Insight", page_icon="pages/shared/icon.svg", layout="wide")

sections: dict[str, list[st.Page]] = {}
by_script = {}
for info in PAGES:
    script = st.Page(
        info.file,
        title=info.title,
        icon=info.icon,
        url_path=None if info is HOME else info.key,
        default=info is HOME,
        help=info.question,
    )
    by_script[script.title] = info
    sections.setdefault(info.section, []).append(script)

chosen = st.navigation(sections)
try:
    banners()
    filters_for(by_script[chosen.title])
    chosen.run()
except CxError as error:
    show_error(error)
