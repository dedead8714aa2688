"""CSV and TSV: a fast reading that any irregular record stops, and a careful one that tells them apart."""

from __future__ import annotations

from itertools import islice
from typing import TextIO

import duckdb

from cx_metrics.contacts.decoding import SURROGATE, Text, find_text, settle
from cx_metrics.contacts.dialect import Dialect, misfit, sniff
from cx_metrics.contacts.headers import clean_headers
from cx_metrics.contacts.landing import LONGEST, Landing, Source, Table, fresh_name, load_csv, no_malformed
from cx_metrics.contacts.records import Record, bounded_lines, split_records

_REPORT_EVERY = 50_000
_NOT_ABOUT_THE_TEXT = (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.InterruptException)


def read_delimited(source: Source, *, delimiter: str | None, encoding: str | None) -> Table:
    """The table in a delimited text file.

    Args:
        source: the file.
        delimiter: the one it must have; default: found out.
        encoding: of the file; default: found out.

    Raises:
        BadExtract: it is no table, has no header, or not the declared encoding.
    """
    text = find_text(source, declared=encoding)
    dialect = _sniff(text, source=source, delimiter=delimiter)
    found = _read_fast(text, source=source, dialect=dialect)
    if found is None and not text.settled:
        settled = settle(text, source=source, declared=encoding)
        if settled.path != text.path:
            dialect = _sniff(settled, source=source, delimiter=delimiter)
            found = _read_fast(settled, source=source, dialect=dialect)
        text = settled
    rows, malformed = found or _read_carefully(text, source=source, dialect=dialect)
    return Table(
        headers=clean_headers(dialect.header),
        relation=rows,
        malformed=malformed,
        format="tsv" if dialect.delimiter == "\t" and len(dialect.header) > 1 else "csv",
        encoding=text.encoding,
        delimiter=dialect.delimiter if len(dialect.header) > 1 else None,
    )


def _open(text: Text) -> TextIO:
    return text.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _sniff(text: Text, *, source: Source, delimiter: str | None) -> Dialect:
    with _open(text) as handle:
        head = handle.read(LONGEST + 1)
        return sniff(head, whole=not handle.read(1), name=source.name, delimiter=delimiter)


def _read_fast(text: Text, *, source: Source, dialect: Dialect) -> tuple[str, str] | None:
    """Rows and malformed, read by DuckDB's strict parser; None where it meets anything irregular.

    What it accepts it splits as `split_records` does, so both ways give the same rows. A text with lines
    before the header, or with a header of several lines, is not for it: it would take the wrong line ends.
    """
    width = len(dialect.header)
    if not dialect.is_plain or width == 1:
        return None
    source.progress("reading", 0.0)
    try:
        cells = load_csv(
            text.path,
            columns={f"c{i}": "VARCHAR" for i in range(width)},
            delimiter=dialect.delimiter,
            longest=LONGEST,
            connection=source.connection,
        )
    except _NOT_ABOUT_THE_TEXT:
        raise
    except duckdb.Error:
        return None
    rows = fresh_name("rows")
    source.connection.execute(f"CREATE TEMP VIEW {rows} AS SELECT rowid + 1 AS row_number, * FROM {cells}")
    source.progress("reading", 1.0)
    return rows, no_malformed(source.connection)


def _read_carefully(text: Text, *, source: Source, dialect: Dialect) -> tuple[str, str]:
    """Rows and malformed, record by record."""
    width = len(dialect.header)
    size = text.path.stat().st_size
    with _open(text) as handle, Landing(source, width=width, delimiter=dialect.delimiter) as landing:
        lines = islice(bounded_lines(handle), dialect.n_skipped, None)
        records = split_records(lines, delimiter=dialect.delimiter, escape=dialect.escape)
        for number, record in enumerate(islice(records, 1, None), start=1):
            problem = misfit(record, width=width) or (_undecodable(record, text) if text.dirty else None)
            if problem is not None:
                landing.reject(number, text=record.text, reason=problem)
            elif len(record.cells) == width and '"' not in record.text:
                landing.add_line(number, line=record.text.rstrip("\r\n"))
            else:
                landing.add(number, cells=record.cells[:width])
            if number % _REPORT_EVERY == 0:
                source.progress("reading", min(1.0, handle.buffer.tell() / size))
        return landing.rows(), landing.malformed


def _undecodable(record: Record, text: Text) -> str | None:
    found = SURROGATE.search(record.text)
    return found and f"byte 0x{ord(found.group()) - 0xDC00:02X} is not {text.encoding}"
