"""The Settings page: what is decided is shown, edited all or nothing, exchanged as a file, and remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate, XUnits
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import decided
from cx_metrics.store.marts.mart import Mart
from pages.manage import decision_tables as tables
from pages.shared import loaders
from pages.shared import settings_sentences as sentences
from pages.shared.text import plain
from tests.browser.homes import ZONE, desk_home, desk_rows
from tests.pages.opening import open_app, settings_for

pytestmark = pytest.mark.xdist_group("pages")

NASTY = "<b>x</b> *y* $z$ =1+1 :smile:"
SHARE = "must be a share above 0 and up to 1, such as 0.75"
PHONE = Rate("phone", date(2026, 1, 1), Decimal("1.1"), Decimal("0.5"), Decimal(6))
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_for(monkeypatch, timezone=ZONE, user="tester")


@pytest.fixture
def desk(tmp_path: Path) -> Home:
    """A home with 20 contacts about billing and 5 about something with a nasty name."""
    rows = [*desk_rows(20, prefix="a"), *desk_rows(5, prefix="b", intent=NASTY)]
    return home_of(desk_home(tmp_path / "home", rows))


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(home: Home, key: str = "settings") -> AppTest:
        monkeypatch.setenv("CX_HOME", str(home.settings.home))
        return open_app(key)

    return opened


def home_of(folder: Path) -> Home:
    return Home(Settings(home=folder, timezone=ZONE, user="tester"))


def decide(home: Home, *entries: IntentDecision, actor: str = "ana") -> None:
    with home.session() as session:
        deciding.save_intents(session, entries, actor=actor)


def edit(app: AppTest, name: str, **state: object) -> AppTest:
    """Type into a table, as the browser hands it in."""
    whole = {"edited_rows": {}, "added_rows": [], "deleted_rows": [], **state}
    key = next(table.key for table in app.data_editor if table.key and table.key.startswith(f"edit_{name}_"))
    app.session_state[key] = whole
    return app.run()


def shown(app: AppTest, name: str) -> pd.DataFrame:
    found = next(each.value for each in app.data_editor if each.key and each.key.startswith(f"edit_{name}_"))
    return found.astype(object).where(found.notna(), None)


def test_new_intents_stand_first_and_unowned(desk: Home, open_page: Open) -> None:
    decide(desk, IntentDecision("Billing", owner="Dana", owner_email="d@x.com"), IntentDecision("Gone", fcr_target=0.5))
    app = open_page(desk)
    table = shown(app, "intents")
    assert table[["state", "intent", "owner", "contacts"]].values.tolist() == [
        ["no owner", NASTY, None, 5],
        ["", "Billing", "Dana", 20],
        ["no owner", "Gone", None, 0],
    ]
    assert table["usual_category"].tolist() == ["(none)", "(none)", None]
    said = app.header[0].value
    assert said.replace("\u202f", " ") == (
        f"**1 of 2 intents have an owner.** Nobody answers for 20.0 % of the contacts: *{plain(NASTY)}*."
    )


def test_what_is_typed_is_saved_and_audited(desk: Home, open_page: Open) -> None:
    app = open_page(desk)
    assert app.button(key="save_intents").disabled
    app = edit(app, "intents", edited_rows={0: {"owner": "Dana", "owner_email": "D@x.com", "fcr_target": 0.8}})
    assert app.button(key="save_intents").label == "Save 1\u202fchange".replace("\u202f", " ")
    app.button(key="save_intents").click().run()
    assert [error.value for error in app.error] == []
    assert app.success[0].value == "Saved: 1 added"
    found = decided(desk)
    assert found.intents == (IntentDecision("Billing", owner="Dana", owner_email="d@x.com", fcr_target=0.8),)
    with desk.session() as session:
        assert [(each.audit.actor, each.key) for each in deciding.edits(session)] == [("tester", ("Billing",))]
    assert app.button(key="save_intents").disabled
    assert shown(app, "intents")["owner"].tolist() == [None, "Dana"]


def test_of_a_known_owner_the_name_is_enough(desk: Home, open_page: Open) -> None:
    dana = IntentDecision("Billing", owner="Dana", owner_email="d@x.com", department="Money")
    decide(desk, dana, IntentDecision("A", owner="Sam", owner_email="1@x.com"))
    decide(desk, IntentDecision("B", owner="Sam", owner_email="2@x.com"))
    app = edit(open_page(desk), "intents", edited_rows={0: {"owner": "Dana"}})
    app.button(key="save_intents").click().run()
    saved = decided(desk).by_intent[NASTY]
    assert (saved.owner, saved.owner_email, saved.department) == ("Dana", "d@x.com", "Money")
    assert tables.people(decided(desk)) == {"Dana": ("d@x.com", "Money")}  # there are two of the name Sam


def test_a_decision_counts_at_once_and_the_data_stays_open(desk: Home, open_page: Open) -> None:
    open_page(desk, "methods")
    before = loaders.mart()
    decide(desk, IntentDecision("Billing", window_days=14))
    loaders.look_again()
    after = loaders.mart()
    assert before is not None
    assert after is not None
    assert (before.decisions.windows, after.decisions.windows) == ({}, {"Billing": 14})
    assert after._connection is before._connection
    assert loaders.ask(_windows) == {"Billing": 14}


def _windows(mart: Mart) -> dict[str, int]:
    return dict(mart.decisions.windows)


def test_mistakes_are_listed_and_nothing_is_saved(desk: Home, open_page: Open) -> None:
    app = edit(
        open_page(desk),
        "intents",
        edited_rows={0: {"owner": "Dana", "fcr_target": 80}, 1: {"owner_email": "nobody", "expected_hours": -1}},
    )
    app.button(key="save_intents").click().run()
    said = app.error[0].value.replace("\\", "").replace("\u2060", "")
    assert said.splitlines() == [
        "What was decided has 3 problems; nothing was saved:",
        f"- intent 'Billing', fcr_target: {SHARE}, not 80; for 80 per cent write 0.8",
        f"- intent '{NASTY}', owner_email: must be an address such as dana@example.com, not 'nobody'",
        f"- intent '{NASTY}', expected_hours: must be hours above 0 and up to 10000, not -1",
    ]
    assert decided(desk).stamp == ""
    assert app.button(key="save_intents").label.startswith("Save 2")


def test_nobody_saves_over_what_somebody_else_saved_since(desk: Home, open_page: Open) -> None:
    app = edit(open_page(desk), "intents", edited_rows={0: {"fcr_target": 0.5}})
    assert [note.value for note in app.warning] == []
    decide(desk, IntentDecision("Billing", fcr_target=0.9))
    app.run()
    assert app.warning[0].value.startswith("Somebody else changed the records since you began to edit.")
    app.button(key="save_intents").click().run()
    assert "nothing was saved" in app.error[0].value
    assert decided(desk).targets == {"Billing": 0.9}
    app.button(key="reload_intents").click().run()
    assert ([note.value for note in app.warning], app.button(key="save_intents").disabled) == ([], True)
    assert shown(app, "intents")["fcr_target"].dropna().tolist() == [0.9]


def test_another_table_changed_meanwhile_is_no_conflict(desk: Home, open_page: Open) -> None:
    app = edit(open_page(desk), "intents", edited_rows={0: {"fcr_target": 0.5}})
    with desk.session() as session:
        deciding.save_rates(session, [PHONE], actor="ana")
    app.run()
    assert [note.value for note in app.warning] == []
    app.button(key="save_intents").click().run()
    assert decided(desk).targets == {"Billing": 0.5}


def test_rates_are_added_changed_and_taken_away(desk: Home, open_page: Open) -> None:
    with desk.session() as session:
        deciding.save_rates(session, [PHONE, Rate("chat", date(2026, 1, 1), Decimal(1), Decimal(1))], actor="ana")
    app = edit(
        open_page(desk),
        "rates",
        edited_rows={1: {"per_minute": 1.2, "assumed_minutes": None}},
        added_rows=[{"channel": "phone", "from_on": "2026-06-01", "per_contact": 3}],
        deleted_rows=[0],
    )
    app.button(key="save_rates").click().run()
    assert [error.value for error in app.error] == []
    assert app.success[0].value == "Saved: 1 added, 1 changed, 1 taken away"
    assert decided(desk).rates == (
        Rate("phone", date(2026, 1, 1), Decimal("1.2"), Decimal("0.5")),
        Rate("phone", date(2026, 6, 1), Decimal(0), Decimal(3)),
    )


def test_units_are_typed_for_an_x_of_ones_own(desk: Home, open_page: Open) -> None:
    app = open_page(desk)
    app.text_input(key="new_unit_name").set_value(" orders ").run()
    app = edit(
        app,
        "units_orders",
        added_rows=[{"on": "2026-02-01", "units": 12.5}, {"on": "2026-02-02", "units": 0}],
    )
    app.button(key="save_units_orders").click().run()
    assert [error.value for error in app.error] == []
    assert decided(desk).x_units == (
        XUnits("orders", date(2026, 2, 1), Decimal("12.5")),
        XUnits("orders", date(2026, 2, 2), Decimal(0)),
    )
    app = edit(app, "units_orders", added_rows=[{"on": "2026-02-02", "units": 7}])
    app.button(key="save_units_orders").click().run()
    assert "row 3" in app.error[0].value
    assert len(decided(desk).x_units) == 2


def test_a_file_is_imported_with_its_counts_or_its_mistakes(desk: Home, open_page: Open) -> None:
    app = open_page(desk)
    assert app.button(key="import_records").disabled
    units = b"name,on,units\norders,2026-02-01,12\n"
    app.file_uploader(key="records_file").set_value(("units.csv", units, "text/csv")).run()
    app.button(key="import_records").click().run()
    assert app.success[0].value.replace("\\", "") == "Imported units.csv: 1 added, 0 changed, 0 unchanged."
    assert decided(desk).unit_names == ("orders",)
    bad = b'[[intents]]\nintent = "Billing"\nfcr_target = 9\n'
    app.file_uploader(key="records_file").set_value(("bad.toml", bad, "application/toml")).run()
    app.button(key="import_records").click().run()
    assert "The records file bad.toml has 1 problem; nothing was saved:" in app.error[0].value.replace("\\", "")
    assert decided(desk).intents == ()


def test_the_export_is_what_the_command_line_writes(
    desk: Home, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: dict[str, object] = {}
    draw = st.download_button

    def noted(label: str, data: object, **look: object) -> bool:
        handed[str(look["key"])] = data
        return bool(draw(label, data, **look))  # type: ignore[arg-type]

    monkeypatch.setattr(st, "download_button", noted)
    decide(desk, IntentDecision("Billing", fcr_target=0.5))
    open_page(desk)
    assert handed["export_records"] == '[[intents]]\nintent = "Billing"\nfcr_target = 0.5\n'


def test_names_from_data_are_plain_text(desk: Home, open_page: Open) -> None:
    decide(desk, IntentDecision(NASTY, fcr_target=0.5))
    app = open_page(desk)
    read_as_markdown = [each.value for each in (*app.header, *app.markdown, *app.caption, *app.success)]
    assert not any(NASTY in text for text in read_as_markdown)
    app = edit(app, "intents", edited_rows={1: {"owner_email": NASTY}})
    app.button(key="save_intents").click().run()
    assert NASTY not in app.error[0].value


def test_without_data_what_is_decided_can_be_seen_and_changed(tmp_path: Path, open_page: Open) -> None:
    home = home_of(tmp_path / "empty")
    app = open_page(home)
    assert app.header[0].value == "Nothing was loaded yet: what you decide here counts as soon as there is data."
    decide(home, IntentDecision("Billing"))
    assert shown(open_page(home), "intents")["intent"].tolist() == ["Billing"]


@pytest.mark.parametrize("key", ["overview", "upload", "methods"])
def test_every_page_counts_the_unowned(key: str, desk: Home, open_page: Open) -> None:
    def links() -> list[str]:
        found = [each.proto.label for each in open_page(desk, key).get("page_link")]
        return [label.replace("\u202f", " ") for label in found if "without an owner" in label]

    assert links() == ["2 intents without an owner: 100.0 % of contacts"]
    decide(desk, IntentDecision("Billing", owner="Dana", owner_email="d@x.com"))
    assert links() == ["1 intent without an owner: 20.0 % of contacts"]
    decide(desk, IntentDecision(NASTY, owner="Dana", owner_email="d@x.com"))
    assert links() == []


def test_history_says_what_an_edit_changed(desk: Home) -> None:
    decide(desk, IntentDecision("Billing", owner="Dana", fcr_target=0.5))
    decide(desk, IntentDecision("Billing", owner="Dana", fcr_target=0.75, window_days=14), actor="ben")
    decide(desk, IntentDecision("Bare"))
    with desk.session() as session:
        frame = tables.history(deciding.edits(session), ZoneInfo(ZONE))
    assert frame[["who", "about", "before", "after"]].values.tolist() == [
        ["ana", "Bare", "", "nothing else"],
        ["ben", "Billing", "fcr_target: 0.5", "fcr_target: 0.75, window_days: 14"],
        ["ana", "Billing", "", "owner: Dana, fcr_target: 0.5"],
    ]
    assert frame["when"].is_monotonic_decreasing


def test_sentences_say_who_is_missing() -> None:
    def owned(*rows: tuple[str, int, str | None]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["intent", "contacts", "owner"])

    def said(text: str) -> str:
        return text.replace("\u202f", " ")

    assert sentences.ownership(owned(("A", 1, "x"))) == "**The one intent has an owner.**"
    assert said(sentences.ownership(owned(("A", 1, "x"), ("B", 1, "x")))) == "**All 2 intents have an owner.**"
    nobody = owned(("A", 4, None), ("B", 3, None), ("C", 2, None), ("D", 1, None))
    assert said(sentences.ownership(nobody)) == (
        "**No intent has an owner yet**, not even the most frequent: *A*, *B*, *C* and 1 more."
    )
    assert sentences.rates(Decisions(rates=(PHONE,)), ("phone",)) == ""
    assert sentences.rates(Decisions(rates=(PHONE,)), ("chat", "phone", "x*y")) == (
        "No rate yet for chat and x\\*y: contacts there have a cost only where the extract states one."
    )
