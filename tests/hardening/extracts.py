"""Extracts as somebody makes them who wants the server to fall over: small to send, huge or endless to read."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

HEAD = b"contact_id,started_at\n"
ROW = b"1,2026-01-01T00:00:00Z\n"

_OFFICE = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_OFFICE}/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1"
        Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main"
        xmlns:r="{_OFFICE}/officeDocument/2006/relationships">
        <sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship
        Id="rId1" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
        </Relationships>""",
}


def zipped(*members: tuple[str, bytes | str]) -> bytes:
    """A zip file of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def cell(place: str, text: str) -> str:
    """A cell of a sheet, at that place or, for an empty one, after the cell before."""
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(more: str = "", *, before: str = "", first: str = "1", **parts: bytes | str) -> bytes:
    """A workbook of one contact and more rows."""
    rows = f'<row r="1">{cell("A1", "contact_id")}{cell("B1", "started_at")}</row>'
    rows += f'<row r="2">{cell("A2", first)}{cell("B2", "2026-01-01T00:00:00Z")}</row>{more}'
    sheet = f'{before}<worksheet xmlns="{_OFFICE}/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped(*(_PARTS | {"xl/worksheets/sheet1.xml": sheet} | named).items())


def lying_zip() -> bytes:
    """A zip file that says its member has ten bytes."""
    told = bytearray(zipped(("a.csv", HEAD + ROW * 2000)))
    directory = told.rfind(b"PK\1\2")
    told[directory + 24 : directory + 28] = told[22:26] = struct.pack("<I", 10)
    return bytes(told)


def crowded_zip() -> bytes:
    """The end of a zip file whose table of contents would fill two gigabytes."""
    return b"PK\3\4" + b"\0" * 100 + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 65535, 65535, 2_000_000_000, 0, 0)


def table(columns: dict[str, Sequence[object]]) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _nested(n: int, inside: bytes = b"1") -> bytes:
    return b'{"a":' * n + inside + b"}" * n


_LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))

REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "json deep": ("a.json", lambda: _nested(100_000), "is broken JSON near line 1 (nested deeper than 50 levels)"),
    "json deep lines": ("a.json", lambda: (_nested(100_000) + b"\n") * 3, "is broken JSON near line 1 (nested"),
    "json deep list": ("a.json", lambda: b"[" * 100_000 + b"]" * 100_000, "is broken JSON near line 1 (nested"),
    "json deep, wrapped": ("a.json", lambda: b'{"x":[{"y":' + b"[" * 9999 + b"]" * 9999 + b"}]}", "is broken JSON"),
    "json rather deep": ("a.json", lambda: _nested(90), "is nested deeper than 50 levels"),
    "json wide": ("a.json", lambda: json.dumps({f"k{n}": n for n in range(20_000)}).encode(), "has 20,000 columns"),
    "json long number": ("a.json", lambda: b'[{"a":' + b"9" * 9999 + b"}]", "(a number of too many digits)"),
    "csv of a million columns": ("a.csv", lambda: b"a" + b"," * 1_000_000 + b"\n1\n", "has 1,000,001 columns"),
    "csv without a line end": ("a.csv", lambda: b"contact_id," * 200_000, "its first line is longer than 2,000,000"),
    "parquet wide": ("a.parquet", lambda: table({f"c{n}": ["1"] for n in range(2001)}), "has 2,001 columns"),
    "zip bomb": ("a.zip", lambda: zipped(("a.csv", HEAD + b"\0" * 30_000_000)), "unpacks to more than the 20 MB"),
    "zip that lies": ("a.zip", lying_zip, "is a broken zip file (Bad CRC-32"),
    "zip of many": ("a.zip", lambda: zipped(*((f"{n}.csv", "x") for n in range(9000))), "holds 9000 files"),
    "zip of too many": ("a.zip", crowded_zip, "is a zip file of far too many files"),
    "zip in a zip": ("a.zip", lambda: zipped(("b.zip", zipped(("a.csv", HEAD)))), "is an archive inside an archive"),
    "zip with a huge type": ("a.zip", lambda: zipped(("mimetype", b"x" * 99_000_000)), "an office document"),
    "zip with a long name": ("a.zip", lambda: zipped((f"{'x' * 60_000}.csv", b"%PDF")), "is not a table but a PDF"),
    "zip with a name of two lines": (
        "a.zip",
        lambda: zipped(("a\n\u202eb.csv", b"%PDF")),
        "a��b.csv in a.zip is not a",
    ),
    "gzip bomb": ("a.csv.gz", lambda: gzip.compress(HEAD + b"\0" * 30_000_000, 1), "unpacks to more than the 20 MB"),
    "gzip in a gzip": ("a.csv.gz", lambda: gzip.compress(gzip.compress(HEAD)), "is an archive inside an archive"),
    "xlsx of entities": (
        "a.xlsx",
        lambda: workbook(before=f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{_LAUGHS}]>', first="&j;"),
        "is not a readable workbook (at 0..0: unrecognized entity",
    ),
    "xlsx that asks for a file": (
        "a.xlsx",
        lambda: workbook(before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', first="&a;"),
        "is not a readable workbook (at 0..0: unrecognized entity",
    ),
    "xlsx with a far cell": (
        "a.xlsx",
        lambda: workbook(f'<row r="1048576">{cell("XFD1048576", "x")}</row>'),
        "has cells as far as row 1,048,576 and column 16,384",
    ),
    "xlsx with a cell beyond all sheets": (
        "a.xlsx",
        lambda: workbook(f'<row r="3">{cell("ZZZZZZ4294967295", "x")}</row>'),
        "has cells as far as row 4,294,967,295 and column 321,272,406",
    ),
    "xlsx with a far cell behind another place": (
        "a.xlsx",
        lambda: workbook("""<row r="1048576"><c x=' r="A1"' r = 'XFD1048576'><v>1</v></c></row>"""),
        "has cells as far as row 1,048,576 and column 16,384",
    ),
    "xlsx of cells without a place": (
        "a.xlsx",
        lambda: workbook(f'<row r="3">{"<c><v>1</v></c>" * 20_000}</row>'),
        "has cells as far as row 3 and column",
    ),
    "xlsx of rows without a place": (
        "a.xlsx",
        lambda: workbook("<row><c/></row>" * 1_200_000),
        "has cells as far as row 1,",
    ),
    "xlsx with a wide row": ("a.xlsx", lambda: workbook(cell("XFD3", "x")), "has 16,384 columns"),
    "xlsx with huge texts": (
        "a.xlsx",
        lambda: workbook(xl__sharedStrings=b"x" * 1_000_000_001),
        "unpacks to more than 1,000 MB, too much for a workbook",
    ),
    "xlsb": ("a.xlsb", lambda: zipped(("xl/workbook.bin", b"")), "is a workbook of a kind that is not read here"),
    "ods": (
        "a.ods",
        lambda: zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
        "is a workbook of a kind that is not read here",
    ),
}
"""Name of the file, its content, and a part of the sentence it is refused with."""

READ: dict[str, tuple[str, Callable[[], bytes], tuple[int, int]]] = {
    "a deep value": ("a.json", lambda: b'{"contact_id":"1","x":' + b"[" * 999 + b"]" * 999 + b'}\n{"x":2}\n', (2, 0)),
    "the same key twice": ("a.json", lambda: b'{"contact_id":"a","contact_id":"b"}\n{"Contact_ID":"c"}\n', (2, 0)),
    "no number": ("a.json", lambda: b'[{"contact_id":NaN},{"contact_id":Infinity}]', (2, 0)),
    "half a sign": ("a.json", lambda: b'{"contact_id":"\\ud800"}\n{"contact_id":"b"}\n', (1, 1)),
    "a NUL in JSON": ("a.json", lambda: b'{"contact_id":"a\\u0000b"}\n{"contact_id":"a"}\n', (2, 0)),
    "a NUL in CSV": ("a.csv", lambda: HEAD + b"a\0b,2026-01-01T00:00:00Z\n" + ROW * 500, (501, 0)),
    "a cell of ten megabytes": ("a.csv", lambda: HEAD + ROW + b"x" * 10_000_000 + b",1\n" + ROW, (2, 1)),
    "a quoted cell of ten megabytes": ("a.csv", lambda: HEAD + b'"' + b"x" * 10_000_000 + b'",1\n' + ROW, (1, 1)),
    "an xlsx cell of ten megabytes": ("a.xlsx", lambda: workbook(first="x" * 10_000_000), (0, 1)),
    "a quote that never ends, often": ("a.csv", lambda: HEAD + ROW * 900 + b'"x,1\n' * 300, (900, 300)),
    "nothing but quotes": ("a.csv", lambda: HEAD + b'"' * 300_000 + b"\n" + ROW, (1, 1)),
    "nothing but backslashes": ("a.csv", lambda: HEAD + b'"\\"' * 99_000 + b"\n" + ROW, (1, 1)),
    "line ends of every kind": ("a.csv", lambda: b"contact_id,started_at\r\n1,2\n3,4\r5,6\r\n", (3, 0)),
    "the header twice": ("a.csv", lambda: b"contact_id,a,a,A,started_at\n1,2,3,4,5\n", (1, 0)),
    "a way out of the folder": ("a.zip", lambda: zipped(("../../../etc/passwd.csv", HEAD + ROW)), (1, 0)),
    "a place of Windows": ("a.zip", lambda: zipped(("C:\\Windows\\..\\a.csv", HEAD + ROW)), (1, 0)),
    "a name with a NUL": ("a.zip", lambda: zipped(("/etc/a\0.csv", HEAD + ROW)), (1, 0)),
    "a far row": ("a.xlsx", lambda: workbook(f'<row r="1048576">{cell("A1048576", "x")}</row>'), (2, 0)),
    "names that are SQL": (
        "a.parquet",
        lambda: table({'contact_id"); DROP': ["1"], "row_number": [2], "a'b": ["x"], "c0": ["y"]}),
        (1, 0),
    ),
}
"""Name of the file, its content, and how many rows and malformed records it has."""
