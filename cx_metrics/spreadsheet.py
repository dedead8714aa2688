"""Text that a spreadsheet program will open: nothing in it may run as a formula."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula; in some countries the wide signs of East Asia too."""


def plain_cell(cell: object) -> object:
    """The cell as it can safely stand in a CSV file: a text like a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
