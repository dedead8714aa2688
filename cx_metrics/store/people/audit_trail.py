"""The audit trail as people read it: who did what, when and from where, with what it was before and after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cx_metrics.store.records import Audit

UTC_ZONE = ZoneInfo("UTC")
COLUMNS = ("entry", "at", "by", "from", "action", "subject", "before", "after")


@dataclass(frozen=True)
class Asked:
    """Which entries are asked for.

    Attributes:
        from_on: First business day; None: from the first entry on.
        to_on: Last business day, inclusive; None: to the newest.
        actor: Only what this person did.
        action: Only what is called so.
        zone: The business time zone.
    """

    from_on: date | None = None
    to_on: date | None = None
    actor: str | None = None
    action: str | None = None
    zone: ZoneInfo = UTC_ZONE


def entries(session: Session, asked: Asked, *, limit: int | None = None, offset: int = 0) -> Sequence[Audit]:
    """The entries asked for, newest first."""
    found = _filtered(select(Audit), asked).order_by(Audit.id.desc()).offset(offset)
    return session.scalars(found if limit is None else found.limit(limit)).all()


def count(session: Session, asked: Asked) -> int:
    """How many entries are asked for."""
    return session.scalar(_filtered(select(func.count()).select_from(Audit), asked)) or 0


def actors(session: Session) -> tuple[str, ...]:
    """Everybody who ever did something."""
    return tuple(session.scalars(select(Audit.actor).distinct().order_by(Audit.actor)))


def actions(session: Session) -> tuple[str, ...]:
    """Everything that was ever done, by its name."""
    return tuple(session.scalars(select(Audit.action).distinct().order_by(Audit.action)))


def frame(found: Sequence[Audit]) -> pd.DataFrame:
    """One row per entry, times in UTC; what it was before and after is JSON as text, missing where there is none."""
    lines = [
        (row.id, row.at, row.actor, row.origin, row.action, row.subject, _text(row.before), _text(row.after))
        for row in found
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS), dtype=object)


def _filtered(asked_for: Select[Any], asked: Asked) -> Select[Any]:
    if asked.from_on is not None:
        asked_for = asked_for.where(Audit.at >= _start(asked.from_on, asked.zone))
    if asked.to_on is not None:
        asked_for = asked_for.where(Audit.at < _start(asked.to_on + timedelta(days=1), asked.zone))
    if asked.actor is not None:
        asked_for = asked_for.where(Audit.actor == asked.actor)
    return asked_for if asked.action is None else asked_for.where(Audit.action == asked.action)


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
