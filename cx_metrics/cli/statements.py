"""Commands about what owners are billed: a month's statement, its closing, and disputes of its lines."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cx_metrics.charts.numbers import number, price
from cx_metrics.cli.console import OUT, AsCsv, AsJson, print_rows, say
from cx_metrics.config import settings
from cx_metrics.errors import BadInput, BadUse
from cx_metrics.metrics.costs import chargeback
from cx_metrics.metrics.costs.bills import AMOUNTS, changed_lines, line_table, payer_table
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.metrics.periods import last_full_day
from cx_metrics.reports.statement import document
from cx_metrics.store.decided import closing, statements
from cx_metrics.store.decided import disputes as disputing
from cx_metrics.store.decided.statements import Statement
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.records import Dispute

Month = Annotated[str, typer.Argument(help="A business month, YYYY-MM.")]
_PEOPLE = ("owner", "intent", "contacts", *AMOUNTS)
_PEOPLE_OWNERS = ("owner", "department", "intents", "contacts", *AMOUNTS)


def statement(
    month: Month,
    owner: Annotated[str | None, typer.Option(help="Only this owner's lines, by name or e-mail.")] = None,
    owners: Annotated[bool, typer.Option("--owners", help="One row an owner instead of one an intent.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook with a cover.")] = None,
    close: Annotated[bool, typer.Option("--close", help="Close the month: nothing changes it after.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """What each owner pays for a month's contacts, line by line; a closed month as it was closed."""
    if close and owner:
        raise BadUse("a month is closed as a whole: leave --owner out")
    home = Home(settings())
    made = _close(home, month) if close else _present(home, month)
    shown = made.of(owner) if owner else made
    if xlsx is not None:
        _write(xlsx, document(shown, zone=home.settings.timezone).xlsx())
    table = payer_table(shown) if owners else line_table(shown)
    if as_csv:
        sys.stdout.write(to_csv(table))
    elif as_json:
        say(_data(shown) | {"differences": rows(_differences(home, made))}, "", as_json=True)
    else:
        names = _PEOPLE_OWNERS if owners else _PEOPLE
        _print(shown, [{name: _amount(row, name) for name in names} for row in rows(table)])
        _print_differences(home, made)


def dispute(
    month: Month,
    intent: Annotated[str, typer.Argument(help="Whose line it is.")],
    reason: Annotated[str, typer.Option(help="What is wrong with it.")],
    as_json: AsJson = False,
) -> None:
    """Object to one line of a month's statement."""
    home = Home(settings())
    made = _present(home, month)
    with home.session() as session:
        opened = disputing.dispute(session, made, intent, reason=reason, actor=home.settings.actor)
        number = opened.id
    say({"dispute": number}, f"Dispute {number} is open. Answer it with: settle {number}", as_json=as_json)


def disputes(
    month: Annotated[str | None, typer.Argument(help="A business month, YYYY-MM; all of them without.")] = None,
    as_json: AsJson = False,
) -> None:
    """Disputed lines and what became of them, newest first."""
    if month is not None:
        statements.month_days(month)
    with Home(settings()).session() as session:
        found = [_dispute(row) for row in disputing.disputes(session, month)]
    print_rows(found, as_json=as_json, empty="Nothing is disputed.")


def settle(
    number: Annotated[int, typer.Argument(help="Number of the dispute, as in `disputes`.")],
    state: Annotated[str, typer.Argument(help="accepted, rejected or withdrawn.")],
    note: Annotated[str, typer.Option(help="Why; needed unless it is withdrawn.")] = "",
    as_json: AsJson = False,
) -> None:
    """Answer a dispute."""
    home = Home(settings())
    with home.session() as session:
        disputing.answer_dispute(session, number, state=state, note=note, actor=home.settings.actor)
    say({"dispute": number, "state": state}, f"Dispute {number} is {state}.", as_json=as_json)


def _present(home: Home, month: str) -> Statement:
    """A month's statement: as it was closed, else as data and decisions have it now."""
    statements.month_days(month)
    with home.session() as session:
        closed = closing.closed_statement(session, month)
    return closed or chargeback.statement(fresh_mart(home), month)


def _close(home: Home, month: str) -> Statement:
    mart = fresh_mart(home)
    made = chargeback.statement(mart, month)
    with home.session() as session:
        complete_to = last_full_day(mart.facts)
        return closing.close_month(session, made, complete_to=complete_to, actor=home.settings.actor)


def _differences(home: Home, made: Statement) -> Any:
    """The lines of a closed month that would be billed otherwise today; none for an open one."""
    return changed_lines(made, made if made.closed_at is None else chargeback.statement(fresh_mart(home), made.month))


def _data(made: Statement) -> dict[str, Any]:
    return {
        "month": made.month,
        "state": "open" if made.closed_at is None else "closed",
        "currency": made.currency,
        "total": made.total_cents / 100,
        "contacts": made.contacts,
        "cutoff_at": made.cutoff_at,
        "closed_at": made.closed_at,
        "closed_by": made.closed_by,
        "owners": rows(payer_table(made)),
        "lines": rows(line_table(made)),
    }


def _dispute(row: Dispute) -> dict[str, Any]:
    return {
        "dispute": row.id,
        "state": row.state,
        "month": row.month,
        "intent": row.intent,
        "owner": row.owner or statements.UNOWNED,
        "total": row.total_cents / 100,
        "reason": row.reason,
        "by": row.opened_by,
        "at": _at(row.opened_at),
        "note": row.note,
        "answered_by": row.answered_by,
        "answered_at": _at(row.answered_at),
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _print(made: Statement, found: list[dict[str, Any]]) -> None:
    state = "open, a preview" if made.closed_at is None else f"closed by {made.closed_by} on {made.closed_at:%Y-%m-%d}"
    until = f", data complete until {made.cutoff_at:%Y-%m-%d %H:%M} UTC" if made.cutoff_at else ""
    OUT.print(f"Statement of {made.month} in {made.currency}: {state}{until}", markup=False)
    print_rows(found, as_json=False, empty="No contacts in this month.")
    total, unowned = (price(amount / 100, made.currency) for amount in (made.total_cents, made.unowned_cents))
    OUT.print(f"Total {total}, of which nobody's {unowned}", markup=False)


def _print_differences(home: Home, made: Statement) -> None:
    found = rows(_differences(home, made))
    if found:
        OUT.print("It stays as it was closed. Today's data and decisions would bill otherwise:", markup=False)
        print_rows(found, as_json=False, empty="")


def _amount(row: dict[str, Any], name: str) -> Any:
    cell = row[name]
    return number(cell, 2) if name in AMOUNTS and cell is not None else cell


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"The statement can't be written to {path}: {error.strerror}.") from error
