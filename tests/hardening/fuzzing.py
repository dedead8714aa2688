"""Extracts and mappings that nobody would write, and what must hold for each of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from cx_metrics.config import Settings
from cx_metrics.contacts.fit import fit
from cx_metrics.contacts.mapping import Mapping, parse_mapping, to_toml
from cx_metrics.contacts.mapping_columns import UNITS
from cx_metrics.contacts.schema import MAPPED
from cx_metrics.contacts.staging import Receipt, stage
from cx_metrics.errors import BadMapping, CxError
from cx_metrics.store.engines.workbench import workbench
from tests.hardening.extracts import HEAD, ROW, table, workbook, zipped

MOST_BYTES = 20_000_000
HEADERS = [field.name for field in MAPPED]
NASTY = ["=1+1", "<b>x</b>", "'; DROP TABLE x; --", "\0", "\u202ex", "NaN", "1e999", "-1", "9999-12-31", '"', "\\"]
TIMES = ["2026-01-01T00:00:00Z", "2026-02-30", "01.02.2026 10:00", "1767225600", "1767225600000", "2026-01-01 24:00:00"]
FORMATS = ["iso", "epoch_s", "epoch_ms", "%d.%m.%Y %H:%M", "%", "%Q", *NASTY]

texts = st.one_of(st.text(max_size=12), st.sampled_from([*NASTY, *TIMES, "1", "true", "", "phone"]))
cells = st.one_of(texts, st.integers(-5, 10**12).map(str), st.floats().map(str))


@dataclass(frozen=True)
class Extract:
    """A file to read: its name and its bytes."""

    name: str
    content: bytes


@st.composite
def _csv(draw: st.DrawFn) -> Extract:
    headers = draw(st.lists(st.one_of(st.sampled_from(HEADERS), texts), min_size=1, max_size=6))
    rows = draw(st.lists(st.lists(cells, max_size=8), max_size=12))
    if draw(st.integers(0, 3)):
        headers = ["contact_id", "started_at", *headers]
        rows = [[draw(cells), draw(st.sampled_from(TIMES)), *row] for row in rows]
    out = io.StringIO(newline="")
    delimiter = draw(st.sampled_from(",;\t|"))
    writer = csv.writer(out, delimiter=delimiter, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])))
    try:
        writer.writerows([headers, *rows])
    except csv.Error:
        return Extract("a.csv", HEAD)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]))
    return Extract("a.csv", out.getvalue().encode(encoding, "replace"))


@st.composite
def _json(draw: st.DrawFn) -> Extract:
    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), cells),
        lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(texts, inside, max_size=3)),
        max_leaves=6,
    )
    names = st.one_of(st.sampled_from(HEADERS), texts)
    records = draw(st.lists(st.dictionaries(names, values, max_size=6), max_size=6))
    if draw(st.integers(0, 3)):
        records = [{"contact_id": draw(cells), "started_at": draw(st.sampled_from(TIMES)), **each} for each in records]
    if draw(st.booleans()):
        return Extract("a.json", json.dumps(records, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    return Extract("a.json", "\n".join(map(json.dumps, records)).encode())


@st.composite
def _mangled(draw: st.DrawFn) -> Extract:
    """A file that was right, or was made to do harm, with bytes changed, cut out or put in."""
    whole = [
        Extract("a.csv", HEAD + ROW * 20),
        Extract("a.xlsx", workbook()),
        Extract("a.parquet", table({"contact_id": ["1", "2"], "started_at": ["2026-01-01T00:00:00Z"] * 2})),
        Extract("a.zip", zipped(("a.csv", HEAD + ROW))),
        Extract("a.csv.gz", gzip.compress(HEAD + ROW)),
        Extract("a.json", b'[{"contact_id": 1, "started_at": "2026-01-01T00:00:00Z"}]'),
    ]
    start = draw(st.sampled_from(whole))
    content = bytearray(start.content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        new = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"\0", b"{", b"<c r='ZZZ9'/>", b"\xff\xfe"]))
        )
        content[at : at + draw(st.integers(0, 12))] = new
    return Extract(start.name, bytes(content))


extracts = st.one_of(_csv(), _json(), _mangled(), st.binary(max_size=200).map(lambda content: Extract("a", content)))


@st.composite
def mapping_texts(draw: st.DrawFn) -> str:
    """The text of a mapping: often one that is right but for a part of it."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.text(max_size=80))
    lines = [f"name = {json.dumps(draw(texts))}"]
    for key, values in {
        "format": ["csv", "tsv", "xlsx", "parquet", "json", "pdf"],
        "encoding": ["utf-8", "utf-16", "cp1252", "rot13", "idna", "undefined", "x" * 50],
        "sheet": ["S", "", "../S"],
        "row": ["contact", "event", "both"],
        "keep_by": ["a", "started_at"],
        "timezone": ["UTC", "Europe/Rome", "../../etc/passwd", "Mars"],
    }.items():
        if draw(st.integers(0, 15)) == 0:
            lines.append(f"{key} = {json.dumps(draw(st.sampled_from(values)))}")
    if draw(st.booleans()):
        lines.append(f"missing = {json.dumps(draw(st.lists(texts, max_size=3)))}")
    if draw(st.integers(0, 5)) == 0:
        lines.append(f"drop = [{{ column = {json.dumps(draw(texts))}, equals = {json.dumps([draw(texts)])} }}]")
    lines.append("[columns]")
    names = {"contact_id", "started_at", *draw(st.sets(st.sampled_from(HEADERS), max_size=5))}
    lines += [f"{name} = {draw(_rules(name))}" for name in sorted(names)]
    return "\n".join(lines)


@st.composite
def _rules(draw: st.DrawFn, name: str) -> str:
    if draw(st.integers(0, 3)):
        return json.dumps(name)
    column, text = json.dumps(draw(st.one_of(st.just(name), texts))), json.dumps(draw(texts))
    value = json.dumps(draw(st.one_of(texts, st.integers(0, 9), st.booleans())))
    parts = {
        f"constant = {value}",
        f"columns = [{column}, {column}], join = {text}",
        f"column = {column}, format = {json.dumps(draw(st.sampled_from(FORMATS)))}",
        f"column = {column}, unit = {json.dumps(draw(st.sampled_from([*UNITS, 'days'])))}",
        f"column = {column}, values = {{ {text} = {value} }}",
        f"column = {column}, missing = [{text}]",
    }
    return f"{{ {draw(st.sampled_from(sorted(parts)))} }}"


def read_mapping(text: str) -> Mapping | None:
    """The mapping of a text, None where it is refused; one that is read must survive being written."""
    try:
        mapping = parse_mapping(text, origin="fuzz.toml")
    except BadMapping as error:
        _require_sentence(str(error), start="The mapping fuzz.toml")
        return None
    assert parse_mapping(to_toml(mapping), origin="fuzz.toml") == mapping
    return mapping


def staged(extract: Extract, mapping: Mapping | None) -> Receipt | None:
    """The receipt of an extract, None where it is refused.

    Raises:
        AssertionError: The receipt does not add up, a refusal is no sentence, or something is left behind.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, work = folder / extract.name, folder / "work"
        path.write_bytes(extract.content)
        work.mkdir()
        with workbench(Settings(home=folder / "home", memory="200MB", threads=1), work, files=[path]) as connection:
            try:
                receipt = stage(
                    path,
                    mapping=mapping or _plain(),
                    source="fuzz",
                    connection=connection,
                    workdir=work,
                    timezone="UTC" if mapping is None or mapping.timezone is None else None,
                    most_bytes=MOST_BYTES,
                ).receipt
            except CxError as error:
                _require_sentence(str(error))
                return None
        assert receipt.read == receipt.accepted + receipt.merged + receipt.dropped + receipt.rejected
        assert sorted(each.name for each in folder.iterdir() if each.name != "home") == sorted([extract.name, "work"])
        return receipt


def _require_sentence(message: str, *, start: str = "") -> None:
    assert message.strip()
    assert message.startswith(start)
    assert "Traceback" not in message


def _plain() -> Mapping:
    text = '[columns]\ncontact_id = "contact_id"\nstarted_at = "started_at"\nintent = "intent"\ncsat = "csat"\n'
    mapping = parse_mapping(text, origin="plain")
    assert fit(mapping, headers=HEADERS)
    return mapping
