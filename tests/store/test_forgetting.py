"""Contacts that are too old are forgotten: by the command, and at each load where a number of months is set."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update

from cx_metrics.errors import BadUse
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.privacy.asking import first_kept_month
from cx_metrics.store.records import Audit, FollowUpDone, Load
from tests.store.extracts import bring_in, lake_rows, row
from tests.store.person import places_with


def months_ago(count: int) -> str:
    """Noon of a day in the month that many months before the present one."""
    return f"{first_kept_month(count)}-15 12:00:00"


OLD, OLDEST_KEPT, NEW = months_ago(4), months_ago(3), months_ago(1)


@pytest.mark.parametrize(
    ("months", "now", "kept"),
    [
        (1, datetime(2026, 3, 31, 23), "2026-02"),
        (3, datetime(2026, 3, 1), "2025-12"),
        (12, datetime(2026, 3, 15), "2025-03"),
        (26, datetime(2026, 3, 15), "2024-01"),
    ],
    ids=["one", "over the year", "a year", "more"],
)
def test_the_present_month_and_so_many_before_it_are_kept(months: int, now: datetime, kept: str) -> None:
    assert first_kept_month(months, now=now) == kept


def test_old_contacts_go_and_the_rest_stays(home: Home) -> None:
    bring_in(home, [row("old-4711", OLD, customer_id="a"), row("moved-4712", OLD), row("kept", OLDEST_KEPT)])
    bring_in(home, [row("moved-4712", NEW), row("new", NEW, customer_id="a"), row("kept", OLDEST_KEPT)])
    with home.session() as session:
        session.add_all(FollowUpDone(source="desk", contact_id=each, actor="a", at=ledger.utc_now()) for each in NAMED)
    (home.folder / "extract.csv").unlink()
    counted = privacy.forget(home, months=3, actor="dpo", dry_run=True)
    assert (counted.number, counted.contacts, counted.superseded) == (None, 1, 1)
    done = privacy.forget(home, months=3, actor="dpo")
    assert (done.contacts, done.superseded, done.before) == (1, 1, first_kept_month(3))
    assert [cells[1] for cells in lake_rows(home, ("contact_id",))] == ["kept", "moved-4712", "new"]
    assert places_with(home, "old-4711") == []
    with home.session() as session:
        assert session.scalars(select(FollowUpDone.contact_id)).all() == ["new"]
        entry = session.scalars(select(Audit).where(Audit.action == "forget contacts")).one()
        assert entry.after == {
            "before": first_kept_month(3),
            "contacts": 1,
            "superseded": 1,
            "records": {"follow_ups_done": 1},
        }
    assert privacy.forget(home, months=3, actor="dpo").number is None


NAMED = ("old-4711", "new")


def test_a_load_forgets_what_is_too_old_by_then(sqlite_home: Home) -> None:
    keeping = Home(sqlite_home.settings.model_copy(update={"keep_months": 3}))
    bring_in(sqlite_home, [row("1", OLD), row("2", OLDEST_KEPT)])
    result = bring_in(keeping, [row("3", OLD), row("4", NEW)])
    assert result.added == 2
    assert [cells[1] for cells in lake_rows(keeping, ("contact_id",))] == ["2", "4"]
    assert result.load is not None
    take_back(keeping, result.load)
    assert [cells[1] for cells in lake_rows(keeping, ("contact_id",))] == ["2"]


def test_files_of_rejected_rows_go_with_their_time(sqlite_home: Home) -> None:
    for _ in range(2):
        bring_in(sqlite_home, [row("1", "never"), row("2", NEW)])
    with sqlite_home.session() as session:
        session.execute(update(Load).where(Load.id == 1).values(at=datetime.fromisoformat(OLD)))
    assert privacy.forget(sqlite_home, months=3, actor="dpo").number is not None
    assert not sqlite_home.rejects_file(1).exists()
    assert sqlite_home.rejects_file(2).exists()


def test_months_must_be_said(sqlite_home: Home) -> None:
    with pytest.raises(BadUse, match="CX_KEEP_MONTHS"):
        privacy.forget(sqlite_home, months=0, actor="dpo")
