"""Take a load back: as if it had never been loaded.

A contact's versions form a chain, one per load that brought it changed: the newest stands in the lake, the others in
``superseded`` with the load that replaced them. A load that brought a version unchanged has claimed it. When a load
is withdrawn, each of its versions either passes to the next load that claimed it, or goes and what it replaced
takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import BadUse, StoreError
from cx_metrics.store import durable, ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.engines.workbench import workbench
from cx_metrics.store.home import Home
from cx_metrics.store.lake.object_store import StoredFile, make_room
from cx_metrics.store.lake.tables import Lake
from cx_metrics.store.records import Load, LoadState, Operation


def withdraw(home: Home, load: int, *, actor: str, progress: Progress = silent) -> None:
    """Take a load back; to be called while holding the home for writing.

    Raises:
        BadUse: There is no such load, or it does not count any more.
    """
    with home.session() as session:
        row = session.get(Load, load)
        if row is None or row.state != LoadState.LOADED:
            loaded = session.scalars(select(Load.id).where(Load.state == LoadState.LOADED)).all()
            known = ", ".join(str(number) for number in loaded) or "none"
            state = "does not exist" if row is None else f"is {row.state}"
            raise BadUse(f"Load {load} {state}; loads that can be withdrawn: {known}.")
        operation = ledger.begin(session, kind="withdraw", load=row, actor=actor).id
        claimants = session.scalars(
            select(Load.id).where(Load.source == row.source, Load.id > load, Load.state == LoadState.LOADED)
        ).all()
    progress("finding what the load replaced", 0.1)
    with home.scratch() as folder, workbench(home.settings, folder) as connection:
        _plan(connection, home.lake, load=load, claimants=claimants)
        _keep(connection, home.lake, operation=operation)
        progress("superseded rows planned", 0.4)
        _apply(connection, home.lake, operation=operation)
    progress("contacts restored", 0.7)
    if not resume(home, operation_id=operation, load=load):
        raise StoreError(f"Load {load} could not be withdrawn; nothing was changed. Try again.")
    progress("withdrawn", 1.0)


def resume(home: Home, *, operation_id: int, load: int) -> bool:
    """Finish a withdrawal whose commit reached the lake, undo one whose commit did not; say which it was."""
    lake, keep = home.lake, home.lake.kept(operation_id)
    committed = lake.contacts.done() >= operation_id
    if committed:
        if lake.superseded.done() < operation_id and keep.exists():
            with keep.open("rb") as file:
                rows = pq.read_table(file, schema=lake.superseded.schema)
            lake.superseded.replace_all(rows.to_reader(), operation=operation_id)
        lake.claims(load).unlink(missing_ok=True)
    with home.session() as session:
        state = LoadState.WITHDRAWN if committed else LoadState.LOADED
        ledger.finish(session, operation_id, state=state)
        if committed:
            _forget_demo(session, operation_id)
    keep.unlink(missing_ok=True)
    keep.with_suffix(".draft").unlink(missing_ok=True)
    return committed


def _forget_demo(session: Session, operation_id: int) -> None:
    """What the demo company decided goes with the last of its loads, except what somebody has changed since."""
    operation = session.get_one(Operation, operation_id)
    left = session.scalars(select(Load.id).where(Load.demo, Load.state == LoadState.LOADED)).first()
    if left is None and session.get_one(Load, operation.load_id).demo:
        deciding.remove_demo(session, actor=operation.actor)


def _plan(connection: duckdb.DuckDBPyConnection, lake: Lake, *, load: int, claimants: Sequence[int]) -> None:
    """Tables ``change`` (rows for the lake, with ``gone``) and ``superseded_after``."""
    claims = [(number, lake.claims(number)) for number in claimants if lake.claims(number).exists()]
    claimed = " UNION ALL ".join(
        f"SELECT contact_id, {number} AS heir FROM read_parquet('{_quoted(path)}')" for number, path in claims
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE claimed AS {claimed or "SELECT '' AS contact_id, 0 AS heir WHERE false"};
        CREATE TEMP TABLE top AS SELECT * FROM {lake.contacts.relation()} WHERE load = {load};
        CREATE TEMP TABLE replaced AS SELECT * FROM {lake.superseded.relation()};
        CREATE TEMP TABLE versions AS
        WITH own AS (
            SELECT source, contact_id, NULL AS next_load FROM top
            UNION ALL SELECT source, contact_id, superseded_by FROM replaced WHERE load = {load}
        )
        SELECT own.source, own.contact_id, own.next_load, min(claimed.heir) AS heir
        FROM own LEFT JOIN claimed
          ON claimed.contact_id = own.contact_id AND claimed.heir < coalesce(own.next_load, claimed.heir + 1)
        GROUP BY ALL
        """
    )
    contact = ", ".join(f'"{name}"' for name in lake.contacts.schema.names)
    connection.execute(
        f"""
        CREATE TEMP TABLE change AS
        SELECT top.* REPLACE (coalesce(heir, top.load) AS load), heir IS NULL AS gone
        FROM top JOIN versions USING (source, contact_id)
        WHERE heir IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM replaced AS below WHERE below.source = top.source
                          AND below.contact_id = top.contact_id AND below.superseded_by = {load})
        UNION ALL
        SELECT {contact}, false FROM replaced JOIN versions USING (source, contact_id)
        WHERE superseded_by = {load} AND heir IS NULL AND next_load IS NULL;
        CREATE TEMP TABLE superseded_after AS
        SELECT replaced.* REPLACE (
            CASE WHEN load = {load} THEN heir ELSE load END AS load,
            CASE WHEN superseded_by = {load} THEN coalesce(heir, next_load) ELSE superseded_by END AS superseded_by)
        FROM replaced LEFT JOIN versions USING (source, contact_id)
        WHERE (load <> {load} OR heir IS NOT NULL)
          AND (superseded_by <> {load} OR coalesce(heir, next_load) IS NOT NULL)
        """
    )


def _keep(connection: duckdb.DuckDBPyConnection, lake: Lake, *, operation: int) -> None:
    """Write the superseded rows of afterwards to a file that survives a crash."""
    kept = lake.kept(operation)
    draft = kept.with_suffix(".draft")
    make_room(kept)
    connection.execute(f"COPY superseded_after TO '{_quoted(draft)}' (FORMAT parquet)")
    if isinstance(kept, Path):
        durable.put(Path(str(draft)), kept)
    else:
        draft.replace(str(kept))


def _apply(connection: duckdb.DuckDBPyConnection, lake: Lake, *, operation: int) -> None:
    months = [month for (month,) in connection.execute("SELECT DISTINCT month FROM top").fetchall()]
    columns = ", ".join(f'"{name}"' for name in lake.contacts.schema.names)
    rows = connection.sql(f"SELECT {columns}, gone FROM change").to_arrow_table()
    if rows.num_rows:
        lake.contacts.merge(rows.to_reader(), months=months, operation=operation)
    else:
        # A merge of no rows commits nothing, and only a commit says that the withdrawal happened.
        lake.contacts.append(lake.contacts.schema.empty_table().to_reader(), operation=operation)


def _quoted(path: Path | StoredFile) -> str:
    return str(path).replace("'", "''")
