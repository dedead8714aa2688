"""JSON that is not one record a line: an array, objects in a row, or one object around an array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from cx_metrics.contacts.limits import MOST_LEVELS
from cx_metrics.errors import BadExtract

_CHUNK = 1 << 20
_LONGEST = 1 << 26
_BLANK = " \t\r\n"


def is_lines(path: Path) -> bool:
    """Whether the file has one JSON object a line, and several lines."""
    with path.open(encoding="utf-8-sig", errors="replace") as handle:
        first = second = ""
        while not first.strip() and (first := handle.readline(_LONGEST)):
            pass
        while not second.strip() and (second := handle.readline(_LONGEST)):
            pass
    if first.lstrip().startswith("[") or not second.strip():
        return False
    return _is_object(first) or (_is_object(second) and first.rstrip()[-1] not in "[{,:")


def write_lines(path: Path, *, to: Path, name: str) -> None:
    """Write the records of a JSON document one a line, reading it as a stream.

    The records are the items of the array; or the objects that follow one another; or, of a single object,
    the items of its only array of objects; or, where it has none, the object itself.

    Raises:
        BadExtract: the document is broken, or has several arrays to choose from.
    """
    escaped = "surrogateescape"
    with (
        path.open(encoding="utf-8-sig", errors=escaped) as handle,
        to.open("w", encoding="utf-8", errors=escaped) as out,
    ):
        reader = _Reader(handle, name)
        if reader.peek() == "[":
            for record in reader.items():
                _put(record, out)
            reader.require_end()
        elif not _write_wrapped(reader, out):
            handle.seek(0)
            out.truncate(0)
            out.seek(0)
            reader = _Reader(handle, name)
            while reader.peek():
                _put(reader.value(), out)


def _write_wrapped(reader: _Reader, out: TextIO) -> bool:
    """Write the items of the only array of objects in a single object; False where it is no such object."""
    keys: list[str] = []
    for key in reader.fields():
        if reader.peek(2) == "[{":
            keys.append(key)
            for record in reader.items():
                if len(keys) == 1:
                    _put(record, out)
        else:
            reader.value()
    if reader.peek():
        return False
    if len(keys) > 1:
        listed = ", ".join(f"'{key}'" for key in keys)
        raise BadExtract(f"{reader.name} holds several tables ({listed}); keep one of them per file.")
    return bool(keys)


def _put(record: str, out: TextIO) -> None:
    out.write(record.replace("\r", " ").replace("\n", " ") + "\n")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


class _Reader:
    """Reads JSON values off a text of any length, holding no more than one of them."""

    def __init__(self, handle: TextIO, name: str) -> None:
        self.name = name
        self._handle = handle
        self._text = ""
        self._at = 0
        self._line = 1
        self._decoder = json.JSONDecoder()

    def peek(self, n: int = 1) -> str:
        """The next characters that are not blank; fewer at the end."""
        found = ""
        at = self._at
        while len(found) < n:
            if at == len(self._text):
                used = at - self._at
                if not self._more():
                    break
                at = self._at + used
            elif self._text[at] in _BLANK:
                at += 1
            else:
                found += self._text[at]
                at += 1
        return found

    def take(self, expected: str) -> str:
        """Step over the next character that is not blank, which must be one of these."""
        found = self.peek()
        if not found or found not in expected:
            raise self._broken(f"{' or '.join(expected)} expected")
        self._at = self._text.index(found, self._at) + 1
        return found

    def value(self) -> str:
        """The text of the next value."""
        self.peek()
        while self._at < len(self._text) and self._text[self._at] in _BLANK:
            self._at += 1
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    raise self._broken(error.msg) from None
            except RecursionError:
                raise self._broken(f"nested deeper than {MOST_LEVELS} levels") from None
            except ValueError:
                raise self._broken("a number of too many digits") from None
            else:
                if end < len(self._text) or not self._more():
                    found = self._text[self._at : end]
                    self._at = end
                    return found
            if len(self._text) - self._at > _LONGEST:
                raise self._broken(f"broken, or a single record longer than {_LONGEST:,} characters")

    def items(self) -> Iterator[str]:
        """The texts of the items of the array that comes next."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def fields(self) -> Iterator[str]:
        """The keys of the object that comes next; the value after each must be taken by the caller."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            key = json.loads(self.value())
            self.take(":")
            yield str(key)
            if self.take(",}") == "}":
                return

    def require_end(self) -> None:
        """Raise where anything but blanks follows."""
        if self.peek():
            raise self._broken("something follows the end")

    def _more(self) -> bool:
        """Read on, and forget what was stepped over; False at the end, where nothing changes."""
        chunk = self._handle.read(max(_CHUNK, len(self._text) - self._at))
        if chunk:
            self._line += self._text.count("\n", 0, self._at)
            self._text = self._text[self._at :] + chunk
            self._at = 0
        return bool(chunk)

    def _broken(self, why: str) -> BadExtract:
        line = self._line + self._text.count("\n", 0, self._at)
        return BadExtract(f"{self.name} is broken JSON near line {line:,} ({why}); export it again.")
