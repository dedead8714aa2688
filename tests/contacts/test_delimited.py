"""Delimited text: dialects, exact cells, and the records that are no rows."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cx_metrics.contacts import delimited
from cx_metrics.contacts.decoding import find_text
from cx_metrics.contacts.dialect import Dialect
from cx_metrics.contacts.landing import Source
from cx_metrics.contacts.progress import silent
from tests.contacts.reading import Opened, csv_text, opened, write

TEXT = st.text(
    st.one_of(
        st.sampled_from("ab,;|\t\"\n\r '\\"),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=8,
)


def tables(*, cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """Tables of 2 to 4 columns, header included."""
    return st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=8).map(
            lambda rows: [[f"column {chr(97 + i)}" for i in range(n)], *rows]
        )
    )


def read_text(text: str | bytes, **options: object) -> Opened:
    with TemporaryDirectory() as folder:
        return opened(write(Path(folder) / "calls.csv", text), **options)


@settings(deadline=None, max_examples=150)
@given(
    tables(cells=TEXT),
    st.sampled_from([",", "\t", ";", "|"]),
    st.sampled_from([("\n", 1), ("\r\n", 1), ("\r\n", 0)]),
)
@example([["a", "b"], ["", ""], ["\r", "\n"], [" ", '"']], ",", ("\r\n", 0))
def test_what_pythons_csv_writes_is_read_back_exactly(
    rows: list[list[str]], delimiter: str, ends: tuple[str, int]
) -> None:
    end, quoting = ends
    text = csv_text(rows, delimiter=delimiter, lineterminator=end, quoting=quoting)
    found = read_text(text)
    assert list(found.table.headers) == rows[0]
    assert found.rows == [tuple(row) for row in rows[1:]]
    assert found.numbers == list(range(1, len(rows)))
    assert found.malformed == []
    assert found.table.delimiter == delimiter


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=6), min_size=1, max_size=9),
    st.sampled_from(["\n", "\r\n"]),
)
def test_ragged_records_are_told_and_the_others_intact(records: list[list[str]], end: str) -> None:
    rows = [["id", "opened", "note"], *records]
    found = read_text(csv_text(rows, lineterminator=end, quoting=1))
    fits = {n: r for n, r in enumerate(records, start=1) if len(r) == 3 or (len(r) > 3 and not any(r[3:]))}
    assert dict(zip(found.numbers, found.rows, strict=True)) == {n: tuple(r[:3]) for n, r in fits.items()}
    told = {number: reason for number, _, _, reason in found.malformed}
    assert told == {
        n: f"too {'few' if len(r) < 3 else 'many'} cells: {len(r)} where the header has 3"
        for n, r in enumerate(records, start=1)
        if n not in fits
    }


PIECES = [
    *("q", '"r"', '""', "", '"s\nt"', "u v", " w", "x ", '"y,z"', '"a""b"', 'a"b', ' "x"', '"x" ', "\\"),
    *('"x"b', '"x" "y"', "é", "a\rb", '"', '""""', '"\n"', '"a"" "', "#c", "NULL", "\t", '"x" ""', '\t"x"'),
]


def _text_of_pieces(seed: int) -> tuple[str, int]:
    """Text full of doubtful quoting, and its width."""
    rng = random.Random(seed)
    width = rng.choice([2, 3])
    end = rng.choice(["\n", "\r\n", "\r"])
    lines = [",".join(f"h{i}" for i in range(width))]
    for _ in range(rng.randint(1, 6)):
        n = width if rng.random() < 0.9 else rng.randint(1, width + 2)
        pool = PIECES if rng.random() < 0.4 else PIECES[:10]
        lines.append(",".join(rng.choice(pool).replace("\n", end) for _ in range(n)))
    return end.join(lines) + rng.choice(["", end, end + end]), width


def _both_ways(
    text: str, *, width: int, connection: duckdb.DuckDBPyConnection
) -> tuple[list[tuple[str, ...]] | None, list[tuple[str, ...]], int]:
    """Rows as read fast (None if refused) and carefully, and how many the careful way refuses."""
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "calls.csv", text)
        source = Source(path, "calls.csv", Path(folder), connection, silent)
        utf8 = find_text(source, declared=None)
        dialect = Dialect(",", '"', tuple(f"h{i}" for i in range(width)), 0, True)
        fast = delimited._read_fast(utf8, source=source, dialect=dialect)
        careful, malformed = delimited._read_carefully(utf8, source=source, dialect=dialect)
        rows = [
            None if table is None else connection.execute(f"FROM {table} ORDER BY row_number").fetchall()
            for table in (fast and fast[0], careful)
        ]
        n = connection.execute(f"SELECT count(*) FROM {malformed}").fetchone()
    stripped = [r and [(row[0], *((c or "").strip(" ") for c in row[1:])) for row in r] for r in rows]
    assert stripped[1] is not None
    assert n is not None
    return stripped[0], stripped[1], n[0]


def test_what_the_fast_way_accepts_it_reads_as_the_careful_one() -> None:
    n_accepted = n_refused = 0
    connection = duckdb.connect()
    for seed in range(400):
        text, width = _text_of_pieces(seed)
        fast, careful, n_malformed = _both_ways(text, width=width, connection=connection)
        if fast is None:
            n_refused += 1
        else:
            n_accepted += 1
            assert (fast, n_malformed) == (careful, 0), text
    assert n_accepted > 100
    assert n_refused > 100


def test_text_that_looks_like_records_inside_quotes_stays_one_cell(tmp_path: Path) -> None:
    """Enough for DuckDB to read it in parallel pieces that begin inside quotes."""
    trap = "".join(f"{n},fake,z\n" for n in range(3000))
    rows = [["id", "note", "z"], *([str(n), trap if n % 2 else "plain", "z"] for n in range(1, 3001))]
    connection = duckdb.connect(config={"threads": 4})
    path = write(tmp_path / "a.csv", csv_text(rows, lineterminator="\n"))
    table = delimited.read_delimited(Source(path, "a.csv", tmp_path, connection, silent), delimiter=None, encoding=None)
    counted = f"""SELECT count(*), count(*) FILTER (c0 = CAST(row_number AS VARCHAR)),
        count(*) FILTER (c2 = 'z'), count(*) FILTER (length(c1) = {len(trap)}) FROM {table.relation}"""
    assert connection.execute(counted).fetchall() == [(3000, 3000, 3000, 1500)]


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("id;cost\n1;2,50\n2;3,75\n", ";", [("1", "2,50"), ("2", "3,75")]),
        (
            "id;name, first;amount, eur\n1;Bo, Bob;2,5\n2;Li, Lia;3,5\n",
            ";",
            [("1", "Bo, Bob", "2,5"), ("2", "Li, Lia", "3,5")],
        ),
        ("id|note\n1|a,b;c\n", "|", [("1", "a,b;c")]),
        ("id\tnote\n1\ta, b, c\n2\t\n", "\t", [("1", "a, b, c"), ("2", "")]),
        ('note\n"a, b"\nc\n', None, [("a, b",), ("c",)]),
        ("note\na, b\nc; d\n", None, [("a, b",), ("c; d",)]),
        ("id,note\n", ",", []),
        ("id,note", ",", []),
        ("id,note\r1,x\r2,y\r", ",", [("1", "x"), ("2", "y")]),
        ("\n\nid,note\n\n1,x\n\n", ",", [("1", "x")]),
        ("sep=;\nid;note\n1;a,b\n", ";", [("1", "a,b")]),
        ('id,note\n1,"say \\"hi\\", \\\\ so"\n2,x\n', ",", [("1", 'say "hi", \\ so'), ("2", "x")]),
        ('id, note\n1, "a, b"\n2, c\n', ",", [("1", "a, b"), ("2", " c")]),
        ('"id","my\nnote"\r\n1,x\r\n2,"y"\r\n', ",", [("1", "x"), ("2", "y")]),
        ("id,note\n1,x,\n2,y,,\n", ",", [("1", "x"), ("2", "y")]),
        ("id,note\n1,24\" screen\n2,it's\n", ",", [("1", '24" screen'), ("2", "it's")]),
    ],
)
def test_dialects(text: str, delimiter: str | None, rows: list[tuple[str, ...]]) -> None:
    found = read_text(text)
    assert found.table.delimiter == delimiter
    assert found.rows == rows
    assert found.malformed == []


def test_tsv_asks_for_tabs() -> None:
    found = read_text("id\tnote, long\n1\ta,b\n", format="tsv")
    assert (found.table.headers, found.rows) == (("id", "note, long"), [("1", "a,b")])


def test_broken_quotes_cost_one_line() -> None:
    lines = ["id,note", '1,"open', "2,plain", '3,"closed"x', '4,"fine, this"', '5,"never', "6,lost?"]
    found = read_text("\n".join(lines))
    assert list(zip(found.numbers, found.rows, strict=True)) == [
        (2, ("2", "plain")),
        (4, ("4", "fine, this")),
        (6, ("6", "lost?")),
    ]
    assert found.malformed == [
        (1, None, '1,"open', "text after a closing quote"),
        (3, None, '3,"closed"x', "text after a closing quote"),
        (5, None, '5,"never', "a quote is never closed"),
    ]


def test_a_malformed_record_is_shown_shortened() -> None:
    found = read_text("id,note\n" + "x" * 500 + "\n1,y\n")
    ((number, column, value, reason),) = found.malformed
    assert (number, column, value, reason) == (
        1,
        None,
        "x" * 199 + "…",
        "too few cells: 1 where the header has 2",
    )
    assert found.rows == [("1", "y")]


def test_one_endless_line_among_good_ones_is_malformed() -> None:
    found = read_text("id,note\n1,x\n" + "z" * 40_000_000 + "\n3,y\n")
    assert (found.numbers, found.rows) == ([1, 3], [("1", "x"), ("3", "y")])
    assert [(n, reason) for n, _, _, reason in found.malformed] == [(2, "longer than 2,000,000 characters")]


def test_long_cells_survive_the_careful_way() -> None:
    long = "é" * 1_500_000
    found = read_text(f'id,note\n1,{long}\n2,"{long}"\n3\n')
    assert found.rows == [("1", long), ("2", long)]
    assert [n for n, *_ in found.malformed] == [3]
