"""Where the records of an extract rest while they are mapped: two tables on the caller's connection."""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from cx_metrics.contacts.progress import Progress
from cx_metrics.contacts.quoting import literal

SHOWN = 200
"""Characters of a malformed record that people see."""

LONGEST = 2_000_000
"""Characters a record may have; DuckDB's own limit for a line of CSV."""

_MALFORMED = '(row_number BIGINT, "column" VARCHAR, value VARCHAR, reason VARCHAR)'
_BATCH = 50_000
_BYTES = 4


@dataclass(frozen=True)
class Source:
    """One plain file to read, with what reading it needs.

    Attributes:
        path: the unpacked file.
        name: what messages call it, e.g. ``calls.csv in export.zip``.
        scratch: a folder of its own that is removed after reading.
        connection: where its tables go.
        progress: told how far reading is.
    """

    path: Path
    name: str
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    progress: Progress


@dataclass(frozen=True)
class Table:
    """The records of one extract, as text, on a DuckDB connection.

    Attributes:
        headers: cleaned column names, unique whatever their case, as a mapping addresses them.
        relation: a temporary table or view with row_number BIGINT (1 = first record after the header,
            malformed ones counted) and c0 .. c{n-1} VARCHAR; an empty text or NULL is a missing cell.
        malformed: a temporary table (row_number, "column", value, reason) of the records that are no rows.
        format: csv, tsv, xlsx, parquet or json.
        encoding: of a text file, else None.
        delimiter: of a delimited file with several columns, else None.
    """

    headers: tuple[str, ...]
    relation: str
    malformed: str
    format: str
    encoding: str | None
    delimiter: str | None


def fresh_name(kind: str) -> str:
    """A table name that no other extract on this connection has."""
    return f"extract_{uuid.uuid4().hex[:12]}_{kind}"


def reason_of(error: duckdb.Error) -> str:
    """What DuckDB complained about, in its first line, without its class and the folders of files."""
    reason = re.sub(r"^[A-Z][\w ]* Error: ", "", str(error).splitlines()[0]).strip()
    return re.sub(r"(['\"])/[^'\"]*/", r"\1", reason)


def shortened(text: str) -> str:
    """A record's text as people see it beside a reason: at most 200 characters, undecodable bytes as �."""
    shown = text.rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def no_malformed(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of a new, empty table of malformed records."""
    name = fresh_name("malformed")
    connection.execute(f"CREATE TEMP TABLE {name} {_MALFORMED}")
    return name


def put_malformed(
    table: str, *, records: Iterable[tuple[int, str, str]], connection: duckdb.DuckDBPyConnection
) -> None:
    """Add records that are no rows to a table of them: number, text and reason of each."""
    columns = list(zip(*records, strict=True))
    if columns:
        numbers, texts, reasons = columns
        cells = {
            "row_number": pa.array(numbers, pa.int64()),
            "column": pa.nulls(len(numbers), pa.string()),
            "value": pa.array([shortened(text) for text in texts], pa.string()),
            "reason": pa.array(reasons, pa.string()),
        }
        batch = fresh_name("batch")
        connection.register(batch, pa.table(cells))
        connection.execute(f"INSERT INTO {table} FROM {batch}")
        connection.unregister(batch)


def load_csv(
    path: Path,
    *,
    columns: Mapping[str, str],
    delimiter: str,
    longest: int,
    connection: duckdb.DuckDBPyConnection,
) -> str:
    """A new table of the records below the header of a CSV file, in their order.

    Its rowid is a record's place, from 0.

    Args:
        path: a UTF-8 file whose name has no wildcards.
        columns: name and SQL type of each.
        delimiter: between cells.
        longest: bytes a record may have.
        connection: where the table goes.

    Raises:
        duckdb.Error: a record is irregular: ragged, broken quotes, not UTF-8, mixed line ends.
    """
    table = fresh_name("cells")
    kinds = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    reader = (
        f"read_csv({literal(str(path))}, columns = {{{kinds}}}, auto_detect = false, header = true, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"compression = 'none', max_line_size = {longest})"
    )
    with file_order(connection):
        connection.execute(f"CREATE TEMP TABLE {table} AS FROM {reader}")
    return table


@contextmanager
def file_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Rows written inside keep the order of the file, so that a table's rowid is the record's place."""
    row = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone()
    keeps = bool(row and row[0])
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        if not keeps:
            connection.execute("SET preserve_insertion_order = false")


class Landing:
    """Records put down one by one: rows in a clean CSV file that DuckDB then takes in whole."""

    def __init__(self, source: Source, *, width: int, delimiter: str = ",") -> None:
        self._source = source
        self._columns = [f"c{i}" for i in range(width)]
        self._delimiter = delimiter
        self._path = source.scratch / "rows"
        self._longest = 0
        self._bad: list[tuple[int, str, str]] = []

    def __enter__(self) -> Landing:
        self.malformed = no_malformed(self._source.connection)
        self._out = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._out, delimiter=self._delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self._out.write(self._delimiter.join(["row_number", *self._columns]) + "\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()

    def add(self, number: int, *, cells: Sequence[str]) -> None:
        """Put down a row."""
        self._longest = max(self._longest, sum(map(len, cells)))
        self._writer.writerow((number, *cells))

    def add_line(self, number: int, *, line: str) -> None:
        """Put down a row as it stands: cells between delimiters, no quotes, no line end."""
        self._longest = max(self._longest, len(line))
        self._out.write(f"{number}{self._delimiter}{line}\n")

    def reject(self, number: int, *, text: str, reason: str) -> None:
        """Put down a record that is no row."""
        self._bad.append((number, text[: 2 * SHOWN], reason))
        if len(self._bad) >= _BATCH:
            self._put_bad()

    def rows(self) -> str:
        """The name of the table of rows; call it once, when all are put down."""
        self._out.close()
        self._put_bad()
        rows = load_csv(
            self._path,
            columns={"row_number": "BIGINT", **dict.fromkeys(self._columns, "VARCHAR")},
            delimiter=self._delimiter,
            longest=max(LONGEST, 2 * _BYTES * self._longest),
            connection=self._source.connection,
        )
        self._path.unlink()
        return rows

    def _put_bad(self) -> None:
        put_malformed(self.malformed, records=self._bad, connection=self._source.connection)
        self._bad = []
