"""The joint model and the rate/mix split over real marts: the same counts, effects and sums as contact by contact."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning import repeat_drivers as module
from cx_metrics.metrics.returning.came_back import issues_came_back
from cx_metrics.metrics.returning.repeat_drivers import (
    DRIVER_COLUMNS,
    SPLIT_COLUMNS,
    driver_effects,
    moved_most,
    repeat_drivers,
    repeat_split,
    split_levels,
)
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.drivers import drivers
from tests.metrics.repeats_by_definition import Issue, decided_company, issues
from tests.metrics.resolution_by_definition import ROME
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_metrics_by_definition import mart_of

EARLY = Slice(from_on=date(2024, 1, 29), to_on=date(2024, 2, 29))
MARCH = Slice(from_on=date(2024, 3, 1), to_on=date(2024, 4, 3))


def eligible(some: list[Issue]) -> list[Issue]:
    return [issue for issue in some if issue.lived >= issue.window]


def is_back(issue: Issue) -> bool:
    return 0 < issue.came_on <= issue.window


@pytest.mark.parametrize("asked", [Slice(), MARCH], ids=["all", "march"])
def test_the_model_is_that_of_eligible_issues(asked: Slice) -> None:
    company = decided_company(1, n=1500, customers=400)
    with mart_of(company) as mart:
        found = repeat_drivers(mart, asked)
    some = eligible(issues(company, asked))
    back = [is_back(issue) for issue in some]
    attributes: dict[str, list[str]] = {
        "intent": [issue.contact.intent for issue in some],
        "channel": [str(issue.contact.channel) for issue in some],
        "segment": [issue.contact.segment or "(none)" for issue in some],
    }
    wanted = drivers(back, [str(issue.contact.customer_id) for issue in some], dict(attributes))
    assert (found.n_issues, found.one_in) == (len(some), 1)
    assert (found.found.n, found.found.n_customers) == (wanted.n, wanted.n_customers)
    assert wanted.reason is None
    assert list(found.effects.columns) == list(DRIVER_COLUMNS)
    assert len(found.effects) == len(wanted.effects) > 0
    tests = {attribute.name: attribute for attribute in wanted.attributes}
    for row, effect in zip(rows(found.effects), wanted.effects, strict=True):
        assert (row["attribute"], row["level"], row["n"], row["came_back"]) == effect[:4]
        assert row["effect"] == pytest.approx(effect.effect, abs=1e-8)
        assert row["low"] == (None if np.isnan(effect.low) else pytest.approx(effect.low, abs=1e-7))
        assert row["q"] == pytest.approx(tests[effect.attribute].q, abs=1e-8)
        assert row["beyond"] == (tests[effect.attribute].q <= 0.05)
    for name, values in attributes.items():
        own = found.effects[found.effects["attribute"] == name]
        assert dict(zip(own["level"], own["n"], strict=True)) == Counter(values)


def test_of_many_issues_whole_customers_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ISSUES", 400)
    company = decided_company(2, n=1500, customers=400)
    with mart_of(company) as mart:
        first, second = repeat_drivers(mart, Slice()), repeat_drivers(mart, Slice())
    some = eligible(issues(company, Slice()))
    assert first.n_issues == len(some)
    assert first.one_in == -(-len(some) // 400) == 3
    assert 0.15 * len(some) < first.found.n < 0.55 * len(some)
    sizes = Counter(str(issue.contact.customer_id) for issue in some)
    assert first.found.n / first.found.n_customers == pytest.approx(len(some) / len(sizes), rel=0.25)
    assert rows(first.effects) == rows(second.effects)


def test_where_no_model_can_say_there_is_a_reason() -> None:
    few = [Ticket("crm", str(n), f"c{n}", datetime(2024, 1, 1) + timedelta(days=n)) for n in range(40)]
    for contacts, watermark in ((few, datetime(2024, 3, 1)), ([], None)):
        with small_mart(contacts, watermark=watermark, timezone=ROME) as mart:
            found = repeat_drivers(mart, Slice())
            assert driver_effects(mart, Slice()).empty
        assert found.found.reason in ("none of them came back", "fewer than 30 customers")
        assert list(found.effects.columns) == list(DRIVER_COLUMNS)


@pytest.mark.parametrize("by", ["intent", "channel", "segment"])
def test_the_split_is_of_all_issues_and_sums_to_the_change(by: str) -> None:
    company = decided_company(3, n=1500, customers=400)
    with mart_of(company) as mart:
        found = repeat_split(mart, MARCH, EARLY, by)
        now, before = (float(issues_came_back(mart, asked)["value"].iloc[0]) for asked in (MARCH, EARLY))
    assert list(found.levels.columns) == [by, *SPLIT_COLUMNS]
    assert found.total == pytest.approx(now - before, abs=1e-12)
    assert found.rate is not None
    assert found.mix is not None
    assert found.levels[["rate_effect", "mix_effect"]].sum().sum() == pytest.approx(found.total, abs=1e-12)
    assert found.rate + found.mix == pytest.approx(found.total, abs=1e-12)
    sides = [eligible(issues(company, asked)) for asked in (MARCH, EARLY)]
    for row in rows(found.levels):
        levels = [[i for i in side if (getattr(i.contact, by) or "(none)") == row[by]] for side in sides]
        assert (row["n"], row["n_before"]) == tuple(map(len, levels))
        assert (row["came_back"], row["came_back_before"]) == tuple(sum(map(is_back, side)) for side in levels)
    size = (found.levels["rate_effect"].abs() + found.levels["mix_effect"].abs()).tolist()
    assert size == sorted(size, reverse=True)


def test_a_turned_change_is_told() -> None:
    """Kidney stones (Charig 1986, BMJ) as a support team: both kinds of issue get better, the whole gets worse."""
    start = {"before": datetime(2024, 2, 1), "now": datetime(2024, 4, 1)}
    table = {
        ("before", "Small"): (270, 36),
        ("before", "Large"): (80, 25),
        ("now", "Small"): (87, 6),
        ("now", "Large"): (263, 71),
    }
    contacts = [Ticket("crm", "0", "old", datetime(2024, 1, 1), intent="Small")]
    for (when, intent), (n, back) in table.items():
        for at in range(n):
            begin = start[when] + timedelta(minutes=at)
            contacts.append(Ticket("crm", f"{when}{intent}{at}", f"{when}{intent}{at}", begin, intent=intent))
            if at < back:
                again = begin + timedelta(days=2)
                contacts.append(Ticket("crm", f"{when}{intent}{at}-2", f"{when}{intent}{at}", again, intent=intent))
    before = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 2, 1))
    now = Slice(from_on=date(2024, 4, 1), to_on=date(2024, 4, 1))
    with small_mart(contacts, watermark=datetime(2024, 6, 1), timezone=ROME) as mart:
        found = repeat_split(mart, now, before, "intent")
    assert (found.total, found.rate, found.mix) == pytest.approx((0.04571, -0.05367, 0.09939), abs=1e-5)
    assert found.turned
    assert found.misleads


def test_the_default_split_is_against_the_days_before() -> None:
    company = decided_company(4)
    with mart_of(company) as mart:
        assert rows(split_levels(mart, MARCH)) == rows(repeat_split(mart, MARCH, MARCH.previous(), "intent").levels)
        channels = split_levels(mart, replace(MARCH, by=("channel",)))
    assert channels.columns[0] == "channel"


def test_a_period_without_old_enough_issues_has_a_reason() -> None:
    company = decided_company(5)
    young = Slice(from_on=date(2024, 4, 8))
    with mart_of(company) as mart:
        found, other = repeat_split(mart, young, MARCH, "intent"), repeat_split(mart, MARCH, young, "intent")
        assert moved_most(mart, young, MARCH) is None
    assert (found.total, found.reason) == (None, "no issue of this period is old enough to know")
    assert (other.total, other.reason) == (None, "no issue of the earlier period is old enough to know")
    assert not found.misleads


def test_the_intent_that_moved_most_is_named_where_it_is_more_than_chance() -> None:
    steady = decided_company(6)
    with mart_of(steady) as mart:
        assert moved_most(mart, MARCH, EARLY) is None
    contacts = [Ticket("crm", "0", "old", datetime(2024, 1, 1))]
    for month, back in ((2, 20), (4, 120)):
        for at in range(200):
            begin = datetime(2024, month, 1) + timedelta(hours=at)
            contacts.append(Ticket("crm", f"{month}-{at}", f"{month}-{at}", begin, intent="Router"))
            contacts.append(Ticket("crm", f"{month}-{at}b", f"{month}-{at}b", begin, intent="Bill"))
            if at < back:
                contacts.append(
                    Ticket("crm", f"{month}-{at}-2", f"{month}-{at}", begin + timedelta(days=3), intent="Router")
                )
    february = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 2, 9))
    april = Slice(from_on=date(2024, 4, 1), to_on=date(2024, 4, 9))
    with small_mart(contacts, watermark=datetime(2024, 6, 1), timezone=ROME) as mart:
        found = moved_most(mart, april, february)
    assert found is not None
    assert found.intent == "Router"
    (row,) = rows(found.change)
    assert (row["value"], row["before"]) == pytest.approx((0.6, 0.1))
