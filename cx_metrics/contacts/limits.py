"""How large the parts of an extract may be: beyond, it is an accident or an attack, and is refused in a sentence."""

from __future__ import annotations

from cx_metrics.errors import BadExtract

MOST_COLUMNS = 2_000
"""Columns of a table; the widest exports of ticket systems have a few hundred."""

MOST_LEVELS = 50
"""Objects and lists within one another in a JSON record."""

MOST_UNPACKED = 20_000_000_000
"""Bytes that an archive may unpack to, where the settings say nothing else."""

MOST_CELLS = 60_000_000
"""Cells between the corners of a sheet: every row a sheet can have, 57 columns wide."""

MOST_SHEET_ROWS = 1 << 20
MOST_SHEET_COLUMNS = 1 << 14
"""Rows and columns that a sheet of Excel can have."""

MOST_OF_A_WORKBOOK = 1_000_000_000
"""Bytes that the parts of a workbook may unpack to, as they are read in memory."""

MOST_DIRECTORY = 50_000_000
"""Bytes of the table of contents of a zip file: some 500,000 files."""


def require_unpacked(n_bytes: int, *, most: int, name: str) -> None:
    """Pass only an archive that unpacks to no more than so many bytes.

    Raises:
        BadExtract: It unpacks to more.
    """
    if n_bytes > most:
        raise BadExtract(
            f"{name} unpacks to more than the {most / 1e6:,.0f} MB that are allowed. If that is what it holds, "
            "split it, or let the administrator raise CX_MAX_UNPACKED_MB."
        )


def require_columns(n_columns: int, *, name: str) -> None:
    """Pass only a table that is not too wide.

    Raises:
        BadExtract: It has more columns than a table can have.
    """
    if n_columns > MOST_COLUMNS:
        raise BadExtract(
            f"{name} has {n_columns:,} columns; a table can have {MOST_COLUMNS:,}. "
            "Export the columns that are needed, or look whether its cells are parted as they should be."
        )
