"""Which contact rows went to whom: a row of the audit trail before they are shown or handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cx_metrics.store import ledger
from cx_metrics.store.people.access import Action


def handed_out(session: Session, what: str, *, rows: int, about: Mapping[str, Any], actor: str) -> None:
    """Note that contact rows leave as a file.

    Args:
        session: On the records; it commits before the file is handed out.
        what: Which rows, e.g. ``contacts`` or ``follow-up wishes``.
        rows: How many.
        about: Which of them: days, filters, review or load.
        actor: To whom.
    """
    _note(session, Action.EXPORT_CONTACTS, what, rows=rows, about=about, actor=actor)


def shown(session: Session, what: str, *, rows: int, about: Mapping[str, Any], actor: str) -> None:
    """Note that contact rows are shown, which a browser can copy as well; arguments as of `handed_out`."""
    _note(session, Action.SEE_CONTACTS, what, rows=rows, about=about, actor=actor)


def _note(session: Session, action: Action, what: str, *, rows: int, about: Mapping[str, Any], actor: str) -> None:
    told = {"rows": rows, **about}
    ledger.audit(session, actor=actor, action=action, subject=what, before=None, after=told)
