"""Workbooks: one sheet of cells, as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain

import python_calamine as calamine

from cx_metrics.contacts.headers import clean_headers, require_header
from cx_metrics.contacts.landing import LONGEST, Landing, Source, Table, fresh_name
from cx_metrics.contacts.limits import require_columns
from cx_metrics.contacts.records import TOO_LONG
from cx_metrics.contacts.workbooks import require_readable
from cx_metrics.errors import BadExtract, did_you_mean

Cell = int | float | str | bool | time | date | datetime | timedelta

_EXACT = 2.0**53
_READER_FAILED = "pyo3_runtime"
"""Where the error comes from that a failure inside the reader of workbooks raises; it is no ordinary exception."""
_REPORT_EVERY = 20_000


def read_sheet(source: Source, *, sheet: str | None) -> Table:
    """The table in one sheet of a workbook.

    Cells become text: dates ISO, whole numbers without ``.0``, booleans true and false, durations h:mm:ss.
    The first row that is not empty is the header. A record's number counts empty rows, so the row in the
    sheet is that number plus the header's.

    Args:
        source: the file.
        sheet: its name; needed where several sheets are visible.

    Raises:
        BadExtract: the workbook is broken or protected, the sheet unknown, not named or empty.
    """
    require_readable(source.path, name=source.name)
    try:
        with _load(source) as book:
            chosen = _choose(book, sheet=sheet, name=source.name)
            return _read(book.get_sheet_by_name(chosen), source=source)
    except calamine.PasswordError:
        raise BadExtract(f"{source.name} is protected by a password; save it without one and load it again.") from None
    except calamine.CalamineError as error:
        raise BadExtract(f"{source.name} is not a readable workbook ({error}); save it again as XLSX or CSV.") from None
    except BaseException as error:
        if type(error).__module__ != _READER_FAILED:
            raise
        raise BadExtract(f"{source.name} is not a readable workbook; save it again as XLSX or CSV.") from None


def text_of(cell: Cell) -> str:
    """A cell's value as text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _load(source: Source) -> calamine.CalamineWorkbook:
    """The workbook, told by its content: the reader goes by a name's extension where there is one."""
    nameless, named = source.scratch / "book", source.scratch / "book.xlsx"
    for link in (nameless, named):
        link.symlink_to(source.path.resolve())
    try:
        return calamine.load_workbook(nameless)
    except calamine.CalamineError:
        return calamine.load_workbook(named)


def _choose(book: calamine.CalamineWorkbook, *, sheet: str | None, name: str) -> str:
    sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    names = [s.name for s in sheets]
    if sheet is not None:
        found = next((n for n in names if n.strip().casefold() == sheet.strip().casefold()), None)
        if found is None:
            raise BadExtract(f"{name} has no sheet '{sheet}'; {did_you_mean(sheet, names)}")
        return found
    visible = [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    if len(visible) != 1:
        listed = ", ".join(f"'{n}'" for n in visible or names)
        raise BadExtract(f"{name} has several sheets ({listed}); name one with sheet = in the mapping.")
    return visible[0]


def _read(sheet: calamine.CalamineSheet, *, source: Source) -> Table:
    rows = sheet.iter_rows()
    header = next(([text_of(cell) for cell in row] for row in rows if _is_filled(row)), None)
    if header is None:
        raise BadExtract(f"The sheet '{sheet.name}' of {source.name} is empty; a table needs a header.")
    require_columns(len(header), name=source.name)
    records = ((number, row) for number, row in enumerate(rows, start=1) if _is_filled(row))
    first = next(records, None)
    require_header(header, second=first and [text_of(cell) for cell in first[1]], name=source.name)
    dated: set[int] = set()
    stamped: set[int] = set()
    with Landing(source, width=len(header)) as landing:
        for number, row in chain([first] if first else [], records):
            _note_times(row, dated=dated, stamped=stamped)
            cells = [text_of(cell) for cell in row]
            if sum(map(len, cells)) > LONGEST:
                landing.reject(number, text=max(cells, key=len), reason=TOO_LONG)
            else:
                landing.add(number, cells=cells)
            if number % _REPORT_EVERY == 0:
                source.progress("reading", min(1.0, number / sheet.height))
        filled = landing.rows()
    return Table(
        headers=clean_headers(header),
        relation=_with_midnights(filled, width=len(header), columns=dated & stamped, source=source),
        malformed=landing.malformed,
        format="xlsx",
        encoding=None,
        delimiter=None,
    )


def _is_filled(row: Sequence[Cell]) -> bool:
    return any(cell != "" for cell in row)


def _note_times(row: Sequence[Cell], *, dated: set[int], stamped: set[int]) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, date):
            (stamped if isinstance(cell, datetime) else dated).add(place)


def _with_midnights(rows: str, *, width: int, columns: set[int], source: Source) -> str:
    """The rows with one form of stamp per column: a workbook can't tell midnight from a mere date."""
    if not columns:
        return rows
    view = fresh_name("stamps")
    dates = r"'\d{4}-\d\d-\d\d'"
    cells = [
        f"CASE WHEN regexp_full_match(c{i}, {dates}) THEN c{i} || ' 00:00:00' ELSE c{i} END AS c{i}"
        if i in columns
        else f"c{i}"
        for i in range(width)
    ]
    source.connection.execute(f"CREATE TEMP VIEW {view} AS SELECT row_number, {', '.join(cells)} FROM {rows}")
    return view
