"""Every rule about texts, ids, numbers and values on extracts written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cx_metrics.contacts.schema import NONE
from tests.contacts.tables_by_hand import (
    UTC_LEAST,
    contacts,
    rejects,
    staged_rows,
    values_of,
)


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
        "0.0000005": Decimal("0.000001"), "999999999.999999": Decimal("999999999.999999"),
        "1000000000": Decimal(1000000000),
        "1000000000.000001": "rejected: more than 1,000,000,000 for one contact",
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
