"""One choice out of a few, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

Option = TypeVar("Option", bound=str)


def one_of(label: str, options: Sequence[Option], *, usual: Option, key: str, linked: bool = True) -> Option:
    """Draw the options in a row and say which one is chosen.

    Streamlit's buttons for this would show the chosen one in a colour that the dark page leaves too little contrast.

    Args:
        label: What is chosen.
        options: Their names, in small letters.
        usual: The one where none is chosen, or one that isn't there.
        key: Unique on the page.
        linked: Whether the choice lives in the address, under its key.
    """
    chosen = st.radio(
        label,
        options,
        index=options.index(usual),
        key=key,
        bind="query-params" if linked else None,
        horizontal=True,
        format_func=_titled,
    )
    return chosen if chosen in options else usual


def _titled(name: str) -> str:
    return name[:1].upper() + name[1:]
