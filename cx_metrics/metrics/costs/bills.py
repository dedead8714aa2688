"""A month's statement as the tables that page, file and command line show. Amounts are exact to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from cx_metrics.store.decided.statements import Statement, StatementLine

AMOUNTS = ("direct", "downstream", "total", "repeats")
COUNTS = (
    "contacts",
    "assumed_contacts",
    "downstream_assumed_contacts",
    "downstream_unstated_contacts",
    "unpriced_contacts",
)
_NAMES = ("owner", "owner_email", "department")
LINE_COLUMNS = ("month", *_NAMES, "category", "intent", "contacts", *AMOUNTS, *COUNTS[1:], "currency")
PAYER_COLUMNS = (*_NAMES, "intents", "contacts", *AMOUNTS, "share", *COUNTS[1:])

Row = dict[str, Any]


def line_table(statement: Statement) -> pd.DataFrame:
    """What each intent's contacts cost, one row a line, in the statement's order.

    Returns:
        ``direct`` + ``downstream`` = ``total`` in money, of which ``repeats``, and counts of contacts. An
        amount is missing where nothing is known of it: none is billed then.
    """
    rows = [
        {
            "month": statement.month,
            "owner": line.payer,
            "owner_email": line.owner_email,
            "department": line.department,
            "category": line.category,
            "intent": line.intent,
            "currency": statement.currency,
            **_sums([line]),
        }
        for line in statement.lines
    ]
    return pd.DataFrame(rows, columns=list(LINE_COLUMNS))


def payer_table(statement: Statement) -> pd.DataFrame:
    """What each payer owes, one row a payer, the largest bill first and the unowned part last.

    Returns:
        As `line_table`, with the number of ``intents``, and the ``share`` of the whole bill in 0..1.
    """
    return pd.DataFrame(payer_rows(statement.lines, of=statement.whole_cents), columns=list(PAYER_COLUMNS))


def payer_rows(lines: Iterable[StatementLine], *, of: int) -> list[Row]:
    """The rows of `payer_table` for some lines in the order of a statement.

    Args:
        lines: What is billed.
        of: The whole bill in cents, which shares are of.
    """
    bills: dict[tuple[bool, str], list[StatementLine]] = {}
    for line in lines:
        bills.setdefault(line.payer_key, []).append(line)
    return [_payer_row(bill, of=of) for bill in bills.values()]


def changed_lines(closed: Statement, today: Statement) -> pd.DataFrame:
    """The lines of a closed month that today's data and decisions would bill otherwise.

    Returns:
        ``intent``, ``owner`` and ``total`` as closed, ``owner_today`` and ``total_today``; missing where there
        is no such line. No row where nothing would change.
    """
    before, after = ({line.intent: line for line in each.lines} for each in (closed, today))
    rows = [
        {
            "intent": intent,
            "owner": before[intent].payer if intent in before else None,
            "total": before[intent].total_cents / 100 if intent in before else None,
            "owner_today": after[intent].payer if intent in after else None,
            "total_today": after[intent].total_cents / 100 if intent in after else None,
        }
        for intent in sorted(before.keys() | after.keys())
        if _billed(before.get(intent)) != _billed(after.get(intent))
    ]
    return pd.DataFrame(rows, columns=["intent", "owner", "total", "owner_today", "total_today"])


def _payer_row(lines: Sequence[StatementLine], *, of: int) -> Row:
    billed = sum(line.total_cents for line in lines)
    return {
        "owner": lines[0].payer,
        "owner_email": lines[0].owner_email,
        "department": ", ".join(sorted({line.department for line in lines if line.department})) or None,
        "intents": len({line.intent for line in lines}),
        "share": float(Fraction(billed, of)) if of and any(line.is_known for line in lines) else None,
        **_sums(lines),
    }


def _sums(lines: Sequence[StatementLine]) -> Row:
    """Amounts in money, missing where nothing is known of them, and counts of contacts."""
    repeats = [line.repeats_cents for line in lines if line.repeats_cents is not None]
    is_known = any(line.is_known for line in lines)
    cents = {
        "direct": sum(line.direct_cents for line in lines) if any(line.has_direct for line in lines) else None,
        "downstream": sum(line.downstream_cents for line in lines) if is_known else None,
        "total": sum(line.total_cents for line in lines) if is_known else None,
        "repeats": sum(repeats) if repeats and is_known else None,
    }
    amounts = {name: None if amount is None else amount / 100 for name, amount in cents.items()}
    return amounts | {name: sum(getattr(line, name) for line in lines) for name in COUNTS}


def _billed(line: StatementLine | None) -> tuple[object, ...] | None:
    """Who pays how much for how many contacts: a new department or category alone changes no bill."""
    return None if line is None else (line.payer_key, line.contacts, line.direct_cents, line.downstream_cents)
