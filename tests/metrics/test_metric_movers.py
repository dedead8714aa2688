"""What changed, what weighs most, and whether a change is more than chance."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.movers import intent_table, movers, pareto
from cx_metrics.metrics.reasons.trend import sparkline
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

FIRST = date(2025, 1, 6)
"""A Monday; the weeks below are counted from it."""
T = datetime(2025, 8, 4)


def contacts(weekly: dict[str, list[int]]) -> list[Ticket]:
    """So many contacts of each intent in each week, all on its first day."""
    found = []
    for intent, counts in weekly.items():
        for week, n in enumerate(counts):
            at = datetime.combine(FIRST, datetime.min.time()) + timedelta(weeks=week)
            found += [Ticket("crm", f"{intent} {week} {i}", None, at, intent=intent) for i in range(n)]
    return found


def weeks(first: int, last: int) -> Slice:
    """The slice of some weeks, both included."""
    return Slice(from_on=FIRST + timedelta(weeks=first), to_on=FIRST + timedelta(weeks=last + 1, days=-1))


WEEKLY = {
    "steady": [50, 52] * 15,
    "up": [20, 22] * 14 + [60, 62],
    "gone": [10] * 28 + [0, 0],
    "new": [0] * 28 + [0, 9],
    "wild": [10, 90] * 14 + [20, 30],
}


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with small_mart(contacts(WEEKLY), watermark=T, timezone="UTC") as opened:
        yield opened


def test_movers(mart: Mart) -> None:
    now = weeks(28, 29)
    found = rows(movers(mart, now, now.previous()))
    # Of the changes: up by 80, wild by -50, gone by -20, new by 9, steady by 0; 19 in all.
    assert found == [
        {
            "intent": intent,
            "contacts": contacts,
            "before": before,
            "change": contacts - before,
            "change_rate": None if rate is None else pytest.approx(rate),
            "change_share": pytest.approx((contacts - before) / 19),
            "beyond": beyond,
            "reason": None,
        }
        for intent, contacts, before, rate, beyond in [
            ("up", 122, 42, 80 / 42, True),  # 80 > 2.576 sqrt(164) = 33
            ("wild", 50, 100, -0.5, False),  # weeks of 10 or 90: phi is (1.4826 * 80 / sqrt 2)^2 / 50 = 140.7
            ("gone", 0, 20, -1.0, True),  # 20 > 2.576 sqrt(20) = 11.5
            ("new", 9, 0, None, True),  # 9 > 2.576 sqrt(9) = 7.7
            ("steady", 102, 102, 0.0, False),
        ]
    ]


def test_chance_is_judged_by_the_26_weeks_before_the_period() -> None:
    """Against a computation week by week, over random weeks after 16 calm ones: same verdicts, of both kinds."""
    chance = random.Random(3)
    weekly = {
        f"i{n}": [n] * 16 + [chance.randrange(n + 1) * chance.randrange(1, 4) for _ in range(28)] for n in range(25)
    }
    now, before = weeks(42, 43), weeks(38, 39)
    verdicts = {}
    for intent, counts in weekly.items():
        counts[42] += chance.choice([0, 0, 30])
        past = counts[16:42]
        spread = 1.4826 * statistics.median(abs(b - a) for a, b in pairwise(past)) / 2**0.5
        phi = max(1.0, spread**2 / statistics.mean(past)) if any(past) else 1.0
        n, n_before = sum(counts[42:44]), sum(counts[38:40])
        verdicts[intent] = abs(n - n_before) > 2.576 * (phi * (n + n_before)) ** 0.5
    with small_mart(contacts(weekly), watermark=T + timedelta(weeks=14), timezone="UTC") as mart:
        found = {row["intent"]: row["beyond"] for row in rows(movers(mart, now, before))}
    assert found == {intent: verdicts[intent] for intent in found}
    assert set(found.values()) == {True, False}


def test_without_history_nothing_is_said_about_chance(mart: Mart) -> None:
    for first, is_known in ((7, False), (8, True)):
        now = weeks(first, first)
        found = rows(movers(mart, now, now.previous()))
        assert all((row["beyond"] is not None) == is_known for row in found)
        words = "fewer than 8 weeks of data before this period: too few to tell a change from chance"
        assert {row["reason"] for row in found} == {None if is_known else words}
        assert found[0]["change"] is not None


def test_a_period_that_is_not_complete_is_not_compared(mart: Mart) -> None:
    now, early = weeks(29, 30), weeks(0, 1)
    for asked, compare, words in (
        (now, now.previous(), "of the period, the data knows 2025-07-28 to 2025-08-03 in full"),
        (weeks(31, 31), weeks(30, 30), "the data knows no day of the period in full"),
        (early, early.previous(), "the data knows no day of the comparison period in full"),
    ):
        found = rows(movers(mart, asked, compare))
        assert all(row["reason"] == words for row in found)
        assert all(row[name] is None for row in found for name in ("before", "change", "change_rate", "beyond"))
        assert [row["contacts"] for row in found] == sorted((row["contacts"] for row in found), reverse=True)


def test_movers_keep_the_filters(mart: Mart) -> None:
    now = weeks(28, 29)
    only = Slice(now.from_on, now.to_on, where=(("intent", ("gone", "up")),))
    found = rows(movers(mart, only, only.previous()))
    assert [(row["intent"], row["change_share"]) for row in found] == [("up", 80 / 60), ("gone", -20 / 60)]


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (weeks(3, 3), weeks(1, 2), "have 7 and 14 days: choose two of the same length"),
        (Slice(from_on=FIRST), weeks(1, 2), "two periods with a first and a last day"),
        (weeks(1, 2), Slice(to_on=FIRST), "two periods with a first and a last day"),
    ],
)
def test_only_periods_of_one_length_compare(mart: Mart, now: Slice, before: Slice, words: str) -> None:
    with pytest.raises(BadUse, match=words):
        movers(mart, now, before)


def test_no_change_in_all_has_no_shares() -> None:
    weekly = {"a": [3] * 9 + [5], "b": [3] * 9 + [1]}
    with small_mart(contacts(weekly), watermark=T, timezone="UTC") as mart:
        found = rows(movers(mart, weeks(9, 9), weeks(8, 8)))
    assert [(row["intent"], row["change"], row["change_share"]) for row in found] == [("a", 2, None), ("b", -2, None)]


def test_pareto(mart: Mart) -> None:
    assert rows(pareto(mart, weeks(29, 29))) == [
        {"intent": intent, "contacts": n, "share": n / 153, "cumulative_share": total / 153}
        for intent, n, total in [("up", 62, 62), ("steady", 52, 114), ("wild", 30, 144), ("new", 9, 153)]
    ]


def test_pareto_of_equals_is_in_order_of_names() -> None:
    with small_mart(contacts({"b": [2], "a": [2], "c": [3]}), watermark=T, timezone="UTC") as mart:
        assert list(pareto(mart, Slice())["intent"]) == ["c", "a", "b"]
        assert pareto(mart, Slice(from_on=date(2030, 1, 1))).empty


def test_the_table_of_intents_joins_the_three(mart: Mart) -> None:
    now = weeks(28, 29)
    table = intent_table(mart, now, now.previous())
    lines = {row["intent"]: row["weekly"] for row in rows(sparkline(mart, now))}
    assert [*table.columns] == [*movers(mart, now, now.previous()).columns, "share", "weekly"]
    assert list(table["intent"]) == ["up", "steady", "wild", "new", "gone"]
    assert list(table["share"]) == [122 / 283, 102 / 283, 50 / 283, 9 / 283, 0.0]
    assert list(table["weekly"]) == [lines[intent] for intent in table["intent"]]


def test_an_intent_silent_for_half_a_year_has_a_flat_line() -> None:
    weekly = {"old": [4, *[0] * 29], "on": [1] * 30}
    with small_mart(contacts(weekly), watermark=T, timezone="UTC") as mart:
        found = intent_table(mart, weeks(15, 29), weeks(0, 14)).set_index("intent")["weekly"]
    assert found["old"] == [0] * 26
    assert found["on"] == [1] * 26


def test_without_data_there_is_no_table() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        assert intent_table(mart, weeks(1, 1), weeks(0, 0)).empty
        assert pareto(mart, Slice()).empty
