"""Opens an extract: whatever file it is, its records become text cells in a DuckDB table."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cx_metrics.contacts.delimited import read_delimited
from cx_metrics.contacts.json_lines import read_json
from cx_metrics.contacts.kinds import READABLE, Kind, kind_of
from cx_metrics.contacts.landing import Source, Table, reason_of
from cx_metrics.contacts.limits import MOST_UNPACKED
from cx_metrics.contacts.naming import shortened
from cx_metrics.contacts.parquet import read_parquet
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.contacts.quoting import identifier
from cx_metrics.contacts.sheets import read_sheet
from cx_metrics.contacts.unpack import unpack
from cx_metrics.errors import BadExtract, StoreError, did_you_mean

__all__ = ["Table", "open_table"]

_NAMED: dict[Kind, str] = {
    "workbook": "a workbook (xlsx)",
    "parquet": "a Parquet file",
    "json": "JSON",
    "delimited": "delimited text (csv or tsv)",
}
_ARCHIVES = ("zip", "gzip")
_KINDS: dict[str, Kind] = {
    "csv": "delimited",
    "tsv": "delimited",
    "xlsx": "workbook",
    "parquet": "parquet",
    "json": "json",
}


def open_table(
    path: Path,
    *,
    connection: duckdb.DuckDBPyConnection,
    workdir: Path,
    format: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    most_bytes: int = MOST_UNPACKED,
    progress: Progress = silent,
) -> Table:
    """The records of an extract as text, on the connection.

    What the file holds decides how it is read, not its name. Records are put into temporary tables, which
    spill to the connection's temporary folder when they outgrow its memory; a Parquet file is read in place.

    Args:
        path: a CSV, TSV, XLSX, Parquet or JSON file, as it is or alone in a .zip or .gz.
        connection: gets temporary tables and views with names of their own; must not be in a transaction.
        workdir: an existing folder for scratch files; gone afterwards, but for an unpacked Parquet file.
        format: csv, tsv, xlsx, parquet or json where the mapping says so; default: found out.
        encoding: of a text file; default: found out.
        sheet: of a workbook with several.
        most_bytes: how many bytes an archive may unpack to.
        progress: told each step.

    Raises:
        BadExtract: the file is no readable table; nothing is left behind.
        StoreError: there is no room to read it; nothing is left behind.
    """
    if format is not None and format not in _KINDS:
        raise BadExtract(f"'{format}' is no format; {did_you_mean(format, _KINDS)}")
    _require_file(path)
    scratch = Path(tempfile.mkdtemp(prefix="extract-", dir=workdir))
    before = _tables(connection)
    keep = False
    try:
        with _no_room(path):
            source, kind = _source(
                path, scratch=scratch, connection=connection, most_bytes=most_bytes, progress=progress
            )
            _require_format(format, kind=kind, name=source.name)
            table = _read(source, kind=kind, format=format, encoding=encoding, sheet=sheet)
            keep = kind == "parquet" and source.path != path
            return table
    except BaseException:
        for name in _tables(connection) - before:
            connection.execute(f"DROP TABLE {identifier(name)}")
        raise
    finally:
        if not keep:
            shutil.rmtree(scratch, ignore_errors=True)


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    return {name for (name,) in found}


def _require_file(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError:
        raise BadExtract(f"There is no file {path}; check the name and the folder.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadExtract(f"{shortened(path.name)} can't be read: {why}.") from None
    if path.is_dir():
        raise BadExtract(f"{path.name or path} is a folder, not a table; name one file in it. {READABLE}")
    if not path.is_file():
        raise BadExtract(f"{path} is no regular file. {READABLE}")


def _source(
    path: Path, *, scratch: Path, connection: duckdb.DuckDBPyConnection, most_bytes: int, progress: Progress
) -> tuple[Source, Kind]:
    """The plain file to read, unpacked where needed, and what it holds."""
    plain, name = path, path.name
    kind = _kind(plain, name=name)
    if kind in _ARCHIVES:
        plain, name = unpack(path, kind=kind, name=name, scratch=scratch, most_bytes=most_bytes, progress=progress)
        kind = _kind(plain, name=name)
        if kind in _ARCHIVES:
            raise BadExtract(f"{name} is an archive inside an archive; unpack it once and load that.")
    if any(sign in str(plain) for sign in "*?["):
        plain = scratch / "extract"
        plain.symlink_to(path.resolve())
    return Source(plain, name, scratch, connection, progress), kind


def _kind(path: Path, *, name: str) -> Kind:
    if path.stat().st_size == 0:
        raise BadExtract(f"{name} is empty; a table needs at least a line that names its columns.")
    return kind_of(path, name=name)


def _require_format(format: str | None, *, kind: Kind, name: str) -> None:
    if format is not None and _KINDS[format] != kind:
        raise BadExtract(
            f"{name} is {_NAMED[kind]}, and the mapping says format = '{format}'; "
            "leave the format out to have it found."
        )


def _read(source: Source, *, kind: Kind, format: str | None, encoding: str | None, sheet: str | None) -> Table:
    if kind == "workbook":
        return read_sheet(source, sheet=sheet)
    if kind == "parquet":
        return read_parquet(source)
    if kind == "json":
        return read_json(source, encoding=encoding)
    return read_delimited(source, delimiter="\t" if format == "tsv" else None, encoding=encoding)


@contextmanager
def _no_room(path: Path) -> Iterator[None]:
    """Say in a sentence what the machine refused."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(f"The disk is full: {path.name} can't be unpacked. Make room and load it again.") from None
        raise BadExtract(f"{path.name} can't be read: {error.strerror or error}.") from None
    except duckdb.Error as error:
        reason = reason_of(error)
        if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
            raise StoreError(
                f"There is too little memory or disk to read {path.name} ({reason}). Make room and try again."
            ) from None
        raise BadExtract(f"{path.name} can't be read: {reason}") from None
