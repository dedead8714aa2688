"""The proof of an erasure: every file of the home and every text of the records searched for a customer's ids.

It knows nothing of how things are erased. Parquet is searched value by value, as it is packed, and the values in its
footer; JSON and CSV by their values; every other file, and these too, byte by byte where the id can be told there from
other numbers. A text that only mentions the id counts as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs
from sqlalchemy import JSON, MetaData, String, select

from cx_metrics.store import database
from cx_metrics.store.decided.follow_ups import ContactKey
from cx_metrics.store.home import Home
from cx_metrics.store.lake import object_store
from cx_metrics.store.privacy.redacting import Gone

_LONG_NUMBER = 10
"""Digits that a number of other meaning seldom has; shorter ones stand in any file."""
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Proof:
    """What was searched, and where the ids still stand.

    Attributes:
        files: Files read.
        bytes: Their size.
        texts: Distinct texts of Parquet files, and cells of the database, that were compared.
        tables: Tables of the records read.
        bytewise: Whether the files were searched byte by byte as well.
        found: Where an id still stands: paths within the home, and tables with their column.
    """

    files: int
    bytes: int
    texts: int
    tables: int
    bytewise: bool
    found: tuple[str, ...]


class _Search:
    """Counts what was searched, and finds the ids in it."""

    def __init__(self, ids: Sequence[str], contacts: Collection[ContactKey]) -> None:
        self.ids = tuple(ids)
        self.contacts = frozenset(contacts)
        self.gone = Gone(ids=self.ids, contacts=self.contacts)
        self.raw = tuple(each.encode() for each in ids if _is_telling_in_bytes(each))
        self.texts = 0

    def names(self, value: Any) -> bool:
        """Whether a text, or a JSON value, is or mentions an id."""
        self.texts += 1
        if isinstance(value, str):
            parsed = _json(value)
            if parsed is None:
                named = any(each in value for each in self.ids) or value in self.gone.subjects
                return named and self.gone.taken_out(value) != value
            value = parsed
        return bool(self.gone.taken_out(value) != value)

    def in_bytes(self, file: BinaryIO) -> bool:
        """Whether a file's bytes hold an id."""
        longest, tail = max(map(len, self.raw), default=1), b""
        while block := file.read(_BLOCK):
            window = tail + block
            if any(each in window for each in self.raw):
                return True
            tail = window[-longest:]
        return False

    def in_parquet(self, file: BinaryIO) -> bool:
        """Whether a Parquet file's texts, footer and notes hold an id."""
        schema = pq.read_schema(file)
        texts = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        opened = pq.ParquetFile(file, read_dictionary=texts)
        if any(self.names(value.decode(errors="replace")) for value in (opened.metadata.metadata or {}).values()):
            return True
        if any(self.names(value) for value in _ends(opened.metadata)):
            return True
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        for batch in opened.iter_batches(batch_size=1 << 20, columns=texts + nested):
            if {"source", "contact_id"} <= set(texts) and self._has_contact(batch):
                return True
            for column in batch.columns:
                values = column.dictionary if pa.types.is_dictionary(column.type) else column
                if any(self.names(value) for value in values.to_pylist() if value is not None):
                    return True
        return False

    def _has_contact(self, batch: pa.RecordBatch) -> bool:
        numbers = pa.array([number for _, number in self.contacts], pa.string())
        near = batch.filter(pc.is_in(batch["contact_id"].cast(pa.string()), value_set=numbers))
        keys = zip(near["source"].to_pylist(), near["contact_id"].to_pylist(), strict=True)
        return any(key in self.contacts for key in keys)


def prove(home: Home, ids: Sequence[str], *, contacts: Collection[ContactKey] = ()) -> Proof:
    """Search everything the installation holds for a customer.

    Args:
        home: What to search: its folder, its lake wherever that lies, its records.
        ids: Of the customer, as they rest, and in clear.
        contacts: Source and contact id of the customer's contacts, where they are known.
    """
    search, found, size, n_files = _Search(ids, contacts), [], 0, 0
    for name, file in _files(home):
        with file:
            n_files, size = n_files + 1, size + file.seek(0, io.SEEK_END)
            file.seek(0)
            if _in_file(search, name, file):
                found.append(name)
    tables = _metadata(home)
    for table in tables.sorted_tables:
        found += _in_table(search, home, table)
    return Proof(n_files, size, search.texts, len(tables.tables), bool(search.raw), tuple(found))


def _in_file(search: _Search, name: str, file: BinaryIO) -> bool:
    if search.raw and search.in_bytes(file):
        return True
    file.seek(0)
    if name.endswith(".parquet"):
        return search.in_parquet(file)
    if name.endswith(".csv"):
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline=""))
        return any(search.names(cell) for row in rows for cell in row)
    if name.endswith(".json"):
        return any(search.names(line.decode(errors="replace")) for line in file.read().splitlines())
    return False


def _in_table(search: _Search, home: Home, table: Any) -> list[str]:
    columns = [column for column in table.columns if isinstance(column.type, String | JSON)]
    if not columns:
        return []
    found = set()
    with home.session() as session:
        for row in session.execute(select(*columns).execution_options(yield_per=1_000)):
            cells = row._asdict()
            found |= {name for name, cell in cells.items() if cell is not None and search.names(cell)}
            if (cells.get("source"), cells.get("contact_id")) in search.contacts:
                found.add("contact_id")
    return [f"{table.name}.{name}" for name in sorted(found)]


def _metadata(home: Home) -> MetaData:
    tables = MetaData()
    tables.reflect(database.engine(home.settings.records_url))
    return tables


def _files(home: Home) -> Iterator[tuple[str, BinaryIO]]:
    for path in sorted(home.folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(home.folder)), path.open("rb")
    place = home.lake.place
    if object_store.is_url(place):
        store = object_store.file_system()
        for info in store.fs.get_file_info(fs.FileSelector(place.removeprefix(object_store.SCHEME), recursive=True)):
            if info.type == fs.FileType.File:
                yield f"{object_store.SCHEME}{info.path}", store.open(info.path, "rb")
    elif not Path(place).is_relative_to(home.folder):
        for path in sorted(Path(place).rglob("*")):
            if path.is_file():
                yield str(path), path.open("rb")


def _ends(metadata: pq.FileMetaData) -> Iterator[str]:
    """The least and greatest texts of each column, as the footer tells them."""
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for at in range(row_group.num_columns):
            told = row_group.column(at).statistics
            if told is not None and told.has_min_max:
                yield from (each for each in (told.min, told.max) if isinstance(each, str))


def _json(text: str) -> Any:
    """The value that a text of JSON stands for, where it is a list or an object."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return _opened(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _opened(value: Any) -> Any:
    """A JSON value with the JSON inside of its texts."""
    if isinstance(value, str):
        inner = _json(value)
        return value if inner is None else inner
    if isinstance(value, dict):
        return {name: _opened(each) for name, each in value.items()}
    return [_opened(each) for each in value] if isinstance(value, list) else value


def _is_telling_in_bytes(customer_id: str) -> bool:
    if customer_id.isdigit():
        return len(customer_id) >= _LONG_NUMBER
    return len(customer_id) >= 6
