"""Cohorts: each cell equals counting contacts one by one, and is never half-known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning import cohorts as module
from cx_metrics.metrics.returning.came_back import issues_came_back
from cx_metrics.metrics.returning.cohorts import COHORT_COLUMNS, COLUMN_DAYS, cohort_weeks, cohorts
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.intervals import wilson
from tests.metrics.by_definition import Company
from tests.metrics.repeats_by_definition import decided_company, issues, kaplan_meier
from tests.metrics.resolution_by_definition import ROME
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_metrics_by_definition import companies, mart_of, slices


def expected(company: Company, asked: Slice, mondays: list[date]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Value, came back, n, young, known and few of each cell."""
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    anytime = replace(asked, from_on=None, to_on=None)
    every = issues(company, anytime)
    for monday in mondays:
        week = [issue for issue in every if monday <= issue.on <= monday + timedelta(days=6)]
        for days in COLUMN_DAYS:
            over = monday + timedelta(days=6 + days) <= company.last_full_day
            young = sum(issue.lived < days for issue in week)
            known = bool(week) and over and young <= 0.05 * len(week)
            back = sum(0 < issue.came_on <= min(days, issue.lived) for issue in week)
            shown = known and len(week) >= module.LEAST_ISSUES
            value = float(kaplan_meier(week, days)[0] or 0) if shown else None
            assert not shown or young or value == pytest.approx(back / len(week), rel=1e-9)
            found[str(monday), days] = (value, back if shown else None, len(week), young, known, len(week) < 30)
    return found


def cells(frame: Any) -> dict[tuple[str, int], tuple[Any, ...]]:
    names = ("value", "came_back", "n", "young", "known", "few")
    return {(row["period"], row["days"]): tuple(row[name] for name in names) for row in rows(frame)}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "where", [(), (("intent", ("Bill",)),), (("channel", ("chat", "phone")),)], ids=["all", "Bill", "channels"]
)
def test_cells_equal_the_definitions(seed: int, where: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    company = decided_company(seed, n=900, customers=150)
    asked = Slice(from_on=date(2024, 3, 1), where=where)
    with mart_of(company) as mart:
        found = cohorts(mart, asked)
    mondays = sorted({date.fromisoformat(period) for period in found["period"]})
    wanted = expected(company, asked, mondays)
    assert cells(found) == {
        key: (pytest.approx(cell[0], rel=1e-9) if cell[0] is not None else None, *cell[1:])
        for key, cell in wanted.items()
    }
    assert list(found.columns) == list(COHORT_COLUMNS)
    assert any(cell[4] for cell in wanted.values())
    assert any(not cell[4] for cell in wanted.values())
    assert where or any(cell[4] and cell[3] for cell in wanted.values())
    assert all((row["value"] is None) == (row["reason"] is not None) for row in rows(found))


@settings(max_examples=25)
@given(data=st.data())
def test_cells_equal_the_definitions_on_anything(data: st.DataObject) -> None:
    company = data.draw(companies())
    with mart_of(company) as mart, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_ISSUES", 1)
        asked = data.draw(slices(company))
        found = cohorts(mart, asked)
        mondays = cohort_weeks(mart.facts, asked)
        assert cells(found) == {
            key: (pytest.approx(cell[0], rel=1e-9) if cell[0] is not None else None, *cell[1:])
            for key, cell in expected(company, asked, mondays).items()
        }


def test_a_cell_is_what_first_contact_resolution_says_of_the_week() -> None:
    company = decided_company(3, n=900, customers=150)
    bill = Slice(where=(("intent", ("Bill",)),))
    with mart_of(company) as mart:
        found = [row for row in rows(cohorts(mart, bill)) if row["days"] == 7 and row["value"] is not None]
        for row in found:
            monday = date.fromisoformat(row["period"])
            week = replace(bill, from_on=monday, to_on=monday + timedelta(days=6))
            (other,) = rows(issues_came_back(mart, week))
            assert (row["value"], row["n"]) == (pytest.approx(other["value"]), other["n"])
            assert (row["low"], row["high"]) == pytest.approx((other["low"], other["high"]))
    assert len(found) >= 6


def test_by_hand() -> None:
    """Twelve customers ask on a Monday, three are back after 30 hours; one more closes late: the week isn't known."""
    monday = datetime(2024, 2, 5, 10)
    first = [Ticket("crm", f"a{n}", f"c{n}", monday) for n in range(12)]
    back = [Ticket("crm", f"b{n}", f"c{n}", monday + timedelta(hours=30)) for n in range(3)]
    early = [Ticket("crm", "0", "old", datetime(2024, 1, 1))]
    late = Ticket("crm", "late", "z", monday, ended_at=datetime(2024, 2, 25))
    asked = Slice(where=(("intent", ("Bill",)),))
    with small_mart([*early, *first, *back], watermark=datetime(2024, 3, 1, 12), timezone=ROME) as mart:
        week = {row["days"]: row for row in rows(cohorts(mart, asked)) if row["period"] == "2024-02-05"}
    assert {days: row["value"] for days, row in week.items()} == {
        1: 0.0, 2: 0.25, 3: 0.25, 7: 0.25, 14: 0.25, 21: None, 30: None
    }  # fmt: skip
    # Twelve customers with one issue each: G / (G - 1) = 12 / 11.
    low, high = wilson(3, 12, deff=12 / 11)
    assert (week[7]["low"], week[7]["high"]) == pytest.approx((float(low), float(high)))
    assert (week[7]["n"], week[7]["came_back"], week[7]["few"]) == (12, 3, True)
    assert week[30]["reason"] == "not yet known: 12 of 12 issues are not yet 30 days old at the data cut-off"
    # 21 days after its Monday have passed, but not yet after its Sunday.
    assert week[21]["reason"] == "not yet known: 21 days after its end are not over yet"
    with small_mart([*early, *first, *back, late], watermark=datetime(2024, 3, 1, 12), timezone=ROME) as mart:
        week = {row["days"]: row for row in rows(cohorts(mart, asked)) if row["period"] == "2024-02-05"}
    assert week[3]["value"] == pytest.approx(3 / 13)
    assert week[7]["value"] is None
    assert week[7]["reason"] == "not yet known: 1 of 13 issues are not yet 7 days old at the data cut-off"


def test_one_of_forty_that_took_long_to_end_counts_as_far_as_it_is_known() -> None:
    """Thirty-nine customers, eight of them back on the second day; one whose contact ended in the last week."""
    monday = datetime(2024, 2, 5, 10)
    first = [Ticket("crm", f"a{n}", f"c{n}", monday) for n in range(39)]
    back = [Ticket("crm", f"b{n}", f"c{n}", monday + timedelta(hours=30)) for n in range(8)]
    late = Ticket("crm", "late", "z", monday, ended_at=datetime(2024, 2, 25))
    old = Ticket("crm", "0", "old", datetime(2024, 1, 1))
    with small_mart([old, late, *first, *back], watermark=datetime(2024, 3, 1, 12), timezone=ROME) as mart:
        week = {row["days"]: row for row in rows(cohorts(mart, Slice())) if row["period"] == "2024-02-05"}
    assert week[3]["value"] == pytest.approx(8 / 40)
    assert (week[7]["value"], week[7]["n"], week[7]["young"]) == (pytest.approx(8 / 40), 40, 1)


def test_few_issues_are_hidden_and_empty_weeks_say_so() -> None:
    start = datetime(2024, 1, 1)
    few = [Ticket("crm", str(n), f"c{n}", start + timedelta(days=30)) for n in range(9)]
    with small_mart([Ticket("crm", "0", "old", start), *few], watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        found = {(row["period"], row["days"]): row for row in rows(cohorts(mart, Slice()))}
    cell = found["2024-01-29", 7]
    assert (cell["value"], cell["came_back"], cell["n"], cell["known"]) == (None, None, 9, True)
    assert cell["reason"] == "fewer than 10 new issues in this week"
    assert found["2024-02-12", 7]["reason"] == "no new issues in this week"


def test_weeks_are_at_least_13_and_at_most_53() -> None:
    contacts = [Ticket("crm", str(n), "Ann", datetime(2022, 1, 3) + timedelta(days=7 * n)) for n in range(100)]
    with small_mart(contacts, watermark=datetime(2023, 12, 4), timezone=ROME) as mart:
        assert len(cohort_weeks(mart.facts, Slice())) == 53
        four = cohort_weeks(mart.facts, Slice(from_on=date(2023, 10, 30), to_on=date(2023, 11, 26)))
        assert (four[0], four[-1], len(four)) == (date(2023, 8, 28), date(2023, 11, 20), 13)
        half = cohort_weeks(mart.facts, Slice(from_on=date(2023, 7, 5), to_on=date(2023, 11, 26)))
        assert (half[0], len(half)) == (date(2023, 7, 3), 21)


def test_no_data_and_nobody_known() -> None:
    with small_mart([], watermark=None, timezone=ROME) as mart:
        assert list(cohorts(mart, Slice()).columns) == list(COHORT_COLUMNS)
    nobody = [Ticket("crm", str(n), None, datetime(2024, 1, 1) + timedelta(days=n)) for n in range(40)]
    with small_mart(nobody, watermark=datetime(2024, 3, 1), timezone=ROME) as mart:
        found = cohorts(mart, Slice())
    assert set(found["reason"]) == {"no new issues in this week"}
    assert not found["known"].any()
