"""What runs the mart's SQL: the wall between the mart and the program that computes it.

The SQL files beside this module are written in DuckDB's SQL, in words that `sqlglot` transpiles to Spark's,
plus two functions that an engine supplies:

    key64(a, b, ...)   a 64-bit hash as BIGINT; NULL is a value like any other. Keys of two engines, or of two
                       versions of one, need not agree, which is why a mart names its engine's fingerprint.
    local_date(ts)     the business day of a UTC timestamp, in the engine's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

SQL_FOLDER = Path(__file__).parents[1] / "sql"

Value = datetime | date | int


class Engine(Protocol):
    """Runs SQL over Parquet files. A name given to files, a view or a table again means the last one.

    Raises:
        StoreError: From any method, where memory or disk did not suffice.
    """

    @property
    def fingerprint(self) -> str:
        """Name and version; marts of different fingerprints share no keys."""
        ...

    @property
    def timezone(self) -> str:
        """The business time zone that ``local_date`` follows."""
        ...

    @property
    def local(self) -> Engine:
        """What reads the mart's own files, on this machine; the engine itself where it runs here."""
        ...

    def files(self, name: str, *, files: Sequence[str], columns: Mapping[str, str]) -> None:
        """Names Parquet files of one hive layout as a relation of these columns; no files, no rows."""
        ...

    def view(self, name: str, sql: str) -> None:
        """Names a query, which is run wherever the name is read."""
        ...

    def table(self, name: str, sql: str) -> None:
        """Runs a query once and names its rows."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        ...

    def write(self, sql: str, *, folder: Path, named: str = "") -> list[str]:
        """Writes a query's rows as Parquet, one folder ``month=...`` for each value of ``month``.

        Args:
            sql: A query with a column ``month``, which the files themselves don't hold.
            folder: Where; made new.
            named: Also names the rows for later queries. The first to be written is named; what is written after it
                has no more rows of a month than it.

        Returns:
            Paths of the files.
        """
        ...


def statement(name: str, **values: Value) -> str:
    """The text of an SQL file with its ``$names`` as literals.

    Args:
        name: Name of the file, without ``.sql``.
        values: What each ``$name`` in it stands for.

    Raises:
        KeyError: The file holds a ``$name`` without a value.
    """
    return re.sub(r"\$(\w+)", lambda found: literal(values[found[1]]), _text(name))


@lru_cache(maxsize=64)
def _text(name: str) -> str:
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def literal(value: Value) -> str:
    """A value as SQL."""
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ', timespec='microseconds')}'"
    return f"DATE '{value.isoformat()}'" if isinstance(value, date) else str(value)
