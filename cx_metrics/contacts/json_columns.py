"""The columns that JSON objects flatten to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from cx_metrics.contacts.limits import MOST_LEVELS, require_columns
from cx_metrics.contacts.quoting import literal
from cx_metrics.errors import BadExtract

MOST_ITEMS = 25
"""Items of a list of objects that become columns; a list longer than that is there as JSON text too."""


@dataclass
class _Node:
    """One place in the records: its name, its JSON pointer, and what was seen there."""

    name: str
    pointer: str
    in_list: bool
    kinds: set[str] = field(default_factory=set)
    n_items: int = 0
    children: list[_Node] = field(default_factory=list)

    def leaves(self) -> Iterator[tuple[str, str]]:
        """The columns here and below."""
        plain = self.kinds - {"OBJECT", "ARRAY"} or ("ARRAY" in self.kinds and self._is_text())
        if plain or not self.children:
            yield self.name, self.pointer
        for child in self.children:
            yield from child.leaves()

    def _is_text(self) -> bool:
        return self.n_items > MOST_ITEMS or not any("OBJECT" in child.kinds for child in self.children)


def find_columns(
    records: str, *, where: str, connection: duckdb.DuckDBPyConnection, name: str
) -> list[tuple[str, str]]:
    """The columns of a table of JSON objects, in the order they first occur.

    Args:
        records: a table with a column ``record`` of JSON.
        where: the SQL test of a record that is an object.
        connection: where the table is.
        name: what messages call the file.

    Returns:
        Dotted name and JSON pointer of each: every field of every object, and every item of a list of
        objects; a list within such an item, and a list of plain values, is one column.

    Raises:
        BadExtract: there are too many, or they lie too deep.
    """
    source = f"(SELECT rowid AS place, record FROM {records} WHERE {where})"
    root = _Node("", "", in_list=False)
    level = _fields([root], source=source, connection=connection)
    n_levels = n_places = 0
    while level:
        n_levels, n_places = n_levels + 1, n_places + len(level)
        require_columns(n_places, name=name)
        if n_levels > MOST_LEVELS:
            raise BadExtract(f"{name} is nested deeper than {MOST_LEVELS} levels; export flatter records.")
        _see(level, source=source, connection=connection)
        items = [item for node in level if not node.in_list for item in _items(node)]
        _see(items, source=source, connection=connection)
        for node in level:
            node.children = [i for i in items if i.pointer.rpartition("/")[0] == node.pointer and i.kinds]
            if not any("OBJECT" in child.kinds for child in node.children):
                node.children = []
        objects = [n for n in [*level, *(c for n in level for c in n.children)] if "OBJECT" in n.kinds]
        level = _fields(objects, source=source, connection=connection)
    return [leaf for child in root.children for leaf in child.leaves()]


def _fields(objects: Sequence[_Node], *, source: str, connection: duckdb.DuckDBPyConnection) -> list[_Node]:
    """New nodes for the fields of objects, put under them."""
    if not objects:
        return []
    found = connection.execute(f"""
        SELECT nth, key, min(place * 65536 + n) AS first FROM (
            SELECT place, nth, unnest(keys) AS key, generate_subscripts(keys, 1) AS n FROM (
                SELECT place, unnest(json_keys(record, {_list(objects)})) AS keys,
                    unnest(range({len(objects)})) AS nth
                FROM {source}))
        GROUP BY nth, key ORDER BY nth, first""").fetchall()
    nodes = []
    for at, key, _ in found:
        parent = objects[at]
        name = f"{parent.name}.{key}" if parent.pointer else key
        step = key.replace("~", "~0").replace("/", "~1")
        node = _Node(name, f"{parent.pointer}/{step}", in_list=parent.in_list)
        parent.children.append(node)
        nodes.append(node)
    return nodes


def _items(node: _Node) -> list[_Node]:
    return [
        _Node(f"{node.name}.{n}", f"{node.pointer}/{n}", in_list=True) for n in range(min(node.n_items, MOST_ITEMS))
    ]


def _see(nodes: Sequence[_Node], *, source: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Note what kinds of values are at these places, and how long the lists are."""
    if not nodes:
        return
    found = connection.execute(f"""
        SELECT nth, kind, max(n) FROM (
            SELECT unnest(json_type(record, {_list(nodes)})) AS kind,
                unnest(json_array_length(record, {_list(nodes)})) AS n,
                unnest(range({len(nodes)})) AS nth
            FROM {source})
        WHERE kind IS NOT NULL AND kind <> 'NULL' GROUP BY nth, kind""").fetchall()
    for at, kind, n in found:
        nodes[at].kinds.add(kind)
        if kind == "ARRAY":
            nodes[at].n_items = n


def _list(nodes: Sequence[_Node]) -> str:
    return "[" + ", ".join(literal(node.pointer or "$") for node in nodes) + "]"
