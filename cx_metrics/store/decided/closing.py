"""Closing a month: its statement is frozen once, and nothing that happens later changes it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cx_metrics.errors import BadUse
from cx_metrics.store import ledger
from cx_metrics.store.decided.statements import Statement, StatementLine, in_order, month_days
from cx_metrics.store.records import ClosedLine, ClosedStatement


def why_not_closable(month: str, *, complete_to: date | None) -> str | None:
    """Why a month can't be closed yet, as a sentence; None where it can.

    The cut-off of every source in use must lie beyond its last day: until then contacts may be missing.

    Args:
        month: As ``2026-10``.
        complete_to: Last business day known in full.
    """
    last = month_days(month)[1]
    if complete_to is not None and complete_to >= last:
        return None
    known = f"the data is complete to {complete_to} only" if complete_to else "there is no data yet"
    return f"{month} can't be closed: {known}. Load extracts that reach beyond {last} first."


def close_month(session: Session, statement: Statement, *, complete_to: date | None, actor: str) -> Statement:
    """Freeze a month's statement as it stands; from then on nothing changes it.

    Args:
        session: On the records.
        statement: The whole month's, as computed now.
        complete_to: Last business day known in full.
        actor: Who closes it.

    Returns:
        The statement as it was frozen.

    Raises:
        BadUse: The month is closed already, not yet complete, or has no contacts.
    """
    month = statement.month
    if (before := closed_statement(session, month)) is not None:
        raise BadUse(f"{month} is closed already, by {before.closed_by} on {before.closed_at:%Y-%m-%d}.")
    if (reason := why_not_closable(month, complete_to=complete_to)) is not None:
        raise BadUse(reason)
    if not statement.lines or statement.cutoff_at is None:
        raise BadUse(f"{month} can't be closed: it has no contacts.")
    closed = replace(statement, closed_at=ledger.utc_now(), closed_by=actor)
    _keep(session, closed)
    return closed


def _keep(session: Session, closed: Statement) -> None:
    header = {
        name: getattr(closed, name)
        for name in ("month", "closed_at", "closed_by", "cutoff_at", "currency", "total_cents")
    }
    session.add(ClosedStatement(**header, data_version=closed.data_version, decisions_stamp=closed.decisions_stamp))
    try:
        session.flush()
    except IntegrityError as error:
        raise BadUse(f"{closed.month} has just been closed by someone else.") from error
    session.add_all(ClosedLine(month=closed.month, **asdict(line)) for line in closed.lines)
    ledger.audit(
        session,
        actor=str(closed.closed_by),
        action="close month",
        subject=f"statement {closed.month}",
        before=None,
        after={"total_cents": closed.total_cents, "currency": closed.currency, "lines": len(closed.lines)},
    )


def closed_statement(session: Session, month: str) -> Statement | None:
    """A closed month's statement, as it was frozen; None while the month is open."""
    header = session.get(ClosedStatement, month)
    if header is None:
        return None
    rows = session.scalars(select(ClosedLine).where(ClosedLine.month == month))
    names = StatementLine.__dataclass_fields__
    return Statement(
        month=month,
        currency=header.currency,
        cutoff_at=header.cutoff_at,
        lines=in_order([StatementLine(**{name: getattr(row, name) for name in names}) for row in rows]),
        data_version=header.data_version,
        decisions_stamp=header.decisions_stamp,
        closed_at=header.closed_at,
        closed_by=header.closed_by,
    )


def closed_months(session: Session) -> tuple[str, ...]:
    """The months that are closed, oldest first."""
    return tuple(session.scalars(select(ClosedStatement.month).order_by(ClosedStatement.month)))
