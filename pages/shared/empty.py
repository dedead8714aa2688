"""What a page shows while there is nothing to show."""

from __future__ import annotations

import streamlit as st


def empty_state(icon: str, sentence: str, what_to_do: str, *, link: tuple[str, str] | None = None) -> None:
    """Why a page is empty and what to do about it.

    Args:
        icon: ``:material/...:``.
        sentence: Why it is empty, as Markdown.
        what_to_do: The next step, as Markdown.
        link: File and label of the page where that is done.
    """
    with st.container(border=True, horizontal_alignment="center"):
        st.header(f"{icon} {sentence}", anchor=False, text_alignment="center")
        st.markdown(what_to_do, text_alignment="center")
        if link is not None:
            file, title = link
            st.page_link(file, label=title, icon=":material/arrow_forward:")
