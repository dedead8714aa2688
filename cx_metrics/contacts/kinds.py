"""What a file is, found out from its content: the name it bears decides nothing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from cx_metrics.contacts.decoding import HEAD, marked_encoding, unmarked_utf16
from cx_metrics.contacts.limits import MOST_DIRECTORY
from cx_metrics.errors import BadExtract

Kind = Literal["zip", "gzip", "workbook", "parquet", "json", "delimited"]

READABLE = "A table is a CSV, TSV, XLSX, Parquet or JSON lines file, as it is or in a .zip or .gz."

_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"ORC", "an ORC file; save it as Parquet or CSV"),
    (b"Obj\x01", "an Avro file; save it as Parquet or CSV"),
    (b"PARE", "an encrypted Parquet file; save it without encryption"),
)
_WEB_PAGE = re.compile(r"<(!doctype|html|head|body|table)\b", re.IGNORECASE)
_JSON = re.compile(r"""\{|\[\s*[\{\[\]"\d]""")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_CONTROL_SHARE = 0.01
_ZIP_END = 66_000


def kind_of(path: Path, *, name: str) -> Kind:
    """What the file's content is.

    Raises:
        BadExtract: it is evidently no table; says what it is.
    """
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, name=name)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "workbook"
    if head.startswith(b"PAR1"):
        return "parquet"
    other = next((what for magic, what in _OTHERS if head.startswith(magic)), None)
    if other:
        raise BadExtract(f"{name} is not a table but {other}. {READABLE}")
    return _kind_of_text(head, name=name)


def _kind_of_zip(path: Path, *, name: str) -> Kind:
    _require_small_directory(path, name=name)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            plain = _mime_type(archive) if names[:1] == ["mimetype"] else b""
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return "zip"
    if any(n.startswith("xl/") for n in names) or b"opendocument.spreadsheet" in plain:
        return "workbook"
    if "[Content_Types].xml" in names or plain:
        raise BadExtract(f"{name} is not a table but an office document without sheets. {READABLE}")
    return "zip"


def _mime_type(archive: zipfile.ZipFile) -> bytes:
    with archive.open("mimetype") as member:
        return member.read(80)


def _require_small_directory(path: Path, *, name: str) -> None:
    """Pass only a zip file whose table of contents fits into memory many times over."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - _ZIP_END))
        tail = handle.read()
    end, end64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    sizes = [int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0]
    sizes += [int.from_bytes(tail[end64 + 40 : end64 + 48], "little")] if end64 >= 0 else []
    if min(sizes) > MOST_DIRECTORY:
        raise BadExtract(f"{name} is a zip file of far too many files; it must hold exactly one extract.")


def _kind_of_text(head: bytes, *, name: str) -> Kind:
    encoding = marked_encoding(head) or unmarked_utf16(head) or "utf-8"
    if encoding.startswith("utf-8"):
        control = len(head) - len(head.translate(None, _CONTROL))
        if control > _CONTROL_SHARE * len(head):
            raise BadExtract(f"{name} is not a table: it holds bytes that are no text. {READABLE}")
    text = head.decode(encoding, "replace").lstrip("\ufeff").lstrip()
    if _WEB_PAGE.match(text):
        raise BadExtract(f"{name} is not a table but a web page; save it as CSV or XLSX. {READABLE}")
    if text.startswith("<?xml"):
        raise BadExtract(f"{name} is not a table but an XML document; save it as CSV or XLSX. {READABLE}")
    return "json" if _JSON.match(text) else "delimited"
