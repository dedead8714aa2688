"""An intent called ``*`` got the design effect of all intents together, and they got its: ``*`` stood for "all"."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.slice import Slice
from tests.metrics.small_mart import Ticket, small_mart


def contacts(name: str) -> list[Ticket]:
    """Customers who come back and customers who don't with one intent, and forty who come once with another."""
    told = [(f"c{i}", datetime(2026, 3, 2, 9), name) for i in range(10)]
    told += [(f"c{i}", datetime(2026, 3, day, 9), name) for i in range(5) for day in (3, 4, 5)]
    told += [(f"d{i}", datetime(2026, 3, 2, 10), "Bill") for i in range(40)]
    told += [("late", datetime(2026, 4, 20, 9), "Bill")]
    return [Ticket("desk", f"{i}", who, at, intent=intent) for i, (who, at, intent) in enumerate(told)]


def recontact_rates(name: str) -> list[pd.DataFrame]:
    """The metric of that intent, of the other, and of both."""
    with small_mart(contacts(name), watermark=datetime(2026, 4, 20, 9), timezone="UTC") as mart:
        asked = [Slice.parse(where=[f"intent={each}"]) for each in (name, "Bill")]
        return [metric(mart, "recontact_rate", each) for each in (*asked, Slice())]


def test_the_name_of_an_intent_changes_no_interval() -> None:
    for star, plain in zip(recontact_rates("*"), recontact_rates("Visit"), strict=True):
        pd.testing.assert_frame_equal(star, plain)
        assert plain["n"].item() > 0
