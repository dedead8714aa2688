"""How a delimited text is written: its delimiter, its quoting, its header; found out from its head."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from cx_metrics.contacts.headers import require_header
from cx_metrics.contacts.landing import LONGEST
from cx_metrics.contacts.limits import require_columns
from cx_metrics.contacts.records import UNCLOSED, Record, split_records
from cx_metrics.errors import BadExtract

DELIMITERS = ("\t", ";", "|", ",")
"""In the order they are preferred where two read a text equally well: a comma is also in prose."""

_SAMPLE = 400_000
_DECLARATION = re.compile(r'"?sep=(.)"?[\r\n]+', re.IGNORECASE)
_ENOUGH = 10


@dataclass(frozen=True)
class Dialect:
    """How one delimited text is written.

    Attributes:
        delimiter: between cells.
        escape: what stands before a quote inside quotes: a quote or a backslash.
        header: the cells of the first record, as they stand.
        n_skipped: lines before the header: blank ones, or Excel's ``sep=;``.
        is_plain: whether nothing precedes the header, and it is one line without a backslash escape.
    """

    delimiter: str
    escape: str
    header: tuple[str, ...]
    n_skipped: int
    is_plain: bool


@dataclass(frozen=True)
class _Reading:
    delimiter: str
    escape: str
    records: tuple[Record, ...]

    @property
    def header(self) -> list[str]:
        return self.records[0].cells if self.records else []

    @property
    def share(self) -> float:
        """How many records have the header's width, 0..1."""
        rest = self.records[1:]
        return sum(not misfit(r, width=len(self.header)) for r in rest) / len(rest) if rest else 1.0

    @property
    def score(self) -> float:
        return self.share * (1 - 1 / len(self.header)) if self.header else -1.0


def misfit(record: Record, *, width: int) -> str | None:
    """Why a record is no row of a table this wide; empty cells too many do no harm."""
    if record.problem is not None:
        return record.problem
    n = len(record.cells)
    if n == width or (n > width and not any(record.cells[width:])):
        return None
    return f"too {'few' if n < width else 'many'} cells: {n} where the header has {width}"


def sniff(head: str, *, whole: bool, name: str, delimiter: str | None) -> Dialect:
    """How the text is written, with its header.

    Args:
        head: the text, or its first characters: at least one longest record.
        whole: whether that is all of it.
        name: what messages call the file.
        delimiter: the one it must have; default: found out.

    Raises:
        BadExtract: the text is empty, one endless line, without a header, or no table.
    """
    text, n_skipped, declared = _without_preamble(head)
    if not text.strip():
        raise BadExtract(f"{name} is empty; a table needs at least a line that names its columns.")
    if not whole and not re.search(r"[\r\n]", text[:LONGEST]):
        raise BadExtract(f"{name} is not a table: its first line is longer than {LONGEST:,} characters.")
    best = _best_reading(text, whole=whole, choices=[d for d in (delimiter, declared) if d][:1] or DELIMITERS)
    if not best.header:
        raise BadExtract(f"{name} has a header that can't be read: {best.records[0].problem} in its first line.")
    if len(best.header) > 1 and best.share < 0.5 and len(best.records) > _ENOUGH:
        raise BadExtract(
            f"{name} is not a table: its first line has {len(best.header)} cells, and fewer than half of the "
            "lines below have as many."
        )
    require_columns(len(best.header), name=name)
    second = next((r.cells for r in best.records[1:] if r.problem is None), None)
    require_header(best.header, second=second, name=name)
    return Dialect(
        delimiter=best.delimiter,
        escape=best.escape,
        header=tuple(best.header),
        n_skipped=n_skipped,
        is_plain=n_skipped == 0 and best.escape == '"' and best.records[0].text.count("\n") <= 1,
    )


def _without_preamble(head: str) -> tuple[str, int, str | None]:
    blank = "".join(takewhile(lambda c: c in "\r\n", head))
    rest = head[len(blank) :]
    declaration = _DECLARATION.match(rest)
    if declaration:
        blank += declaration.group()
        rest = rest[declaration.end() :]
    return rest, len(io.StringIO(blank, newline="").readlines()), declaration and declaration.group(1)


def _best_reading(text: str, *, whole: bool, choices: Sequence[str]) -> _Reading:
    sample = text if len(text) <= _SAMPLE else text[:_SAMPLE]
    if not re.search(r"[\r\n]", sample):
        sample = text
    cut = not whole or len(sample) < len(text)
    readings = [_read(sample, cut=cut, delimiter=d, escape='"') for d in choices]
    if '\\"' in sample:
        readings += [_read(sample, cut=cut, delimiter=d, escape="\\") for d in choices]
    broken = next((r for r in readings if not r.header), None)
    best = max(readings, key=lambda r: (r.score, len(r.header), r.share))
    return broken if broken and len(best.header) < 2 else best


def _read(sample: str, *, cut: bool, delimiter: str, escape: str) -> _Reading:
    lines = io.StringIO(sample, newline="")
    records = list(split_records(lines, delimiter=delimiter, escape=escape))
    if cut and len(records) > 1:
        unclosed = next((i for i, r in enumerate(records) if i and r.problem == UNCLOSED), len(records) - 1)
        records = records[: max(unclosed, 1)]
    return _Reading(delimiter, escape, tuple(records))
