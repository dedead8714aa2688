"""JSON: one object per contact, nested values as dotted columns."""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from cx_metrics.contacts.decoding import Text, find_text, settle
from cx_metrics.contacts.headers import clean_headers
from cx_metrics.contacts.json_columns import find_columns
from cx_metrics.contacts.json_documents import is_lines, write_lines
from cx_metrics.contacts.landing import (
    Source,
    Table,
    file_order,
    fresh_name,
    no_malformed,
    put_malformed,
    reason_of,
)
from cx_metrics.contacts.limits import require_columns
from cx_metrics.contacts.quoting import literal
from cx_metrics.errors import BadExtract

_LONGEST = 1 << 24
_NO_OBJECT = "not a JSON object"
_IS_OBJECT = "coalesce(json_type(record) = 'OBJECT', false)"


def read_json(source: Source, *, encoding: str | None) -> Table:
    """The table in JSON lines, a JSON array, or one object around an array.

    An object's fields become columns with dotted names (``source.type``), the items of a list of objects
    numbered ones (``contacts.0.id``); other lists are JSON text. A record's number is its place in the
    array, or among the lines that are not blank.

    Raises:
        BadExtract: the document is broken, or no record in it is an object.
    """
    text = find_text(source, declared=encoding)
    lines, records = _read(text, source=source)
    bad = _not_objects(records, source=source)
    if bad and not text.settled:
        settled = settle(text, source=source, declared=encoding)
        if settled.path != text.path:
            source.connection.execute(f"DROP TABLE {records}")
            lines, records = _read(settled, source=source)
            bad = _not_objects(records, source=source)
        text = settled
    columns = find_columns(records, where=_IS_OBJECT, connection=source.connection, name=source.name)
    if not columns:
        raise BadExtract(f"{source.name} holds no JSON objects; a table needs one with fields per record.")
    require_columns(len(columns), name=source.name)
    malformed = no_malformed(source.connection)
    put_malformed(malformed, records=_shown(bad, lines=lines), connection=source.connection)
    source.progress("reading", 1.0)
    return Table(
        headers=clean_headers([header for header, _ in columns]),
        relation=_cells(records, pointers=[pointer for _, pointer in columns], source=source),
        malformed=malformed,
        format="json",
        encoding=text.encoding,
        delimiter=None,
    )


def _read(text: Text, *, source: Source) -> tuple[Path, str]:
    """The file of lines, and the table of their JSON; a line that is none is NULL."""
    source.progress("reading", 0.0)
    lines = source.scratch / "lines"
    if not is_lines(text.path):
        write_lines(text.path, to=lines, name=source.name)
    elif _has_mark(text.path):
        with text.path.open("rb") as marked, lines.open("wb") as out:
            marked.seek(len(codecs.BOM_UTF8))
            shutil.copyfileobj(marked, out, 1 << 20)
    else:
        lines = text.path
    records = fresh_name("records")
    reader = (
        f"read_ndjson_objects({literal(str(lines))}, ignore_errors = true, compression = 'uncompressed', "
        f"maximum_object_size = {_LONGEST})"
    )
    try:
        with file_order(source.connection):
            source.connection.execute(f"CREATE TEMP TABLE {records} AS SELECT json AS record FROM {reader}")
    except duckdb.InvalidInputException as error:
        too_long = "maximum_object_size" in str(error)
        why = f"a record is longer than {_LONGEST:,} bytes" if too_long else reason_of(error)
        raise BadExtract(f"{source.name} is broken JSON ({why}); export it again.") from None
    return lines, records


def _has_mark(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(3) == codecs.BOM_UTF8


def _not_objects(records: str, *, source: Source) -> list[int]:
    found = source.connection.execute(f"SELECT rowid + 1 FROM {records} WHERE NOT {_IS_OBJECT} ORDER BY 1")
    return [number for (number,) in found.fetchall()]


def _shown(numbers: list[int], *, lines: Path) -> Iterator[tuple[int, str, str]]:
    """The records with these numbers, which ascend, as they stand."""
    if not numbers:
        return
    wanted = iter(numbers)
    number, following = 0, next(wanted)
    with lines.open(encoding="utf-8", errors="surrogateescape") as handle:
        for line in handle:
            number += bool(line.strip())
            if number == following:
                yield number, line, _NO_OBJECT
                following = next(wanted, 0)
                if not following:
                    return


def _cells(records: str, *, pointers: list[str], source: Source) -> str:
    view = fresh_name("rows")
    paths = ", ".join(literal(pointer) for pointer in pointers)
    cells = ", ".join(f"cells[{i + 1}] AS c{i}" for i in range(len(pointers)))
    source.connection.execute(
        f"CREATE TEMP VIEW {view} AS SELECT row_number, {cells} FROM ("
        f"SELECT rowid + 1 AS row_number, json_extract_string(record, [{paths}]) AS cells "
        f"FROM {records} WHERE {_IS_OBJECT})"
    )
    return view
