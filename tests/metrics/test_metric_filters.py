"""Filters name values that the data holds, whatever characters they are of."""

from __future__ import annotations

from datetime import datetime

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import METRICS, metric, names
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.movers import movers, pareto
from cx_metrics.metrics.reasons.trend import sparkline, trend
from cx_metrics.metrics.slice import Slice
from tests.metrics.small_mart import Ticket, small_mart

AT = datetime(2026, 1, 15, 12)
TOPICS = [f"Topic {number:02}" for number in range(14)]
ODD = ["O'Neil", 'say "hi"', "$channel_0", "a, b", "%_", "\\", "日本", "-- ;", "=1+1", " padded "]


def tickets(intents: list[str]) -> list[Ticket]:
    return [Ticket("crm", str(i), "Ann", AT, intent=intent) for i, intent in enumerate(intents)]


def test_odd_values_are_values_like_any_other() -> None:
    with small_mart(tickets(ODD), watermark=AT, timezone="UTC") as mart:
        for value in ODD:
            asked = Slice.parse(where=[f"intent={value}"], by="intent")
            (row,) = rows(metric(mart, "volume", asked))
            assert (row["intent"], row["value"]) == (value, 1)


@pytest.mark.parametrize(
    ("n_intents", "value", "words"),
    [
        (3, "Topic 20", "no contact has the intent 'Topic 20': did you mean 'Topic 02'?"),
        (3, "xyz", "no contact has the intent 'xyz': allowed: Topic 00, Topic 01, Topic 02"),
        (
            14,
            "xyz",
            f"no contact has the intent 'xyz': allowed: {', '.join(TOPICS[:12])} and 2 more",
        ),
    ],
)
def test_an_unknown_value_is_refused_with_the_nearest_or_a_dozen(n_intents: int, value: str, words: str) -> None:
    contacts = tickets(TOPICS[:n_intents])
    with small_mart(contacts, watermark=AT, timezone="UTC") as mart, pytest.raises(BadUse) as error:
        metric(mart, "volume", Slice.parse(where=[f"intent={value}", "intent=Topic 00"]))
    assert str(error.value) == words
    assert error.value.exit_status == 2


def test_a_dimension_the_data_lacks_has_no_value_but_none() -> None:
    with small_mart(tickets(["a"]), watermark=AT, timezone="UTC") as mart:
        with pytest.raises(BadUse, match=r"no contact has the region 'North': allowed: \(none\)"):
            metric(mart, "volume", Slice.parse(where=["region=North"]))
        (row,) = rows(metric(mart, "volume", Slice.parse(where=["region=(none)"], by="region")))
        assert (row["region"], row["value"]) == ("(none)", 1)


def test_every_question_checks_its_filters() -> None:
    unknown = Slice(from_on=AT.date(), to_on=AT.date(), grain="day", where=(("intent", ("b",)),))
    with small_mart(tickets(["a"]), watermark=AT, timezone="UTC") as mart:
        for name in names():
            with pytest.raises(BadUse, match="no contact has the intent 'b'"):
                METRICS[name].compute(mart, unknown)
        for ask in (trend, sparkline, pareto):
            with pytest.raises(BadUse):
                ask(mart, unknown)
        with pytest.raises(BadUse):
            movers(mart, unknown, unknown.previous())


def test_without_data_no_value_is_unknown() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        (row,) = rows(metric(mart, "volume", Slice.parse(where=["intent=a"])))
        assert row["reason"] == "no contacts in the data yet"
