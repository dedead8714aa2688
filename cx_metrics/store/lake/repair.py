"""What a start does before anything else: finish or undo what a killed process left half done."""

from __future__ import annotations

from sqlalchemy import select

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.lake import restoring, withdrawing
from cx_metrics.store.privacy import erasing
from cx_metrics.store.records import LoadState, Operation


def repair(home: Home, *, progress: Progress = silent) -> int:
    """Bring lake and ledger into agreement; to be called while holding the home for writing.

    A write whose commit reached the lake is finished, one whose commit did not is undone: the lake decides. An erasure
    is always finished.

    Returns:
        How many operations were finished or undone.
    """
    restoring.finish(home)
    with home.session() as session:
        unfinished = session.scalars(select(Operation).where(Operation.open).order_by(Operation.id)).all()
    if unfinished and home.is_shared:
        # Who began them may be alive on another machine and only have lost its connection, and so its turn.
        home.lake.contacts.fence()
        home.lake.superseded.fence()
    for operation in unfinished:
        about = "" if operation.load_id is None else f" of load {operation.load_id}"
        progress(f"repairing an interrupted {operation.kind}{about}", 0.0)
        if operation.load_id is None:
            erasing.resume(home, operation_id=operation.id)
        elif operation.kind == "load":
            _repair_load(home, operation.id, load=operation.load_id)
        else:
            withdrawing.resume(home, operation_id=operation.id, load=operation.load_id)
    erasing.sweep(home)
    return len(unfinished)


def _repair_load(home: Home, operation: int, *, load: int) -> None:
    committed = home.lake.contacts.done() >= operation
    if not committed:
        home.lake.superseded.delete(f"superseded_by = {load}", operation=operation)
        home.lake.claims(load).unlink(missing_ok=True)
        home.rejects_file(load).unlink(missing_ok=True)
    with home.session() as session:
        ledger.finish(session, operation, state=LoadState.LOADED if committed else LoadState.FAILED)
