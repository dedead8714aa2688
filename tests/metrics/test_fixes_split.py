"""The day of a fix splits what is judged: no rate rests on issues from before and after it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.fcr_weeks import fcr_weeks
from cx_metrics.metrics.solved.process import with_limits
from cx_metrics.metrics.solved.verdicts import verdicts
from cx_metrics.statistics.control import share_limits
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from tests.metrics.by_definition import Company, fates
from tests.metrics.small_mart import Ticket, small_mart

ROME = "Europe/Rome"
# The Monday before is 18 March: the four verdict weeks are 12 February to 10 March.
CUTOFF = datetime(2024, 3, 20, 12)
GOAL = Decisions(intents=(IntentDecision("Bill", fcr_target=0.70),))


def company(*, until: datetime = CUTOFF) -> list[Ticket]:
    """20 customers a day from 1 January; half of them come back a day later, from 1 March on one in ten."""
    found: list[Ticket] = []
    day = datetime(2024, 1, 1, 9)
    while day < until:
        for n in range(20):
            again = n % 2 == 0 if day < datetime(2024, 3, 1) else n % 10 == 0
            for at in (day, day + timedelta(days=1)) if again else (day,):
                found.append(Ticket("crm", str(len(found)), f"{day:%m%d}-{n}", at, intent="Bill"))
        day += timedelta(days=1)
    return found


def judged(on: date | None) -> dict[str, object]:
    with small_mart(company(), watermark=CUTOFF, timezone=ROME) as mart:
        fixes = () if on is None else (("Bill", on), ("Bill", date(2024, 1, 5)), ("Visit", date(2024, 3, 5)))
        (row,) = rows(verdicts(mart.under(replace(GOAL, fixes=fixes))))
    return row


def test_only_issues_from_the_fix_on_count() -> None:
    """28 days of 20 issues: 18 days at 50 % and 10 at 90 % would be 64 %; after the fix it is 180 of 200."""
    mixed, split = judged(None), judged(date(2024, 3, 1))
    assert (mixed["n"], mixed["followed"], mixed["from"], mixed["verdict"]) == (560, 200, "2024-02-12", "missed")
    assert (split["n"], split["followed"], split["value"]) == (200, 20, 0.9)
    assert (split["from"], split["to"], split["verdict"]) == ("2024-03-01", "2024-03-10", "met")


def test_too_few_days_since_the_fix_are_no_verdict() -> None:
    row = judged(date(2024, 3, 10))
    assert (row["n"], row["verdict"]) == (20, "too few")


def test_a_fix_younger_than_the_weeks_is_too_early() -> None:
    row = judged(date(2024, 3, 12))
    assert (row["n"], row["value"], row["verdict"]) == (0, None, "too early")
    assert row["reason"] == "too early: the fix is younger than these weeks"


@pytest.mark.parametrize("on", [date(2024, 3, 18), date(2025, 1, 1)], ids=str)
def test_a_fix_of_the_present_week_or_later_waits(on: date) -> None:
    assert judged(on) == judged(date(2024, 1, 6))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    starts=st.lists(st.tuples(st.integers(0, 77 * 24), st.integers(0, 12)), min_size=1, max_size=120, unique=True),
    day=st.integers(0, 30),
)
def test_the_split_by_definition(starts: list[tuple[int, int]], day: int) -> None:
    contacts = tuple(
        Ticket("crm", str(n), f"c{customer}", datetime(2024, 1, 1) + timedelta(hours=hour), intent="Bill")
        for n, (hour, customer) in enumerate(starts)
    )
    on = date(2024, 2, 10) + timedelta(days=day)
    with small_mart(contacts, watermark=CUTOFF, timezone=ROME) as mart:
        (row,) = rows(verdicts(mart.under(replace(GOAL, fixes=(("Bill", on),)))))
    told = Company(contacts, CUTOFF, ROME)
    first = max(on, date(2024, 2, 12))
    asked = [f for f in fates(told, 7) if first <= told.day(f.contact.started_at) <= date(2024, 3, 10)]
    issues = [f for f in asked if f.is_first and not f.in_first_days]
    assert (row["contacts"], row["n"]) == (len(asked), len(issues))
    assert row["followed"] == sum(f.followed for f in issues)
    assert row["from"] == str(first)


def test_limits_are_learnt_after_the_fix_only() -> None:
    """Ten weeks at 50 %, ten at 80 %: after the fix 80 % is usual, and no week before it is judged."""
    mondays = [date(2024, 1, 1) + timedelta(weeks=n) for n in range(20)]
    hits = np.array([48, 52] * 5 + [78, 82] * 5)
    frame = pd.DataFrame({"period": [str(m) for m in mondays], "value": hits / 100, "n": 100, "reason": None})
    found = with_limits(frame, hits=hits, from_on=None, fixed_on=mondays[10])
    expected = share_limits(hits[10:], 100)
    assert found["centre"].isna().tolist() == [True] * 10 + [False] * 10
    assert found["limit_low"].iloc[10:].tolist() == pytest.approx(expected.low.tolist())
    assert found["centre"].iloc[19] == pytest.approx(0.8)
    assert found["signal"].isna().all()
    assert found["learnt"].tolist() == [False] * 10 + [True] * 10
    assert set(found["reason"].iloc[:10]) == {"before the fix on 2024-03-11, after which the limits are learnt"}
    assert found["reason"].iloc[10:].isna().all()
    unsplit = with_limits(frame, hits=hits, from_on=None)
    assert math.isclose(unsplit["centre"].iloc[0], 0.65)


def test_too_few_weeks_since_the_fix_have_no_limits() -> None:
    with small_mart(company(), watermark=CUTOFF, timezone=ROME) as mart:
        fixed = mart.under(replace(GOAL, fixes=(("Bill", date(2024, 3, 1)),)))
        asked = Slice(where=(("intent", ("Bill",)),))
        found, unsplit, all_of_them = fcr_weeks(fixed, asked), fcr_weeks(mart, asked), fcr_weeks(fixed, Slice())
    assert found["centre"].isna().all()
    assert "fewer than 8 weeks since the fix are known in full: no limits yet" in set(found["reason"])
    assert found["value"].tolist() == pytest.approx(unsplit["value"].tolist(), nan_ok=True)
    assert all_of_them["centre"].notna().any()
