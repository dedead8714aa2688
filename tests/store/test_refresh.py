"""What a refresh writes, against the definitions; what it leaves when it is stopped; what it need not do."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.errors import StoreError
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts import refresh as refresh_module
from cx_metrics.store.marts.mart import MANIFEST, MONTHLY_TABLES, open_mart, read_manifest
from cx_metrics.store.marts.refresh import RefreshReport, refresh
from tests.store.mart_lake import (
    Contact,
    counts_of,
    daily_of,
    dispersion_of,
    expected_daily,
    expected_daily_any,
    expected_dispersion,
    expected_surveys,
    expected_touches,
    touches_of,
    write_file,
    write_lake,
)

Refreshed = Callable[..., RefreshReport]
T = datetime(2024, 6, 15, 12)


def contact(number: int, customer: str | None, started: datetime, **other: Any) -> Contact:
    return Contact("crm", f"{number:05}", customer, started, **other)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with DuckDBEngine(memory="500MB", threads=2, timezone="Europe/Rome", scratch=tmp_path) as opened:
        yield opened


@pytest.fixture
def refreshed(tmp_path: Path, engine: DuckDBEngine) -> Refreshed:
    def run(files: Sequence[str], *, watermark: datetime | None = T, **other: Any) -> RefreshReport:
        settings: dict[str, Any] = {"lagging": (), "timezone": "Europe/Rome", "engine": engine} | other
        return refresh(tmp_path / "mart", lake_files=files, watermark=watermark, **settings)

    return run


def test_an_empty_lake_gives_an_empty_mart(tmp_path: Path, refreshed: Refreshed) -> None:
    report = refreshed([], watermark=None)
    with open_mart(tmp_path / "mart") as mart:
        assert (mart.facts.contacts, mart.facts.identified, mart.facts.dimensions) == (0, 0, ())
        assert (mart.facts.watermark, mart.facts.data_from, mart.facts.data_to) == (None, None, None)
        for table in (*MONTHLY_TABLES, "dispersion"):
            assert len(mart.query(f"SELECT * FROM {table}")) == 0
    assert report.months_rebuilt == ()


def test_one_contact(tmp_path: Path, refreshed: Refreshed) -> None:
    # 23:30 in UTC is half past one of the next day in a Roman summer: another day, and another month.
    only = contact(1, "Ann", datetime(2024, 5, 31, 23, 30), channel="phone", resolved=True)
    report = refreshed(write_lake(tmp_path / "lake", [only]))
    assert report.months_rebuilt == ("2024-05",)
    dimensions = ("Bill", "(none)", "phone", *["(none)"] * 4)
    with open_mart(tmp_path / "mart") as mart:
        ((key, counts),) = daily_of(mart).items()
        facts = mart.facts
    assert key == (202405, date(2024, 6, 1), dimensions, True, True, None, None, 14, 1)
    ones = {"contacts", "resolved_known", "resolved", "unmeasured"}
    assert counts == {name: int(name in ones) for name in counts}
    assert (facts.contacts, facts.identified, facts.dimensions) == (1, 1, ("intent", "channel"))
    assert (facts.data_from, facts.data_to, facts.watermark) == (date(2024, 6, 1), date(2024, 6, 1), T)
    assert (facts.timezone, facts.version) == ("Europe/Rome", report.version)


def test_windows_include_their_end(tmp_path: Path, refreshed: Refreshed, engine: DuckDBEngine) -> None:
    start = datetime(2024, 3, 1, 8)
    tick = timedelta(microseconds=1)
    contacts = [contact(0, None, start - timedelta(days=200))]
    for number, gap in enumerate(timedelta(days=d) + t for d in (1, 3, 7, 14, 30) for t in (-tick, 0 * tick, tick)):
        first = contact(2 * number + 1, f"c{number}", start, ended_at=start + timedelta(hours=5))
        contacts += [first, contact(2 * number + 2, f"c{number}", first.anchor + gap)]
    refreshed(write_lake(tmp_path / "lake", contacts))
    with open_mart(tmp_path / "mart") as mart:
        found = mart.query(
            "SELECT followed_within, count(*) AS n FROM touches "
            "WHERE repeat_within IS NULL AND day = '2024-03-01' GROUP BY ALL ORDER BY ALL"
        )
    # A microsecond more than n days is day n + 1: of the last, more than 30 days, nothing is told.
    assert dict(zip(found["followed_within"].fillna(0), found["n"], strict=True)) == {
        **dict.fromkeys((1, 3, 7, 14, 30), 2),
        **dict.fromkeys((2, 4, 8, 15), 1),
        0: 1,
    }


def test_contacts_that_start_together_are_told_apart_by_source_then_id(
    tmp_path: Path, refreshed: Refreshed, engine: DuckDBEngine
) -> None:
    at = datetime(2024, 3, 1, 8)
    late = at + timedelta(days=3)
    contacts = [
        Contact("b", "1", "Ann", at),
        Contact("a", "10", "Ann", at, ended_at=at + timedelta(days=2)),
        Contact("a", "9", "Ann", at, ended_at=late - timedelta(hours=1)),
        Contact("a", "2", "Ann", late),
        Contact("a", "3", "Bob", at),
        Contact("a", "4", "Bob", at + timedelta(days=70)),
    ]
    check(tmp_path, refreshed, engine, contacts)
    with open_mart(tmp_path / "mart") as mart:
        repeat = mart.query("SELECT repeat_within FROM touches WHERE day = '2024-03-04'")
    assert list(repeat["repeat_within"]) == [3]


def check(tmp_path: Path, refreshed: Refreshed, engine: DuckDBEngine, contacts: list[Contact]) -> None:
    refreshed(write_lake(tmp_path / "lake", contacts))
    touches = expected_touches(contacts, watermark=T, timezone="Europe/Rome")
    customers = {c.customer_id for c in contacts} - {None}
    names = {engine.rows(f"SELECT key64('{name}')")[0][0]: str(name) for name in customers}
    with open_mart(tmp_path / "mart") as mart:
        assert sorted(map(repr, touches_of(mart, names=names))) == sorted(map(repr, touches))
        assert daily_of(mart) == expected_daily(contacts, touches)
        assert counts_of(mart, "daily_any") == expected_daily_any(contacts, touches)
        assert counts_of(mart, "surveys") == expected_surveys(contacts, touches)
        assert dispersion_of(mart) == expected_dispersion(touches, watermark=T, timezone="Europe/Rome")


def test_design_effects_come_from_the_last_91_days(tmp_path: Path, refreshed: Refreshed) -> None:
    contacts = [
        contact(1, "Ann", datetime(2024, 3, 16, 21, 59)),  # 22:59 on the 92nd day before, in Rome
        contact(2, "Ann", datetime(2024, 3, 16, 23, 0)),  # midnight of the 91st
        contact(3, "Bob", datetime(2024, 6, 14, 12, 0)),  # just mature for a day
        contact(4, "Cid", datetime(2024, 6, 14, 12, 1)),
    ]
    refreshed(write_lake(tmp_path / "lake", contacts))
    with open_mart(tmp_path / "mart") as mart:
        effects = dispersion_of(mart)
    assert effects["Bill", 1, "contact"] == (2, 2, 0, 1.0)
    assert effects["Bill", 3, "contact"] == (1, 1, 0, 1.0)


def test_nothing_is_done_where_nothing_changed(tmp_path: Path, refreshed: Refreshed) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    first = refreshed(files)
    again = refreshed(files[::-1])
    assert (again.version, again.months_rebuilt, again.full) == (first.version, (), False)


def test_a_source_that_lags_is_told_without_rebuilding(tmp_path: Path, refreshed: Refreshed) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    first = refreshed(files)
    lagging = (("crm", datetime(2024, 6, 1)),)
    again = refreshed(files, lagging=lagging)
    assert again.months_rebuilt == ()
    assert again.version != first.version
    with open_mart(tmp_path / "mart") as mart:
        assert mart.facts.lagging == lagging
        assert mart.facts.contacts == 1


def test_only_months_in_reach_are_rebuilt(tmp_path: Path, refreshed: Refreshed) -> None:
    monthly = [contact(m, f"c{m}", datetime(2024, m, 10)) for m in range(1, 7)]
    files = write_lake(tmp_path / "lake", monthly)
    assert refreshed(files).months_rebuilt == tuple(f"2024-{m:02}" for m in range(1, 7))
    new = [contact(100, "c1", datetime(2024, 3, 20)), contact(101, "c2", datetime(2024, 3, 2))]
    # c2 came on February 10, less than 30 days before; c1 on January 10, more than 30.
    assert refreshed([*files, write_file(tmp_path / "lake", new)]).months_rebuilt == ("2024-02", "2024-03")


def test_a_ticket_open_for_long_is_rebuilt_however_old(tmp_path: Path, refreshed: Refreshed) -> None:
    old = contact(1, "Ann", datetime(2023, 1, 5), ended_at=datetime(2024, 5, 20))
    files = write_lake(tmp_path / "lake", [old, contact(2, "Bob", datetime(2023, 6, 1))])
    refreshed(files)
    report = refreshed([*files, write_file(tmp_path / "lake", [contact(3, "Ann", datetime(2024, 6, 1))])])
    assert report.months_rebuilt == ("2023-01", "2024-06")


def test_a_change_can_part_a_repeat_from_what_it_followed(
    tmp_path: Path, refreshed: Refreshed, engine: DuckDBEngine
) -> None:
    # The contact of March 9 follows that of January 30, until one comes between them that was solved at once.
    contacts = [
        contact(0, None, datetime(2023, 11, 1)),
        contact(1, "Ann", datetime(2024, 1, 30), ended_at=datetime(2024, 2, 10)),
        contact(2, "Ann", datetime(2024, 3, 9)),
        contact(3, "Ann", datetime(2024, 1, 31)),
    ]
    check(tmp_path, refreshed, engine, contacts[:3])
    files = write_lake(tmp_path / "lake", contacts[:3])
    refreshed(files)
    report = refreshed([*files, write_file(tmp_path / "lake", contacts[3:])])
    assert report.months_rebuilt == ("2024-01", "2024-03")
    with open_mart(tmp_path / "mart") as mart:
        touches = expected_touches(contacts, watermark=T, timezone="Europe/Rome")
        assert daily_of(mart) == expected_daily(contacts, touches)


def test_ties_are_told_apart_in_months_that_are_not_rebuilt(tmp_path: Path, refreshed: Refreshed) -> None:
    # Both customers' last contact of January 31 is number 2, however they were written; Bob's ended late.
    at, late = datetime(2024, 1, 31), datetime(2024, 2, 20)
    contacts = [contact(0, None, datetime(2023, 6, 1))]
    for customer, ends in (("Ann", (late, None)), ("Bob", (None, late))):
        pair = [Contact(customer, str(n), customer, at, ended_at=end) for n, end in zip((1, 2), ends, strict=True)]
        contacts += [*pair[::-1], contact(ord(customer[0]), customer, datetime(2024, 3, 5))]
        contacts += [replace(c, customer_id=f"{customer} again", contact_id=f"{c.contact_id} too") for c in pair]
        contacts.append(contact(ord(customer[1]), f"{customer} again", datetime(2024, 3, 5)))
    files = write_lake(tmp_path / "lake", contacts)
    refreshed(files)
    new = contact(999, "Cid", datetime(2024, 3, 6))
    assert refreshed([*files, write_file(tmp_path / "lake", [new])]).months_rebuilt == ("2024-03",)
    touches = expected_touches([*contacts, new], watermark=T, timezone="Europe/Rome")
    with open_mart(tmp_path / "mart") as mart:
        assert daily_of(mart) == expected_daily([*contacts, new], touches)


@pytest.mark.parametrize("changed_in", [1, 3])
def test_neighbours_are_found_three_months_away(tmp_path: Path, refreshed: Refreshed, changed_in: int) -> None:
    contacts = [
        contact(0, None, datetime(2022, 6, 1)),
        contact(1, "Ann", datetime(2022, 12, 31), ended_at=datetime(2023, 1, 30)),
        contact(2, "Ann", datetime(2023, 3, 1)),
        contact(3, "Bob", datetime(2023, 1, 31), ended_at=datetime(2023, 3, 2)),
        contact(4, "Bob", datetime(2023, 4, 1)),
    ]
    files = write_lake(tmp_path / "lake", contacts)
    refreshed(files)
    new = contact(9, "Cid", datetime(2023, changed_in, 15))
    report = refreshed([*files, write_file(tmp_path / "lake", [new])])
    assert report.months_rebuilt == (f"2023-{changed_in:02}",)
    touches = expected_touches([*contacts, new], watermark=T, timezone="Europe/Rome")
    assert [touches[2].repeat_within, touches[3].followed_within] == [30, 30]
    with open_mart(tmp_path / "mart") as mart:
        assert daily_of(mart) == expected_daily([*contacts, new], touches)


@pytest.mark.parametrize("back", [False, True])
def test_a_cutoff_that_moves_changes_what_is_mature(tmp_path: Path, refreshed: Refreshed, back: bool) -> None:
    contacts = [
        contact(1, "Ann", datetime(2023, 12, 1)),
        contact(2, "Bob", datetime(2024, 1, 31)),
        contact(3, "Cid", datetime(2023, 6, 1), ended_at=datetime(2024, 2, 10)),
        contact(4, "Dan", datetime(2024, 3, 5)),
    ]
    files = write_lake(tmp_path / "lake", contacts)
    cutoffs = [datetime(2024, 2, 15), datetime(2024, 3, 10)]
    before, after = cutoffs[::-1] if back else cutoffs
    refreshed(files, watermark=before)
    assert refreshed(files, watermark=after).months_rebuilt == ("2023-06", "2024-01", "2024-03")
    touches = expected_touches(contacts, watermark=after, timezone="Europe/Rome")
    with open_mart(tmp_path / "mart") as mart:
        assert daily_of(mart) == expected_daily(contacts, touches)


def test_older_data_moves_the_left_edge(tmp_path: Path, refreshed: Refreshed) -> None:
    contacts = [contact(m, f"c{m}", datetime(2024, m, 10)) for m in (1, 2, 3)]
    older = contact(9, "Zoe", datetime(2023, 6, 20))
    files = write_lake(tmp_path / "lake", contacts)
    refreshed(files)
    files.append(write_file(tmp_path / "lake", [older]))
    assert refreshed(files).months_rebuilt == ("2023-06", "2024-01", "2024-02")
    touches = expected_touches([*contacts, older], watermark=T, timezone="Europe/Rome")
    with open_mart(tmp_path / "mart") as mart:
        assert daily_of(mart) == expected_daily([*contacts, older], touches)


def test_an_end_that_is_corrected_reaches_what_followed_it(tmp_path: Path, refreshed: Refreshed) -> None:
    first = contact(0, None, datetime(2023, 6, 1))
    wrong = contact(1, "Ann", datetime(2024, 1, 5), ended_at=datetime(2024, 3, 1))
    last = contact(2, "Ann", datetime(2024, 3, 20))
    files = write_lake(tmp_path / "lake", [first, wrong, last])
    refreshed(files)
    right = replace(wrong, ended_at=datetime(2024, 1, 6))
    report = refreshed([files[0], write_file(tmp_path / "lake", [right]), files[2]])
    assert report.months_rebuilt == ("2024-01", "2024-03")
    touches = expected_touches([first, right, last], watermark=T, timezone="Europe/Rome")
    with open_mart(tmp_path / "mart") as mart:
        assert daily_of(mart) == expected_daily([first, right, last], touches)


@pytest.mark.parametrize("field", ["engine", "timezone", "format"])
def test_another_engine_zone_or_format_rebuilds_everything(tmp_path: Path, refreshed: Refreshed, field: str) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, m, 1)) for m in (4, 5)])
    refreshed(files)
    file = tmp_path / "mart" / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | {field: 99 if field == "format" else "other"}))
    report = refreshed(files)
    assert (report.full, report.months_rebuilt) == (True, ("2024-04", "2024-05"))


def test_a_removed_file_that_is_gone_rebuilds_everything(tmp_path: Path, refreshed: Refreshed) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, m, 1)) for m in (1, 5)])
    refreshed(files)
    other = write_file(tmp_path / "lake", [contact(7, "Bob", datetime(2024, 5, 2))])
    Path(files[1]).unlink()
    assert refreshed([files[0], other]).months_rebuilt == ("2024-01", "2024-05")


def test_a_garbled_manifest_is_no_mart(tmp_path: Path, refreshed: Refreshed) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    refreshed(files)
    (tmp_path / "mart" / MANIFEST).write_text("{")
    assert read_manifest(tmp_path / "mart") is None
    assert refreshed(files).full


def test_files_of_earlier_marts_stay_for_an_hour(
    tmp_path: Path, refreshed: Refreshed, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    first, _, third = refreshed(files), refreshed(files, full=True), refreshed(files, full=True)
    assert (tmp_path / "mart" / first.version).exists()
    monkeypatch.setattr(refresh_module, "KEEP", timedelta(0))
    refreshed(files)
    assert {path.name for path in (tmp_path / "mart").iterdir()} == {MANIFEST, third.version}


def test_what_a_stopped_refresh_left_behind_is_swept(tmp_path: Path, refreshed: Refreshed) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    report = refreshed(files)
    litter = tmp_path / "mart" / "20200101T000000-dead" / "touches" / "month=202405" / "data_0.parquet"
    litter.parent.mkdir(parents=True)
    litter.write_bytes(b"half")
    (tmp_path / "mart" / f"{MANIFEST}.new").write_bytes(b"half")
    refreshed(files)
    assert {path.name for path in (tmp_path / "mart").iterdir()} == {MANIFEST, report.version}


@pytest.mark.parametrize("fails", ["os.fsync", "duckdb"])
def test_a_full_disk_leaves_the_old_mart(
    tmp_path: Path, refreshed: Refreshed, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    files = write_lake(tmp_path / "lake", [contact(1, "Ann", datetime(2024, 5, 1))])
    first = refreshed(files)
    files.append(write_file(tmp_path / "lake", [contact(2, "Ann", datetime(2024, 5, 3))]))
    if fails == "duckdb":
        Path(files[0]).rename(tmp_path / "elsewhere.parquet")
    else:
        monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StoreError, match=r"DuckDB stopped: IO Error|can't be written: No space left on device"):
        refreshed(files)
    with open_mart(tmp_path / "mart") as mart:
        assert (mart.facts.version, mart.facts.contacts) == (first.version, 1)


def no_space(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes to kill")
def test_killed_at_any_step_the_mart_is_the_old_one_or_the_new(tmp_path: Path, refreshed: Refreshed) -> None:
    old = [contact(1, "Ann", datetime(2024, 2, 20)), contact(2, "Ann", datetime(2024, 5, 20))]
    new = [*old, contact(3, "Ann", datetime(2024, 5, 25))]
    files = write_lake(tmp_path / "lake", old)
    refreshed(files)
    files.append(write_file(tmp_path / "lake", new[2:]))
    command = [sys.executable, "-m", "tests.store.refresh_killed", str(tmp_path), *files]
    statuses = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert len(statuses) > 15
    assert statuses[-1] == "0"
    found = []
    for step in range(1, len(statuses) + 1):
        with open_mart(tmp_path / f"after-{step}") as mart:
            told = new if mart.facts.contacts == len(new) else old
            touches = expected_touches(told, watermark=T, timezone="Europe/Rome")
            assert daily_of(mart) == expected_daily(told, touches)
            assert dispersion_of(mart) == expected_dispersion(touches, watermark=T, timezone="Europe/Rome")
            found.append(len(told))
    assert found == sorted(found)
    assert set(found) == {2, 3}
