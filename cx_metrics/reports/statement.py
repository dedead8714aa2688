"""The statement of a month as a document: a CSV file, and a workbook with a cover."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import xlsxwriter

from cx_metrics.metrics.costs.bills import line_table, payer_table
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.store.decided.statements import UNOWNED, Statement

MOST_CHARACTERS = 32_767
"""Of a cell of a workbook."""
ONCE = "Each contact is billed once, to the owner of the intent it came in with, in the month it was opened."
_WIDTHS = {"intent": 44, "owner": 24, "owner_email": 28, "department": 20, "category": 20}
_MONEY = ("direct", "downstream", "total", "repeats")

Facts = tuple[tuple[str, str | int | float | None], ...]


@dataclass(frozen=True)
class StatementDocument:
    """What a statement says on paper.

    Attributes:
        statement: The month, whole or one payer's part.
        title: Its heading.
        cover: What stands on the cover, label by value.
        notes: Sentences below it: what is assumed, what is missing.
        payers: One row a payer.
        lines: One row an intent.
    """

    statement: Statement
    title: str
    cover: Facts
    notes: tuple[str, ...]
    payers: pd.DataFrame
    lines: pd.DataFrame

    def csv(self) -> str:
        """The lines as CSV; no text in it runs as a formula."""
        return to_csv(self.lines)

    def xlsx(self) -> bytes:
        """The document as a workbook: cover, then lines. Totals are values, and no text in it is a formula."""
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True})
        when = self.statement.closed_at or self.statement.cutoff_at or datetime(2000, 1, 1)
        book.set_properties({"title": self.title, "created": when})
        look = _Look(book)
        _cover_sheet(book.add_worksheet("Cover"), self, look)
        _table(_lines_sheet(book, self.lines), self.lines, look, at=0, total="Total")
        book.close()
        return file.getvalue()


def document(statement: Statement, *, zone: str) -> StatementDocument:
    """A statement made ready to hand on.

    Args:
        statement: The month, whole or one payer's part.
        zone: The business time zone, in which times are written.
    """
    return StatementDocument(
        statement=statement,
        title=f"Chargeback statement {statement.month}{_of_whom(statement)}",
        cover=_cover(statement, zone),
        notes=tuple(_notes(statement)),
        payers=payer_table(statement),
        lines=line_table(statement),
    )


def _of_whom(statement: Statement) -> str:
    return f": {statement.lines[0].payer}" if statement.part_of_cents is not None and statement.lines else ""


def _cover(statement: Statement, zone: str) -> Facts:
    closed = statement.closed_at is not None
    return (
        ("Month", statement.month),
        ("State", "closed" if closed else "open: a preview, amounts may still change"),
        ("Closed by", statement.closed_by),
        ("Closed at", _local(statement.closed_at, zone)),
        ("Data complete until", _local(statement.cutoff_at, zone)),
        ("Currency", statement.currency),
        ("Total", statement.total_cents / 100),
        ("of the whole month's", None if statement.part_of_cents is None else statement.part_of_cents / 100),
        ("of which nobody's", statement.unowned_cents / 100),
        ("of which repeats", _repeats(statement)),
        ("Contacts", statement.contacts),
        ("of which with assumed minutes", sum(line.assumed_contacts for line in statement.lines)),
        ("of which with assumed downstream cost", sum(line.downstream_assumed_contacts for line in statement.lines)),
        ("of which without a price", sum(line.unpriced_contacts for line in statement.lines)),
    )


def _notes(statement: Statement) -> Iterable[str]:
    yield ONCE
    yield "Repeats are part of the total: what contacts cost whose customer had asked the same before."
    if any(line.assumed_contacts or line.downstream_assumed_contacts for line in statement.lines):
        yield "Where a contact's minutes or downstream cost are not known, the stated assumption is billed."
    if any(line.unpriced_contacts for line in statement.lines):
        yield "Contacts without a price have no rate for their channel and day: they are listed, and billed to nobody."
    if any(line.owner is None for line in statement.lines):
        yield f"What stands under {UNOWNED} has no owner yet and is billed to nobody."


def _repeats(statement: Statement) -> float | str:
    known = statement.repeats_cents
    return "not known: no customer ids in this data" if known is None else known / 100


def _local(at: datetime | None, zone: str) -> str | None:
    return None if at is None else f"{at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


class _Look:
    """The formats of a workbook. Cells of text stay text even where someone edits them."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16, "quote_prefix": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "quote_prefix": True})
        self.text = book.add_format({"quote_prefix": True})
        self.note = book.add_format({"italic": True, "quote_prefix": True})
        self.number = book.add_format({"num_format": "#,##0"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        self.share = book.add_format({"num_format": "0.0%"})
        self.sum = book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00"})
        self.count_sum = book.add_format({"bold": True, "top": 1, "num_format": "#,##0"})
        self.sum_text = book.add_format({"bold": True, "top": 1, "quote_prefix": True})

    def of(self, column: str) -> Any:
        """The format of a number in a column."""
        return self.money if column in _MONEY else self.share if column == "share" else self.number


def _cover_sheet(sheet: Any, document: StatementDocument, look: _Look) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(document.payers.columns), 18)
    _write(sheet, 0, 0, document.title, look.title)
    known = [(label, value) for label, value in document.cover if value is not None]
    for at, (label, value) in enumerate(known, start=2):
        _write(sheet, at, 0, label, look.text)
        _write(sheet, at, 1, value, look.text if isinstance(value, str) else _cover_format(value, look))
    first_note = len(known) + 3
    for at, note in enumerate(document.notes, start=first_note):
        _write(sheet, at, 0, note, look.note)
    _table(sheet, document.payers, look, at=first_note + len(document.notes) + 1, total="Total")


def _cover_format(value: float, look: _Look) -> Any:
    return look.money if isinstance(value, float) else look.number


def _lines_sheet(book: Any, lines: pd.DataFrame) -> Any:
    sheet = book.add_worksheet("Lines")
    for at, column in enumerate(lines.columns):
        sheet.set_column(at, at, _WIDTHS.get(str(column), 14))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(lines), 1), len(lines.columns) - 1)
    return sheet


def _table(sheet: Any, frame: pd.DataFrame, look: _Look, *, at: int, total: str) -> None:
    """A frame with its heading and, below, the sums of what can be added up, written as values."""
    columns = [str(column) for column in frame.columns]
    _row(sheet, at, [column.replace("_", " ") for column in columns], [look.head] * len(columns))
    for number, row in enumerate(rows(frame), start=at + 1):
        _row(sheet, number, list(row.values()), [look.of(column) for column in columns], text=look.text)
    sums = [_sum(frame, column) for column in columns]
    formats = [look.sum if column in _MONEY else look.count_sum for column in columns]
    _row(sheet, at + len(frame) + 1, [total, *sums[1:]], formats, text=look.sum_text)


def _sum(frame: pd.DataFrame, column: str) -> float | int | str:
    """A column's total, exact to the cent; nothing where a sum would mean nothing."""
    if column in _MONEY:
        cents: int = sum(round(float(amount) * 100) for amount in frame[column].dropna())
        return cents / 100
    return int(frame[column].sum()) if column.endswith("contacts") else ""


def _row(sheet: Any, at: int, cells: Sequence[Any], formats: Sequence[Any], *, text: Any = None) -> None:
    for column, (cell, look) in enumerate(zip(cells, formats, strict=True)):
        _write(sheet, at, column, cell, text if text is not None and isinstance(cell, str) else look)


def _write(sheet: Any, row: int, column: int, cell: str | float | None, look: Any) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell[:MOST_CHARACTERS], look)
    elif cell is not None:
        sheet.write_number(row, column, cell, look)
