"""Every rule of staging on extracts written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
from tests.contacts.tables_by_hand import contacts, counts, rejects, staged_rows, table_of

LEAST = '[columns]\ncontact_id = "id"\nstarted_at = "at"\n'
UTC_LEAST = f'timezone = "UTC"\n{LEAST}'


def values_of(field: str, rule: str, texts: Sequence[str | None], *, head: str = "") -> list[object]:
    """What each text becomes in a field, or the reason why it is rejected."""
    rows = [[f"c{number}", "2024-01-01 00:00", text] for number, text in enumerate(texts)]
    mapping = f'timezone = "UTC"\n{head}\n{LEAST}{field} = {rule}\n'
    staged = staged_rows(mapping, headers=["id", "at", "Cell"], rows=rows)
    found: dict[int, object] = {row["row_number"]: row[field] for row in contacts(staged)}
    for number, column, value, reason in rejects(staged):
        assert (column, value) == ("Cell", texts[number - 1])
        found[number] = f"rejected: {reason}"
    assert counts(staged) == (len(texts), len(contacts(staged)), 0, 0, len(rejects(staged)))
    return [found[number] for number in range(1, len(texts) + 1)]


def starts_of(texts: Sequence[str | None], *, rule: str = '"at"', head: str = 'timezone = "UTC"') -> list[object]:
    """When each contact started, or the reason why it is rejected."""
    rows = [[f"c{number}", text] for number, text in enumerate(texts)]
    mapping = f'{head}\n[columns]\ncontact_id = "id"\nstarted_at = {rule}\n'
    staged = staged_rows(mapping, headers=["id", "at"], rows=rows)
    found: dict[int, object] = {row["row_number"]: row["started_at"] for row in contacts(staged)}
    found |= {number: f"rejected: {reason}" for number, _, _, reason in rejects(staged)}
    return [found[number] for number in range(1, len(texts) + 1)]


def question_of(texts: Sequence[str | None], *, head: str = 'timezone = "UTC"') -> str:
    with pytest.raises(BadMapping) as raised:
        starts_of(texts, head=head)
    return str(raised.value)


# The shape of what is staged


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


# Texts and ids


def test_text_is_trimmed_and_empty_text_is_missing() -> None:
    texts = ["  phone ", "\tchat\n", "\u00a0mail\u00a0", "", "   ", None, "a  b"]
    assert values_of("channel", '"Cell"', texts) == ["phone", "chat", "mail", None, None, None, "a  b"]


def test_texts_that_mean_missing_whatever_their_case() -> None:
    rule = '{ column = "Cell", missing = ["None"] }'
    found = values_of("intent", rule, ["?", " N/A ", "none", "Nones", ""], head='missing = ["?", "n/a"]')
    assert found == [NONE, NONE, NONE, "Nones", NONE]


def test_text_is_data() -> None:
    texts = ["'; DROP TABLE extract; --", '"x"', "=1+1", "<script>alert(1)</script>", "\\", "%s ?", "a\x00b"]
    assert values_of("subject", '"Cell"', texts) == texts
    values = '{ column = "Cell", values = { "it\'s" = "\'quoted\'" }, missing = ["\'"] }'
    assert values_of("product", values, ["it's", "'"]) == ["'quoted'", None]
    mapping = """
timezone = "UTC"
[columns]
contact_id = "i'd \\"x\\""
started_at = "at"
segment = { constant = "it's" }
"""
    staged = staged_rows(mapping, headers=['i\'d "x"', "at"], rows=[["1", "2024-01-01"], ["", "2024-01-01"]])
    assert [contact["segment"] for contact in contacts(staged)] == ["it's"]
    assert rejects(staged) == [(2, 'i\'d "x"', "", "contact_id is missing")]


def test_ids_that_a_spreadsheet_damaged() -> None:
    damaged = "rejected: the id was damaged by a spreadsheet"
    texts = ["1.23E+11", "1,23e+11", "-4E+05", " 1E+12 ", "1E5", "12E+1", "E+11", "1.23E+11x", "", "007"]
    assert values_of("customer_id", '"Cell"', texts) == [
        damaged, damaged, damaged, damaged, "1E5", "12E+1", "E+11", "1.23E+11x", None, "007",
    ]  # fmt: skip


def test_joined_columns_of_a_text_leave_out_what_is_missing() -> None:
    mapping = f'missing = ["?"]\n{UTC_LEAST}intent = {{ columns = ["a", "b"], join = " / " }}\n'
    rows: list[list[str | None]] = [["1", "x", " y "], ["2", "x", "?"], ["3", "", "y"], ["4", "?", None]]
    staged = staged_rows(mapping, headers=["id", "a", "b", "at"], rows=[[*row, "2024-01-01"] for row in rows])
    assert [contact["intent"] for contact in contacts(staged)] == ["x / y", "x", "y", NONE]


def test_a_joined_id_needs_all_its_parts() -> None:
    mapping = """
timezone = "UTC"
[columns]
contact_id = { columns = ["line", "call"], join = "-" }
started_at = "at"
customer_id = { columns = ["a", "b"], join = "" }
"""
    rows: list[list[str | None]] = [
        ["AA", "1", "x", "y"],
        ["AA", "", "x", "y"],
        ["AA", "2", "x", None],
        ["AA", "1E+11", "x", "y"],
    ]
    staged = staged_rows(mapping, headers=["line", "call", "a", "b", "at"], rows=[[*row, "2024-01-01"] for row in rows])
    assert [(c["contact_id"], c["customer_id"]) for c in contacts(staged)] == [("AA-1", "xy"), ("AA-2", None)]
    assert rejects(staged) == [
        (2, "line + call", "AA-", "contact_id is missing"),
        (4, "line + call", "AA-1E+11", "the id was damaged by a spreadsheet"),
    ]


# Numbers


def test_numbers_are_read_only_where_one_reading_is_possible() -> None:
    two = "rejected: the comma may mark thousands or decimals; write it without"
    none = "rejected: not a number"
    expected = {
        "12": Decimal(12), "1.5": Decimal("1.5"), ".5": Decimal("0.5"), "5.": Decimal(5), "+3": Decimal(3),
        "1,5": Decimal("1.5"), "1,25": Decimal("1.25"), "0,123": Decimal("0.123"), ",5": Decimal("0.5"),
        "1234,567": Decimal("1234.567"), "1,2345": Decimal("1.2345"),
        "1,234": two, "-1,234": two, "999,000": two,
        "1,234.5": Decimal("1234.5"), "1.234,5": Decimal("1234.5"), "1,234,567": Decimal(1234567),
        "1.234.567": Decimal(1234567), "1.234.567,8": Decimal("1234567.8"), "1 234,5": Decimal("1234.5"),
        "1\u00a0234": Decimal(1234), "1,23,4": none, "12,34.5": none, "1.5,5": none, "abc": none, "1e3": none,
        "nan": none, "$5": none, "5%": none, "1_000": none, "12:30": none, "-2": "rejected: negative",
        "0.0000005": Decimal("0.000001"), "999999999999": Decimal(999999999999),
        "9999999999999": "rejected: too large",
        " 7 ": Decimal(7), "": None,
    }  # fmt: skip
    assert dict(zip(expected, values_of("direct_cost", '"Cell"', [*expected]), strict=True)) == expected


@pytest.mark.parametrize(
    ("unit", "text", "minutes"),
    [
        ("ms", "90000", "1.5"),
        ("s", "90", "1.5"),
        ("s", "100", "1.666667"),
        ("min", "1,5", "1.5"),
        ("h", "1.5", "90"),
        ("h:mm:ss", "1:30:30", "90.5"),
        ("h:mm:ss", "0:05", "5"),
        ("h:mm:ss", "100:00:01", "6000.016667"),
    ],
)
def test_durations_become_minutes(unit: str, text: str, minutes: str) -> None:
    found = values_of("handle_minutes", f'{{ column = "Cell", unit = "{unit}" }}', [text])
    assert found == [Decimal(minutes)]


def test_durations_that_cant_be() -> None:
    long = "rejected: more than 7 days for one contact"
    hint = 'rejected: not a number; if it is a duration say unit = "h:mm:ss"'
    assert values_of("handle_minutes", '"Cell"', ["10080", "10080.1", "-0.5", "0:12:30", "x"]) == [
        Decimal(10080), long, "rejected: negative", hint, "rejected: not a number",
    ]  # fmt: skip
    clock = '{ column = "Cell", unit = "h:mm:ss" }'
    wrong = "rejected: not a duration like h:mm:ss"
    assert values_of("handle_minutes", clock, ["168:00:00", "168:00:01", "1:60", "-0:10", "12.5", "1:2:3"]) == [
        Decimal(10080), long, wrong, wrong, wrong, wrong,
    ]  # fmt: skip
    assert values_of("handle_minutes", '{ column = "Cell", unit = "h" }', ["169"]) == [long]


def test_scores_are_whole_numbers_on_their_scale() -> None:
    outside, part = "rejected: outside 1 to 5", "rejected: not a whole number"
    texts = ["1", "5", "3.0", "0", "6", "-1", "3.5", "3,5", "x", "", " 4 "]
    assert values_of("csat", '"Cell"', texts) == [
        1, 5, 3, outside, outside, outside, part, part, "rejected: not a number", None, 4,
    ]  # fmt: skip
    assert values_of("nps", '"Cell"', ["0", "10", "11"]) == [0, 10, "rejected: outside 0 to 10"]
    assert values_of("ces", '"Cell"', ["7", "8"]) == [7, "rejected: outside 1 to 7"]


def test_counts_are_whole_and_not_negative() -> None:
    assert values_of("reopens", '"Cell"', ["0", "2.0", "-1", "1.5", "99999999999"]) == [
        0, 2, "rejected: negative", "rejected: not a whole number", "rejected: too large",
    ]  # fmt: skip


def test_yes_and_no() -> None:
    yes, no = ["true", "TRUE", "yes", "Y", "t", "1"], ["false", "No", "n", "F", "0"]
    wrong = "rejected: neither yes nor no (true, yes, 1, y, t; false, no, 0, n, f)"
    found = values_of("resolved", '"Cell"', [*yes, *no, "maybe", ""])
    assert found == [True] * 6 + [False] * 5 + [wrong, None]


def test_values_stand_for_texts_whatever_their_case() -> None:
    rule = '{ column = "Cell", values = { Good = 5, Bad = 1 }, missing = ["Offered"]'
    texts = ["Good", " bad ", "GOOD", "offered", "", "So so"]
    listed = "rejected: not among the values of the mapping (Good, Bad)"
    assert values_of("csat", rule + " }", texts) == [5, 1, 5, None, None, listed]
    assert values_of("csat", rule + ', other = "missing" }', texts) == [5, 1, 5, None, None, None]


def test_values_of_other_kinds() -> None:
    assert values_of("channel", '{ column = "Cell", values = { 1 = "e-mail", 2 = "portal" } }', ["1", "2"]) == [
        "e-mail",
        "portal",
    ]
    assert values_of(
        "resolved", '{ column = "Cell", values = { Closed = true, Open = false } }', ["closed", "Open"]
    ) == [True, False]
    assert values_of(
        "handle_minutes", '{ column = "Cell", values = { short = 2.5, long = 30 } }', ["Short", "long"]
    ) == [Decimal("2.5"), Decimal(30)]
    assert values_of("intent", '{ column = "Cell", values = { a = "A" }, other = "missing" }', ["a", "b"]) == [
        "A",
        NONE,
    ]


def test_a_text_that_means_missing_comes_before_its_value() -> None:
    assert values_of("resolved", '{ column = "Cell", missing = ["0"] }', ["0", "1"]) == [None, True]
    assert values_of("direct_cost", '"Cell"', ["0", "0.0"], head='missing = ["0"]') == [None, Decimal(0)]
    assert values_of("csat", '{ column = "Cell", values = { Good = 5 }, missing = ["good"] }', ["Good"]) == [None]


def test_constants_fill_every_contact() -> None:
    mapping = (
        UTC_LEAST
        + """
channel = { constant = "phone" }
resolved = { constant = true }
handle_minutes = { constant = 6.5 }
nps = { constant = 9 }
intent = { constant = "Calls" }
"""
    )
    (contact,) = contacts(staged_rows(mapping, headers=["id", "at"], rows=[["1", "2024-01-01"]]))
    assert [contact[name] for name in ("channel", "resolved", "handle_minutes", "nps", "intent")] == [
        "phone", True, Decimal("6.5"), 9, "Calls",
    ]  # fmt: skip


# Times


def test_iso_stamps() -> None:
    expected = {
        "2024-02-01": datetime(2024, 2, 1),
        "2024-02-01 10:20": datetime(2024, 2, 1, 10, 20),
        "2024-02-01T10:20:30": datetime(2024, 2, 1, 10, 20, 30),
        "2024-02-01 10:20:30.123456789": datetime(2024, 2, 1, 10, 20, 30, 123456),
        "2024-02-01T10:20:30Z": datetime(2024, 2, 1, 10, 20, 30),
        "2024-02-01T10:20:30.5+05:30": datetime(2024, 2, 1, 4, 50, 30, 500000),
        "2024-02-01 10:20 -0330": datetime(2024, 2, 1, 13, 50),
        "2024-02-01 10:20:30 UTC": datetime(2024, 2, 1, 10, 20, 30),
        "2024-02-01T10:20:30+02": datetime(2024, 2, 1, 8, 20, 30),
        "2024/2/1 5:06": datetime(2024, 2, 1, 5, 6),
    }
    assert dict(zip(expected, starts_of([*expected]), strict=True)) == expected


def test_times_that_cant_be() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    assert starts_of(
        [
            "2024-02-30",
            "1989-12-31 23:59",
            tomorrow,
            "soon",
            "",
            "2024-02-01 25:00",
            "1706695230",
            "1706695230123",
        ]
    ) == [
        "rejected: no such date",
        "rejected: before 1990",
        "rejected: in the future",
        "rejected: not a date",
        "rejected: started_at is missing",
        "rejected: no such date",
        'rejected: not a date; if it is Unix time say format = "epoch_s"',
        'rejected: not a date; if it is Unix time say format = "epoch_ms"',
    ]


def test_the_form_of_the_incident_log() -> None:
    assert starts_of(["29/2/2016 01:16", "1/3/2016 9:05"]) == [
        datetime(2016, 2, 29, 1, 16),
        datetime(2016, 3, 1, 9, 5),
    ]


def test_month_first_where_a_day_above_12_says_so() -> None:
    assert starts_of(["8/30/2013", "9/3/2013"]) == [datetime(2013, 8, 30), datetime(2013, 9, 3)]


def test_other_separators_short_years_and_half_days() -> None:
    assert starts_of(["29.02.2016 01:16:30", "1.2.2016"]) == [
        datetime(2016, 2, 29, 1, 16, 30),
        datetime(2016, 2, 1),
    ]
    assert starts_of(["13-6-24 1:05 PM", "12-6-24 12:05 AM"]) == [
        datetime(2024, 6, 13, 13, 5),
        datetime(2024, 6, 12, 0, 5),
    ]
    assert starts_of(["6/13/24, 1:05:07 pm", "6/1/99, 1:05:07 am"]) == [
        datetime(2024, 6, 13, 13, 5, 7),
        datetime(1999, 6, 1, 1, 5, 7),
    ]


def test_any_time_column_tells_the_order_for_all() -> None:
    mapping = f'{UTC_LEAST}ended_at = "end"\n'
    staged = staged_rows(mapping, headers=["id", "at", "end"], rows=[["1", "3/4/2016", "13/4/2016 10:00"]])
    (contact,) = contacts(staged)
    assert contact["started_at"] == datetime(2016, 4, 3)
    assert staged.uses[1].note == "read as day first"


def test_both_orders_possible_is_a_question_with_an_example() -> None:
    question = question_of(["03/04/2016 01:16", "5/5/2016 10:00", "2024-01-01"])
    assert "started_at ('at')" in question
    assert "'03/04/2016 01:16' can be 3 April 2016 or 4 March 2016" in question
    assert 'format = "%d/%m/%Y %H:%M" or format = "%m/%d/%Y %H:%M"' in question


@pytest.mark.parametrize("pattern", ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"])
def test_either_answer_settles_the_question(pattern: str) -> None:
    rule = f'{{ column = "at", format = "{pattern}" }}'
    assert starts_of(["03/04/2016 01:16"], rule=rule) == [datetime.strptime("03/04/2016 01:16", pattern)]


def test_an_answer_for_one_column_settles_the_others() -> None:
    mapping = """
timezone = "UTC"
[columns]
contact_id = "id"
started_at = { column = "at", format = "%m/%d/%Y" }
ended_at = "end"
"""
    staged = staged_rows(mapping, headers=["id", "at", "end"], rows=[["1", "3/4/2016", "3/5/2016 1:00"]])
    assert contacts(staged)[0]["ended_at"] == datetime(2016, 3, 5, 1)


def test_dates_that_are_the_same_both_ways_need_no_question() -> None:
    assert starts_of(["5/5/2016", "12/12/2016"]) == [datetime(2016, 5, 5), datetime(2016, 12, 12)]


def test_a_few_slips_are_rejected_and_many_are_a_question() -> None:
    slips = ["25/12/2016"] * 40 + ["12/25/2016"]
    assert starts_of(slips) == [datetime(2016, 12, 25)] * 40 + ["rejected: no such date (read as day first)"]
    question = question_of(["25/12/2016", "12/25/2016"])
    assert "1 stamps can only be day/month and 1 only month/day" in question


def test_a_column_that_contradicts_the_others_is_a_question() -> None:
    mapping = f'{UTC_LEAST}ended_at = "end"\n'
    rows: list[list[str | None]] = [["1", "25/12/2016", None]] * 40 + [["2", "25/12/2016", "12/26/2016"]]
    with pytest.raises(BadMapping, match=r"ended_at \('end'\): the order of day and month can't be told"):
        staged_rows(mapping, headers=["id", "at", "end"], rows=rows)


def test_a_form_that_occurs_late_is_read_as_well() -> None:
    early: list[str | None] = [None] * 10_500
    found = starts_of([*early, "29/2/2016 01:16"])
    assert found[-1] == datetime(2016, 2, 29, 1, 16)
    assert set(found[:-1]) == {"rejected: started_at is missing"}


def test_a_zone_that_is_needed_late_is_asked_for() -> None:
    early: list[str | None] = ["2024-01-01T00:00:00Z"] * 10_500
    assert "time zone" in question_of([*early, "2024-01-01 00:00"], head="")


def test_a_zone_is_asked_for_only_where_a_stamp_needs_it() -> None:
    assert starts_of(["2024-01-01T00:00:00Z"], head="") == [datetime(2024, 1, 1)]
    question = question_of(["2024-01-01T00:00:00"], head="")
    assert "started_at ('at'): its stamps have no offset and no time zone is known" in question
    assert 'timezone = "Europe/Rome"' in question
    assert "--timezone Europe/Rome" in question


def test_the_zone_of_the_mapping_comes_before_the_one_given() -> None:
    rows = [["1", "2024-01-01 12:00"]]
    own = staged_rows(f'timezone = "UTC"\n{LEAST}', headers=["id", "at"], rows=rows, timezone="Asia/Tokyo")
    given = staged_rows(LEAST, headers=["id", "at"], rows=rows, timezone="Asia/Tokyo")
    assert [contacts(s)[0]["started_at"].hour for s in (own, given)] == [12, 3]


def test_clock_changes() -> None:
    head = 'timezone = "Europe/Rome"'
    assert starts_of(
        ["2024-03-31 01:59:59", "2024-03-31 02:00", "2024-03-31 02:59:59.999999", "2024-03-31 03:00"],
        head=head,
    ) == [
        datetime(2024, 3, 31, 0, 59, 59),
        "rejected: the clocks of Europe/Rome skip this time",
        "rejected: the clocks of Europe/Rome skip this time",
        datetime(2024, 3, 31, 1),
    ]
    assert starts_of(
        ["2024-10-27 01:59:59", "2024-10-27 02:30", "2024-10-27 03:00", "2024-10-27T02:30+01:00"], head=head
    ) == [
        datetime(2024, 10, 26, 23, 59, 59),
        datetime(2024, 10, 27, 0, 30),
        datetime(2024, 10, 27, 2, 0),
        datetime(2024, 10, 27, 1, 30),
    ]


def test_the_hour_that_occurs_twice_is_noted() -> None:
    rows = [["1", "2024-10-27 02:30"], ["2", "2024-10-27 02:00"], ["3", "2024-10-27 03:00"]]
    staged = staged_rows(f'timezone = "Europe/Rome"\n{LEAST}', headers=["id", "at"], rows=rows)
    assert staged.uses[1].note == "2 in an hour that occurs twice, read as the first"


def test_named_formats() -> None:
    epoch = '{ column = "at", format = "epoch_s" }'
    wrong = "rejected: does not match the format epoch_s"
    assert starts_of(["1706695230", "1706695230.5", "1.7E+09", "x", "100"], rule=epoch, head="") == [
        datetime(2024, 1, 31, 10, 0, 30), wrong, wrong, wrong, "rejected: before 1990",
    ]  # fmt: skip
    assert starts_of(["1706695230123"], rule='{ column = "at", format = "epoch_ms" }', head="") == [
        datetime(2024, 1, 31, 10, 0, 30, 123000)
    ]
    assert starts_of(["2024-01-31", "31/1/2024"], rule='{ column = "at", format = "iso" }') == [
        datetime(2024, 1, 31),
        "rejected: does not match the format iso",
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "stamp"),
    [
        ("%d/%m/%Y %H:%M", "1/2/2024 3:04", datetime(2024, 2, 1, 3, 4)),
        ("%d/%b/%y %I:%M %p", "01/Feb/24 3:04 PM", datetime(2024, 2, 1, 15, 4)),
        ("%y%m%d %H:%M:%S", "990101 0:00:31", datetime(1999, 1, 1, 0, 0, 31)),
        ("%Y-%m-%d %H:%M:%S%z", "2024-02-01 03:04:05+02:00", datetime(2024, 2, 1, 1, 4, 5)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-02-01T03:04:05Z", datetime(2024, 2, 1, 3, 4, 5)),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-02-01T03:04:05Z", datetime(2024, 2, 1, 3, 4, 5)),
        ("%d %B %Y %H:%M:%S.%f", "1 february 2024 03:04:05.25", datetime(2024, 2, 1, 3, 4, 5, 250000)),
    ],
)
def test_patterns(pattern: str, text: str, stamp: datetime) -> None:
    says_offset = pattern.endswith(("%z", "Z"))
    head = "" if says_offset else 'timezone = "UTC"'
    rule = f'{{ column = "at", format = "{pattern}" }}'
    assert starts_of([text, "x"], rule=rule, head=head) == [
        stamp,
        f"rejected: does not match the format {pattern}",
    ]


def test_an_end_before_the_start_is_kept_and_noted() -> None:
    rows = [["1", "2024-01-02", "2024-01-01"], ["2", "2024-01-02", "2024-01-02"], ["3", "2024-01-02", "x"]]
    staged = staged_rows(f'{UTC_LEAST}ended_at = "end"\n', headers=["id", "at", "end"], rows=rows)
    assert counts(staged) == (3, 2, 0, 0, 1)
    assert staged.uses[2].note == "1 before the start; those count from their start"


# Rows


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


# Headers


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
