from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st

from tests.pages.opening import PROJECT


@pytest.fixture(autouse=True)
def _fresh_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins and ends without what another one loaded."""
    monkeypatch.chdir(PROJECT)
    _forget()
    yield
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """What makes each file that a page offers, by the key of its button."""
    found: dict[str, Callable[[], Any]] = {}
    draw = st.download_button

    def noted(label: str, data: Callable[[], Any], **look: Any) -> bool:
        found[look["key"]] = data
        return draw(label, data, **look)

    monkeypatch.setattr(st, "download_button", noted)
    return found
