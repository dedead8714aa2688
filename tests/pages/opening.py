"""Opening a page without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.registry import page

PROJECT = Path(__file__).resolve().parents[2]


def settings_for(monkeypatch: pytest.MonkeyPatch, *, timezone: str, user: str, home: Path | None = None) -> None:
    """Let the pages run under these settings for the rest of the test."""
    monkeypatch.setenv("CX_TIMEZONE", timezone)
    monkeypatch.setenv("CX_USER", user)
    monkeypatch.setenv("CX_MEMORY", "500MB")
    if home is not None:
        monkeypatch.setenv("CX_HOME", str(home))


def open_app(key: str, **params: str) -> AppTest:
    """A page by its link, drawn once; ``CX_HOME`` says in which home."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=90)
    for name, value in params.items():
        app.query_params[name] = value
    app.switch_page(page(key).file)
    return run(app)


def run(app: AppTest) -> AppTest:
    """Draw it again, which must not fail."""
    app.run()
    assert [error.value for error in app.exception] == []
    return app
