"""JSON: nested values become dotted columns, in whatever way the records are put together."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.contacts import json_documents
from cx_metrics.contacts.json_columns import MOST_ITEMS
from tests.contacts.reading import Opened, opened, write

RECORDS: list[dict[str, Any]] = [
    {
        "id": 12345678901234567890123,
        "source": {"type": "email", "author": {"name": "Zoë"}},
        "contacts": {"contacts": [{"id": "a", "tags": ["x"]}, {"id": "b"}]},
        "tags": ["p", "q"],
        "open": True,
    },
    {"id": "i-2", "source": "plain", "score": 4.5, "no ne": None, "k.e/y~": 'say "hi"\n', "tags": []},
]
HEADERS = (
    *("id", "source", "source.type", "source.author.name"),
    *("contacts.contacts.0.id", "contacts.contacts.0.tags", "contacts.contacts.1.id"),
    *("tags", "open", "score", "no ne", "k.e/y~"),
)
ROWS = [
    (
        *("12345678901234567890123", '{"type":"email","author":{"name":"Zoë"}}', "email", "Zoë"),
        *("a", '["x"]', "b", '["p","q"]', "true", "", "", ""),
    ),
    ("i-2", "plain", "", "", "", "", "", "[]", "", "4.5", "", 'say "hi"\n'),
]


def read_text(text: str | bytes, **options: object) -> Opened:
    with TemporaryDirectory() as folder:
        return opened(write(Path(folder) / "calls.json", text), **options)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(r) for r in RECORDS),
        "\n\n" + "\r\n \r\n".join(json.dumps(r, ensure_ascii=False) for r in RECORDS) + "\r\n",
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        json.dumps({"tickets": RECORDS, "count": 2, "next_page": None, "meta": {"a": [1]}, "ids": [1, 2]}),
        json.dumps({"count": 2, "links": [], "tickets": RECORDS}, indent=1),
        "\n".join(json.dumps(r, indent=2) for r in RECORDS),
        " ".join(json.dumps(r) for r in RECORDS),
    ],
    ids=["lines", "blank lines", "array", "pretty array", "wrapped", "pretty wrapped", "objects", "one line"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_records_however_put_together(text: str, encoding: str) -> None:
    found = read_text(text.encode(encoding))
    assert found.table.headers == HEADERS
    assert found.rows == ROWS
    assert found.numbers == [1, 2]
    assert found.malformed == []
    assert found.table.encoding == encoding.removesuffix("-sig")


def test_a_single_object_is_a_record() -> None:
    assert read_text('{"id": 1, "note": "x"}').rows == [("1", "x")]


def test_lines_that_are_no_objects_are_told() -> None:
    lines = ['{"id": bad}', '{"id":1}', "[1]", "", "null", '"text"', '{"id":2}{"id":3}', '{"id":4}']
    found = read_text("\n".join(lines))
    assert list(zip(found.numbers, found.rows, strict=True)) == [(2, ("1",)), (7, ("4",))]
    assert found.malformed == [
        (n, None, text, "not a JSON object")
        for n, text in [(1, lines[0]), (3, "[1]"), (4, "null"), (5, '"text"'), (6, lines[6])]
    ]


def test_bytes_that_are_not_utf8_cost_their_record() -> None:
    good = "".join(json.dumps({"note": "Zoë Müller"}, ensure_ascii=False) + "\n" for _ in range(9)).encode()
    found = read_text(good + b'{"note":"caf\xe9"}\n')
    assert (len(found.rows), found.table.encoding) == (9, "utf-8")
    assert found.malformed == [(10, None, '{"note":"caf�"}', "not a JSON object")]


def test_lines_in_another_encoding_are_found_out() -> None:
    found = read_text('{"note":"café Müller"}\n{"note":"plain"}\n'.encode("cp1252"))
    assert (found.rows, found.table.encoding) == ([("café Müller",), ("plain",)], "cp1252")


def test_a_long_list_keeps_its_text_beside_its_first_items() -> None:
    many = [{"q": n} for n in range(MOST_ITEMS + 1)]
    found = read_text(json.dumps([{"id": 1, "parts": many}, {"id": 2, "parts": []}]))
    assert found.table.headers == ("id", "parts", *(f"parts.{n}.q" for n in range(MOST_ITEMS)))
    assert found.rows[0] == ("1", json.dumps(many, separators=(",", ":")), *map(str, range(MOST_ITEMS)))
    assert found.rows[1] == ("2", "[]", *[""] * MOST_ITEMS)


def test_values_across_the_edges_of_what_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"count": 12345, "tickets": RECORDS, "total": 678}, indent=1)
    for size in range(1, 40):
        monkeypatch.setattr(json_documents, "_CHUNK", size)
        assert read_text(text).rows == ROWS


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)
KEYS = st.sampled_from(["a", "b", "c d", "é~/", 'q"u'])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def plain_values(value: object, name: str, *, in_list: bool = False) -> dict[str, object]:
    """The values that are no objects and lists, by dotted name; none of a list within a list."""
    inside: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list) and not in_list:
        inside = [(str(n), item) for n, item in enumerate(value) if isinstance(item, dict)]
    elif not isinstance(value, list):
        return {name: value}
    below = in_list or isinstance(value, list)
    found = [plain_values(v, f"{name}.{key}" if name else key, in_list=below) for key, v in inside]
    return {name: v for part in found for name, v in part.items()}


@settings(deadline=None, max_examples=80)
@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), min_size=2, max_size=5))
def test_every_plain_value_is_in_a_column_of_its_name(records: list[dict[str, object]]) -> None:
    found = read_text("\n".join(json.dumps(r) for r in records))
    assert found.malformed == []
    for row, record in zip(found.rows, records, strict=True):
        cells = dict(zip(found.table.headers, row, strict=True))
        for name, value in plain_values(record, "").items():
            text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
            assert cells.get(name, "") == text
