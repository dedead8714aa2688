"""Parquet: every column as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import duckdb
from duckdb.sqltypes import DuckDBPyType

from cx_metrics.contacts.headers import clean_headers
from cx_metrics.contacts.landing import Source, Table, fresh_name, no_malformed, reason_of
from cx_metrics.contacts.limits import require_columns
from cx_metrics.contacts.quoting import identifier, literal
from cx_metrics.errors import BadExtract

_EXACT = 2**53
_NESTED = ("list", "array", "map", "union", "variant")


def read_parquet(source: Source) -> Table:
    """The table in a Parquet file, left where it is: the relation reads it anew each time.

    Times become ISO (with an offset in UTC, ``+00``), whole numbers lose their ``.0``, the fields of a struct
    are columns with dotted names, lists and maps JSON text.

    Raises:
        BadExtract: the file is broken.
    """
    reader = f"read_parquet({literal(str(source.path))}, binary_as_string = true, file_row_number = true)"
    view = fresh_name("rows")
    try:
        described = source.connection.sql(f"FROM {reader}")
        columns = list(zip(described.columns, described.types, strict=True))[:-1]
        flat = [leaf for name, kind in columns for leaf in _leaves(name, expression=identifier(name), kind=kind)]
        require_columns(len(flat), name=source.name)
        source.progress("reading", 0.0)
        _require_readable([name for name, _ in columns], reader=reader, source=source)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        reason = reason_of(error)
        raise BadExtract(f"{source.name} is a broken Parquet file ({reason}); export it again.") from None
    cells = ", ".join(f"{text} AS c{i}" for i, (_, text) in enumerate(flat))
    source.connection.execute(
        f"CREATE TEMP VIEW {view} AS SELECT file_row_number + 1 AS row_number, {cells} FROM {reader}"
    )
    source.progress("reading", 1.0)
    return Table(
        headers=clean_headers([name for name, _ in flat]),
        relation=view,
        malformed=no_malformed(source.connection),
        format="parquet",
        encoding=None,
        delimiter=None,
    )


def _leaves(name: str, *, expression: str, kind: DuckDBPyType) -> Iterator[tuple[str, str]]:
    """The columns a column flattens to: name and SQL of its text."""
    if kind.id == "struct":
        for field, inner in cast("list[tuple[str, DuckDBPyType]]", kind.children):
            part = f"struct_extract({expression}, {literal(field)})"
            yield from _leaves(f"{name}.{field}", expression=part, kind=inner)
    else:
        yield name, _text(expression, kind=kind.id)


def _text(expression: str, *, kind: str) -> str:
    if kind in _NESTED:
        return f"CAST(to_json({expression}) AS VARCHAR)"
    if kind == "timestamp with time zone":
        return f"CAST(timezone('UTC', {expression}) AS VARCHAR) || '+00'"
    if kind in ("double", "float"):
        whole = f"{expression} = trunc({expression}) AND abs({expression}) < {_EXACT}"
        whole_text = f"CAST(CAST({expression} AS BIGINT) AS VARCHAR)"
        other = f"WHEN NOT isnan({expression}) THEN CAST({expression} AS VARCHAR)"
        return f"CASE WHEN {whole} THEN {whole_text} {other} END"
    return f"CAST({expression} AS VARCHAR)"


def _require_readable(columns: list[str], *, reader: str, source: Source) -> None:
    """Decode every page once, so that a broken one is found before anything is loaded."""
    hashes = ", ".join(f"bit_xor(hash({identifier(name)}))" for name in columns)
    source.connection.execute(f"SELECT {hashes or 1} FROM {reader}").fetchall()
