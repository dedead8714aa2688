"""Concentration: equal to sorting customers one by one; what can't be told is a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning.concentration import CONCENTRATION_COLUMNS, concentration
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.alike import share_of_top_if_alike
from tests.metrics.repeats_by_definition import decided_company, is_asked
from tests.metrics.resolution_by_definition import ROME
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_metrics_by_definition import mart_of


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "asked",
    [Slice(), Slice(from_on=date(2024, 2, 1), to_on=date(2024, 3, 31), where=(("channel", ("chat", "phone")),))],
    ids=["all", "some"],
)
def test_equals_sorting_customers(seed: int, asked: Slice) -> None:
    company = decided_company(seed, n=900, customers=160)
    with mart_of(company) as mart:
        found = rows(concentration(mart, replace(asked, by=("intent",), grain="week")))
    made = Counter(c.customer_id for c in company.contacts if c.customer_id and is_asked(company, c, asked))
    ordered = sorted(made.values(), reverse=True)
    assert [row["top"] for row in found] == [0.01, 0.1]
    for row in found:
        assert (row["n"], row["contacts"], row["reason"]) == (len(made), sum(ordered), None)
        few = row["top"] * len(ordered)
        whole = int(few)
        top = sum(ordered[:whole]) + (few - whole) * ordered[whole]
        assert row["value"] == pytest.approx(top / sum(ordered), rel=1e-9)
        assert row["expected"] == share_of_top_if_alike(sum(ordered) / len(ordered), share=row["top"])
        assert row["customers"] == round(few)


def test_by_hand() -> None:
    """One customer calls 91 times, 99 others once each: the busiest 1 % makes 91 of 190, the busiest 10 % 100."""
    start = datetime(2024, 1, 1)
    contacts = [Ticket("crm", f"b{n}", "busy", start + timedelta(hours=n)) for n in range(91)]
    contacts += [Ticket("crm", f"o{n}", f"o{n}", start + timedelta(hours=n)) for n in range(99)]
    with small_mart(contacts, watermark=datetime(2024, 2, 1), timezone=ROME) as mart:
        one, ten = rows(concentration(mart, Slice()))
    assert (one["value"], ten["value"]) == pytest.approx((91 / 190, 100 / 190))
    assert (one["customers"], ten["customers"]) == (1, 10)
    # Mean 1.9: rate 1.5; by chance nobody would call 91 times.
    assert 0.01 < one["expected"] < 0.05
    assert 0.1 < ten["expected"] < 0.25


def test_too_few_customers_and_nobody_known() -> None:
    some = [Ticket("crm", str(n), f"c{n}", datetime(2024, 1, 1) + timedelta(days=n)) for n in range(40)]
    with small_mart(some, watermark=datetime(2024, 3, 1), timezone=ROME) as mart:
        one, ten = rows(concentration(mart, Slice()))
    assert (one["value"], one["expected"], one["reason"]) == (None, None, "fewer than 100 customers")
    assert (ten["value"], ten["expected"], ten["reason"]) == (pytest.approx(0.1), pytest.approx(0.1), None)
    nobody = [replace(ticket, customer_id=None) for ticket in some]
    for contacts, watermark in ((nobody, datetime(2024, 3, 1)), ([], None)):
        with small_mart(contacts, watermark=watermark, timezone=ROME) as mart:
            found = concentration(mart, Slice())
        assert list(found.columns) == list(CONCENTRATION_COLUMNS)
        assert list(found["reason"]) == ["no customer ids here"] * 2
