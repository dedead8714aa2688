"""What a start does before anything else: finish or undo what a killed process left half done."""

from __future__ import annotations

from sqlalchemy import select

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.store import ledger, withdrawing
from cx_metrics.store.home import Home
from cx_metrics.store.records import LoadState, Operation


def repair(home: Home, *, progress: Progress = silent) -> int:
    """Bring lake and ledger into agreement; to be called while holding the home for writing.

    A write whose commit reached the lake is finished, one whose commit did not is undone: the lake decides.

    Returns:
        How many operations were finished or undone.
    """
    with home.session() as session:
        unfinished = session.scalars(select(Operation).where(Operation.open).order_by(Operation.id)).all()
    for operation in unfinished:
        progress(f"repairing an interrupted {operation.kind} of load {operation.load_id}", 0.0)
        if operation.kind == "load":
            _repair_load(home, operation)
        else:
            withdrawing.resume(home, operation_id=operation.id, load=operation.load_id)
    return len(unfinished)


def _repair_load(home: Home, operation: Operation) -> None:
    committed = home.lake.contacts.done() >= operation.id
    if not committed:
        home.lake.superseded.delete(f"superseded_by = {operation.load_id}", operation=operation.id)
        home.lake.claims(operation.load_id).unlink(missing_ok=True)
        home.rejects_file(operation.load_id).unlink(missing_ok=True)
    with home.session() as session:
        ledger.finish(session, operation.id, state=LoadState.LOADED if committed else LoadState.FAILED)
