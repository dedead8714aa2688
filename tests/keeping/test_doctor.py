"""Each damage to a real home is told of as itself, and by nothing else; a sound home has nothing to tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from cx_metrics.cli import main as cli
from cx_metrics.keeping.doctor import examine, mend
from cx_metrics.keeping.finding import Weight
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.marts import mart
from tests.missing import missing
from tests.store import works

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sound_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doctor") / "sound"
    works.with_second_refreshed(str(folder), "")
    mend(works.home_at(folder))
    database.engine(works.home_at(folder).settings.records_url).dispose()
    return folder


@pytest.fixture
def home(sound_home: Path) -> Iterator[Home]:
    """The sound home itself, restored as it was afterwards: the mart names the files of its lake by their paths."""
    kept = sound_home.with_name("kept")
    shutil.copytree(sound_home, kept)
    found = works.home_at(sound_home)
    yield found
    database.engine(found.settings.records_url).dispose()
    shutil.rmtree(sound_home)
    kept.rename(sound_home)


def told(home: Home) -> list[tuple[str, Weight]]:
    return [(each.check, each.weight) for each in examine(home)]


@dataclass(frozen=True)
class Damage:
    """A damage, and what is to be told of it.

    Attributes:
        name: Of the case.
        do: Does it.
        check: What the one finding is about.
        says: Words of it.
        repaired: Whether ``doctor --repair`` mends it.
        weight: How bad it is.
    """

    name: str
    do: Callable[[Home], object]
    check: str
    says: str
    repaired: bool = False
    weight: Weight = Weight.WRONG


def _lake_file(home: Home) -> Path:
    return Path(home.lake.contacts.files()[0])


def _mart_file(home: Home, table: str = "daily") -> Path:
    present = mart.read_manifest(home.mart)
    assert present is not None
    return home.mart / present.files[table][min(present.files[table])][0]


def _rewritten(file: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.ParquetFile(file).read()), file)


def _without_a_row(home: Home) -> None:
    file = _lake_file(home)
    size = file.stat().st_size
    _rewritten(file, lambda table: table.slice(1))
    with file.open("r+b") as opened:
        opened.truncate(size)


def _byte(file: Path, at: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        old = opened.read(1)
        opened.seek(at)
        opened.write(bytes([old[0] ^ 1]))


def _other_figure(home: Home) -> None:
    """The mart says one contact more than there are, in a file that agrees with its checksum."""
    file = _mart_file(home)
    names = pq.ParquetFile(file).schema_arrow.names
    at = names.index("contacts")
    _rewritten(
        file, lambda table: table.set_column(at, "contacts", pa.array([n.as_py() + 1 for n in table["contacts"]]))
    )
    present = json.loads((home.mart / mart.MANIFEST).read_text())
    del present["digests"][str(file.relative_to(home.mart))]
    (home.mart / mart.MANIFEST).write_text(json.dumps(present))


def _sql(*statements: str) -> Callable[[Home], None]:
    def run(home: Home) -> None:
        database.engine(home.settings.records_url).dispose()
        made = create_engine(home.settings.records_url)
        with made.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        made.dispose()

    return run


def _torn_records(home: Home) -> None:
    database.engine(home.settings.records_url).dispose()
    file = home.folder / "records.sqlite"
    for name in ("records.sqlite-wal", "records.sqlite-shm"):
        (home.folder / name).unlink(missing_ok=True)
    with file.open("r+b") as opened:
        opened.seek(3 * 4096)
        opened.write(b"\xff" * 4096)


def _scratch_of_the_dead(home: Home) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (home.folder / "work" / f"{gone.pid}-1").mkdir(parents=True)


def _old_orphan(home: Home) -> None:
    orphan = _lake_file(home).with_name("part-00000-lost.snappy.parquet")
    shutil.copy(_lake_file(home), orphan)
    old = orphan.stat().st_mtime - timedelta(days=30).total_seconds()
    os.utime(orphan, (old, old))


def _built_tomorrow(home: Home) -> None:
    file = home.mart / mart.MANIFEST
    present = json.loads(file.read_text())
    file.write_text(json.dumps(present | {"built_at": "2999-01-01T00:00:00"}))


def _log(home: Home) -> Path:
    return max((Path(home.lake.contacts.place) / "_delta_log").glob("*.json"))


_LOADS = "INSERT INTO operations (kind, load_id, actor, open) VALUES"
DAMAGES = (
    Damage("lake file gone", lambda home: _lake_file(home).unlink(), "lake", "gone"),
    Damage("lake file shorter", lambda home: os.truncate(_lake_file(home), 100), "lake", "100 bytes"),
    Damage(
        "lake file with other bytes",
        lambda home: _byte(_lake_file(home), -6 + _lake_file(home).stat().st_size),
        "lake",
        "can't be read",
    ),
    Damage("lake log torn", lambda home: os.truncate(_log(home), 40), "lake", "log can't be read"),
    Damage("lake older than the records", lambda home: _log(home).unlink(), "ledger", "the lake is older"),
    Damage("records older than the lake", _sql("DELETE FROM operations WHERE id = 2"), "ledger", "records are older"),
    Damage(
        "load without contacts", _sql("UPDATE loads SET added = 9, accepted = 11 WHERE id = 2"), "ledger", "2 of the 10"
    ),
    Damage(
        "contacts of a failed load",
        _sql("UPDATE loads SET state = 'failed' WHERE id = 2", "DELETE FROM operations WHERE id = 2"),
        "ledger",
        "is failed",
    ),
    Damage("interrupted load", _sql(f"{_LOADS} ('withdraw', 2, 'x', true)"), "ledger", "interrupted", True),
    Damage("confirmed keys gone", lambda home: home.lake.claims(2).unlink(), "ledger", "gone or unreadable"),
    Damage(
        "rejected rows gone", lambda home: home.rejects_file(2).unlink(), "ledger", "not listed", False, Weight.WARNING
    ),
    Damage("mart gone", lambda home: shutil.rmtree(home.mart), "freshness", "there is none", True),
    Damage("manifest torn", lambda home: os.truncate(home.mart / mart.MANIFEST, 50), "mart", "can't be read", True),
    Damage("mart file gone", lambda home: _mart_file(home).unlink(), "mart", "gone", True),
    Damage(
        "mart file with another byte",
        lambda home: _byte(_mart_file(home), 30),
        "mart",
        "not those that were written",
        True,
    ),
    Damage("mart with another figure", _other_figure, "mart", "daily of 2026-01: 1 rows", True),
    Damage(
        "mart of an earlier cut-off",
        _sql("UPDATE loads SET complete_until = '2026-03-01 00:00:00.000000' WHERE id = 2"),
        "freshness",
        "complete to",
        True,
    ),
    Damage("built in the future", _built_tomorrow, "clock", "still to come", True),
    Damage("forecast gone", lambda home: shutil.rmtree(home.forecast), "freshness", "not that of", True),
    Damage(
        "forecast torn",
        lambda home: os.truncate(home.forecast / "forecast.parquet", 50),
        "forecast",
        "can't be read",
        True,
    ),
    Damage(
        "signals torn",
        lambda home: os.truncate(home.folder / "signals" / "signals.json", 5),
        "signals",
        "not those of",
        True,
        Weight.WARNING,
    ),
    Damage("records torn", _torn_records, "records", ""),
    Damage(
        "records of an older version",
        _sql("UPDATE alembic_version SET version_num = '0001'"),
        "records",
        "older version",
    ),
    Damage(
        "records of a newer version",
        _sql("UPDATE alembic_version SET version_num = '9999'"),
        "records",
        "newer version",
    ),
    Damage("a table is gone", _sql("DROP TABLE disputes"), "records", "not those of version"),
    Damage(
        "a row without its parent",
        _sql("PRAGMA foreign_keys = OFF", f"{_LOADS} ('load', 77, 'x', false)"),
        "records",
        "name a row of loads",
    ),
    Damage("scratch of a dead process", _scratch_of_the_dead, "leftovers", "stopped", True, Weight.WARNING),
    Damage(
        "half-written file",
        lambda home: (home.folder / "signals" / "signals.json.4711").touch(),
        "leftovers",
        "stopped",
        True,
        Weight.WARNING,
    ),
    Damage("orphan in the lake", _old_orphan, "leftovers", "1 file that no", True, Weight.WARNING),
    Damage(
        "orphan in the mart",
        lambda home: (home.mart / "lost.parquet").touch(),
        "leftovers",
        "stopped",
        True,
        Weight.WARNING,
    ),
    Damage(
        "open to everybody", lambda home: home.folder.chmod(0o755), "permissions", "every user", False, Weight.WARNING
    ),
    Damage("interrupted restore", lambda home: (home.folder / "restoring").mkdir(), "restore", "interrupted", True),
)


def test_a_sound_home_has_nothing_to_tell(home: Home) -> None:
    assert examine(home) == ()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_each_damage_is_told_of(home: Home, damage: Damage) -> None:
    damage.do(home)
    found = examine(home)
    assert {(each.check, each.weight) for each in found} == {(damage.check, damage.weight)}, found
    assert any(damage.says in each.what for each in found), found
    assert all(each.mend and each.where for each in found)
    if damage.repaired:
        mend(home)
        assert examine(home) == ()


def test_a_locked_home_says_who_writes(home: Home) -> None:
    holding = "import sys, time; from tests.store.works import home_at\n"
    holding += "with home_at(sys.argv[1]).writing('nightly load'):\n    print('held', flush=True); time.sleep(99)"
    holder = subprocess.Popen([sys.executable, "-c", holding, str(home.folder)], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        (found,) = examine(home)
    finally:
        holder.kill()
        holder.wait()
    assert (found.check, found.weight) == ("lock", Weight.WARNING)
    assert f"nightly load, process {holder.pid}" in found.what


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Path]:
    """A disk of its own at a folder."""
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "x", folder], check=False).returncode
    ):
        missing("a small disk can't be mounted here: it takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_told_of(home: Home, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size="60m") as disk:
        other = disk / "home"
        works.with_second_refreshed(str(other), "")
        mend(works.home_at(other))
        assert told(works.home_at(other)) == [("room", Weight.WARNING)]
        database.engine(works.home_at(other).settings.records_url).dispose()


def test_the_command_prints_findings_and_ends_with_1(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CX_HOME", str(home.folder))
    monkeypatch.setattr(sys, "argv", ["cx_metrics", "doctor", "--json"])
    assert _status() == 0
    assert json.loads(capsys.readouterr().out) == []
    _mart_file(home).unlink()
    assert _status() == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["check"] == "mart"
    assert found["weight"] == "wrong"
    assert "doctor --repair" in found["mend"]
    monkeypatch.setattr(sys, "argv", ["cx_metrics", "doctor", "--repair"])
    assert _status() == 0
    assert "Nothing is wrong" in capsys.readouterr().out


def _status() -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0
