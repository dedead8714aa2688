"""DuckDB connections that reach their own files and nothing else: the one place that makes them.

A connection reads and writes the folders and files it is given. It reaches no other file, no network and no variable
of the program; it installs and loads no extension; and no statement can change that. Links are followed before a path
is judged, so a link inside a folder does not lead out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from cx_metrics.store.lake import object_store

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_extension_repositories": "forbidden",
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
}
_STILL_SET = ("preserve_insertion_order",)
"""Settings that say nothing about what can be reached, and that readers of extracts turn on and off."""


def connect(
    *,
    folders: Iterable[Path | str] = (),
    files: Iterable[Path | str] = (),
    memory: str | None = None,
    threads: int = 2,
    scratch: Path | None = None,
    keeps_order: bool = True,
) -> duckdb.DuckDBPyConnection:
    """An in-memory database in UTC that reaches some folders and files only; close it when done.

    Args:
        folders: Folders it may read and write, with all that is in them; they need not exist yet. One may be a URL
            in an object store.
        files: Single files it may read and write besides; may be URLs as well.
        memory: How much memory it may use, e.g. ``"1500MB"``; None: most of the machine's.
        threads: Processor threads.
        scratch: A folder into which it spills what outgrows its memory; None: it does not spill.
        keeps_order: Whether rows keep their order where a query does not say one.
    """
    config = {**_CLOSED, "threads": threads, "preserve_insertion_order": keeps_order}
    config |= {"temp_directory": str(scratch) if scratch else ""}
    folders, files = list(folders), list(files)
    connection = duckdb.connect(config=config | ({"memory_limit": memory} if memory else {}))
    if any(map(object_store.is_url, (*folders, *files))):
        object_store.reach(connection)
    for setting, value in (
        ("TimeZone", _text("UTC")),
        ("allowed_directories", _list(f"{each}/" for each in _spelled(folders))),
        ("allowed_paths", _list(_spelled(files))),
        ("allowed_configs", _list(_STILL_SET)),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        connection.execute(f"SET {setting} = {value}")
    return connection


def unglobbed(path: str) -> str:
    """The path as DuckDB reads it where it takes patterns: each sign stands for itself."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _spelled(paths: Iterable[Path | str]) -> set[str]:
    """The ways in which a statement may write these paths: as they were given, without links, and as patterns."""
    plain = {spelled for path in paths for spelled in _plain(path)}
    return plain | set(map(unglobbed, plain))


def _plain(path: Path | str) -> tuple[str, ...]:
    if object_store.is_url(path):
        return (str(path),)
    return str(Path(path).absolute()), str(Path(path).resolve())


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_text(text) for text in sorted(texts)) + "]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
