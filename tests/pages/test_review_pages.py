"""Reviews and Review as scripts: the board, one review in full, its steps, and what Overview and My intents say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.causes import add_cause
from cx_metrics.reviews.messages import notify
from cx_metrics.reviews.states import Review, Severity, State
from cx_metrics.reviews.tables import review_table
from cx_metrics.store import ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from pages.shared.registry import page
from pages.shared.text import plain
from tests.browser.homes import ZONE, desk_home, desk_rows

pytestmark = pytest.mark.xdist_group("pages")

PROJECT = Path(__file__).resolve().parents[2]
NASTY = "<b>x</b> *y* $z$ :smile: [a](http://b.c)"
OWNED = (
    IntentDecision("Billing", owner="Dana Okafor", owner_email="dana@example.com", fcr_target=0.9),
    IntentDecision("Visit", owner="Eli Brandt", owner_email="eli@example.com"),
)
HOUR = timedelta(hours=1)

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    monkeypatch.setenv("CX_USER", "dana@example.com")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Seventy days of three intents, two of them owned; nothing is flagged."""
    rows = [*desk_rows(70, prefix="a"), *desk_rows(40, prefix="v", intent="Visit")]
    rows += desk_rows(30, prefix="n", intent=NASTY)
    opened = Home(Settings(home=desk_home(tmp_path / "home", rows), timezone=ZONE))
    with opened.session() as session:
        deciding.save_intents(session, OWNED, actor="tester")
    return opened


@pytest.fixture
def open_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page of the home by its link."""

    def opened(key: str, **params: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home.folder))
        app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
        app.switch_page(page(key).script)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def flagged(home: Home, intent: str, *, due: timedelta, paused: str | None = None, by: str = "ada") -> Review:
    """A review whose first clock runs out that far from now."""
    now = ledger.utc_now()
    with home.session() as session:
        return workflow.flag(
            session,
            mart=fresh_mart(home),
            intent=intent,
            severity=Severity.NOTIFY if paused is None else Severity.PAUSE,
            paused_what=paused,
            reason=f"Something is wrong: {intent}",
            acknowledge_by=now + due,
            decide_by=now + due + timedelta(days=5),
            actor=by,
        )


def went(home: Home, review: Review, *states: State) -> Review:
    with home.session() as session:
        for state in states:
            review = workflow.step(session, review.id, to=state, note="because", actor="ada", version=review.version)
    return review


def words(app: AppTest) -> str:
    heads = [each.value for each in app.header] + [each.value for each in app.subheader]
    return "\n".join([*heads, *(each.value for each in app.markdown), *(each.value for each in app.caption)])


def buttons(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def test_without_reviews_both_pages_say_what_to_do(open_page: Open) -> None:
    app = open_page("review")
    assert "There is no review yet" in words(app)
    board = open_page("reviews")
    assert [title.value for title in board.title] == ["Reviews"]
    assert "Flag an intent" in buttons(board)


def test_the_board_has_overdue_clocks_first_and_every_state(home: Home, open_page: Open) -> None:
    flagged(home, "Billing", due=5 * HOUR)
    flagged(home, "Visit", due=-3 * HOUR, paused="the night visits")
    went(home, flagged(home, NASTY, due=9 * HOUR), State.ACKNOWLEDGED, State.INVESTIGATING)
    app = open_page("reviews")
    said = words(app)
    assert "**3 reviews** are open, **1 clock is overdue**: *Visit* was to be acknowledged, overdue by 3 hours" in said
    assert [(card.label, card.value) for card in app.metric][:3] == [
        ("Open reviews", "3"),
        ("Clocks overdue", "1"),
        ("Paused now", "0"),
    ]
    assert ":material/flag: **Flagged** · 2" in said
    assert ":material/search: **Investigating** · 1" in said
    assert ":orange[**to be acknowledged, overdue by 3 hours**]" in said
    assert "Pause: the night visits · Owner Eli Brandt" in said
    names = [f"**{plain(intent)}**" for intent in ("Visit", "Billing", NASTY)]
    assert [label for label in buttons(app) if label in names] == names
    assert list(app.dataframe[0].value["intent"]) == ["Visit", "Billing", NASTY]


def test_filters_leave_mine_closed_and_one_state(home: Home, open_page: Open) -> None:
    flagged(home, "Billing", due=5 * HOUR)
    flagged(home, "Visit", due=5 * HOUR)
    went(home, flagged(home, NASTY, due=HOUR, by="dana@example.com"), State.DISMISSED)

    def shown(**params: str) -> list[str]:
        return sorted(open_page("reviews", **params).dataframe[0].value["intent"])

    assert shown() == sorted(["Billing", "Visit", NASTY])
    assert shown(whose="Mine") == sorted(["Billing", NASTY])
    assert shown(which="Closed") == [NASTY]
    assert shown(which="Open") == ["Billing", "Visit"]
    assert shown(owners="Eli Brandt") == ["Visit"]
    assert shown(states="dismissed") == [NASTY]


def test_the_list_is_the_table_that_the_csv_has(home: Home) -> None:
    late = flagged(home, "Visit", due=-3 * HOUR, paused="the night visits")
    soon = flagged(home, "Billing", due=2 * HOUR)
    over = went(home, flagged(home, NASTY, due=-9 * HOUR), State.DISMISSED)
    frame = review_table([over, soon, late], late.acknowledge_by + 3 * HOUR)
    assert list(frame["review"]) == [late.id, soon.id, over.id]
    assert list(frame["clock"]) == ["acknowledge", "acknowledge", None]
    assert list(frame["overdue_hours"]) == [3.0, None, None]
    assert list(frame["paused_what"]) == ["the night visits", None, None]


def test_a_review_shows_what_was_known_and_what_is_now(home: Home, open_page: Open) -> None:
    review = flagged(home, "Billing", due=5 * HOUR, paused="the new bill")
    with home.session() as session:
        add_cause(session, review.id, bone="policy", text="A new fee", actor="ada", contacts=12, whys=["Nobody told"])
    app = open_page("review", review=str(review.id))
    said = words(app)
    assert "*Billing* is **flagged**, to be acknowledged, 4 hours left." in said
    assert "**Paused** the new bill" in said
    assert "Owner Dana Okafor" in said
    assert "**policy**: A new fee" in said
    assert "1. Why? Nobody told" in said
    numbers = app.dataframe[0].value
    assert numbers["title"].iloc[0] == "Contacts"
    assert list(numbers["then"]) == list(numbers["now"])
    assert numbers["then"].iloc[0] == "28"
    assert {"Acknowledge", "Dismiss"} <= set(buttons(app))
    assert not {"Pause", "Resume", "Verify"} & set(buttons(app))


def test_a_step_needs_a_note_and_leads_on(home: Home, open_page: Open) -> None:
    review = flagged(home, "Billing", due=5 * HOUR)
    app = open_page("review", review=str(review.id))
    take(app, review, State.ACKNOWLEDGED, note=" ")
    assert "a note is needed" in app.error[0].value
    take(app, review, State.ACKNOWLEDGED, note="I look into it.")
    assert not app.error
    assert "is **acknowledged**" in words(app)
    assert [note.value for note in app.success] == [f"Review {review.id} is acknowledged\\."]
    assert {"Investigate", "Dismiss"} <= set(buttons(app))
    assert "Pause" not in buttons(app)


def test_who_comes_second_is_told_and_nothing_is_lost(home: Home, open_page: Open) -> None:
    review = flagged(home, "Billing", due=5 * HOUR)
    app = open_page("review", review=str(review.id))
    went(home, review, State.ACKNOWLEDGED)
    take(app, review, State.DISMISSED, note="No harm.")
    assert "was changed by ada" in app.error[0].value
    assert "is **acknowledged**" in words(app)
    take(app, review, State.DISMISSED, note="No harm.")
    assert not app.error
    assert "is **dismissed**" in words(app)


def take(app: AppTest, review: Review, to: State, *, note: str) -> None:
    app.text_area(key=f"note_{review.id}_{to}").set_value(note)
    submit = next(each for each in app.button if each.form_id == f"step_{review.id}_{to}")
    submit.click().run()
    assert not app.exception


def test_an_unknown_review_is_another_one_with_a_note(home: Home, open_page: Open) -> None:
    flagged(home, "Billing", due=5 * HOUR)
    for asked in ("99", "<b>", "-1", "1e9"):
        app = open_page("review", review=asked)
        assert ["a review that there is not" in note.value for note in app.info] == [True]
        assert "*Billing* is **flagged**" in words(app)


def test_names_with_markup_stay_text(home: Home, open_page: Open) -> None:
    review = flagged(home, NASTY, due=5 * HOUR, paused=NASTY, by=NASTY)
    for key, params in (("reviews", {}), ("review", {"review": str(review.id)}), ("review", {"print": "1"})):
        app = open_page(key, **params)
        assert plain(NASTY) in words(app)
        assert NASTY not in words(app)


def test_the_print_view_has_nothing_to_click(home: Home, open_page: Open) -> None:
    review = flagged(home, "Billing", due=5 * HOUR)
    app = open_page("review", review=str(review.id), print="1")
    assert [title.value for title in app.title] == [f"Review {review.id}"]
    assert buttons(app) == []
    assert not app.get("download_button")
    assert not app.get("popover")
    assert [len(table.value) for table in app.table] == [8, 1]


def test_messages_that_failed_are_shown_with_their_reason(
    home: Home, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = flagged(home, "Billing", due=5 * HOUR)
    url = "json://me:hunter2hunter2@127.0.0.1:9"
    notify(Home(home.settings.model_copy(update={"notify_urls": SecretStr(url)})))
    monkeypatch.setenv("CX_NOTIFY_URLS", url)
    app = open_page("review", review=str(review.id))
    shown = app.dataframe[-1].value
    assert list(shown["message"]) == ["Billing: flagged, notify only"]
    assert "127.0.0.1" in shown["error"].iloc[0]
    assert "Send what is due" in buttons(app)
    board = open_page("reviews")
    assert "1 message was not delivered" in board.warning[0].value
    assert "hunter2" not in "".join(each.value for each in board.warning) + shown.to_string()
    monkeypatch.setenv("CX_NOTIFY_URLS", "nonsense://hunter2hunter2")
    st.cache_resource.clear()
    board = open_page("reviews")
    assert "address 1 of 1 is none that Apprise can send to" in board.warning[0].value
    assert "hunter2" not in board.warning[0].value
    methods = open_page("methods")
    assert "hunter2" not in words(methods) + "".join(each.value.to_string() for each in methods.dataframe)


def test_overview_and_my_intents_have_what_is_overdue(home: Home, open_page: Open) -> None:
    flagged(home, "Billing", due=-30 * HOUR)
    flagged(home, "Visit", due=-2 * HOUR)
    app = open_page("overview")
    decide = [label for label in buttons(app) if label in ("**Billing**", "**Visit**")]
    assert decide[:2] == ["**Billing**", "**Visit**"]
    assert ":orange[Flagged · to be acknowledged, overdue by 1 day]" in words(app)
    mine = open_page("my_intents")
    assert "Flagged: :orange[**to be acknowledged, overdue by 1 day**]" in words(mine)
    assert "**Visit**" not in buttons(mine)


@pytest.mark.parametrize("key", ["overview", "intents", "intent", "cost", "resolution", "surveys", "reviews"])
def test_an_intent_is_flagged_from_these_pages(key: str, open_page: Open) -> None:
    app = open_page(key, **({"about": "Visit"} if key == "intent" else {}))
    app.button(key="flag_intent").click().run()
    assert not app.exception
    asked = app.selectbox(key="flag_which")
    assert asked.value in asked.options
    if key == "intent":
        assert asked.value == "Visit"
    assert app.button(key="flag_it").label == "Flag it"


def test_the_form_flags_with_what_it_offers(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(home.folder))

    def script() -> None:
        from pages.shared.flag import flag_form

        flag_form("Visit", on="Cost")

    app = AppTest.from_function(script, default_timeout=60).run()
    assert app.selectbox(key="flag_which").value == "Visit"
    app.button(key="flag_it").click().run()
    with home.session() as session:
        (made,) = workflow.reviews(session)
    assert (made.intent, made.severity, made.paused_what) == ("Visit", Severity.NOTIFY, None)
    assert made.reason == "What the page Cost shows of this intent needs somebody to look."
    assert (made.flagged_by, made.owner) == ("dana@example.com", "Eli Brandt")
    assert made.acknowledge_by - made.flagged_at == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
    assert made.decide_by - made.flagged_at == pytest.approx(timedelta(days=7), abs=timedelta(minutes=1))
    app = AppTest.from_function(script, default_timeout=60).run()
    assert "under review already" in app.info[0].value
    assert not [each for each in app.button if each.key == "flag_it"]


def test_a_review_as_text_has_everything(home: Home) -> None:
    from cx_metrics.reports.review import review_text
    from cx_metrics.reviews.evidence import evidence, numbers

    review = went(home, flagged(home, "Billing", due=5 * HOUR, paused="the new bill"), State.ACKNOWLEDGED)
    with home.session() as session:
        kept, history = evidence(session, review.id), workflow.history(session, review.id)
    text = review_text(
        review,
        history=history,
        kept=kept,
        present=numbers(fresh_mart(home), "Billing"),
        causes=[("policy", "A new fee", "confirmed")],
        verdicts=["Too early to tell."],
        zone=home.settings.zone,
    )
    lines = text.splitlines()
    assert lines[0] == f"Review {review.id}: Billing"
    assert "Paused:         the new bill" in lines
    assert "Contacts                    28                                28" in lines
    assert "- policy: A new fee (confirmed)" in lines
    assert "- Too early to tell." in lines
    assert sum("acknowledged by ada: because" in line for line in lines) == 1
    assert max(map(len, lines)) <= 100
