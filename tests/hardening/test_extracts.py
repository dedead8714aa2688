"""Every extract that means harm ends in a clear sentence or is read right; no traceback, and nothing is left."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.contacts.tables import open_table
from cx_metrics.errors import BadExtract
from cx_metrics.store.engines.workbench import workbench
from tests.hardening.extracts import READ, REFUSED, workbook

MOST = 20_000_000
GIGABYTE = 1 << 20


def peak() -> int:
    """The most memory this process ever had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    name, make, said = REFUSED[case]
    path, work = tmp_path / name, tmp_path / "work"
    path.write_bytes(make())
    work.mkdir()
    before = peak()
    with workbench(Settings(home=tmp_path / "home"), work, files=[path]) as connection:
        with pytest.raises(BadExtract) as error:
            open_table(path, connection=connection, workdir=work, most_bytes=MOST)
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []
    message = str(error.value)
    assert said in message
    assert len(message) < 400
    assert "\n" not in message
    assert list(work.iterdir()) == []
    assert peak() - before < GIGABYTE


@pytest.mark.parametrize("case", READ)
def test_it_is_read_and_every_record_is_counted(tmp_path: Path, case: str) -> None:
    name, make, counts = READ[case]
    path, work = tmp_path / name, tmp_path / "work"
    path.write_bytes(make())
    work.mkdir()
    with workbench(Settings(home=tmp_path / "home"), work, files=[path]) as connection:
        table = open_table(path, connection=connection, workdir=work, most_bytes=MOST)
        for each, count in zip((table.relation, table.malformed), counts, strict=True):
            assert connection.execute(f"SELECT count(*) FROM {each}").fetchone() == (count,)
    assert [path.name for path in tmp_path.iterdir() if path.name not in (name, "work", "home")] == []


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b.csv", "~", "con:"], ids=["long", "NUL", "home", "device"])
def test_a_path_that_is_none_is_a_sentence(tmp_path: Path, name: str) -> None:
    with (
        workbench(Settings(home=tmp_path / "home"), tmp_path) as connection,
        pytest.raises(BadExtract, match=r"There is no file|can't be read"),
    ):
        open_table(tmp_path / name, connection=connection, workdir=tmp_path)


def test_a_workbook_a_little_below_every_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook('<row r="3000"><c r="BXX3000"><v>1</v></c></row>'))
    (tmp_path / "work").mkdir()
    with workbench(Settings(home=tmp_path / "home"), tmp_path / "work", files=[path]) as connection:
        table = open_table(path, connection=connection, workdir=tmp_path / "work")
    assert len(table.headers) == 2000
