"""Splits delimited text into records, and goes on after a broken one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TextIO

from cx_metrics.contacts.landing import LONGEST

UNCLOSED = "a quote is never closed"
BROKEN_QUOTES = "text after a closing quote"
TOO_LONG = f"longer than {LONGEST:,} characters"


class Record(NamedTuple):
    """One record: its text, its cells, and why it is none (then it has no cells)."""

    text: str
    cells: list[str]
    problem: str | None


class _BrokenRecordError(Exception):
    """This record can't be split; the message is the reason."""


def bounded_lines(handle: TextIO) -> Iterator[str]:
    """The lines of a text with their ends; of a line longer than a record may be, only the start."""
    while line := handle.readline(LONGEST + 1):
        yield line
        while len(line) > LONGEST and not line.endswith("\n"):
            line = handle.readline(LONGEST + 1)


def split_records(lines: Iterable[str], *, delimiter: str, escape: str = '"') -> Iterator[Record]:
    """The records of delimited text, read as DuckDB reads them; blank lines are none.

    A cell may be in double quotes, then it may hold delimiters and line breaks, and spaces around the quotes
    do not count. A quote inside is doubled, or follows the escape. After a record with broken quotes reading
    goes on at the next line.
    """
    source, again = iter(lines), deque[str]()
    splitter = _Splitter(delimiter, escape)
    used: list[str] = []

    def following() -> str | None:
        line = again.popleft() if again else next(source, None)
        if line is not None:
            used.append(line)
        return line

    while True:
        used.clear()
        line = following()
        if line is None:
            return
        if line in ("\n", "\r\n", "\r"):
            continue
        try:
            cells = splitter.split(line, following)
        except _BrokenRecordError as error:
            again.extendleft(reversed(used[1:]))
            yield Record(line, [], str(error))
        else:
            yield Record(line if len(used) == 1 else "".join(used), cells, None)


class _Splitter:
    def __init__(self, delimiter: str, escape: str) -> None:
        end = re.escape(delimiter)
        doubled = escape == '"'
        self.delimiter = delimiter
        self._opening = re.compile(r' *"')
        self._plain = re.compile(rf"[^{end}\r\n]*+")
        body = r'[^"]*+(?:""[^"]*+)*+' if doubled else r'[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+'
        self._body = re.compile(body, re.DOTALL)
        self._reopening = re.compile(r'"( +)"')
        self._closing = re.compile(rf'" *(?=[{end}\r\n]|\Z)')
        self._escaped = re.compile(r'["](["])' if doubled else r'["\\]((?<=")"|(?<=\\)["\\])')

    def split(self, line: str, following: Callable[[], str | None]) -> list[str]:
        if len(line) > LONGEST:
            raise _BrokenRecordError(TOO_LONG)
        if '"' not in line:
            return line.rstrip("\r\n").split(self.delimiter)
        cells, at = [], 0
        while True:
            opening = self._opening.match(line, at)
            if opening:
                cell, line, at = self._quoted(line, opening.end(), following)
                cells.append(cell)
            else:
                plain = self._plain.match(line, at)
                assert plain is not None
                cells.append(plain.group())
                at = plain.end()
            if line[at : at + 1] != self.delimiter:
                return cells
            at += 1

    def _quoted(self, line: str, at: int, following: Callable[[], str | None]) -> tuple[str, str, int]:
        """The cell whose text starts at a place, the line it ends in, and the place after it."""
        parts: list[str] = []
        size = 0
        while True:
            body = self._body.match(line, at)
            assert body is not None
            parts.append(body.group())
            at = body.end()
            if at == len(line):
                size += at
                more = following() if size <= LONGEST else None
                if more is None:
                    raise _BrokenRecordError(UNCLOSED)
                if len(more) > LONGEST:
                    raise _BrokenRecordError(TOO_LONG)
                line, at = more, 0
            elif again := self._reopening.match(line, at):
                parts.append(again.group(1))
                at = again.end()
            elif closing := self._closing.match(line, at):
                return self._escaped.sub(r"\1", "".join(parts)), line, closing.end()
            else:
                raise _BrokenRecordError(BROKEN_QUOTES)
