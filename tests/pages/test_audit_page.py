"""The Audit page, and the entries that contact rows leave when a page shows or hands them out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from cx_metrics.config import Settings
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_in
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.people.origin import acting_from
from cx_metrics.store.records import Audit
from tests.browser.homes import COLUMNS, LAST_DAY, ZONE, desk_rows, write_csv
from tests.pages.opening import open_app, run, settings_for
from tests.reviews.flagging import flagged

pytestmark = pytest.mark.xdist_group("pages")

DAYS = {"period": "custom", "from": f"{LAST_DAY:%Y-%m}-01", "to": str(LAST_DAY)}
Downloads = dict[str, Callable[[], Any]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Seventy contacts, each of which wishes to be called, and a review."""
    settings_for(monkeypatch, timezone=ZONE, user="ana", home=tmp_path / "home")
    opened = Home(Settings(home=tmp_path / "home", timezone=ZONE))
    rows = [(*each, "true") for each in desk_rows(70, prefix="b", intent="Billing")]
    take_in(opened, write_csv(tmp_path / "a.csv", rows, columns=(*COLUMNS, "follow_up")), source="desk")
    bring_up_to_date(opened)
    with fresh_mart(opened) as mart, opened.session() as session:
        flagged(session, mart, "Billing", contact_ids=[("desk", "b1"), ("desk", "b2")])
    return opened


def entries(home: Home, action: str) -> list[Audit]:
    with home.session() as session:
        return list(session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.id)))


def told(entry: Audit) -> dict[str, Any]:
    assert entry.after is not None
    assert (entry.actor, str(entry.origin).partition(" at ")[0]) == ("ana", "browser")
    return {"what": entry.subject} | entry.after


def opened(app: AppTest, key: str) -> AppTest:
    """The page with one of its shelves open."""
    app.session_state[key] = True
    return run(app)


def test_contacts_of_an_intent(home: Home, downloads: Downloads) -> None:
    app = opened(open_app("intent", intent="Billing"), "contacts_open")
    (seen,) = entries(home, "see contact rows")
    assert told(seen)["what"] == "contacts"
    assert told(seen)["where"] == {"intent": ["Billing"]}
    run(app)
    assert len(entries(home, "see contact rows")) == 1, "the same rows once more are no news"
    assert entries(home, "export contact rows") == []
    rows = list(csv.reader(io.StringIO(downloads["csv_contacts"]())))
    (gone,) = entries(home, "export contact rows")
    assert told(gone)["rows"] == len(rows) - 1 > 0
    assert {"from", "to", "where"} <= told(gone).keys()


def test_wishes_to_be_called(home: Home, downloads: Downloads) -> None:
    opened(open_app("surveys"), "follow_ups_open")
    assert [told(each)["what"] for each in entries(home, "see contact rows")] == ["follow-up wishes"]
    rows = list(csv.reader(io.StringIO(downloads["csv_follow_ups"]())))
    (gone,) = entries(home, "export contact rows")
    assert (told(gone)["what"], told(gone)["rows"], told(gone)["done"]) == ("follow-up wishes", len(rows) - 1, False)


def test_contacts_kept_as_evidence(home: Home, downloads: Downloads) -> None:
    open_app("review", review="1")
    (seen,) = entries(home, "see contact rows")
    assert (told(seen)["what"], told(seen)["rows"]) == ("contacts kept as evidence", 2)
    downloads["csv_evidence_contacts"]()
    (gone,) = entries(home, "export contact rows")
    assert told(gone) == {"what": "contacts kept as evidence", "rows": 2, "review": 1}


def test_the_page_tells_the_newest_first(home: Home, downloads: Downloads) -> None:
    with acting_from("browser at 10.0.0.7"), home.session() as session:
        ledger.audit(
            session,
            actor="bob",
            action="*decide* <b>",
            subject="`x` | $y$",
            before={"owner": None},
            after={"owner": "ä"},
        )
    app = open_app("audit")
    assert any(each.value.startswith("3 entries in all") for each in app.header)
    shown = app.dataframe[0].value
    assert list(shown["action"]) == ["*decide* <b>", "flag review", "load"]
    assert shown["from"].iloc[0] == "browser at 10.0.0.7"
    assert (shown["before"].iloc[0], shown["after"].iloc[0]) == ('{"owner": null}', '{"owner": "ä"}')
    rows = list(csv.DictReader(io.StringIO(downloads["csv_audit"]())))
    assert [row["by"] for row in rows] == ["bob", "ada@example.com", rows[2]["by"]]
    app.selectbox(key="audit_actor").set_value("bob")
    run(app)
    assert list(app.dataframe[0].value["subject"]) == ["`x` | $y$"]
    assert len(list(csv.DictReader(io.StringIO(downloads["csv_audit"]())))) == 1


def test_days_without_an_entry(home: Home) -> None:
    app = open_app("audit")
    app.date_input(key="audit_to").set_value(LAST_DAY - timedelta(days=1000))
    run(app)
    assert "Nothing of that kind was done." in [each.value for each in app.caption]
    assert len(app.dataframe) == 0
