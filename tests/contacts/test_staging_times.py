"""Every rule about times on extracts written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from cx_metrics.errors import BadMapping
from tests.contacts.tables_by_hand import (
    LEAST,
    UTC_LEAST,
    contacts,
    counts,
    staged_rows,
    starts_of,
)


def question_of(texts: Sequence[str | None], *, head: str = 'timezone = "UTC"') -> str:
    with pytest.raises(BadMapping) as raised:
        starts_of(texts, head=head)
    return str(raised.value)


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
