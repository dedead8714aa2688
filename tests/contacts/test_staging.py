"""Every rule about rows and headers on extracts written by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.contacts.fit import suggest_mapping
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.contacts.schema import FIELDS, NONE, arrow_schema, lake_columns
from cx_metrics.contacts.staging import Receipt, first_rows, stage, stage_table
from cx_metrics.contacts.uses import ColumnUse
from cx_metrics.errors import BadMapping, BadUse, StoreError
from tests.contacts.tables_by_hand import (
    LEAST,
    UTC_LEAST,
    contacts,
    counts,
    rejects,
    staged_rows,
    table_of,
)


def test_a_staged_contact_has_every_column_of_the_lake_typed() -> None:
    staged = staged_rows(UTC_LEAST, headers=["id", "at"], rows=[["1", "2024-02-01 10:00"]])
    described = staged.connection.execute("DESCRIBE staged").fetchall()
    types = {name: sql_type for name, sql_type, *_ in described}
    assert types.pop("row_number") == "BIGINT"
    assert types == {name: sql_type for name, sql_type in lake_columns().items() if name != "load"}
    (contact,) = contacts(staged)
    assert {name: value for name, value in contact.items() if value is not None} == {
        "source": "test",
        "contact_id": "1",
        "started_at": datetime(2024, 2, 1, 10),
        "intent": NONE,
        "month": "2024-02",
        "row_number": 1,
    }


def test_arrow_and_sql_name_the_same_columns() -> None:
    assert arrow_schema().names == list(lake_columns())
    connection = duckdb.connect()
    connection.register("empty", arrow_schema().empty_table())
    described = connection.execute("DESCRIBE empty").fetchall()
    assert {name: sql_type for name, sql_type, *_ in described} == lake_columns()


def test_an_extract_without_rows() -> None:
    staged = staged_rows(LEAST, headers=["id", "at"], rows=[])
    assert (contacts(staged), rejects(staged), counts(staged)) == ([], [], (0, 0, 0, 0, 0))


def test_the_month_is_the_month_in_utc() -> None:
    (contact,) = contacts(
        staged_rows(f'timezone = "Asia/Tokyo"\n{LEAST}', headers=["id", "at"], rows=[["1", "2024-03-01 08:00"]])
    )
    assert (contact["started_at"], contact["month"]) == (datetime(2024, 2, 29, 23), "2024-02")


def test_every_problem_of_a_row_is_told() -> None:
    mapping = f'{UTC_LEAST}csat = "score"\nhandle_minutes = "time"\n'
    staged = staged_rows(
        mapping,
        headers=["id", "at", "score", "time"],
        rows=[["", "x", "9", "-1"], ["1", "2024-01-01", "5", "1"]],
    )
    assert rejects(staged) == [
        (1, "at", "x", "not a date"),
        (1, "id", "", "contact_id is missing"),
        (1, "score", "9", "outside 1 to 5"),
        (1, "time", "-1", "negative"),
    ]
    assert counts(staged) == (2, 1, 0, 0, 1)


def test_malformed_records_are_rejected_ones(tmp_path: Path) -> None:
    connection = duckdb.connect()
    table = table_of(connection, ["id", "at"], [["1", "2024-01-01"]])
    connection.execute("INSERT INTO malformed VALUES (2, NULL, 'a,b,c', 'has 3 cells, not 2')")
    staged = stage_table(
        table,
        mapping=parse_mapping(UTC_LEAST, origin="x"),
        source="test",
        connection=connection,
        workdir=tmp_path,
    )
    assert counts(staged) == (2, 1, 0, 0, 1)
    assert rejects(staged) == [(2, None, "a,b,c", "has 3 cells, not 2")]


def test_drop_rules_come_before_checks() -> None:
    mapping = (
        f'drop = [{{ column = "Outcome", equals = ["PHANTOM", ""] }}, {{ column = "x", equals = [1] }}]\n{UTC_LEAST}'
    )
    rows: list[list[str | None]] = [
        ["1", "2024-01-01", "phantom ", "0"],
        ["", "x", "PHANTOM", "0"],
        ["2", "2024-01-01", None, "0"],
        ["3", "2024-01-01", "AGENT", " 1"],
        ["4", "2024-01-01", "AGENT", "0"],
    ]
    staged = staged_rows(mapping, headers=["id", "at", "outcome", "x"], rows=rows)
    assert counts(staged) == (5, 1, 0, 4, 0)
    assert [contact["contact_id"] for contact in contacts(staged)] == ["4"]


def test_the_last_row_of_a_contact_wins() -> None:
    rows = [["1", "2024-01-01", "a"], ["2", "2024-01-01", "b"], ["1", "2024-01-02", "c"], ["1", "x", "d"]]
    staged = staged_rows(f'{UTC_LEAST}intent = "why"\n', headers=["id", "at", "why"], rows=rows)
    assert counts(staged) == (4, 2, 1, 0, 1)
    assert {contact["contact_id"]: contact["intent"] for contact in contacts(staged)} == {"1": "c", "2": "b"}


@pytest.mark.parametrize(
    ("keys", "newest"),
    [
        (["2", "10", "9"], "b"),
        (["2", "10", "10"], "c"),
        (["b", "10", "9"], "a"),
        (["29/2/2016 01:16", "1/3/2016 01:16", "13/1/2016"], "b"),
        (["2016-02-29 01:16", "2016-03-01 01:16", ""], "b"),
        (["", None, ""], "c"),
        (["5", None, "4.5"], "a"),
    ],
)
def test_which_row_is_the_newest(keys: list[str | None], newest: str) -> None:
    rows = [["1", "2024-01-01", why, key] for why, key in zip("abc", keys, strict=True)]
    staged = staged_rows(f'keep_by = "Key"\n{UTC_LEAST}intent = "why"\n', headers=["id", "at", "why", "key"], rows=rows)
    assert [contact["intent"] for contact in contacts(staged)] == [newest]


def test_events_take_first_fields_from_the_oldest() -> None:
    mapping = """
row = "event"
keep_by = "n"
timezone = "UTC"
[columns]
contact_id = "id"
started_at = { column = "at", of = "first" }
intent = "why"
team = { column = "team", of = "first" }
"""
    rows = [
        ["1", "2024-01-03", "new", "two", "3"],
        ["1", "2024-01-01", "old", "", "1"],
        ["1", "soon", "older", "one", "0"],
        ["1", "2024-01-02", "", "three", "2"],
        ["2", "2024-01-05", "only", "four", "7"],
    ]
    staged = staged_rows(mapping, headers=["id", "at", "why", "team", "n"], rows=rows)
    assert counts(staged) == (5, 2, 2, 0, 1)
    found = {c["contact_id"]: (c["started_at"], c["intent"], c["team"]) for c in contacts(staged)}
    assert found == {"1": (datetime(2024, 1, 1), "new", None), "2": (datetime(2024, 1, 5), "only", "four")}


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 10**6), unique=True, max_size=12).flatmap(
        lambda ids: st.tuples(st.just(ids), st.permutations(ids))
    )
)
def test_the_order_of_rows_without_duplicates_does_not_matter(orders: tuple[list[int], list[int]]) -> None:
    found = []
    for ids in orders:
        rows = [[str(n), f"2024-01-{n % 28 + 1:02}", str(n % 7)] for n in ids]
        staged = staged_rows(f'{UTC_LEAST}csat = "score"\n', headers=["id", "at", "score"], rows=rows)
        kept = [{k: v for k, v in c.items() if k != "row_number"} for c in contacts(staged)]
        found.append((sorted(kept, key=lambda c: c["contact_id"]), counts(staged)))
    assert found[0] == found[1]


def test_a_receipt_adds_up_or_is_none() -> None:
    assert Receipt(10, 4, 3, 2, 1).read == 10
    with pytest.raises(AssertionError):
        Receipt(10, 4, 3, 2, 0)


def test_what_every_column_was_taken_for() -> None:
    mapping = """
row = "event"
keep_by = "Version"
timezone = "UTC"
drop = [{ column = "State", equals = ["spam", "test"] }, { column = "gone", equals = ["x"] }]
[columns]
contact_id = "case number"
started_at = "Opened"
ended_at = "Closd"
intent = { columns = ["Type", "Reason"], join = " / " }
team = "State"
channel = { constant = "phone" }
"""
    staged = staged_rows(
        mapping,
        headers=["Case Number", "Opened", "Closed", "Type", "Reason", "State"],
        rows=[["1", "2024-01-01", "2024-01-02", "a", "b", "new"]],
    )
    assert staged.uses == (
        ColumnUse("Case Number", "contact_id", None),
        ColumnUse("Opened", "started_at", None),
        ColumnUse("Closed", None, None),
        ColumnUse("Type", "intent", None),
        ColumnUse("Reason", "intent", None),
        ColumnUse("State", "team", None),
        ColumnUse("State", None, "rows with 'spam', 'test' are dropped"),
        ColumnUse(None, "channel", "always 'phone'"),
        ColumnUse(None, "ended_at", "the extract has no column 'Closd'; did you mean 'Closed'?"),
        ColumnUse(None, None, "drop: the extract has no column 'gone'"),
        ColumnUse(None, None, "keep_by: the extract has no column 'Version'; file order decides"),
    )
    assert contacts(staged)[0]["ended_at"] is None


def test_a_required_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadMapping) as raised:
        staged_rows(LEAST, headers=["ID number", "ad"], rows=[])
    assert str(raised.value) == (
        "The mapping mine does not fit this extract:\n"
        "  - contact_id: the extract has no column 'id'\n"
        "  - started_at: the extract has no column 'at'\n"
        "It has: 'ID number', 'ad'."
    )


def test_a_part_of_a_joined_column_that_is_not_there_counts_as_missing() -> None:
    mapping = f'{UTC_LEAST}intent = {{ columns = ["a", "b"] }}\ncustomer_id = {{ columns = ["a", "b"] }}\n'
    staged = staged_rows(mapping, headers=["id", "at", "a"], rows=[["1", "2024-01-01", "x"]])
    assert [(c["intent"], c["customer_id"]) for c in contacts(staged)] == [("x", None)]


def test_a_suggested_mapping_takes_columns_named_like_fields() -> None:
    headers = ["Contact ID", "started_at", "CSAT", "csat", "whatever"]
    mapping = suggest_mapping(headers)
    assert {name: rule.columns for name, rule in mapping.columns.items()} == {
        "contact_id": ("Contact ID",), "started_at": ("started_at",), "csat": ("CSAT",),
    }  # fmt: skip
    with pytest.raises(BadMapping, match="contact_id: no column is mapped to it"):
        staged_rows(suggest_mapping(["started_at"]), headers=["started_at"], rows=[])


def test_the_first_rows_as_they_stand() -> None:
    connection = duckdb.connect()
    table = table_of(connection, ["id", "at"], [["1 ", None], ["2", "x"], ["3", "y"]])
    assert first_rows(table, connection=connection, n=2) == [{"id": "1 ", "at": ""}, {"id": "2", "at": "x"}]


def test_a_zone_that_is_none() -> None:
    with pytest.raises(BadUse, match="--timezone: 'Europe/Rom' is not a time zone; did you mean 'Europe/Rome'"):
        staged_rows(LEAST, headers=["id", "at"], rows=[], timezone="Europe/Rom")


def test_too_little_room_is_a_sentence(tmp_path: Path) -> None:
    connection = duckdb.connect(config={"threads": 1})
    table = table_of(connection, ["contact_id", "started_at"], [])
    connection.execute("INSERT INTO extract SELECT range, range // 2, '2024-01-01 00:00' FROM range(400000)")
    connection.execute("SET memory_limit = '25MB'; SET max_temp_directory_size = '1KB'")
    with pytest.raises(StoreError, match="There is too little memory or disk to check this extract"):
        stage_table(
            table,
            mapping=suggest_mapping(table.headers),
            source="test",
            connection=connection,
            workdir=tmp_path,
            timezone="UTC",
        )


def test_a_file_from_disk(tmp_path: Path) -> None:
    columns = [field.name for field in FIELDS if field.name in ("contact_id", "started_at", "csat")]
    path = tmp_path / "calls.csv"
    path.write_text(",".join(columns) + "\n1,2024-01-01,5\n2,2024-01-01,9\n3,2024-01-01\n")
    steps: list[tuple[str, float]] = []
    staged = stage(
        path,
        mapping=suggest_mapping(columns),
        source="phone",
        connection=duckdb.connect(),
        workdir=tmp_path,
        timezone="UTC",
        progress=lambda step, share: steps.append((step, share)),
    )
    assert counts(staged) == (3, 1, 0, 0, 2)
    assert [number for number, *_ in rejects(staged)] == [2, 3]
    assert [(c["source"], c["contact_id"], c["csat"]) for c in contacts(staged)] == [("phone", "1", 5)]
    assert steps[-1] == ("done", 1.0)
