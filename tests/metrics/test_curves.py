"""Time-to-repeat curves, half times and the change between periods: equal to counting contacts one by one."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning.came_back import CAME_BACK_PARTS, issues_came_back
from cx_metrics.metrics.returning.curves import CHANGE_COLUMNS, CURVE_COLUMNS, cohort_change, half_times, repeat_curves
from cx_metrics.metrics.returning.issues import issue_effects
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.statistics.survival import difference, half_by
from tests.metrics.repeats_by_definition import Issue, decided_company, issues, kaplan_meier
from tests.metrics.resolution_by_definition import INTENTS, ROME
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_metrics_by_definition import mart_of

MARCH = Slice(from_on=date(2024, 3, 1), to_on=date(2024, 4, 20))
HALF = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 3, 15), where=(("channel", ("chat", "phone")),))


def of_intent(asked: Slice, intent: str) -> Slice:
    return replace(asked, where=tuple(sorted({**dict(asked.where), "intent": (intent,)}.items())))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("asked", [Slice(), MARCH, HALF], ids=["all", "march", "channels"])
def test_curves_equal_the_definitions(seed: int, asked: Slice) -> None:
    company = decided_company(seed)
    with mart_of(company) as mart:
        found = repeat_curves(mart, asked)
    assert list(found.columns) == list(CURVE_COLUMNS)
    own = {intent: issues(company, of_intent(asked, intent)) for intent in INTENTS}
    order = sorted(own, key=lambda intent: (-len(own[intent]), intent))
    assert list(dict.fromkeys(found["intent"])) == order
    for row in rows(found):
        value, waiting = kaplan_meier(own[row["intent"]], row["day"])
        waiting = len(own[row["intent"]]) if row["day"] == 0 else waiting
        assert (row["n"], row["at_risk"]) == (len(own[row["intent"]]), waiting)
        if waiting >= 10:
            assert row["value"] == pytest.approx(float(value or 0), rel=1e-9, abs=1e-12)
            assert (row["low"] is not None) == (row["day"] in WINDOWS)
            assert row["low"] is None or row["low"] <= row["value"] <= row["high"]
        else:
            assert (row["value"], row["reason"]) == (None, "fewer than 10 issues are known so long")


def test_a_curve_of_old_issues_ends_at_first_contact_resolution() -> None:
    company = decided_company(3)
    asked = Slice(to_on=date(2024, 2, 20), where=(("intent", ("Bill",)),))
    with mart_of(company) as mart:
        found = {row["day"]: row for row in rows(repeat_curves(mart, asked))}
        (solved,) = rows(fcr(mart, asked))
    assert solved["immature"] == 0
    assert found[7]["value"] == pytest.approx(1 - solved["value"], rel=1e-9)
    assert (found[7]["low"], found[7]["high"]) == pytest.approx((1 - solved["high"], 1 - solved["low"]), rel=1e-9)


def test_named_intents_are_all_drawn_and_others_the_top_four() -> None:
    start = datetime(2024, 2, 1)
    contacts = [
        Ticket("crm", f"{intent}-{n}", f"{intent}-{n}", start + timedelta(hours=n), intent=f"i{intent}")
        for intent in range(8)
        for n in range(20 + intent)
    ]
    old = Ticket("crm", "0", "old", datetime(2024, 1, 1))
    with small_mart([old, *contacts], watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        top = repeat_curves(mart, Slice())
        named = repeat_curves(mart, Slice(where=(("intent", tuple(f"i{n}" for n in range(7))),)))
    assert list(dict.fromkeys(top["intent"])) == ["i7", "i6", "i5", "i4"]
    assert list(dict.fromkeys(named["intent"])) == ["i6", "i5", "i4", "i3", "i2", "i1"]


@pytest.mark.parametrize("by", [(), ("intent",), ("channel", "intent")], ids=str)
def test_half_times_equal_the_definitions(by: tuple[str, ...]) -> None:
    company = decided_company(4, n=900, customers=100)
    asked = replace(HALF, by=by, where=())
    with mart_of(company) as mart:
        found = rows(half_times(mart, asked))
        effects = issue_effects(mart, [*INTENTS, ""])
    deffs = dict(zip([*INTENTS, ""], effects.max(axis=1), strict=True))
    groups: dict[tuple[str, ...], list[int]] = {}
    for issue in issues(company, asked):
        days = groups.setdefault(tuple(str(getattr(issue.contact, name)) for name in by), [])
        if issue.lived >= issue.window and 0 < issue.came_on <= issue.window:
            days.append(issue.came_on)
    assert [tuple(row[name] for name in by) for row in found] == sorted(groups)
    known = 0
    for row, key in zip(found, sorted(groups), strict=True):
        days = sorted(groups[key])
        assert row["n"] == len(days)
        if len(days) < 10:
            assert row["value"] is None
            assert row["reason"] == "fewer than 10 customers are known to have come back"
            continue
        known += 1
        counts = Counter(days)
        deff = float(deffs[key[-1] if by else ""])
        ends = half_by([counts[day] for day in range(1, 31)], deff=deff)
        assert row["value"] == days[math.ceil(len(days) / 2) - 1]
        assert (row["low"], row["high"]) == (ends.low, ends.high)
    assert known


def test_change_equals_the_definitions() -> None:
    company = decided_company(5, n=900)
    now, before = MARCH, replace(MARCH, from_on=date(2024, 1, 29), to_on=date(2024, 2, 29))
    with mart_of(company) as mart:
        (row,) = rows(cohort_change(mart, now, before))
        deff = issue_effects(mart, [""])[0, 6]
    assert list(row) == list(CHANGE_COLUMNS)
    sides = [issues(company, asked) for asked in (now, before)]
    values = [float(kaplan_meier(side, 7)[0] or 0) for side in sides]
    assert (row["value"], row["before"]) == pytest.approx(tuple(values), rel=1e-9)
    assert (row["n"], row["n_before"], row["window"]) == (len(sides[0]), len(sides[1]), 7)
    assert row["difference"] == pytest.approx(values[0] - values[1], rel=1e-9)
    # The earlier issues are all old enough: the n they rest on is their number.
    assert all(issue.lived >= 7 for issue in sides[1])
    n_eff = [_greenwood_n(side) / deff for side in sides]
    assert n_eff[1] * deff == pytest.approx(len(sides[1]))
    wanted = difference(values[0], n_eff[0], values[1], n_eff[1])
    assert (row["low"], row["high"], row["z"], row["p"]) == pytest.approx(tuple(wanted)[1:], rel=1e-9)


def _greenwood_n(some: list[Issue]) -> float:
    """Share times complement over Greenwood's variance at 7 days."""
    survival, spread = 1.0, 0.0
    for day in range(1, 8):
        at_risk = [i for i in some if i.lived >= day and not 0 < i.came_on < day]
        back = sum(i.came_on == day for i in at_risk)
        survival *= 1 - back / len(at_risk)
        spread += back / (len(at_risk) * (len(at_risk) - back))
    return (1 - survival) / (survival * spread)


def test_change_without_old_enough_issues_is_a_reason() -> None:
    company = decided_company(6)
    future = Slice(from_on=date(2024, 4, 6))
    with mart_of(company) as mart:
        (young,) = rows(cohort_change(mart, future, MARCH))
        (old,) = rows(cohort_change(mart, MARCH, future))
    assert young["difference"] is old["difference"] is None
    assert young["reason"] == "fewer than 10 issues of this period are known so long"
    assert old["reason"] == "fewer than 10 issues of the earlier period are known so long"


@pytest.mark.parametrize("by", [(), ("intent",)], ids=str)
def test_came_back_is_the_other_side_of_first_contact_resolution(by: tuple[str, ...]) -> None:
    company = decided_company(7)
    asked = replace(MARCH, by=by, grain="week")
    with mart_of(company) as mart:
        back, solved = rows(issues_came_back(mart, asked)), rows(fcr(mart, asked))
    assert list(back[0]) == [*by, "period", "value", "low", "high", "n", "reason", *CAME_BACK_PARTS]
    for row, other in zip(back, solved, strict=True):
        assert {name: row[name] for name in (*by, "period", "n", "reason", *CAME_BACK_PARTS)} == {
            name: other[name] for name in (*by, "period", "n", "reason", *CAME_BACK_PARTS)
        }
        if other["value"] is None:
            assert row["value"] is row["low"] is row["high"] is None
        else:
            assert (row["value"], row["low"], row["high"]) == (
                1 - other["value"], 1 - other["high"], 1 - other["low"]
            )  # fmt: skip


def test_effects_between_windows_are_the_larger_of_theirs() -> None:
    company = decided_company(8, n=900, customers=60)
    with mart_of(company) as mart:
        effects = issue_effects(mart, ["Bill", "nowhere", ""])
        kept = mart.query("SELECT * FROM dispersion WHERE unit = 'issue'").set_index(["intent", "window_days"])["deff"]
    assert effects.shape == (3, 30)
    assert effects[0, np.array(WINDOWS) - 1].tolist() == [kept["Bill", days] for days in WINDOWS]
    assert effects[0, 4] == max(kept["Bill", 3], kept["Bill", 7])
    assert effects[1].tolist() == effects[2].tolist()


def test_nothing_at_all_and_nobody_known() -> None:
    nobody = [Ticket("crm", str(n), None, datetime(2024, 1, 1) + timedelta(days=n)) for n in range(40)]
    for contacts, watermark in (([], None), (nobody, datetime(2024, 3, 1))):
        with small_mart(contacts, watermark=watermark, timezone=ROME) as mart:
            assert repeat_curves(mart, Slice()).empty
            (half,) = rows(half_times(mart, Slice()))
            assert half_times(mart, Slice(by=("intent",))).empty
            (change,) = rows(cohort_change(mart, Slice(), Slice()))
        assert (half["value"], half["n"]) == (None, 0)
        assert half["reason"] == "fewer than 10 customers are known to have come back"
        assert (change["difference"], change["n"]) == (None, 0)
