"""Whether a workbook can be read in memory: told from its parts as a stream, before anything takes it in whole.

The reader of workbooks makes room for every cell between the first and the last one of a sheet, so that one cell far
away in a file of a kilobyte would take more memory than there is, and end the process.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from cx_metrics.contacts.limits import MOST_CELLS, MOST_OF_A_WORKBOOK, MOST_SHEET_COLUMNS, MOST_SHEET_ROWS
from cx_metrics.errors import BadExtract

_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 16
_OTHER = rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*+"|'[^'<]*+'))*?"""
_TAG = re.compile(
    rb"<(?:\w+:)?(row|c)(?=[\s/>])(?:" + _OTHER + rb"""\s+r\s*=\s*["']\s*([A-Za-z]{0,9})(\d{0,12}))?""", re.ASCII
)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]", re.ASCII)
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})\d')
_ROW = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
_BROKEN = (zipfile.BadZipFile, EOFError, zlib.error, ValueError, RuntimeError, NotImplementedError)


def require_readable(path: Path, *, name: str) -> None:
    """Pass only a workbook whose parts, and the room between the corners of each sheet, fit into memory.

    Raises:
        BadExtract: It is too large, broken, or a workbook of another kind than XLSX and XLS.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "xl/workbook.bin" in names or not any(part.startswith("xl/") for part in names):
                raise BadExtract(f"{name} is a workbook of a kind that is not read here; save it as XLSX or CSV.")
            left = MOST_OF_A_WORKBOOK
            for part in archive.infolist():
                left = _pass_through(archive, part, left=left, name=name)
    except _BROKEN as error:
        raise BadExtract(f"{name} is not a readable workbook ({error}); save it again as XLSX or CSV.") from None


@dataclass
class _Extent:
    """The furthest row and column of a sheet; rows and cells that say no place stand after the one before."""

    n_rows: int = 0
    n_columns: int = 0
    row: int = 0
    column: int = 0

    @property
    def is_too_far(self) -> bool:
        far = self.n_rows > MOST_SHEET_ROWS or self.n_columns > MOST_SHEET_COLUMNS
        return far or self.n_rows * self.n_columns > MOST_CELLS

    def see(self, piece: bytes) -> None:
        """Take in some whole tags; those that spreadsheets write are the fast way."""
        columns, rows = _COLUMN.findall(piece), _ROW.findall(piece)
        if len(columns) == len(rows) == len(_CELL.findall(piece)):
            self.row = max([self.row, *map(int, set(rows))])
            self.n_rows = max(self.n_rows, self.row)
            self.n_columns = max([self.n_columns, *map(_column, set(columns))])
        else:
            self._see_each(_TAG.findall(piece))

    def _see_each(self, tags: list[tuple[bytes, bytes, bytes]]) -> None:
        for kind, letters, digits in tags:
            self.row = int(digits) if digits else self.row + (kind == b"row")
            if kind == b"row":
                self.column = 0
                continue
            self.column = _column(letters.upper()) if letters else self.column + 1
            self.n_rows = max(self.n_rows, self.row)
            self.n_columns = max(self.n_columns, self.column)


def _pass_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, left: int, name: str) -> int:
    """Read one part to its end; how many bytes the others may still have."""
    extent = _Extent()
    with archive.open(part) as member:
        for piece, n_bytes in _pieces(member):
            left -= n_bytes
            if left < 0:
                raise BadExtract(
                    f"{name} unpacks to more than {MOST_OF_A_WORKBOOK / 1e6:,.0f} MB, too much for a workbook; "
                    "save its sheet as CSV."
                )
            extent.see(piece)
            if extent.is_too_far:
                raise BadExtract(
                    f"{name} has cells as far as row {extent.n_rows:,} and column {extent.n_columns:,}: too much room "
                    "for a workbook. Delete the empty rows and columns up to there, or save its sheet as CSV."
                )
    return left


def _pieces(member: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """The text of a part in pieces that end with a whole tag, and how many bytes were read for each."""
    rest = b""
    while chunk := member.read(_CHUNK):
        text = rest + chunk
        end = text.rfind(b">") + 1
        rest = text[end:][-_LONGEST_TAG:]
        yield text[:end], len(chunk)
    yield rest, 0


@lru_cache(maxsize=20_000)
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
