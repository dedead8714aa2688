"""The ledger: which extracts came in, what each brought, and until when each source is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cx_metrics.store.people.origin import origin
from cx_metrics.store.records import Audit, Load, LoadState, Operation

RETIRED_AFTER = timedelta(days=30)
LAGS_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Cutoff:
    """Until when the data is complete.

    Attributes:
        watermark: Earliest end over the sources still in use, UTC; None without data.
        lagging: Sources in use that end more than a day before the newest one, with their ends.
        retired: Sources that ended more than 30 days before the newest one, with their ends.
    """

    watermark: datetime | None
    lagging: tuple[tuple[str, datetime], ...]
    retired: tuple[tuple[str, datetime], ...]


def utc_now() -> datetime:
    """The present in UTC without an offset, as the records keep times."""
    return datetime.now(UTC).replace(tzinfo=None)


def cutoff(session: Session) -> Cutoff:
    """The watermark from the loads that count."""
    ends = sorted(
        (source, until)
        for source, until in session.execute(
            select(Load.source, func.max(Load.complete_until))
            .where(Load.state == LoadState.LOADED, Load.complete_until.is_not(None))
            .group_by(Load.source)
        )
        if until is not None
    )
    if not ends:
        return Cutoff(None, (), ())
    newest = max(until for _, until in ends)
    in_use = [(source, until) for source, until in ends if newest - until <= RETIRED_AFTER]
    return Cutoff(
        watermark=min(until for _, until in in_use),
        lagging=tuple((source, until) for source, until in in_use if newest - until > LAGS_AFTER),
        retired=tuple((source, until) for source, until in ends if newest - until > RETIRED_AFTER),
    )


def loads(session: Session) -> Sequence[Load]:
    """Every load, newest first."""
    return session.scalars(select(Load).order_by(Load.id.desc())).all()


def begin(session: Session, *, kind: str, load: Load, actor: str) -> Operation:
    """Number a write to the lake before it starts, so that a crash in its middle is seen."""
    session.add(load)
    session.flush()
    operation = Operation(kind=kind, load_id=load.id, actor=actor)
    session.add(operation)
    session.flush()
    return operation


def finish(session: Session, operation_id: int, *, state: LoadState) -> None:
    """Close an operation, say where its load stands now, and leave a row in the audit trail."""
    operation = session.get_one(Operation, operation_id)
    load = session.get_one(Load, operation.load_id)
    before = load.state
    load.state = state
    operation.open = False
    audit(
        session,
        actor=operation.actor,
        action=operation.kind,
        subject=f"load {load.id}: {load.file}",
        before={"state": before},
        after={"state": state, "source": load.source, "accepted": load.accepted},
    )


def audit(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    """Add one row to the audit trail."""
    session.add(
        Audit(
            at=utc_now(),
            actor=actor,
            origin=origin(),
            action=action,
            subject=subject[:300],
            before=before,
            after=after,
        )
    )
