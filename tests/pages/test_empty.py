from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from pages.shared.empty import empty_state

    empty_state(":material/inbox:", "There is no data yet", "Load your **first** extract.")


def test_an_empty_state_says_why_and_what_to_do() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.header[0].value == ":material/inbox: There is no data yet"
    assert app.markdown[0].value == "Load your **first** extract."
