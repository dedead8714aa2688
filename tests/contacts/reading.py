"""Opens extracts for tests and takes their rows out."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from cx_metrics.contacts.progress import silent
from cx_metrics.contacts.tables import Table, open_table


@dataclass(frozen=True)
class Opened:
    """What an extract was read as; missing cells are empty texts."""

    table: Table
    rows: list[tuple[str, ...]]
    numbers: list[int]
    malformed: list[tuple[Any, ...]]
    left: list[str]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One for all tests: to connect takes longer than to read."""
    return duckdb.connect()


def opened(path: Path, **options: Any) -> Opened:
    """The extract, read with an empty working folder."""
    connection = _connection()
    with tempfile.TemporaryDirectory() as folder:
        options.setdefault("progress", silent)
        table = open_table(path, connection=connection, workdir=Path(folder), **options)
        found = connection.execute(f"FROM {table.relation} ORDER BY row_number").fetchall()
        described = connection.execute(f"DESCRIBE {table.relation}").fetchall()
        assert [(name, kind) for name, kind, *_ in described] == [
            ("row_number", "BIGINT"),
            *((f"c{i}", "VARCHAR") for i in range(len(table.headers))),
        ]
        return Opened(
            table=table,
            rows=[tuple(cell or "" for cell in row[1:]) for row in found],
            numbers=[row[0] for row in found],
            malformed=connection.execute(f"FROM {table.malformed} ORDER BY row_number").fetchall(),
            left=sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*")),
        )


def write(path: Path, content: str | bytes, *, encoding: str = "utf-8") -> Path:
    """The file with this content, as it stands."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def csv_text(rows: Sequence[Sequence[str]], **dialect: Any) -> str:
    """The rows as Python's csv module writes them."""
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows(rows)
    return out.getvalue()


def packed(path: Path, *, packing: str) -> Path:
    """The file as it is, or alone in a .zip (beside what a Mac adds) or .gz."""
    if packing == "gz":
        to = path.with_name(path.name + ".gz")
        to.write_bytes(gzip.compress(path.read_bytes()))
        return to
    if packing == "zip":
        to = path.with_name(path.name + ".zip")
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.mkdir("calls")
            archive.write(path, f"calls/{path.name}")
            archive.writestr(f"__MACOSX/._{path.name}", b"\0\5\26\7")
        return to
    return path
