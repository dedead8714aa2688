"""Connections reach their own files, and the product makes them in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from cx_metrics.store.engines.locked import connect

PROJECT = Path(__file__).resolve().parents[2]
PRODUCT = [PROJECT / "app.py", *(PROJECT / "cx_metrics").rglob("*.py"), *(PROJECT / "pages").rglob("*.py")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder ``own [1]`` with a table and a link that leads out of it, beside a secret."""
    own = tmp_path / "own [1]"
    own.mkdir()
    for path in (own / "a.parquet", tmp_path / "secret.parquet"):
        pq.write_table(pa.table({"n": [1, 2]}), path)
    (tmp_path / "secret.txt").write_text("secret")
    (own / "link.parquet").symlink_to(tmp_path / "secret.parquet")
    return own


@pytest.fixture
def connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(folders=[folder]) as opened:
        yield opened


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('{outside}/secret.txt')",
        "FROM read_parquet('{outside}/secret.parquet')",
        "FROM '{outside}/secret.parquet'",
        "FROM read_parquet('{own}/../secret.parquet')",
        "FROM read_parquet('{own}/link.parquet')",
        "FROM glob('{outside}/*')",
        "FROM sniff_csv('{outside}/secret.txt')",
        "COPY (SELECT 1) TO '{outside}/out.csv'",
        "EXPORT DATABASE '{outside}/out'",
        "ATTACH '{outside}/other.db'",
        "FROM read_parquet('http://127.0.0.1:9/a.parquet')",
        "FROM read_parquet('s3://bucket/a.parquet')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{own}/mine.duckdb_extension'",
        "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET allowed_paths = ['{outside}/secret.txt']",
        "SET lock_configuration = false",
        "SET temp_directory = '{outside}'",
        "SET autoload_known_extensions = true",
        "PRAGMA profiling_output = '{outside}/out.json'",
        "FROM passwords",
    ],
)
def test_nothing_else_is_reached(connection: duckdb.DuckDBPyConnection, folder: Path, sql: str) -> None:
    passwords = pa.table({"n": [1]})
    before = sorted(folder.parent.iterdir())
    with pytest.raises(duckdb.Error):
        connection.execute(sql.format(own=str(folder).replace("[", "[[]"), outside=folder.parent)).fetchall()
    assert sorted(folder.parent.iterdir()) == before
    assert passwords.num_rows == 1


def test_a_cursor_is_locked_as_well(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    with connection.cursor() as cursor, pytest.raises(duckdb.PermissionException):
        cursor.execute("FROM read_text(?)", [str(folder.parent / "secret.txt")])


def test_its_own_folder_is_read_and_written(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    own = str(folder).replace("[", "[[]")
    assert connection.execute(f"FROM read_parquet('{own}/a.parquet')").fetchall() == [(1,), (2,)]
    connection.execute(f"COPY (SELECT 3 AS n, '2026-01' AS part) TO '{folder}/out' (FORMAT parquet, PARTITION_BY part)")
    assert [path.name for path in (folder / "out").iterdir()] == ["part=2026-01"]


def test_a_folder_may_be_reached_by_a_link(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "home").symlink_to(folder)
    with connect(folders=[tmp_path / "home"]) as opened:
        assert opened.execute(f"SELECT sum(n) FROM read_parquet('{tmp_path}/home/a.parquet')").fetchone() == (3,)


def test_a_folder_is_no_prefix_of_another(tmp_path: Path) -> None:
    for name in ("home", "home2"):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"n": [1]}), tmp_path / name / "a.parquet")
    with connect(folders=[tmp_path / "home"]) as opened, pytest.raises(duckdb.PermissionException):
        opened.execute(f"FROM read_parquet('{tmp_path}/home2/a.parquet')")


def test_a_single_file_opens_no_folder(tmp_path: Path, folder: Path) -> None:
    with connect(files=[tmp_path / "secret.parquet"]) as opened:
        assert opened.execute(f"SELECT sum(n) FROM read_parquet('{tmp_path}/secret.parquet')").fetchone() == (3,)
        with pytest.raises(duckdb.PermissionException):
            opened.execute(f"FROM read_text('{tmp_path}/secret.txt')")


def test_tables_of_the_program_come_in_by_name_only(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.register("handed_in", ds.dataset(folder.parent / "secret.parquet"))
    assert connection.execute("SELECT sum(n) FROM handed_in").fetchone() == (3,)


def test_the_product_makes_its_connections_in_one_place() -> None:
    found = {}
    for path in PRODUCT:
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = [ast.unparse(call) for call in calls]
        found[path.relative_to(PROJECT).as_posix()] = [
            name for name in names if name.startswith("duckdb.") and not name.startswith("duckdb.sqltypes")
        ]
    assert {path: names for path, names in found.items() if names} == {
        "cx_metrics/store/engines/locked.py": ["duckdb.connect"]
    }
