"""Which counts stand out: hand-made cases, loops over the definitions, and the simulated companies of the benchmark."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import signals as bench
from cx_metrics.statistics.anomaly import LEARN, WARM_UP, Watched, not_ordinary, tail_p, watch

WEEKDAYS = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.9, 0.7])
DAYS = 200


def company(n: int = 30, *, days: int = DAYS, rate: float = 40.0, seed: int = 1) -> np.ndarray:
    """Ordinary Poisson counts with weekdays; a row per series."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rate * WEEKDAYS[np.arange(days) % 7], (n, days)).astype(float)


def test_without_noise_a_day_is_expected_at_rate_times_weekday_times_exposure() -> None:
    exposure = np.linspace(100, 180, DAYS)
    level = np.array([[0.1], [0.4], [1.5]])
    counts = level * WEEKDAYS[np.arange(DAYS) % 7] * exposure
    seen = watch(counts, exposure=exposure)
    np.testing.assert_allclose(seen.days.expected[:, LEARN:], counts[:, LEARN:], rtol=0.01)
    even = watch(counts / exposure)
    np.testing.assert_allclose(even.days.expected[:, LEARN:], (counts / exposure)[:, LEARN:], rtol=1e-9)
    assert np.isnan(even.days.expected[:, :LEARN]).all()
    np.testing.assert_allclose(even.weeks.expected[:, LEARN + 6 :], np.tile(level * 7, DAYS - LEARN - 6), rtol=1e-9)
    assert not even.alarm.any()


def test_a_spike_is_an_alarm_and_nothing_is_learnt_from_it() -> None:
    counts = company()
    counts[3, 180:182] *= 3
    seen = watch(counts)
    assert seen.alarm[3, [180, 181]].all()
    assert not seen.alarm[3, :180].any()
    assert seen.since[3, 181] == 180
    assert seen.again[3, 181]
    assert seen.days.observed[3, 180] > seen.days.high[3, 180] > seen.days.expected[3, 180] > seen.days.low[3, 180]
    calm = watch(company())
    np.testing.assert_allclose(seen.days.expected[3, 187], calm.days.expected[3, 187], rtol=0.05)


def test_a_lasting_rise_is_accepted_after_ten_days() -> None:
    counts = company(days=230)
    counts[3, 180:] *= 2
    seen = watch(counts)
    assert seen.alarm[3, [180, *range(182, 196)]].all()
    assert not seen.accepted[3, :190].any()
    assert seen.accepted[3, 190:196].all()
    before = counts[3, 180 - LEARN : 180].mean()
    weekly = seen.weeks.expected[3] / 7
    assert weekly[189] == pytest.approx(before, rel=0.05)
    assert weekly[220] > 1.3 * before
    assert not seen.alarm[3, 225:].any()


def test_alarms_three_days_apart_are_one_episode() -> None:
    counts = company()
    for day in (150, 153, 190):
        counts[3, day] *= 4
    seen = watch(counts)
    assert seen.since[3, 153] == 150
    assert seen.since[3, 190] == 190
    assert seen.since[3, 149] == -1


def test_closed_days_and_the_day_after_are_neither_judged_nor_learnt_from() -> None:
    counts = company()
    closed = counts.copy()
    closed[:, 150] = 0
    closed[:, 151] *= 2
    assert np.flatnonzero(not_ordinary(closed.sum(axis=0))).tolist() == [150, 151]
    seen, calm = watch(closed), watch(counts)
    assert np.isnan(seen.days.p[:, [150, 151]]).all()
    assert np.isfinite(seen.days.p[:, [149, 152]]).all()
    assert not seen.alarm[:, 150:160].any()
    np.testing.assert_allclose(seen.days.expected[:, 152], calm.days.expected[:, 152], rtol=0.08)
    five = closed[:, [146, 147, 148, 149, 152]].sum(axis=1)
    np.testing.assert_array_equal(seen.weeks.observed[:, 152], five)


def test_a_young_series_is_learning() -> None:
    counts = company(days=240)
    counts[5, :100] = 0
    counts[5, 150] = 1000
    seen = watch(counts)
    assert seen.learning[5, : 100 + WARM_UP].all()
    assert not seen.learning[5, 100 + WARM_UP :].any()
    assert np.isnan(seen.days.p[5, : 100 + WARM_UP]).all()
    assert np.isfinite(seen.days.p[5, 100 + WARM_UP :]).all()
    assert not seen.alarm[5, : 100 + WARM_UP].any()


def test_a_common_rise_is_told_once_and_intents_are_judged_against_it() -> None:
    counts = company()
    counts[:, 180] = np.random.default_rng(5).poisson(2 * 40 * WEEKDAYS[180 % 7], 30)
    counts[3, 180] *= 3
    seen = watch(counts)
    assert seen.days.together[180] == pytest.approx(2, abs=0.1)
    assert seen.days.everything[180]
    assert np.flatnonzero(seen.alarm[:, 180]).tolist() == [3]
    assert seen.days.together[179] == 1
    assert not seen.days.everything[:180].any()


def test_a_rise_of_a_few_large_series_is_no_common_rise() -> None:
    counts = company(4)
    counts[:, 180] *= 2
    assert watch(counts).days.together[180] == 1


def test_the_past_does_not_change_when_days_are_added() -> None:
    counts = company()
    counts[3, 170:] *= 2
    counts[:, 185] *= 1.5
    short, long = watch(counts[:, :175]), watch(counts)
    for name in ("alarm", "hint", "again", "since", "learning", "accepted"):
        np.testing.assert_array_equal(getattr(short, name), getattr(long, name)[:, :175])
    for name in ("expected", "low", "high", "p", "q"):
        np.testing.assert_array_equal(getattr(short.weeks, name), getattr(long.weeks, name)[:, :175])


def test_each_day_is_a_family_of_its_own() -> None:
    """q by the definition of Benjamini and Hochberg, day by day."""
    counts = company()
    counts[3, 180] *= 2
    arm = watch(counts).days
    for day in (120, 180, 199):
        p = arm.p[:, day]
        ordered = sorted(p)
        for value, q in zip(p, arm.q[:, day], strict=True):
            candidates = [x * len(p) / (rank + 1) for rank, x in enumerate(ordered) if x >= value]
            assert q == pytest.approx(min(1.0, *candidates))


@given(st.lists(st.floats(-5, 5), min_size=60, max_size=120), st.lists(st.floats(-6, 12), min_size=1, max_size=5))
def test_the_tail_against_its_definition(pool: list[float], scores: list[float]) -> None:
    ordered = sorted(pool)
    place = 0.98 * (len(pool) - 1)
    below = math.floor(place)
    edge = ordered[below] + (place - below) * (ordered[min(below + 1, len(pool) - 1)] - ordered[below])
    beyond = [x - edge for x in pool if x > edge]
    mean = max(sum(beyond) / len(beyond) if beyond else 0.0, 0.5)
    for score, p in zip(scores, tail_p(scores, pool), strict=True):
        if abs(score - edge) < 1e-9:
            continue
        if score > edge:
            assert p == pytest.approx(0.02 * math.exp(-(score - edge) / mean), rel=1e-6)
        else:
            assert p == pytest.approx(max(sum(x >= score for x in pool) / len(pool), 0.02))


def test_the_tail_by_hand_and_at_its_edges() -> None:
    """0..99: the 98 % quantile is 97.02; 98 and 99 exceed it by 1.48 on average."""
    pool = np.arange(100.0)
    found = tail_p([50.0, 97.02 + 1.48, np.nan], pool)
    assert found[:2] == pytest.approx([0.5, 0.02 / math.e])
    assert np.isnan(found[2])
    assert np.isnan(tail_p([1.0], np.arange(59.0))).all()
    assert tail_p([], pool).size == 0


def test_empty_and_single() -> None:
    empty = watch(np.zeros((0, 100)))
    assert empty.alarm.shape == (0, 100)
    silent = watch(np.zeros((1, 200)))
    assert not silent.alarm.any()
    assert silent.learning.all()
    assert watch(np.ones((2, 0))).alarm.shape == (2, 0)


@pytest.mark.parametrize(
    ("counts", "exposure"),
    [([[1.0, -1.0]], None), ([1.0, 2.0], None), ([[1.0, 2.0]], [1.0]), ([[1.0, 2.0]], [1.0, 0.0]), ([[np.nan]], None)],
    ids=["negative", "one row", "lengths", "no exposure", "missing"],
)
def test_what_can_not_be_judged(counts: list[float], exposure: list[float] | None) -> None:
    with pytest.raises(ValueError, match="counts"):
        watch(counts, exposure=exposure)


def test_the_benchmark_counts_episodes_and_events() -> None:
    assert bench.episodes(np.array([1, 0, 0, 1, 0, 0, 0, 1], dtype=bool)) == [(0, 3), (7, 7)]
    begin = bench.BEFORE + 10
    told = bench.Company(
        np.zeros((bench.INTENTS, bench.DAYS), dtype=np.int64),
        np.ones(bench.DAYS),
        (bench.Event(0, begin, begin + 1, 1.0, 50.0), bench.Event(1, begin, bench.DAYS - 1, 0.5, 50.0)),
    )
    alarm = np.zeros((bench.INTENTS, bench.DAYS), dtype=bool)
    alarm[0, begin + 1] = alarm[0, begin + 20] = alarm[2, begin] = True
    found = bench.tally(alarm, told)
    assert (found.events, found.found, found.large, found.large_found) == (2, 1, 1, 1)
    assert (found.true, found.false) == (1, 2)
    assert found.precision == pytest.approx(1 / 3)
    assert found.false_per_week == pytest.approx(2 / (60 / 7))


def test_the_default_keeps_its_promises_on_simulated_companies() -> None:
    total = bench.Tally()
    for seed in range(4):
        told = bench.company(seed)
        total += bench.tally(_watched(told).alarm, told)
    assert bench.keeps_promises(total)
    assert total.events >= 30
    assert not bench.keeps_promises(replace(total, false=total.true))


def _watched(told: bench.Company) -> Watched:
    return watch(told.counts, exposure=told.customers)
