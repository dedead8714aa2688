"""Erasing: contacts that go for good, from every snapshot, file and record, whatever kills it in the middle.

An erasure writes down first what is to go, as a file that is there while its operation is open. Each step can be done
again, so a start that finds the operation open does all of them from the first on. The trail says that somebody was
erased, when and by whom, and never who it was.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.contacts.quoting import literal
from cx_metrics.store import database, ledger
from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.durable import put
from cx_metrics.store.engines.workbench import workbench
from cx_metrics.store.home import Home
from cx_metrics.store.lake.object_store import StoredFile
from cx_metrics.store.lake.rejects import COLUMNS
from cx_metrics.store.privacy.erasure_plan import KINDS, Plan, plan_file, read_plan, write_plan
from cx_metrics.store.privacy.redacting import ERASED, Gone, named_contacts, redact
from cx_metrics.store.records import Load, Operation


def find(home: Home, plan: Plan, *, to: Path | None = None) -> Plan:
    """The plan with the numbers of what goes; written down where it is to be carried out.

    Args:
        home: Where to look.
        plan: Who or what.
        to: The file of the plan.
    """
    with home.scratch() as folder, workbench(home.settings, folder) as connection:
        counts = _find(connection, home, plan)
        found = replace(plan, contacts=counts[0], superseded=counts[1])
        if to is not None:
            keys = connection.sql("SELECT * FROM keys").to_arrow_table()
            write_plan(found, keys, to=to)
    return found


def begin(home: Home, plan: Plan, *, actor: str) -> int:
    """Number an erasure, and write down what is to go, before anything does; to be called while holding the home.

    Returns:
        The number.
    """
    draft = home.folder / "erasing" / "draft.parquet"
    find(home, plan, to=draft)
    with home.session() as session:
        operation = Operation(kind=plan.kind, load_id=None, actor=actor)
        session.add(operation)
        session.flush()
        put(draft, plan_file(home, operation.id))
    return operation.id


def resume(home: Home, *, operation_id: int, progress: Progress = silent) -> Plan | None:
    """Carry an erasure out, from the first step or again; None where its plan is lost, or lies on another machine."""
    file = plan_file(home, operation_id)
    if not file.exists() and home.is_shared:
        return None
    if not file.exists():
        with home.session() as session:
            _close(session, operation_id, None, {})
        return None
    plan = read_plan(file)
    _clear_lake(home, plan, file, operation=operation_id, progress=progress)
    _clear_rejects(home, plan)
    if plan.ids:
        # An extract that waits to be loaded can name the person too; whoever waits has to hand it in again.
        for upload in (home.folder / "work").glob("*"):
            shutil.rmtree(upload, ignore_errors=True)
    progress("rejected rows and uploads cleared", 0.5)
    changed = _clear_records(home, plan, file)
    progress("records cleared", 0.6)
    home.lake.contacts.purge()
    progress("older snapshots of contacts removed", 0.75)
    home.lake.superseded.purge()
    progress("older snapshots of superseded rows removed", 0.85)
    database.scrub(home.settings.records_url)
    progress("database written anew", 0.9)
    with home.session() as session:
        _close(session, operation_id, plan, changed)
    progress("entered in the audit trail", 0.95)
    sweep(home)
    progress("erased", 1.0)
    return plan


def sweep(home: Home) -> None:
    """Remove plans whose erasure is not open: what they name is gone, or was never begun."""
    with home.session() as session:
        still_open = select(Operation.id).where(Operation.open, Operation.kind.in_(KINDS))
        needed = {plan_file(home, number) for number in session.scalars(still_open)}
    for file in (home.folder / "erasing").glob("*"):
        if file not in needed:
            file.unlink(missing_ok=True)


def _find(connection: duckdb.DuckDBPyConnection, home: Home, plan: Plan) -> tuple[int, int]:
    """Table ``keys`` of the contacts that are named nowhere any more afterwards; how many rows go of which table."""
    contacts, superseded = home.lake.contacts.relation(), home.lake.superseded.relation()
    connection.execute(
        f"""
        CREATE TEMP TABLE keys AS
        SELECT source, contact_id FROM {contacts} WHERE {plan.condition}
        UNION SELECT source, contact_id FROM {superseded} AS old WHERE {plan.condition}
          AND NOT EXISTS (SELECT 1 FROM {contacts} AS now
                          WHERE now.source = old.source AND now.contact_id = old.contact_id)
        """
    )
    return (
        _count(connection, f"SELECT count(*) FROM {contacts} WHERE {plan.condition}"),
        _count(connection, f"SELECT count(*) FROM {superseded} AS old WHERE {_of_gone(plan, 'keys')}"),
    )


def _of_gone(plan: Plan, keys: str) -> str:
    """SQL of the superseded rows that go: those of the plan, and every version of a contact that goes."""
    return (
        f"({plan.condition} OR EXISTS (SELECT 1 FROM {keys} AS gone "
        "WHERE gone.source = old.source AND gone.contact_id = old.contact_id))"
    )


def _clear_lake(home: Home, plan: Plan, file: Path, *, operation: int, progress: Progress) -> None:
    lake, keys = home.lake, f"read_parquet({literal(str(file))})"
    progress("contacts to erase found", 0.05)
    lake.contacts.delete(plan.condition, operation=operation)
    if plan.mention is not None:
        for table in (lake.contacts, lake.superseded):
            table.write_over("subject", ERASED, where=plan.mention, operation=operation)
    progress("contacts erased", 0.2)
    with home.scratch() as folder, workbench(home.settings, folder, files=[file]) as connection:
        old = f"{lake.superseded.relation()} AS old"
        if _count(connection, f"SELECT count(*) FROM {old} WHERE {_of_gone(plan, keys)}"):
            kept = connection.sql(f"SELECT * FROM {old} WHERE NOT coalesce({_of_gone(plan, keys)}, false)")
            lake.superseded.replace_all(kept.to_arrow_reader(), operation=operation)
        progress("superseded rows erased", 0.3)
        _clear_claims(home, connection, keys)
    progress("keys of loads erased", 0.4)


def _clear_claims(home: Home, connection: duckdb.DuckDBPyConnection, keys: str) -> None:
    with home.session() as session:
        loads = session.execute(select(Load.id, Load.source)).all()
    for number, source in loads:
        claims = home.lake.claims(number)
        if not claims.exists():
            continue
        gone = f"(SELECT contact_id FROM {keys} WHERE source = {literal(source)})"
        held = f"read_parquet({literal(str(claims))})"
        if _count(connection, f"SELECT count(*) FROM {held} SEMI JOIN {gone} USING (contact_id)"):
            _rewrite(connection, f"SELECT contact_id FROM {held} ANTI JOIN {gone} USING (contact_id)", claims)


def _rewrite(connection: duckdb.DuckDBPyConnection, sql: str, file: Path | StoredFile) -> None:
    draft = file.with_suffix(".draft")
    connection.execute(f"COPY ({sql}) TO {literal(str(draft))} (FORMAT parquet, COMPRESSION zstd)")
    draft.replace(str(file))


def _clear_rejects(home: Home, plan: Plan) -> None:
    """A person's ids go from the files of rejected rows; files of loads before the kept months go as a whole."""
    gone = Gone(ids=plan.ids)
    with home.session() as session:
        loads = session.execute(select(Load.id, Load.at, Load.source)).all()
    for number, at, source in loads:
        file = home.rejects_file(number)
        if plan.cut_at is not None and at < plan.cut_at:
            file.unlink(missing_ok=True)
        elif plan.ids and plan.source in (None, source) and file.exists():
            _clear_cells(file, gone)


def _clear_cells(file: Path, gone: Gone) -> None:
    with file.open(newline="", encoding="utf-8") as rows:
        before = list(csv.reader(rows))
    value = COLUMNS.index("value")
    after = [[gone.taken_out(cell) if at == value else cell for at, cell in enumerate(row)] for row in before]
    if after != before:
        draft = file.with_suffix(".draft")
        with draft.open("w", newline="", encoding="utf-8") as rows:
            csv.writer(rows).writerows(after)
        put(draft, file)


def _clear_records(home: Home, plan: Plan, file: Path) -> dict[str, int]:
    with home.session() as session:
        gone = Gone(ids=plan.anywhere, contacts=_named(named_contacts(session), file), alerts_before=plan.cut_at)
        return redact(session, gone)


def _named(named: Iterable[ContactKey], file: Path) -> frozenset[ContactKey]:
    """Those of the contacts that the records name which go."""
    wanted = sorted(named)
    if not wanted:
        return frozenset()
    pairs = pa.table({"source": [pair[0] for pair in wanted], "contact_id": [pair[1] for pair in wanted]})
    found = pairs.join(pq.read_table(file), keys=["source", "contact_id"], join_type="left semi")
    return frozenset(zip(found["source"].to_pylist(), found["contact_id"].to_pylist(), strict=True))


def _close(session: Session, number: int, plan: Plan | None, changed: Mapping[str, int]) -> None:
    operation = session.get_one(Operation, number)
    operation.open = False
    what = "a customer" if operation.kind == "erase" else "contacts of old months"
    after: dict[str, Any] = {"state": "failed: what was to go is not known any more; do it again"}
    if plan is not None:
        told = {
            name: value for name, value in asdict(plan).items() if name not in ("kind", "ids") and value is not None
        }
        after = told | {"records": dict(changed)}
    ledger.audit(
        session,
        actor=operation.actor,
        action="erase customer" if operation.kind == "erase" else "forget contacts",
        subject=f"erasure {number}: {what}",
        before=None,
        after=after,
    )


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((found,),) = connection.execute(sql).fetchall()
    return int(found)
