"""The records' side of the Chargeback page: closed months and disputes, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from cx_metrics.metrics.costs import chargeback
from cx_metrics.metrics.periods import known_days, last_full_day
from cx_metrics.reports.statement import document
from cx_metrics.store.decided import closing
from cx_metrics.store.decided import disputes as disputing
from cx_metrics.store.decided.statements import Statement, month_days, months_between
from cx_metrics.store.marts.mart import MartFacts
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import Dispute, DisputeState
from pages.shared import loaders, who

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Bill:
    """A month's statement.

    Attributes:
        shown: As it was closed, else as data and decisions have it now.
        today: As data and decisions have it now.
        blocked: Why the month can't be closed yet, as a sentence; None where it can, or is closed.
    """

    shown: Statement
    today: Statement
    blocked: str | None

    @property
    def is_closed(self) -> bool:
        """Whether the month is closed."""
        return self.shown.closed_at is not None


def months(facts: MartFacts) -> tuple[str, ...]:
    """The months the data says something about, newest first."""
    known = known_days(facts)
    return months_between(*known) if known else ()


def usual_month(facts: MartFacts) -> int:
    """Position of the newest month that the data knows in full; 0 where it knows none."""
    full = last_full_day(facts)
    found = (at for at, month in enumerate(months(facts)) if full is not None and month_days(month)[1] <= full)
    return next(found, 0)


def bill(month: str) -> Bill:
    """The statement of a month."""
    today = loaders.ask(chargeback.statement, month)
    with loaders.home().session() as session:
        closed = closing.closed_statement(session, month)
    blocked = None if closed else closing.why_not_closable(month, complete_to=_complete_to())
    return Bill(closed or today, today, blocked)


def disputes() -> Sequence[Dispute]:
    """Every dispute, newest first."""
    with loaders.home().session() as session:
        return disputing.disputes(session)


def close(statement: Statement) -> None:
    """Close a month."""
    actor = who.acting(Action.CLOSE)
    with loaders.home().session() as session:
        closing.close_month(session, statement, complete_to=_complete_to(), actor=actor)


def dispute(statement: Statement, intent: str, *, reason: str) -> None:
    """Object to a line."""
    actor = who.acting(Action.DISPUTE, intent=intent)
    with loaders.home().session() as session:
        disputing.dispute(session, statement, intent, reason=reason, actor=actor)


def answers_allowed(row: Dispute) -> tuple[str, ...]:
    """The answers that who is looking may give to a dispute: whoever may dispute the line may withdraw it."""
    if who.may(Action.SETTLE):
        return disputing.ANSWERS
    return (str(DisputeState.WITHDRAWN),) if who.may(Action.DISPUTE, intent=row.intent) else ()


def answer(row: Dispute, *, state: str, note: str) -> None:
    """Answer a dispute."""
    actor = (
        who.acting(Action.DISPUTE, intent=row.intent) if state == DisputeState.WITHDRAWN else who.acting(Action.SETTLE)
    )
    with loaders.home().session() as session:
        disputing.answer_dispute(session, row.id, state=state, note=note, actor=actor)


def xlsx_button(statement: Statement) -> None:
    """The statement as a workbook, made when it is asked for."""
    zone = loaders.home().settings.timezone
    st.download_button(
        "XLSX",
        lambda: document(statement, zone=zone).xlsx(),
        file_name=f"statement-{statement.month}.xlsx",
        mime=XLSX,
        key="xlsx_statement",
        icon=":material/table_view:",
        type="tertiary",
        on_click="ignore",
    )


def _complete_to() -> date | None:
    facts = loaders.facts()
    return last_full_day(facts) if facts else None
