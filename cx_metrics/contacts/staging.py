"""From an extract to contacts: read, map, check, merge; and a receipt that adds up."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from cx_metrics.contacts import times
from cx_metrics.contacts.expressions import ACCEPTED, DROPPED, KEEP, REJECTED, Query
from cx_metrics.contacts.fit import Fit, fit
from cx_metrics.contacts.limits import MOST_UNPACKED
from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.mapping_checks import timezone_misfit
from cx_metrics.contacts.merging import merge
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.contacts.quoting import literal
from cx_metrics.contacts.schema import FIELDS, NONE
from cx_metrics.contacts.stamps import Clock, Reading
from cx_metrics.contacts.tables import Table, open_table
from cx_metrics.contacts.uses import ColumnUse, uses
from cx_metrics.errors import BadUse, StoreError


@dataclass(frozen=True)
class Receipt:
    """What became of every record of an extract: read = accepted + merged + dropped + rejected.

    Attributes:
        read: Records in the extract, those that are no rows included.
        accepted: Contacts staged.
        merged: Good records that another record of the same contact replaced.
        dropped: Records a drop rule left out.
        rejected: Records with a problem.
    """

    read: int
    accepted: int
    merged: int
    dropped: int
    rejected: int

    def __post_init__(self) -> None:
        assert self.read == self.accepted + self.merged + self.dropped + self.rejected, self


@dataclass(frozen=True)
class Staged:
    """The contacts of one extract, checked and typed, one row per contact_id.

    Attributes:
        connection: Where ``table`` and ``rejects`` are.
        receipt: What became of every record.
        uses: What every column was taken for.
        table: All fields of a contact, ``month`` and ``row_number``.
        rejects: row_number, column, value, reason; several rows per rejected record are possible.
    """

    connection: duckdb.DuckDBPyConnection
    receipt: Receipt
    uses: tuple[ColumnUse, ...]
    table: str = "staged"
    rejects: str = "rejects"


def stage(
    path: Path,
    *,
    mapping: Mapping,
    source: str,
    connection: duckdb.DuckDBPyConnection,
    workdir: Path,
    timezone: str | None = None,
    most_bytes: int = MOST_UNPACKED,
    progress: Progress = silent,
) -> Staged:
    """The contacts of an extract file.

    Args:
        path: The extract: CSV, TSV, XLSX, Parquet or JSON lines, packed or not.
        mapping: How its columns become a contact's.
        source: Which system it comes from.
        connection: Where to compute; its views ``staged`` and ``rejects`` are replaced.
        workdir: Folder for the staged files, which live as long as the result is used.
        timezone: Zone of stamps without an offset where the mapping names none.
        most_bytes: How many bytes an archive may unpack to.
        progress: Told every step.

    Raises:
        BadExtract: The file is no readable table.
        BadMapping: The mapping does not fit it, or leaves open how to read its times.
        BadUse: ``timezone`` is no time zone.
        StoreError: There is no room to read or check it.
    """
    table = open_table(
        path,
        connection=connection,
        workdir=workdir,
        format=mapping.format,
        encoding=mapping.encoding,
        sheet=mapping.sheet,
        most_bytes=most_bytes,
        progress=progress,
    )
    return stage_table(
        table,
        mapping=mapping,
        source=source,
        connection=connection,
        workdir=workdir,
        timezone=timezone,
        progress=progress,
    )


def stage_table(
    table: Table,
    *,
    mapping: Mapping,
    source: str,
    connection: duckdb.DuckDBPyConnection,
    workdir: Path,
    timezone: str | None = None,
    progress: Progress = silent,
) -> Staged:
    """The contacts of an opened table; see `stage`."""
    if timezone is not None and (misfit := timezone_misfit(timezone)):
        raise BadUse(f"--timezone: {misfit}")
    try:
        return _staged(
            table,
            mapping=mapping,
            source=source,
            connection=connection,
            workdir=workdir,
            zone=mapping.timezone or timezone,
            progress=progress,
        )
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"There is too little memory or disk to check this extract ({reason}). Make room and try again."
        ) from None


def _staged(
    table: Table,
    *,
    mapping: Mapping,
    source: str,
    connection: duckdb.DuckDBPyConnection,
    workdir: Path,
    zone: str | None,
    progress: Progress,
) -> Staged:
    folder = Path(tempfile.mkdtemp(prefix="staged-", dir=workdir))
    progress("looking at the columns", 0.0)
    query = _query(fit(mapping, headers=table.headers), zone=zone)
    query, whole = times.read_times(query, relation=table.relation, connection=connection)
    progress("checking every row", 0.1)
    rows = folder / "rows.parquet"
    n_bad = _write_rows(query, table=table, to=rows, connection=connection)
    rejected = f"(FROM {_parquet(rows)} WHERE state = {REJECTED})"
    bad = f"(FROM {table.relation} SEMI JOIN {rejected} USING (row_number))"
    if n_bad and not whole and times.has_surprises(query, source=bad, connection=connection):
        query = times.settled(query, relation=table.relation, connection=connection)
        n_bad = _write_rows(query, table=table, to=rows, connection=connection)
    progress("writing down the problems", 0.7)
    problems = [query.problems(bad)] * bool(n_bad)
    _write_rejects(problems, table=table, to=folder / "rejects.parquet", connection=connection)
    progress("merging rows of the same contact", 0.8)
    contacts, merged = merge(query, rows=rows, to=folder / "contacts.parquet", connection=connection)
    _create_staged(query.fit, contacts=contacts, source=source, connection=connection)
    progress("done", 1.0)
    return Staged(
        connection=connection,
        receipt=_receipt(_parquet(rows), merged=merged, table=table, connection=connection),
        uses=uses(query, staged="staged", connection=connection),
    )


def first_rows(table: Table, *, connection: duckdb.DuckDBPyConnection, n: int = 20) -> list[dict[str, str]]:
    """The first ``n`` rows of a table as they stand, by header; missing cells are empty texts."""
    cells = ", ".join(f"coalesce(c{at}, '')" for at in range(len(table.headers)))
    found = connection.execute(f"SELECT {cells} FROM {table.relation} ORDER BY row_number LIMIT ?", [n])
    return [dict(zip(table.headers, row, strict=True)) for row in found.fetchall()]


def _query(fitted: Fit, *, zone: str | None) -> Query:
    readings = {
        filled.field.name: Reading(filled.rule.format) for filled in fitted.filled if filled.field.kind == "timestamp"
    }
    if fitted.keep is not None:
        same = [f.field.name for f in fitted.filled if f.positions == (fitted.keep,) and f.field.name in readings]
        readings[KEEP] = readings[same[0]] if same else Reading(None)
    newest = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
    return Query(fitted, readings, Clock(zone, newest))


def _write_rows(query: Query, *, table: Table, to: Path, connection: duckdb.DuckDBPyConnection) -> int:
    connection.execute(f"COPY ({query.rows(table.relation)}) TO {literal(str(to))} (FORMAT parquet)")
    return _count(connection, f"SELECT count(*) FROM {_parquet(to)} WHERE state = {REJECTED}")


def _write_rejects(problems: list[str], *, table: Table, to: Path, connection: duckdb.DuckDBPyConnection) -> None:
    malformed = f'SELECT row_number, "column", "value", reason FROM {table.malformed}'
    found = " UNION ALL ".join([malformed, *problems])
    connection.execute(f"COPY ({found} ORDER BY row_number) TO {literal(str(to))} (FORMAT parquet)")
    connection.execute(f"CREATE OR REPLACE VIEW rejects AS FROM {_parquet(to)}")


def _create_staged(fitted: Fit, *, contacts: Path, source: str, connection: duckdb.DuckDBPyConnection) -> None:
    constants = {"source": source, "intent": NONE} | fitted.constants
    written = {name: literal(value) for name, value in constants.items()}
    written |= {filled.field.name: filled.field.name for filled in fitted.filled}
    fields = [f"CAST({written.get(f.name, 'NULL')} AS {f.sql_type}) AS {f.name}" for f in FIELDS]
    connection.execute(f"""
        CREATE OR REPLACE VIEW staged AS
        SELECT {", ".join(fields)}, strftime(started_at, '%Y-%m') AS month, row_number
        FROM {_parquet(contacts)} WHERE state = {ACCEPTED}""")


def _receipt(rows: str, *, merged: int, table: Table, connection: duckdb.DuckDBPyConnection) -> Receipt:
    counts = dict(connection.execute(f"SELECT state, count(*) FROM {rows} GROUP BY state").fetchall())
    malformed = _count(connection, f"SELECT count(DISTINCT row_number) FROM {table.malformed}")
    good, dropped = counts.get(ACCEPTED, 0), counts.get(DROPPED, 0)
    rejected = malformed + counts.get(REJECTED, 0)
    return Receipt(good + dropped + rejected, good - merged, merged, dropped, rejected)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
