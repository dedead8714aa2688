"""A customer who is erased stands in no file, snapshot or record any more; what is said of others stays."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Executable, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cx_metrics.config import Settings
from cx_metrics.errors import BadUse
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.mart import open_mart
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.privacy.proof import prove
from cx_metrics.store.records import (
    AlertCustomer,
    Audit,
    FollowUpDone,
    Operation,
    ReviewCause,
    ReviewEvidence,
    ReviewNote,
    ReviewRow,
    ReviewStep,
)
from tests.store.extracts import lake_rows
from tests.store.person import NUMBER, PERSON, extract, known_everywhere, places_with


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that knows the person, to be copied."""
    folder = tmp_path_factory.mktemp("known") / "home"
    known_everywhere(_sqlite(folder))
    return folder


@pytest.fixture
def known_home(known: Path, tmp_path: Path) -> Home:
    """A home of its own that knows the person."""
    return _sqlite(shutil.copytree(known, tmp_path / "home"))


def _sqlite(folder: Path) -> Home:
    return Home(Settings(home=folder, timezone="UTC", memory="500MB", lock_wait=2, user="tester"))


def test_the_person_is_gone_and_what_is_said_of_others_stays(home: Home) -> None:
    known_everywhere(home)
    (home.upload_folder() / "waiting.csv").write_text(f"T-1,{PERSON}")
    before = prove(home, [PERSON])
    assert {place.partition("/")[0] for place in before.found} >= {"lake", "rejects", "work", "audit.after"}
    done = privacy.erase_customer(home, PERSON, actor="dpo", reference="DSR-17")
    bring_up_to_date(home)
    assert (done.contacts, done.superseded) == (2, 1)
    assert done.keys == {("desk", NUMBER), ("desk", "T-5005")}
    after = prove(home, [PERSON], contacts=done.keys)
    assert after.found == ()
    assert after.bytewise
    assert after.files > 20
    assert after.tables > 15
    assert places_with(home, PERSON) == []
    assert [row[1] for row in lake_rows(home, ("contact_id",))] == ["T-5002", "T-5003", "T-5006", "T-5007"]
    assert lake_rows(home, ("contact_id", "customer_id", "subject"))[0] == ("desk", "T-5002", "CUST-B", "(erased)")
    assert open_mart(home.mart).facts.contacts == 4
    with home.session() as session:
        _check_records(session)
        _check_trail(session)


def _check_records(session: Session) -> None:
    assert session.scalars(select(ReviewEvidence.data)).one()["contacts"] == [["desk", "T-5006"]]
    cause = session.scalars(select(ReviewCause)).one()
    assert (cause.contact_ids, cause.text) == ([["desk", "T-5006"]], "(erased) was lied to")
    notes = session.scalars(select(ReviewNote).order_by(ReviewNote.id)).all()
    assert [(note.voice, note.said, note.contact_id) for note in notes] == [
        ("customer", "(erased)", None),
        ("agent", "I told (erased) so", None),
    ]
    assert session.scalars(select(FollowUpDone.contact_id)).all() == ["T-5006"]
    assert set(session.scalars(select(AlertCustomer.customer_id))) == {"CUST-B", "CUST-D"}
    assert session.scalars(select(ReviewRow.reason)).one() == "(erased) is angry"
    assert session.scalars(select(ReviewStep.note)).one() == "(erased) is angry"


def _check_trail(session: Session) -> None:
    """That somebody was erased, and not who."""
    entry = session.scalars(select(Audit).where(Audit.action == "erase customer")).one()
    assert entry.actor == "dpo"
    assert entry.after is not None
    assert (entry.after["contacts"], entry.after["superseded"], entry.after["reference"]) == (2, 1, "DSR-17")
    assert entry.after["records"]["review_evidence"] == 1
    said = session.scalars(select(Audit).where(Audit.action == "add voice").order_by(Audit.id)).all()
    assert [row.after["said"] for row in said if row.after] == ["(erased)", "I told (erased) so"]
    done = session.scalars(select(Audit.subject).where(Audit.action == "follow-up done").order_by(Audit.id)).all()
    assert done == ["desk: contact (erased)", "desk: contact T-5006"]


ALWAYS_REFUSED = (
    update(Audit).values(actor="somebody else"),
    update(Audit).values(origin="elsewhere"),
    text("DELETE FROM audit"),
    update(ReviewStep).values(actor="somebody else"),
    text("DELETE FROM review_steps"),
    update(ReviewEvidence).values(at=datetime(2020, 1, 1)),
    text("DELETE FROM review_evidence"),
)
"""What nobody may do to history, whatever is open."""
ERASING = (
    update(Audit).values(after={"nothing": "happened"}),
    update(ReviewEvidence).values(data={}),
    update(ReviewStep).values(note="never said"),
)
"""What an erasure does."""


def test_the_database_keeps_history_but_from_an_erasure(home: Home) -> None:
    with home.session() as session:
        _write_history(session)
    for change in (*ALWAYS_REFUSED, *ERASING):
        _refused(home, change)
    with home.session() as session:
        session.add(Operation(kind="erase", load_id=None, actor="dpo"))
    for change in ALWAYS_REFUSED:
        _refused(home, change)
    with home.session() as session:
        for change in ERASING:
            session.execute(change)
        session.execute(update(Operation).values(open=False))
    for change in ERASING:
        _refused(home, change)


def _refused(home: Home, change: Executable) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), home.session() as session:
        session.execute(change)


def _write_history(session: Session) -> None:
    now = ledger.utc_now()
    times = dict.fromkeys(("flagged_at", "acknowledge_by", "decide_by"), now)
    told = {"intent": "Bill", "severity": "notify", "reason": "many", "state": "flagged", "flagged_by": "ana"}
    review = ReviewRow(**told, **times, version=1)
    session.add(review)
    session.flush()
    session.add(ReviewEvidence(review_id=review.id, at=now, data={"contacts": []}))
    session.add(ReviewStep(review_id=review.id, version=1, state="flagged", at=now, actor="ana", note="many"))
    ledger.audit(session, actor="ana", action="flag review", subject="review 1", before=None, after={"n": 1})


def test_a_dry_run_counts_and_changes_nothing(known_home: Home) -> None:
    before, places = lake_rows(known_home), places_with(known_home, PERSON)
    counted = privacy.erase_customer(known_home, PERSON, actor="dpo", dry_run=True)
    assert (counted.number, counted.contacts, counted.superseded) == (None, 2, 1)
    assert lake_rows(known_home) == before
    assert places_with(known_home, PERSON) == places


def test_one_source_only(known_home: Home) -> None:
    assert privacy.erase_customer(known_home, PERSON, actor="dpo", source="chat").contacts == 0
    assert len(lake_rows(known_home)) == 6
    with known_home.session() as session:
        assert session.scalars(select(ReviewRow.reason)).one() == f"{PERSON} is angry"
    assert PERSON in known_home.rejects_file(1).read_text(encoding="utf-8")


def test_an_id_of_odd_letters(sqlite_home: Home) -> None:
    odd = r"""a b#&~-.+*?()[]{}^$|\'%_é"""
    extract(sqlite_home, (("1", odd, "2026-01-05 10:00:00", "Billing", "1", "x"),))
    extract(sqlite_home, (("2", "b", "2026-01-05 10:00:00", "Billing", "1", f"is {odd} in"),))
    assert privacy.erase_customer(sqlite_home, odd, actor="dpo").contacts == 1
    assert lake_rows(sqlite_home, ("contact_id", "subject")) == [("desk", "2", "(erased)")]
    assert prove(sqlite_home, [odd]).found == ()


def test_loads_can_still_be_withdrawn(known_home: Home) -> None:
    privacy.erase_customer(known_home, PERSON, actor="dpo")
    take_back(known_home, 2)
    assert [row[1] for row in lake_rows(known_home, ("contact_id",))] == ["T-5002", "T-5003"]
    take_back(known_home, 1)
    assert lake_rows(known_home) == []


def test_a_pseudonym_is_erased_by_the_id_in_clear_and_by_itself(sqlite_home: Home) -> None:
    home = _with_key(sqlite_home)
    known_everywhere(home)
    assert privacy.erase_customer(home, PERSON, actor="dpo").contacts == 2
    assert prove(home, privacy.ids_of(home, PERSON)).found == ()
    (pseudonym,) = {row[2] for row in lake_rows(home, ("contact_id", "customer_id")) if row[1] == "T-5006"}
    assert pseudonym is not None
    assert privacy.erase_customer(home, pseudonym, actor="dpo").contacts == 1


def test_short_ids_are_searched_value_by_value(known_home: Home) -> None:
    proof = prove(known_home, ["5"])
    assert not proof.bytewise
    assert [place for place in proof.found if place.startswith("lake")] == []


def test_nobody_is_no_customer(known_home: Home) -> None:
    with pytest.raises(BadUse, match="Whom to erase"):
        privacy.erase_customer(known_home, " ", actor="dpo")


def _with_key(home: Home) -> Home:
    settings: Settings = home.settings.model_copy(update={"pseudonym_key": SecretStr("a key of more than 16 letters")})
    return Home(settings)
