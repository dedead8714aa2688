"""What the data offers as causes, on contacts whose shares are known exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from cx_metrics.errors import BadUse
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.candidates import CANDIDATE_COLUMNS, candidates, why_thin
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

BEFORE = Slice(from_on=date(2026, 1, 12), to_on=date(2026, 2, 8))
NOW = Slice(from_on=date(2026, 2, 9), to_on=date(2026, 3, 8))
DAILY = {
    # intent: channel: (issues, of which back) a day, before and now
    "Rise": {"chat": ((10, 1), (10, 4)), "phone": ((20, 2), (20, 2))},
    "Usual": {"chat": ((20, 8), (20, 8)), "phone": ((10, 1), (10, 1))},
    "Mix": {"chat": ((10, 4), (20, 8)), "phone": ((10, 1), (10, 1))},
    "Alike": {"chat": ((10, 2), (10, 2)), "phone": ((20, 4), (20, 4))},
}


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    """Eight weeks in which every issue is of another customer, who comes back the day after or never."""
    with small_mart(_contacts(), watermark=datetime(2026, 4, 10), timezone="UTC") as opened:
        yield opened


def _contacts() -> Iterator[Ticket]:
    yield Ticket("desk", "first", "first", datetime(2025, 12, 1), intent="Old", channel="chat")
    yield Ticket("desk", "thin", "thin", datetime(2026, 2, 20), intent="Thin", channel="chat")
    numbers = itertools.count()
    for day in range(56):
        for intent, channels in DAILY.items():
            for channel, counts in channels.items():
                n, back = counts[day // 28]
                for at in range(n):
                    who = f"customer-{next(numbers)}"
                    on = datetime(2026, 1, 12, 9) + timedelta(days=day, minutes=at)
                    yield Ticket("desk", who, who, on, intent=intent, channel=channel)
                    if at < back:
                        again = on + timedelta(days=1)
                        yield Ticket("desk", f"{who}-2", who, again, intent=intent, channel=channel)


def offered(mart: Mart, intent: str) -> list[dict[Any, Any]]:
    frame = candidates(mart, intent, NOW, BEFORE)
    assert tuple(frame.columns) == CANDIDATE_COLUMNS
    assert all(sentence.endswith("An association, not a cause.") for sentence in frame["sentence"])
    return frame.to_dict("records")


def test_a_level_whose_rate_rose_is_offered_with_its_part_of_the_change(mart: Mart) -> None:
    association, rate = offered(mart, "Rise")
    # 40 % of 280 against 10 % of 560: with one attribute, the model's margins are the difference itself.
    assert [association[name] for name in ("attribute", "level", "kind", "contacts")] == [
        *("channel", "chat", "association", 280)
    ]
    assert association["points"] == pytest.approx(0.30, abs=1e-6)
    error = (0.4 * 0.6 / 280 + 0.1 * 0.9 / 560) ** 0.5
    assert association["low"] == pytest.approx(0.30 - 1.96 * error, abs=1e-3)
    # A third of the issues, from 10 % to 40 %.
    assert (rate["attribute"], rate["level"], rate["kind"], rate["contacts"]) == ("channel", "chat", "rate", 280)
    assert rate["points"] == pytest.approx(0.10, rel=1e-9)
    low, high = confint_proportions_2indep(112, 280, 28, 280, compare="diff", method="newcomb")
    # Customers with one issue each have a design effect of k / (k - 1).
    assert (rate["low"], rate["high"]) == pytest.approx((low / 3, high / 3), rel=1e-3)


def test_the_most_frequent_level_is_offered_where_it_is_the_one_that_comes_back(mart: Mart) -> None:
    (found,) = offered(mart, "Usual")
    assert (found["level"], found["kind"], found["contacts"]) == ("chat", "association", 560)
    assert found["points"] == pytest.approx(0.30, abs=1e-6)
    assert 0 < found["low"] < found["points"] < found["high"]
    assert found["sentence"].startswith("With channel chat customers come back more often than with phone: +30.0")


def test_a_change_of_the_mix_is_told_from_a_change_of_rates(mart: Mart) -> None:
    mix = {row["level"]: row for row in offered(mart, "Mix") if row["kind"] == "mix"}
    # Shares 1/2 to 2/3 and 1/2 to 1/3; the mean of the whole shares is (0.25 + 0.30) / 2.
    assert mix["chat"]["points"] == pytest.approx((2 / 3 - 1 / 2) * (0.4 - 0.275), rel=1e-9)
    assert mix["phone"]["points"] == pytest.approx((1 / 3 - 1 / 2) * (0.1 - 0.275), rel=1e-9)
    assert mix["chat"]["points"] + mix["phone"]["points"] == pytest.approx(0.05, rel=1e-9)
    assert "more issues than before with channel chat" in mix["chat"]["sentence"]
    assert {row["kind"] for row in offered(mart, "Mix")} == {"mix", "association"}


def test_nothing_is_offered_where_all_are_alike(mart: Mart) -> None:
    assert offered(mart, "Alike") == []
    assert why_thin(mart, "Alike", NOW, BEFORE) == ()


def test_too_little_data_says_so(mart: Mart) -> None:
    assert offered(mart, "Thin") == []
    assert why_thin(mart, "Thin", NOW, BEFORE) == (
        "No model of all attributes: fewer than 30 customers.",
        "No comparison: no issue of the earlier period is old enough to know.",
    )
    with pytest.raises(BadUse, match="no contact has the intent"):
        why_thin(mart, "nobody asked this", NOW, BEFORE)
