"""What a slice understands, what it refuses and in which words."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.errors import BadUse
from cx_metrics.metrics.slice import Slice

JANUARY: dict[str, Any] = {"from_on": date(2026, 1, 1), "to_on": date(2026, 1, 31)}


def test_parse_reads_every_part() -> None:
    assert Slice.parse(
        from_on="2026-01-01",
        to_on="2026-01-31",
        by="intent, channel,intent",
        grain="week",
        where=["channel=phone", "intent=A = B", "channel=chat", "channel=phone"],
        window="14",
    ) == Slice(
        **JANUARY,
        by=("intent", "channel"),
        grain="week",
        where=(("channel", ("chat", "phone")), ("intent", ("A = B",))),
        window=14,
    )


def test_nothing_asked_is_everything() -> None:
    assert Slice.parse() == Slice.parse(from_on="", to_on="", by="", grain="", window="") == Slice()
    assert Slice().window_days == 7


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from_on": "2026-02-30"}, "'2026-02-30' is no date: write a day of the calendar as YYYY-MM-DD"),
        ({"to_on": "20260201"}, "'20260201' is no date"),
        ({"to_on": "yesterday"}, "'yesterday' is no date"),
        ({"from_on": "２０２６-01-01"}, "is no date"),
        ({"from_on": "1066-10-14"}, "is no date"),
        ({"from_on": "2026-02-01", "to_on": "2026-01-01"}, "starts on 2026-02-01, after it ends on 2026-01-01"),
        ({"by": "intent,chanel"}, "unknown dimension 'chanel': did you mean 'channel'\\?"),
        ({"by": "Intent"}, "unknown dimension 'Intent': did you mean 'intent'\\?"),
        ({"by": "x"}, "allowed: intent, category, channel, segment, product, region, team"),
        ({"by": "month"}, "unknown dimension 'month'"),
        ({"grain": "year"}, "unknown grain 'year': allowed: day, week, month"),
        ({"window": "5"}, "unknown window '5': allowed: 1, 3, 7, 14, 30"),
        ({"window": "7.0"}, "unknown window '7.0'"),
        ({"where": ["phone"]}, "the filter 'phone' can't be read: write DIMENSION=VALUE"),
        ({"where": ["channel="]}, "the filter 'channel=' can't be read"),
        ({"where": ["chanel=phone"]}, "unknown dimension 'chanel': did you mean 'channel'\\?"),
        ({"where": ["1=1 OR intent=x"]}, "unknown dimension '1'"),
    ],
)
def test_bad_use_is_one_sentence(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(BadUse, match=words) as error:
        Slice.parse(**asked)
    assert error.value.exit_status == 2


@pytest.mark.parametrize("asked", [{"by": ("x",)}, {"grain": "year"}, {"window": 2}, {"where": (("x", ("y",)),)}])
def test_a_slice_made_by_hand_is_checked_too(asked: dict[str, Any]) -> None:
    with pytest.raises(BadUse):
        Slice(**asked)


@given(st.text(max_size=20))
def test_any_text_is_understood_or_refused(text: str) -> None:
    texts: list[dict[str, Any]] = [{name: text} for name in ("from_on", "to_on", "by", "grain", "window")]
    for asked in [*texts, {"where": [text]}]:
        with suppress(BadUse):
            Slice.parse(**asked)


@given(st.dates(date(1950, 1, 1)), st.integers(0, 5000))
def test_previous_are_as_many_days_just_before(last: date, n_days: int) -> None:
    first = date.fromordinal(max(last.toordinal() - n_days, date(1950, 1, 1).toordinal()))
    now = Slice(from_on=first, to_on=last, by=("intent",))
    before = now.previous()
    assert before.from_on is not None
    assert before.to_on is not None
    assert (first - before.to_on).days == 1
    assert before.to_on - before.from_on == last - first
    assert before.by == ("intent",)


def test_previous_needs_both_ends() -> None:
    for asked in (Slice(), Slice(from_on=date(2026, 1, 1)), Slice(to_on=date(2026, 1, 1))):
        with pytest.raises(BadUse, match="first and a last day"):
            asked.previous()


def test_closed_fills_open_ends_only() -> None:
    ends = {"first_on": date(2026, 1, 5), "last_on": date(2026, 1, 20)}
    assert Slice().closed(**ends) == Slice(from_on=date(2026, 1, 5), to_on=date(2026, 1, 20))
    assert Slice(**JANUARY).closed(**ends) == Slice(**JANUARY)
    after, before = date(2026, 2, 1), date(2025, 2, 1)
    assert Slice(from_on=after).closed(**ends) == Slice(from_on=after, to_on=after)
    assert Slice(to_on=before).closed(**ends) == Slice(from_on=before, to_on=before)


def test_a_slice_says_itself() -> None:
    assert Slice().sentence() == "all contacts"
    assert Slice(from_on=date(2026, 1, 1)).sentence() == "all contacts, from 2026-01-01 on"
    assert Slice(to_on=date(2026, 1, 1), grain="day").sentence() == "all contacts, up to 2026-01-01, per day"
    asked = Slice(
        **JANUARY,
        by=("intent", "channel"),
        grain="week",
        where=(("channel", ("chat", "phone")), ("region", ("North",))),
        window=14,
    )
    assert asked.sentence() == (
        "contacts with channel 'chat' or 'phone' and region 'North', 2026-01-01 to 2026-01-31, "
        "by intent and channel, per week, repeats within 14 days"
    )
