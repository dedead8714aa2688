"""The one door through which contacts come in: from a file to the lake, with a receipt that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.contacts.staging import Receipt, Staged, stage
from cx_metrics.contacts.uses import ColumnUse
from cx_metrics.errors import BadUse
from cx_metrics.store import ledger
from cx_metrics.store.engines.workbench import workbench
from cx_metrics.store.home import Home
from cx_metrics.store.lake.compare import Comparison, compare, incoming
from cx_metrics.store.lake.object_store import make_room
from cx_metrics.store.lake.rejects import write_rejects
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.lake.tables import Lake
from cx_metrics.store.privacy import pseudonyms
from cx_metrics.store.privacy.asking import forget
from cx_metrics.store.records import Load, LoadState
from cx_metrics.store.trouble import told


@dataclass(frozen=True)
class LoadResult:
    """What a load did, or, as a dry run, would do.

    Attributes:
        load: Its number in the ledger; None for a dry run.
        receipt: read = accepted + merged + dropped + rejected.
        added: Accepted contacts that are new.
        replaced: Accepted contacts that put a corrected row in place of an older one.
        unchanged: Accepted contacts that were known as they are.
        rejects_file: The rejected rows with a reason each; None where none were.
        complete_until: Until when the source is complete after this load, UTC.
        uses: What each column of the extract was taken for.
    """

    load: int | None
    receipt: Receipt
    added: int
    replaced: int
    unchanged: int
    rejects_file: Path | None
    complete_until: datetime | None
    uses: tuple[ColumnUse, ...]


def load(
    home: Home,
    path: Path,
    *,
    source: str,
    mapping: Mapping,
    actor: str,
    timezone: str | None = None,
    complete_until: datetime | None = None,
    dry_run: bool = False,
    demo: bool = False,
    rejects_to: Path | None = None,
    progress: Progress = silent,
) -> LoadResult:
    """Bring one extract into the lake; a dry run does everything but write. Contacts too old to be kept go then.

    Args:
        home: Where to.
        path: The extract.
        source: Name of the system it came from; contacts are known by (source, contact_id).
        mapping: How its columns become contacts.
        actor: Who loads.
        timezone: Zone of stamps without an offset, where the mapping does not say.
        complete_until: Until when the extract is complete, UTC; default: its newest ``started_at``.
        dry_run: Whether to write nothing.
        demo: Whether the ledger marks it as demo data.
        rejects_to: For a dry run, where to write the rejected rows.
        progress: Told each step and the share done.

    Raises:
        BadInput: The extract or the mapping can't be used; nothing was changed.
        Busy: Another process kept the home for writing too long; nothing was changed.
    """
    _check(home, source)
    with (
        told(f"The load of {path.name}", folder=home.folder),
        home.scratch() as folder,
        workbench(home.settings, folder, files=[path]) as connection,
    ):
        staged = stage(
            path,
            mapping=mapping,
            source=source,
            connection=connection,
            workdir=folder,
            timezone=timezone,
            most_bytes=home.settings.max_unpacked_mb * 1_000_000,
            progress=part(progress, 0.0, 0.6),
        )
        staged = pseudonyms.hidden(connection, staged, key=pseudonyms.key_of(home.settings))
        if dry_run:
            compared = compare(connection, staged=staged.table, source=source, lake=home.lake)
            return _result(None, staged, compared, complete_until, write_rejects(staged, to=rejects_to))
        with home.writing(f"load of {path.name}", progress=progress):
            repair(home, progress=progress)
            progress("comparing with what is known", 0.6)
            compared = compare(connection, staged=staged.table, source=source, lake=home.lake)
            row = _ledger_row(staged, compared, path=path, source=source, mapping=mapping, actor=actor, demo=demo)
            row.complete_until = complete_until or compared.complete_until
            result = _write(home, connection, staged, compared, row=row, progress=part(progress, 0.65, 1.0))
    if home.settings.keep_months:
        forget(home, months=home.settings.keep_months, actor=actor, progress=progress)
    return result


def _check(home: Home, source: str) -> None:
    """What can be known before the extract is read."""
    if not source.strip():
        raise BadUse("A load needs a source: the name of the system the extract came from, such as 'helpdesk'.")
    with home.session() as session:
        pseudonyms.check_key(session, home.settings)


def _write(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    compared: Comparison,
    *,
    row: Load,
    progress: Progress,
) -> LoadResult:
    with home.session() as session:
        pseudonyms.remember_key(session, home.settings, actor=row.actor)
        operation = ledger.begin(session, kind="load", load=row, actor=row.actor).id
    progress("entered in the ledger", 0.0)
    rejects = write_rejects(staged, to=home.rejects_file(row.id))
    progress("rejected rows written", 0.1)
    lake = home.lake
    _claim(connection, lake, load=row.id, compared=compared)
    progress("known rows noted", 0.2)
    if compared.replaced:
        lake.superseded.append(_superseded(connection, lake, load=row.id, source=row.source), operation=operation)
    progress("replaced rows kept", 0.3)
    _commit(connection, lake, staged, compared, load=row.id, operation=operation)
    progress("contacts written", 0.8)
    with home.session() as session:
        ledger.finish(session, operation, state=LoadState.LOADED)
    progress("entered as loaded", 0.9)
    lake.contacts.tidy()
    progress("loaded", 1.0)
    return _result(row.id, staged, compared, row.complete_until, rejects)


def _claim(connection: duckdb.DuckDBPyConnection, lake: Lake, *, load: int, compared: Comparison) -> None:
    if not compared.unchanged:
        return
    target = lake.claims(load)
    make_room(target)
    path = str(target).replace("'", "''")
    connection.execute(
        f"COPY (SELECT contact_id FROM compared WHERE NOT changed) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _superseded(connection: duckdb.DuckDBPyConnection, lake: Lake, *, load: int, source: str) -> pa.RecordBatchReader:
    return connection.sql(
        f"SELECT old.*, CAST({load} AS BIGINT) AS superseded_by FROM {lake.contacts.relation()} AS old "
        "SEMI JOIN (SELECT contact_id FROM compared WHERE changed) USING (contact_id) WHERE old.source = $source",
        params={"source": source},
    ).to_arrow_reader()


def _commit(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    staged: Staged,
    compared: Comparison,
    *,
    load: int,
    operation: int,
) -> None:
    rows = incoming(staged=staged.table, load=load)
    if compared.replaced:
        reader = connection.sql(f"SELECT *, false AS gone FROM ({rows})").to_arrow_reader()
        lake.contacts.merge(reader, months=compared.months, operation=operation)
    else:
        lake.contacts.append(connection.sql(rows).to_arrow_reader(), operation=operation)


def _ledger_row(
    staged: Staged, compared: Comparison, *, path: Path, source: str, mapping: Mapping, actor: str, demo: bool
) -> Load:
    receipt = staged.receipt
    return Load(
        source=source,
        file=path.name,
        mapping=mapping.name,
        demo=demo,
        actor=actor,
        at=ledger.utc_now(),
        state=LoadState.LOADING,
        read=receipt.read,
        accepted=receipt.accepted,
        merged=receipt.merged,
        dropped=receipt.dropped,
        rejected=receipt.rejected,
        added=compared.added,
        replaced=compared.replaced,
        unchanged=compared.unchanged,
    )


def _result(
    number: int | None,
    staged: Staged,
    compared: Comparison,
    complete_until: datetime | None,
    rejects: Path | None,
) -> LoadResult:
    return LoadResult(
        load=number,
        receipt=staged.receipt,
        added=compared.added,
        replaced=compared.replaced,
        unchanged=compared.unchanged,
        rejects_file=rejects,
        complete_until=complete_until or compared.complete_until,
        uses=staged.uses,
    )
