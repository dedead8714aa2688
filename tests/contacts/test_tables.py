"""Any format, packed or not, is the same table; what a file holds decides, not its name."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from cx_metrics.contacts.tables import open_table
from cx_metrics.errors import BadExtract
from tests.contacts.reading import csv_text, opened, packed, write

HEADERS = ("Id", "Opened", "Note")
ROWS = [
    ("0017", "2026-01-31 10:00:00", 'says "no", twice\nand leaves'),
    ("18", "2026-02-01 00:00:00", "Zoë; 5,20 € | tab\there"),
    ("19", "", "=1+1"),
]
FORMATS = ("csv", "tsv", "xlsx", "parquet", "json")


def written(folder: Path, *, format: str, name: str | None = None) -> Path:
    """The rows as a file of this format."""
    path = folder / (name or f"calls.{format}")
    if format == "xlsx":
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet("Calls")
        for place, row in enumerate([HEADERS, *ROWS]):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell)
        book.close()
    elif format == "parquet":
        pq.write_table(pa.table({h: [row[i] for row in ROWS] for i, h in enumerate(HEADERS)}), path)
    elif format == "json":
        write(path, "\n".join(json.dumps(dict(zip(HEADERS, row, strict=True))) for row in ROWS))
    else:
        write(path, csv_text([HEADERS, *ROWS], delimiter="\t" if format == "tsv" else ","))
    return path


@pytest.mark.parametrize("packing", ["plain", "zip", "gz"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_packed_or_not_is_the_same_table(tmp_path: Path, format: str, packing: str) -> None:
    found = opened(packed(written(tmp_path, format=format), packing=packing))
    assert found.table.headers == HEADERS
    assert found.rows == ROWS
    assert found.numbers == [1, 2, 3]
    assert found.malformed == []
    assert found.table.format == format
    unpacked_parquet = format == "parquet" and packing != "plain"
    assert [Path(left).name for left in found.left if "/" in left] == ["unpacked"] * unpacked_parquet


@pytest.mark.parametrize("format", FORMATS)
def test_the_name_decides_nothing(tmp_path: Path, format: str) -> None:
    other = "calls.csv" if format != "csv" else "calls.xlsx"
    found = opened(written(tmp_path, format=format, name=other))
    assert (found.table.format, found.rows) == (format, ROWS)


@pytest.mark.parametrize("name", ["calls [1].csv", "calls*.csv", "what?.csv", "it's.csv"])
@pytest.mark.parametrize("format", ["csv", "parquet", "json"])
def test_names_with_signs_that_could_mean_something(tmp_path: Path, format: str, name: str) -> None:
    assert opened(written(tmp_path, format=format, name=name)).rows == ROWS


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_that_fits_is_accepted(tmp_path: Path, format: str) -> None:
    assert opened(written(tmp_path, format=format), format=format).rows == ROWS


@pytest.mark.parametrize(
    ("format", "declared", "what"),
    [
        ("xlsx", "csv", "calls.xlsx is a workbook (xlsx), and the mapping says format = 'csv'"),
        ("csv", "xlsx", "calls.csv is delimited text (csv or tsv), and the mapping says format = 'xlsx'"),
        ("parquet", "json", "calls.parquet is a Parquet file, and"),
        ("json", "tsv", "calls.json is JSON, and"),
    ],
)
def test_a_declared_format_that_is_not_the_files(tmp_path: Path, format: str, declared: str, what: str) -> None:
    with pytest.raises(BadExtract) as error:
        opened(written(tmp_path, format=format), format=declared)
    assert str(error.value).startswith(what)


def test_an_unknown_format_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadExtract, match="'exel' is no format; allowed: csv, tsv, xlsx, parquet, json"):
        opened(written(tmp_path, format="csv"), format="exel")
    with pytest.raises(BadExtract, match="did you mean 'parquet'"):
        opened(written(tmp_path, format="csv"), format="parket")


def test_two_extracts_on_one_connection_keep_apart(tmp_path: Path) -> None:
    connection = duckdb.connect()
    first = open_table(write(tmp_path / "a.csv", "x,y\n1,2\n"), connection=connection, workdir=tmp_path)
    second = open_table(write(tmp_path / "b.csv", "x,y\n3,4\n"), connection=connection, workdir=tmp_path)
    assert connection.execute(f"FROM {first.relation}").fetchall() == [(1, "1", "2")]
    assert connection.execute(f"FROM {second.relation}").fetchall() == [(1, "3", "4")]


def test_rows_keep_the_files_order_where_the_connection_does_not_care(tmp_path: Path) -> None:
    connection = duckdb.connect(config={"preserve_insertion_order": False, "threads": 4})
    lines = "".join(f"{n},{'x' * 50}\n" for n in range(1, 600_001))
    table = open_table(write(tmp_path / "a.csv", "n,x\n" + lines), connection=connection, workdir=tmp_path)
    wrong = f"SELECT count(*), count(*) FILTER (c0 <> CAST(row_number AS VARCHAR)) FROM {table.relation}"
    assert connection.execute(wrong).fetchall() == [(600_000, 0)]
    assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() == (False,)


@pytest.mark.parametrize("packing", ["plain", "zip", "gz"])
def test_progress_goes_from_nothing_to_all(tmp_path: Path, packing: str) -> None:
    steps: list[tuple[str, float]] = []
    rows = [("id", "note"), *((str(n), "x" * 40) for n in range(120_000)), ("ragged",)]
    path = packed(write(tmp_path / "a.csv", csv_text(rows)), packing=packing)
    opened(path, progress=lambda step, share: steps.append((step, share)))
    names = [step for step, _ in steps]
    assert list(dict.fromkeys(names)) == ["unpacking", "reading"][packing == "plain" :]
    assert all(0 <= share <= 1 for _, share in steps)
    reading = [share for step, share in steps if step == "reading"]
    assert reading == sorted(reading)
    assert len(reading) >= 3
