"""The panel of a review's causes: drawn, added, changed by one of two, offered by the data, and said by people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.causes import Cause, add_cause, change_cause, fishbone
from cx_metrics.reviews.voices import add_voice
from cx_metrics.reviews.workflow import Review, Severity
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from pages.shared.text import plain
from tests.browser.homes import ZONE, desk_home

pytestmark = pytest.mark.xdist_group("pages")

PROJECT = Path(__file__).resolve().parents[2]
NASTY = "<b>x</b> *y* $z$ :smile: [a](http://b.c)"
FIRST, N_DAYS = date(2026, 1, 5), 80


def rows() -> Iterator[tuple[str, ...]]:
    """Ten issues a day by chat, of which four come back the day after, and twenty by phone, of which two do."""
    for day in range(N_DAYS):
        for channel, n, back in (("chat", 10, 4), ("phone", 20, 2)):
            for at in range(n):
                who, on = f"{day}-{channel}-{at}", FIRST + timedelta(days=day)
                yield (who, who, f"{on}T09:{at:02}:00Z", NASTY, channel)
                if at < back and day + 1 < N_DAYS:
                    yield (f"{who}-2", who, f"{on + timedelta(days=1)}T10:{at:02}:00Z", NASTY, channel)
    yield ("last", "c0", f"{FIRST + timedelta(days=N_DAYS - 1)}T22:59:30Z", "Few", "phone")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    monkeypatch.setenv("CX_USER", "tester")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    folder = desk_home(tmp_path / "home", list(rows()))
    monkeypatch.setenv("CX_HOME", str(folder))
    return Home(Settings(home=folder, timezone=ZONE))


def flagged(home: Home, intent: str) -> Review:
    mart = fresh_mart(home)
    with home.session() as session:
        return workflow.flag(
            session,
            mart=mart,
            intent=intent,
            severity=Severity.NOTIFY,
            reason="too many",
            acknowledge_by=datetime(2026, 6, 1),
            decide_by=datetime(2026, 6, 2),
            actor="tester",
        )


def panel(review: Review) -> AppTest:
    def script(number: int) -> None:
        from pages.act.causes_panel import causes_panel
        from pages.shared import reviewing

        causes_panel(reviewing.one(number)[0])

    shown = AppTest.from_function(script, args=(review.id,), default_timeout=60).run()
    assert not shown.exception
    return shown


def kept(home: Home, review: Review) -> tuple[Cause, ...]:
    with home.session() as session:
        return fishbone(session, review.id)


def press(shown: AppTest, label: str) -> None:
    (button,) = [each for each in shown.button if each.label == label]
    button.click().run()
    assert not shown.exception


def test_a_cause_is_added_and_shown_as_text(home: Home) -> None:
    review = flagged(home, NASTY)
    shown = panel(review)
    shown.text_input(key="cause_new_0_text").set_value(NASTY)
    shown.text_area(key="cause_new_0_whys").set_value("first\n\nsecond")
    shown.text_area(key="cause_new_0_ids").set_value("desk, 1-chat-0")
    shown.number_input(key="cause_new_0_n").set_value(7)
    press(shown, "Add")
    (made,) = kept(home, review)
    assert (made.bone, made.text, made.state, made.contacts) == ("people", NASTY, "suspected", 7)
    assert (made.whys, made.contact_ids, made.added_by) == (("first", "second"), (("desk", "1-chat-0"),), "tester")
    said = "\n".join(part.value for part in shown.markdown)
    assert f"**people**: {plain(NASTY)} · *suspected* · 7 contacts · 1 named as evidence" in said
    assert "1. Why? first\n2. Why? second" in said


def test_what_can_not_be_kept_is_said_and_nothing_changes(home: Home) -> None:
    review = flagged(home, NASTY)
    shown = panel(review)
    shown.text_input(key="cause_new_0_text").set_value("late")
    shown.text_area(key="cause_new_0_ids").set_value("4711")
    press(shown, "Add")
    assert "names no contact" in shown.error[0].value
    assert kept(home, review) == ()


def test_of_two_who_change_a_cause_the_second_is_told(home: Home) -> None:
    review = flagged(home, NASTY)
    with home.session() as session:
        made = add_cause(session, review.id, bone="system", text="lease", actor="ada")
    shown = panel(review)
    with home.session() as session:
        change_cause(
            session,
            made.id,
            version=1,
            actor="bob",
            bone="system",
            text="lease",
            state="ruled out",
            contacts=None,
            contact_ids=(),
            whys=(),
        )
    shown.radio(key=f"cause_{made.id}_1_state").set_value("confirmed")
    press(shown, "Save")
    told = [error.value for error in shown.error]
    # Whoever saves an older view hears of it, or sees the present one before: nothing is overwritten.
    assert [each.state for each in kept(home, review)] == ["ruled out"]
    assert not told or "was changed by bob" in told[0]


def test_the_drawing_has_a_list_for_narrow_screens(home: Home) -> None:
    review = flagged(home, NASTY)
    with home.session() as session:
        add_cause(session, review.id, bone="system", text="lease", actor="ada")
    shown = panel(review)
    wide = shown.get("plotly_chart")[0].proto.SerializeToString()
    shown.radio(key="bones").set_value("list").run()
    assert not shown.exception
    assert shown.get("plotly_chart")[0].proto.SerializeToString() != wide


def test_what_the_data_offers_is_shown_as_association(home: Home) -> None:
    shown = panel(flagged(home, NASTY))
    shown.session_state["candidates_open"] = True
    shown.run()
    assert not shown.exception
    (table,) = shown.dataframe
    first = table.value.iloc[0]
    assert (first["level"], first["kind"]) == ("chat", "association")
    assert first["sentence"].endswith("An association, not a cause.")


def test_too_little_data_for_candidates_says_so(home: Home) -> None:
    shown = panel(flagged(home, "Few"))
    shown.session_state["candidates_open"] = True
    shown.run()
    assert not shown.exception
    said = "\n".join(part.value for part in shown.caption)
    assert plain("No model of all attributes: fewer than 30 customers.") in said
    assert "Nothing stands out" not in said


def test_what_people_say_stands_below_as_text(home: Home) -> None:
    review = flagged(home, NASTY)
    with home.session() as session:
        add_voice(session, review.id, voice="customer", said=NASTY, actor="ada", contact=("desk", "7"))
    shown = panel(review)
    assert f"> {plain(NASTY)}" in [part.value for part in shown.markdown]
    assert any(part.value == "A customer · contact 7 · attached by ada" for part in shown.caption)


def test_the_fishbone_of_a_review_that_is_over_can_be_read_only(home: Home) -> None:
    review = flagged(home, NASTY)
    with home.session() as session:
        add_cause(session, review.id, bone="system", text="lease", actor="ada")
        workflow.step(session, review.id, to=workflow.State.DISMISSED, note="no", actor="ada", version=review.version)
    shown = panel(review)
    assert "**system**: lease · *suspected*" in [part.value for part in shown.markdown]
    assert not shown.button
