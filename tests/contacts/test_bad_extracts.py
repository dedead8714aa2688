"""What is no table is one sentence that names the file, and leaves nothing behind."""

from __future__ import annotations

import errno
import gzip
import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from cx_metrics.contacts import unpack
from cx_metrics.contacts.tables import open_table
from cx_metrics.errors import CxError
from tests.contacts.reading import write


def refused(path: Path, *, workdir: Path, connection: duckdb.DuckDBPyConnection | None = None) -> str:
    """The one sentence a file is refused with; nothing may be left in the folder or on the connection."""
    workdir.mkdir(exist_ok=True)
    connection = connection or duckdb.connect()
    with pytest.raises(CxError) as error:
        open_table(path, connection=connection, workdir=workdir)
    assert list(workdir.iterdir()) == []
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []
    message = str(error.value)
    assert "\n" not in message
    assert "Error:" not in message
    return message


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The archive with the flag for a password set in both of its headers."""
    local = archive.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
    return local.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


def _named(value: str | bytes) -> str:
    """A case's name without its bytes: archives hold the time, and every worker must collect the same names."""
    return value if isinstance(value, str) else "content"


CALLS = b"id,note\n" + b"".join(b"%d,some text\n" % n for n in range(2000))
CALLS_CRC = struct.pack("<I", zlib.crc32(CALLS))
PARQUET = io.BytesIO()
pq.write_table(pa.table({"id": [str(n) for n in range(5000)]}), PARQUET, compression="zstd")
BROKEN_PAGE = bytearray(PARQUET.getvalue())
BROKEN_PAGE[200:400] = b"\xff" * 200


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"\n\r\n\n", "a.csv is empty"),
        ("a.csv", b"\xef\xbb\xbf", "a.csv is empty"),
        ("a.csv", b"  ,,\n1,2,3\n", "a.csv has no header: its first line is empty"),
        ("a.csv", b'id,"note\n1,x\n', "a.csv has a header that can't be read: a quote is never closed"),
        ("a.csv", b"\0" * 5000, "a.csv is not a table: it holds bytes that are no text"),
        ("a.csv", bytes(range(256)) * 40, "a.csv is not a table: it holds bytes that are no text"),
        ("a.csv", b"%PDF-1.7\n", "a.csv is not a table but a PDF document"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n", "a.xlsx is not a table but a picture"),
        ("a.xls", b"<html><table><tr><td>1", "a.xls is not a table but a web page; save it as CSV"),
        ("a.xls", b"\n<!DOCTYPE html>", "a.xls is not a table but a web page"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "a.xml is not a table but an XML document"),
        (
            "a.csv",
            b"Hello, all\n" + b"So, this, is, prose.\nNo table.\n" * 9,
            "a.csv is not a table: its first line has 2",
        ),
        (
            "a.csv",
            b"x" * 3_000_000,
            "a.csv is not a table: its first line is longer than 2,000,000 characters",
        ),
        ("a.zip", zipped(a__csv=CALLS)[:200], "a.zip is a broken zip file"),
        ("a.zip", zipped(a__csv=CALLS).replace(CALLS_CRC, b"1234"), "a.zip is a broken zip file (Bad CRC-32"),
        ("a.zip", encrypted(zipped(a__csv=CALLS)), "a.zip is protected by a password; unpack it"),
        ("a.zip", zipped(), "a.zip is an empty zip file"),
        (
            "a.zip",
            zipped(a__csv=CALLS, b__csv=CALLS),
            "a.zip holds 2 files (a.csv, b.csv); it must hold exactly one",
        ),
        ("a.zip", zipped(b__zip=zipped(a__csv=CALLS)), "b.zip in a.zip is an archive inside an archive"),
        ("a.zip", zipped(a__csv=b""), "a.csv in a.zip is empty"),
        ("a.zip", zipped(a__csv=b"%PDF-1.4"), "a.csv in a.zip is not a table but a PDF document"),
        (
            "a.docx",
            zipped(**{"[Content_Types]__xml": b"", "word/document__xml": b""}),
            "a.docx is not a table but an office",
        ),
        ("a.csv.gz", gzip.compress(CALLS)[:-30], "a.csv.gz is a broken gzip file"),
        ("a.csv.gz", gzip.compress(CALLS)[:20] + b"junk" * 20, "a.csv.gz is a broken gzip file"),
        ("a.csv.gz", gzip.compress(b""), "a.csv in a.csv.gz is empty"),
        ("a.xlsx", zipped(**{"xl/workbook__xml": b"<x"}), "a.xlsx is not a readable workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xlsx is not a readable workbook"),
        ("a.parquet", PARQUET.getvalue()[:300], "a.parquet is a broken Parquet file"),
        ("a.parquet", bytes(BROKEN_PAGE), "a.parquet is a broken Parquet file"),
        ("a.json", b'[{"id":1},{"id":2}', "a.json is broken JSON near line 1"),
        (
            "a.json",
            b'{"tickets":[\n{"id":1},\n{"id":]}',
            "a.json is broken JSON near line 3 (Expecting value)",
        ),
        ("a.json", b'{"a":[{"x":1}],"b":[{"y":1}]}', "a.json holds several tables ('a', 'b')"),
        ("a.json", b"[1, 2, 3]", "a.json holds no JSON objects"),
        ("a.json", b"[]", "a.json holds no JSON objects"),
        (
            "a.json",
            b'{"id":1}\n{"id":"' + b"x" * 40_000_000 + b'"}\n',
            "a.json is broken JSON (a record is longer than 16,777,216 bytes)",
        ),
    ],
    ids=_named,
)
def test_files_that_are_no_table(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    assert refused(write(tmp_path / name, content), workdir=tmp_path / "work").startswith(said)


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    assert refused(tmp_path, workdir=tmp_path / "work").startswith(f"{tmp_path.name} is a folder, not a table")
    missing = tmp_path / "gone.csv"
    assert refused(missing, workdir=tmp_path / "work").startswith(f"There is no file {missing}")
    assert refused(Path("/dev/zero"), workdir=tmp_path / "work").startswith("/dev/zero is no regular file")


@pytest.mark.parametrize(("name", "head"), [("a.csv", b"id,note"), ("a.json", b'{"id": "')])
def test_two_gigabytes_in_one_line_are_refused_at_a_glance(tmp_path: Path, name: str, head: bytes) -> None:
    """A sparse file: of what is not looked at nothing is read, so this takes no time and no memory."""
    path = write(tmp_path / name, head + b"x" * 70_000_000)
    os.truncate(path, 2**31)
    assert refused(path, workdir=tmp_path / "work").startswith((f"{name} is not a table", f"{name} is broken"))


def test_a_zip_bigger_than_the_disk_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    path = write(tmp_path / "a.zip", zipped(a__csv=CALLS))
    assert refused(path, workdir=tmp_path / "work").startswith("The disk is too full to unpack a.zip")


@pytest.mark.parametrize(
    ("name", "content"), [("a.zip", zipped(a__csv=CALLS)), ("a.csv.gz", gzip.compress(CALLS))], ids=_named
)
def test_a_disk_that_fills_up_while_unpacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    def full(*_: object, to: Path, **__: object) -> None:
        to.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(unpack, "_copy", full)
    path = write(tmp_path / name, content)
    assert refused(path, workdir=tmp_path / "work") == (
        f"The disk is full: {name} can't be unpacked. Make room and load it again."
    )


def test_too_little_memory_and_no_room_to_spill(tmp_path: Path) -> None:
    connection = duckdb.connect(config={"memory_limit": "100MB", "temp_directory": "", "threads": 1})
    lines = "id,note\n" + "".join(f"{n},{hex(n) * 90}\n" for n in range(300_000))
    message = refused(write(tmp_path / "a.csv", lines), workdir=tmp_path / "work", connection=connection)
    assert message.startswith("There is too little memory or disk to read a.csv")


def test_a_file_one_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", CALLS)
    opening = Path.open

    def forbidden(self: Path, *args: str, **options: str) -> object:
        if self == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opening(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", forbidden)
    assert refused(path, workdir=tmp_path / "work") == "a.csv can't be read: Permission denied."


def test_a_header_without_rows_is_a_table(tmp_path: Path) -> None:
    connection = duckdb.connect()
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet().write_row(0, 0, ["id", "note"])
    book.close()
    pq.write_table(
        pa.table({"id": pa.array([], pa.string()), "note": pa.array([], pa.string())}), tmp_path / "a.parquet"
    )
    write(tmp_path / "a.csv", b"id,note\n")
    for name in ("a.xlsx", "a.parquet", "a.csv"):
        table = open_table(tmp_path / name, connection=connection, workdir=tmp_path)
        assert table.headers == ("id", "note")
        assert connection.execute(f"FROM {table.relation}").fetchall() == []
