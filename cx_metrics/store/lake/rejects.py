"""The file of rejected rows: which row, which column, which value, why."""

from __future__ import annotations

import csv
from pathlib import Path

from cx_metrics.contacts.staging import Staged
from cx_metrics.spreadsheet import plain_cell

COLUMNS = ("row", "column", "value", "reason")


def write_rejects(staged: Staged, *, to: Path | None) -> Path | None:
    """Write the rejected rows as CSV and say where; None where no row was rejected or no file is wanted.

    A value that a spreadsheet would take for a formula stands behind an apostrophe.
    """
    if to is None or not staged.receipt.rejected:
        return None
    to.parent.mkdir(parents=True, exist_ok=True)
    cursor = staged.connection.execute(
        f'SELECT row_number, "column", value, reason FROM {staged.rejects} ORDER BY row_number, "column"'
    )
    with to.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        while rows := cursor.fetchmany(10_000):
            writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return to
