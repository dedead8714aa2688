"""Who signs in sees and does what their role allows: at every door of the pages, and on every page."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.causes import add_cause
from cx_metrics.reviews.states import Severity, State
from cx_metrics.reviews.voices import add_voice
from cx_metrics.store import ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import Alert, IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_in
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.people import roles
from cx_metrics.store.people.access import MATRIX, Action, Role
from pages.shared.registry import PAGES, PageInfo
from pages.shared.registry import page as page_of
from pages.shared.rights import PAGE_ACTIONS, to_open, who_may_do_what
from tests.browser.homes import COLUMNS, LAST_DAY, ZONE, desk_rows, write_csv
from tests.pages.doors import DOORS
from tests.pages.opening import PROJECT, run, settings_for
from tests.store.rights_by_hand import cells

pytestmark = pytest.mark.xdist_group("pages")

MINE, OTHERS = "Billing", "Visit"
CLIENT = "cx-insight"
EACH_PAGE = pytest.mark.parametrize("info", PAGES, ids=lambda info: info.key)
ROLES = pytest.mark.parametrize("role", list(Role), ids=str)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two intents with an owner each, wishes to be called, a review and an alert each, and a load with a bad row."""
    folder = tmp_path_factory.mktemp("rights") / "home"
    opened = Home(Settings(home=folder, timezone=ZONE))
    rows = [*desk_rows(70, prefix="b", intent=MINE), *desk_rows(60, prefix="v", intent=OTHERS)]
    extract = write_csv(folder.with_suffix(".csv"), [(*row, "true") for row in rows], columns=(*COLUMNS, "follow_up"))
    take_in(opened, extract, source="desk")
    bad = write_csv(folder.with_name("bad.csv"), [*desk_rows(2, prefix="x"), ("no", "c", "never", MINE, "phone")])
    take_in(opened, bad, source="bad")
    bring_up_to_date(opened)
    with opened.session() as session:
        owners = [
            IntentDecision(MINE, owner="Ola", owner_email="OWNER@example.com"),
            IntentDecision(OTHERS, owner="Eli", owner_email="eli@example.com"),
        ]
        deciding.save_intents(session, owners, actor="tests")
        sent = datetime.combine(LAST_DAY - timedelta(days=20), datetime.min.time())
        deciding.save_alerts(session, [Alert(f"told {each}", each, sent, 50) for each in (MINE, OTHERS)], actor="tests")
        for role in Role:
            roles.give(session, kind="email", value=f"{role}@example.com", role=role, actor="tests")
        roles.give(session, kind="group", value="staff", role="viewer", actor="tests")
    _review_both(opened)
    return opened


def _review_both(opened: Home) -> None:
    """A paused review of each intent, with a contact as evidence, for a cause, and in which somebody said something."""
    mart = fresh_mart(opened)
    with opened.session() as session:
        for intent, contact in ((MINE, ("desk", "b1")), (OTHERS, ("desk", "v1"))):
            now = ledger.utc_now()
            made = workflow.flag(
                session,
                mart=mart,
                intent=intent,
                severity=Severity.PAUSE,
                reason="Too many",
                acknowledge_by=now,
                decide_by=now + timedelta(days=3),
                actor="tests",
                paused_what="A mailing",
                contact_ids=[contact],
            )
            for state in (State.ACKNOWLEDGED, State.PAUSED):
                made = workflow.step(
                    session, made.id, to=state, note="So it is.", actor="tests", version=made.version, fixed_on=None
                )
            add_cause(session, made.id, bone="product", text="It breaks", actor="tests", contact_ids=[contact])
            said = "It breaks again"
            add_voice(session, made.id, voice="customer", said=said, cause_id=None, contact=contact, actor="tests")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="local", home=home.folder)
    monkeypatch.setenv("CX_ADMINS", "root@example.com")


def signed_in(app: AppTest, email: str | None, **claims: Any) -> AppTest:
    """Let somebody look who signed in with a token that says so."""
    now = int(time.time())
    app.secrets = {
        "auth": {
            "redirect_uri": "http://127.0.0.1/oauth2callback",
            "cookie_secret": "0" * 32,
            "client_id": CLIENT,
            "client_secret": "x",
            "server_metadata_url": "http://127.0.0.1/none",
        }
    }
    usual = {"is_logged_in": True, "provider": "default", "aud": CLIENT, "iat": now, "exp": now + 3600, "email": email}
    app.user = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return app


def open_as(email: str | None, key: str, claims: dict[str, Any] | None = None, **params: str) -> AppTest:
    """A page by its link, as somebody sees it who signed in."""
    app = signed_in(AppTest.from_file(str(PROJECT / "app.py"), default_timeout=90), email, **(claims or {}))
    for name, value in params.items():
        app.query_params[name] = value
    app.switch_page(page_of(key).file)
    return run(app)


def text_of(app: AppTest) -> str:
    """All that is written on a page, without the joiners that part letters."""
    drawn = [*app.title, *app.markdown, *app.caption, *app.info, *app.error, *app.warning]
    return "\n".join(element.value for element in drawn).replace("\u2060", "").replace("\\", "").replace("**", "")


def _try(intent: str) -> None:
    import streamlit as st

    from tests.pages.doors import tried

    st.session_state["tried"] = tried(intent)


@pytest.mark.parametrize("intent", [MINE, OTHERS])
@ROLES
def test_each_door_asks(role: Role, intent: str) -> None:
    app = AppTest.from_function(_try, kwargs={"intent": intent}, default_timeout=90)
    run(signed_in(app, f"{role}@example.com"))
    allows = {action: word for action, each, word in cells() if each is role}
    own = {"own": "yes" if intent == MINE else "no"}
    expected = {
        f"{action}: {door.__name__.strip('_')}": own.get(allows[action], allows[action])
        for action, doors in DOORS.items()
        for door in doors
    }
    assert app.session_state["tried"] == expected


@pytest.mark.parametrize("email", [None, "stranger@example.com"])
def test_no_door_opens_without_a_role(email: str | None) -> None:
    app = AppTest.from_function(_try, kwargs={"intent": MINE}, default_timeout=90)
    run(signed_in(app, email, is_logged_in=email is not None))
    assert set(app.session_state["tried"].values()) == {"no"}


def test_every_action_has_a_door_but_those_of_all_and_of_the_command_line() -> None:
    assert set(MATRIX) - set(DOORS) == {Action.SEE_NUMBERS, Action.ERASE}
    assert set(PAGE_ACTIONS) == {info.key for info in PAGES}


@EACH_PAGE
@ROLES
def test_every_page_as_each_role(role: Role, info: PageInfo) -> None:
    app = open_as(f"{role}@example.com", info.key, review="2")
    assert [title.value for title in app.title] == [info.title]
    assert [error.value for error in app.error] == []
    allows = {action: word for action, each, word in cells() if each is role}
    is_open = allows[to_open(info)] == "yes"
    assert ("This page is for those who may" in text_of(app)) != is_open
    assert f"Role: {role}" in [said.value for said in app.sidebar.caption]
    if role in (Role.VIEWER, Role.OWNER):
        # Review 2 is of another owner's intent: neither its evidence nor what was said tells a contact.
        assert "v1" not in text_of(app)
    told = any("v1" in frame.value.to_csv() for frame in app.dataframe)
    assert not told or role in (Role.ANALYST, Role.ADMIN)
    assert told or role in (Role.VIEWER, Role.OWNER) or info.key != "review"


@pytest.mark.parametrize(("email", "sees"), [("viewer", False), ("owner", True), ("analyst", True)])
def test_the_contacts_of_an_intent_are_for_its_owner_and_analysts(email: str, sees: bool) -> None:
    app = open_as(f"{email}@example.com", "intent", about=MINE)
    app.session_state["contacts_open"] = True
    run(app)
    assert ("The contacts themselves: Owners of the intent, analysts and admins see them." in text_of(app)) != sees
    assert any("b3" in frame.value.to_csv() for frame in app.dataframe) == sees


def test_an_owner_sees_wishes_about_own_intents_only() -> None:
    app = open_as("owner@example.com", "surveys")
    app.session_state["follow_ups_open"] = True
    run(app)
    wishes = next(frame.value for frame in app.dataframe if "contact_id" in frame.value)
    assert set(wishes["intent"]) == {MINE}
    assert "you see those who asked about your own intents" in text_of(app)
    viewer = open_as("viewer@example.com", "surveys")
    assert "customers wish a follow-up. Owners of the intent, analysts and admins see who." in text_of(viewer)


@pytest.mark.parametrize(
    ("email", "claims", "title", "says"),
    [
        (None, {"is_logged_in": False}, "Sign in", "Sign in to see the dashboard"),
        ("stranger@example.com", {}, "No access", "stranger@example.com is signed in, but has no role here yet"),
        ("stranger@example.com", {}, "No access", "Ask root@example.com"),
        (None, {}, "Sign in", "does not tell your e-mail address"),
        ("admin@example.com", {"email_verified": False}, "Sign in", "has not verified the address admin@example.com"),
        ("admin@example.com", {"email_verified": "false"}, "Sign in", "has not verified"),
        ("admin@example.com", {"exp": 1_000_000_000}, "Sign in", "Your sign-in has ended"),
        ("admin@example.com", {"exp": None}, "Sign in", "Your sign-in has ended"),
        ("admin@example.com", {"iat": 1_000_000_000}, "Sign in", "Your sign-in has ended"),
        ("admin@example.com", {"aud": "other"}, "Sign in", "signed in to another application"),
        ("admin@example.com", {"aud": ["other"]}, "Sign in", "signed in to another application"),
        ("admin@example.com", {"aud": None}, "Sign in", "signed in to another application"),
        ("admin@example.com", {"provider": "other"}, "Sign in", "signed in to another application"),
    ],
)
def test_who_does_not_get_in(email: str | None, claims: dict[str, Any], title: str, says: str) -> None:
    app = open_as(email, "settings", claims)
    assert [each.value for each in app.title] == [f"CX Insight: {title}"]
    assert says in text_of(app)
    assert not app.dataframe
    assert not app.tabs
    assert not app.selectbox


@pytest.mark.parametrize(
    ("email", "claims", "role"),
    [
        ("Admin@Example.com", {"aud": ["other", CLIENT]}, "admin"),
        ("ROOT@example.com", {"email_verified": "true"}, "admin"),
        ("new@example.com", {"groups": ["staff"]}, "viewer"),
        ("new@example.com", {"groups": "staff"}, "viewer"),
        ("owner@example.com", {"groups": ["staff"]}, "owner"),
    ],
)
def test_who_gets_in_as_what(email: str, claims: dict[str, Any], role: str) -> None:
    app = open_as(email, "methods", claims)
    assert [title.value for title in app.title] == ["Methods"]
    assert f"Role: {role}" in [said.value for said in app.sidebar.caption]


def test_groups_may_stand_deeper_in_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_GROUP_CLAIM", "realm_access.roles")
    app = open_as("new@example.com", "methods", {"realm_access": {"roles": ["staff"]}})
    assert "Role: viewer" in [said.value for said in app.sidebar.caption]


def test_who_has_no_rule_may_have_a_usual_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DEFAULT_ROLE", "viewer")
    assert "Role: viewer" in [said.value for said in open_as("new@example.com", "methods").sidebar.caption]


def test_a_role_taken_away_counts_at_the_next_click(home: Home) -> None:
    with home.session() as session:
        roles.give(session, kind="email", value="leaver@example.com", role="analyst", actor="tests")
    app = open_as("leaver@example.com", "upload")
    assert [title.value for title in app.title] == ["Upload"]
    with home.session() as session:
        roles.take_away(session, kind="email", value="leaver@example.com", actor="tests", lasting=())
    run(app)
    assert [title.value for title in app.title] == ["CX Insight: No access"]
    assert not app.dataframe


def test_a_file_offered_before_is_refused_after_the_role_is_gone(home: Home, downloads: dict[str, Any]) -> None:
    with home.session() as session:
        roles.give(session, kind="email", value="leaver@example.com", role="analyst", actor="tests")
    app = open_as("leaver@example.com", "intent", about=MINE)
    app.session_state["contacts_open"] = True
    run(app)
    assert "b3" in downloads["csv_contacts"]()
    with home.session() as session:
        roles.take_away(session, kind="email", value="leaver@example.com", actor="tests", lasting=())
    time.sleep(1.1)  # what somebody may do is kept for a second
    with pytest.raises(Exception, match="may not export contact rows"):
        downloads["csv_contacts"]()


def test_what_is_done_is_done_in_the_name_of_who_signed_in(home: Home) -> None:
    app = open_as("admin@example.com", "settings")
    app.text_input[-1].input("By@Hand.example")
    next(button for button in app.button if button.label == "Give it").click()
    run(app)
    with home.session() as session:
        rule = next(rule for rule in roles.rules(session) if rule.value == "by@hand.example")
        assert (rule.given_by, rule.role) == ("admin@example.com", Role.VIEWER)
        roles.take_away(session, kind="email", value=rule.value, actor="tests", lasting=())


def test_the_table_on_the_page_is_the_table_in_force() -> None:
    app = open_as("viewer@example.com", "settings")
    shown = next(frame.value for frame in app.dataframe if "action" in frame.value)
    pd.testing.assert_frame_equal(shown.reset_index(drop=True), who_may_do_what(), check_dtype=False)
    by_hand = {(str(action), str(role)): {"own": "own intents"}.get(word, word) for action, role, word in cells()}
    assert all(row[str(role)] == by_hand[row["action"], str(role)] for _, row in shown.iterrows() for role in Role)
    assert "You are viewer" in text_of(app)
    assert "Who is what" not in [heading.value for heading in app.subheader]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"client_id": ""}, "lacks client_id (default)"),
        ({"cookie_secret": "short"}, "at least 32 random characters"),
        ({"redirect_uri": "https://cx.example.com/"}, "must end with /oauth2callback"),
    ],
)
def test_half_a_sign_in_lets_nobody_in(section: dict[str, str], says: str) -> None:
    app = signed_in(AppTest.from_file(str(PROJECT / "app.py"), default_timeout=90), "admin@example.com")
    app.secrets = {"auth": {**app.secrets["auth"], **section}}
    run(app)
    assert [title.value for title in app.title] == ["CX Insight: Not shown"]
    assert says in text_of(app).replace("\n", " ")


def test_where_nobody_signs_in_the_local_user_may_do_all_and_is_told_when_others_may_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=90)
    assert not run(app).sidebar.caption
    assert not any("Nobody signs in" in note.value for note in app.warning)
    monkeypatch.setenv("CX_OPEN_TO_ALL", "yes")
    import streamlit as st

    st.cache_resource.clear()
    assert any("Nobody signs in here: everybody" in note.value for note in run(app).warning)
