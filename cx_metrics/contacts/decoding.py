"""The encoding of a text file: found out, or checked where it was declared; and the text as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cx_metrics.contacts.landing import Source
from cx_metrics.contacts.legacy import legacy_encoding
from cx_metrics.errors import BadExtract, did_you_mean

HEAD = 1 << 20
"""How many bytes at the start of a file are looked at before it is read."""

SURROGATE = re.compile("[\udc80-\udcff]")
"""A byte that could not be decoded, as Python's ``surrogateescape`` writes it."""

_CHUNK = 1 << 22
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = ("utf-8", "utf-16", "cp1252", "latin-1", "mac-roman", "cp1250", "cp1251", "shift-jis", "gb18030")


@dataclass(frozen=True)
class Text:
    """A UTF-8 file and where it came from.

    Attributes:
        path: the file itself, or its UTF-8 copy.
        encoding: of the original.
        settled: False while UTF-8 is presumed from the head alone.
        dirty: whether it holds bytes that are not UTF-8; known once settled.
    """

    path: Path
    encoding: str
    settled: bool
    dirty: bool


@dataclass(frozen=True)
class _Census:
    n_decoded: int
    n_bad: int
    sample: bytes
    first_bad: int
    line: int
    is_marked: bool

    @property
    def is_utf8(self) -> bool:
        return self.n_bad == 0 or self.n_decoded > 2 * self.n_bad


def marked_encoding(head: bytes) -> str | None:
    """The encoding that a byte order mark names."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark, told by the zero bytes of its Latin characters."""
    pairs = len(head) // 2
    if not pairs or b"\0" not in head:
        return None
    first, second = (head[i : 2 * pairs : 2].count(0) / pairs for i in (0, 1))
    if min(first, second) < 0.1 and max(first, second) > 0.3:
        return "utf-16-le" if second > first else "utf-16-be"
    return None


def find_text(source: Source, *, declared: str | None) -> Text:
    """The file as UTF-8 text, judged by its head; a file in another encoding is copied.

    Raises:
        BadExtract: the declared encoding is unknown or not the file's; says where.
    """
    with source.path.open("rb") as handle:
        head = handle.read(HEAD)
    marked = marked_encoding(head)
    if declared is not None:
        encoding = _declared(declared, head=head, marked=marked, source=source)
    else:
        encoding = marked or unmarked_utf16(head) or ("utf-8" if _starts_as_utf8(head) else "")
    presumed = Text(source.path, "utf-8", settled=False, dirty=False)
    if encoding == "utf-8":
        return presumed
    if encoding == "":
        return settle(presumed, source=source, declared=None)
    return _copy(source, encoding=encoding, errors="strict")


def settle(text: Text, *, source: Source, declared: str | None) -> Text:
    """The text once every byte was looked at: bytes that are not UTF-8 may speak for another encoding.

    Raises:
        BadExtract: UTF-8 was declared, and it is not.
    """
    if text.settled:
        return text
    census = _census(text.path)
    if census.is_utf8 or census.is_marked:
        return Text(text.path, text.encoding, settled=True, dirty=census.n_bad > 0)
    guess = legacy_encoding(census.sample)
    if declared is not None:
        raise BadExtract(
            f"{source.name} is not {declared} as declared: byte {census.first_bad + 1:,} "
            f"(line {census.line:,}) does not fit. It looks like {guess}; "
            "declare that, or leave the encoding out to have it found."
        )
    return _copy(source, encoding=guess, errors="surrogateescape")


def _starts_as_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _declared(declared: str, *, head: bytes, marked: str | None, source: Source) -> str:
    try:
        codec = codecs.lookup(declared.strip())
        "".encode(codec.name)
    except LookupError:
        raise BadExtract(f"'{declared}' is no encoding; {did_you_mean(declared, _COMMON)}") from None
    name = "utf-8" if codec.name in ("utf-8-sig", "ascii") else codec.name
    said = "its byte order mark says" if marked else "its text is"
    actual = marked
    if actual is None and not head.isascii() and _starts_as_utf8(head):
        actual = "utf-8"
    if actual is None and name.startswith(("utf-16", "utf-32")) and b"\0" not in head:
        actual = "utf-8 or another encoding of single bytes"
    if actual is not None and not name.startswith(actual):
        at = 0 if marked else next((i for i, byte in enumerate(head) if byte > 127), 0)
        raise BadExtract(
            f"{source.name} is not {declared} as declared: {said} {actual} "
            f"(byte {at + 1:,}, line {head.count(10, 0, at) + 1:,}). "
            "Declare that, or leave the encoding out to have it found."
        )
    return actual if marked and actual else name


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK):
        yield chunk
    yield b""


def _census(path: Path) -> _Census:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    n_decoded = n_bad = n_lines = read = 0
    first_bad, line, sample = -1, 0, bytearray()
    is_marked = False
    with path.open("rb") as handle:
        for chunk in _chunks(handle):
            is_marked = is_marked or (read == 0 and chunk.startswith(codecs.BOM_UTF8))
            start = read - len(decoder.getstate()[0])
            text = decoder.decode(chunk, final=not chunk)
            if not text.isascii():
                bad = SURROGATE.search(text)
                if bad and first_bad < 0:
                    first_bad = start + len(text[: bad.start()].encode())
                    line = n_lines + text.count("\n", 0, bad.start()) + 1
                n = len(SURROGATE.findall(text)) if bad else 0
                n_bad += n
                n_decoded += len(text) - len(text.encode("ascii", "ignore")) - n
                if len(sample) < _SAMPLE:
                    sample += _telling_lines(chunk, is_first=read == 0)
            n_lines += text.count("\n")
            read += len(chunk)
    return _Census(n_decoded, n_bad, bytes(sample), first_bad, line, is_marked)


def _telling_lines(chunk: bytes, *, is_first: bool) -> bytes:
    """The whole lines of a piece of the file that hold bytes above 127."""
    lines = chunk.splitlines(keepends=True)
    whole = lines[not is_first : len(lines) - (not chunk.endswith((b"\n", b"\r")))] or lines
    return b"".join(line for line in whole if not line.isascii())[:_SAMPLE]


def _copy(source: Source, *, encoding: str, errors: str) -> Text:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    to = source.scratch / "text"
    size = source.path.stat().st_size
    n_lines = read = 0
    dirty = False
    with source.path.open("rb") as handle, to.open("wb") as out:
        for chunk in _chunks(handle):
            read += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = read - len(error.object) + error.start
                line = n_lines + error.object.count(b"\n", 0, error.start) + 1
                raise _misfit(source, encoding=encoding, at=at, line=line) from None
            n_lines += text.count("\n")
            dirty = dirty or SURROGATE.search(text) is not None
            out.write(text.encode("utf-8", errors))
            source.progress("decoding", read / size)
    return Text(to, encoding, settled=True, dirty=dirty)


def _misfit(source: Source, *, encoding: str, at: int, line: int) -> BadExtract:
    return BadExtract(
        f"{source.name} is not {encoding}: byte {at + 1:,} (line {line:,}) does not fit. "
        "Declare its right encoding, or leave the encoding out to have it found."
    )
