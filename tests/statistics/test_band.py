"""Expected bands: by hand, against plain loops, and how often they err on series whose truth is known."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.statistics.band import Band, daily_band, period_band

Z = 1.959963984540054
OFFICE_WEEK = np.array([80.0, 70, 60, 60, 70, 10, 5])


def fields(band: Band) -> np.ndarray:
    return np.array([band.expected, band.low, band.high, band.learning])


def inside(counts: Sequence[int] | np.ndarray, band: Band) -> np.ndarray:
    """Which of the days that aren't learning lie in the band."""
    y, known = np.asarray(counts), ~band.learning
    return np.asarray((y >= band.low) & (y <= band.high))[known]


def test_flat_series_by_hand() -> None:
    """4 a day is expected at 4, all scores are 0, the scale is the Poisson floor: 4 -+ 1.96 x sqrt(4)."""
    band = daily_band([4] * 11, window=7)
    assert band.learning.tolist() == [True] * 10 + [False]
    assert np.isnan([band.expected[:10], band.low[:10], band.high[:10]]).all()
    assert (band.expected[10], band.low[10], band.high[10]) == pytest.approx((4, 4 - 2 * Z, 4 + 2 * Z))


def test_weekday_index_by_hand() -> None:
    """Weekdays 12, weekends 5, so 10 a day: indexes (12+10)/(10+10) = 1.1 and (5+10)/(10+10) = .75.

    Expected are 11 and 7.5. The median score is the weekdays', 1/sqrt(11); the MAD is 0, so the scale is 1.
    A Monday's band is 11 + sqrt(11) x (1/sqrt(11) -+ 1.96) = 12 -+ 6.50.
    """
    band = daily_band([12, 12, 12, 12, 12, 5, 5] * 3, window=7)
    assert band.expected[14:].tolist() == pytest.approx([11.0] * 5 + [7.5] * 2)
    assert band.low[14] == pytest.approx(12 - math.sqrt(11) * Z)
    assert band.high[14] == pytest.approx(12 + math.sqrt(11) * Z)
    assert band.low[19] == pytest.approx(7.5 + math.sqrt(7.5) * (1 / math.sqrt(11) - Z))


def test_learns_for_56_and_28_days_by_default() -> None:
    band = daily_band([3] * 90)
    assert np.flatnonzero(~band.learning).tolist() == [84, 85, 86, 87, 88, 89]


@pytest.mark.parametrize("n_days", [0, 1, 56, 57])
def test_short_series_only_learn(n_days: int) -> None:
    for band in (daily_band([2] * n_days), period_band([2] * n_days, list(range(n_days)))):
        assert band.learning.tolist() == [True] * n_days
        assert band.expected.shape == band.low.shape == band.high.shape == (n_days,)
        assert np.isnan(band.expected).all()


def test_all_zeros_expect_zero_and_notice_the_first_contact() -> None:
    band = daily_band([0] * 100)
    known = ~band.learning
    assert (band.expected[known] == 0).all()
    assert (band.low[known] == 0).all()
    assert band.high[known] == pytest.approx(Z / math.sqrt(56))


def slow_expected(y: Sequence[int], x: Sequence[int], day: int, start: int, window: int) -> float:
    """The expected count of one day, written out."""
    past = range(start - window, start)
    if start < window or sum(x[d] for d in past) == 0:
        return math.nan
    rate = sum(y[d] for d in past) / sum(x[d] for d in past)
    same = [d for d in past if d % 7 == day % 7]
    index = (sum(y[d] for d in same) + 10) / (rate * sum(x[d] for d in same) + 10)
    return rate * index * x[day]


def slow_band(y: Sequence[float], expected: Sequence[float], window: int, least: int) -> np.ndarray:
    """The band around expected counts, written out."""
    scores = [(a - e) / math.sqrt(max(e, 1 / window)) for a, e in zip(y, expected, strict=True)]
    rows = []
    for t, e in enumerate(expected):
        past = [s for s in scores[max(t - window, 0) : t] if not math.isnan(s)]
        if math.isnan(e) or len(past) < least:
            rows.append((math.nan, math.nan, math.nan, 1.0))
            continue
        centre = statistics.median(past)
        scale = max(1.0, 1.4826 * statistics.median(abs(s - centre) for s in past))
        ends = [e + math.sqrt(max(e, 1 / window)) * (centre + side * Z * scale) for side in (-1, 1)]
        rows.append((e, max(ends[0], 0.0), max(ends[1], 0.0), 0.0))
    return np.array(rows, dtype=float).reshape(-1, 4).T


days = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(days, st.sampled_from([7, 14]))
def test_daily_band_equals_plain_loops(series: list[tuple[int, int]], window: int) -> None:
    y, x = [a for a, _ in series], [b for _, b in series]
    expected = [slow_expected(y, x, t, t, window) for t in range(len(y))]
    ours = fields(daily_band(y, exposure=x, window=window))
    assert np.allclose(ours, slow_band(y, expected, window, window // 2), equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 40), min_size=1, max_size=8)), min_size=9, max_size=18))
def test_period_band_equals_plain_loops(periods: list[tuple[list[int]]]) -> None:
    y = [count for (period,) in periods for count in period]
    ids = [f"p{i:02}" for i, (period,) in enumerate(periods) for _ in period]
    expected = []
    for _, group in groupby(range(len(y)), key=lambda d: ids[d]):
        span = list(group)
        expected.append(sum(slow_expected(y, [1] * len(y), d, span[0], 7) for d in span))
    totals = [sum(period) for (period,) in periods]
    ours = fields(period_band(y, ids, window=7))
    assert np.allclose(ours, slow_band(totals, expected, 7, 8), equal_nan=True)


def test_period_sums_by_hand() -> None:
    """10 a day: a week is expected at 70, a month of 30 days at 300, and Poisson's spread around them."""
    week = period_band([10] * 140, np.arange(140) // 7)
    assert np.flatnonzero(~week.learning).tolist() == [16, 17, 18, 19]
    assert (week.expected[16], week.low[16]) == pytest.approx((70, 70 - Z * math.sqrt(70)))
    month = period_band([10] * 330, np.arange(330) // 30)
    assert month.learning.tolist() == [True] * 10 + [False]
    assert (month.expected[10], month.high[10]) == pytest.approx((300, 300 + Z * math.sqrt(300)))


def test_an_unfinished_period_is_judged_by_the_days_it_has() -> None:
    band = period_band([10] * 143, np.arange(143) // 7)
    assert band.expected[-2:].tolist() == pytest.approx([70, 30])


@pytest.mark.parametrize("mean", [5, 20, 300])
def test_flat_poisson_lies_inside_on_90_to_99_percent_of_days(mean: int) -> None:
    shares = [inside(y, daily_band(y)).mean() for y in np.random.default_rng(mean).poisson(mean, (12, 500))]
    assert min(shares) >= 0.90
    assert max(shares) <= 0.99
    assert 0.93 <= np.mean(shares) <= 0.97


@pytest.mark.parametrize("mean", [0.02, 0.1, 0.2, 0.5])
def test_rare_contacts_get_the_coarser_band_that_is_promised(mean: float) -> None:
    y = np.random.default_rng(1).poisson(mean, (40, 500))
    assert 0.84 <= np.mean([inside(row, daily_band(row)).mean() for row in y]) <= 0.99


def test_overdispersed_days_are_learnt() -> None:
    """Days with three times the SD of Poisson get a band three times as wide, not constant alarms."""
    rng = np.random.default_rng(3)
    y = rng.poisson(rng.gamma(100 / 8, 8, (12, 500)))
    poisson_only = np.abs(y - 100) <= Z * 10
    assert poisson_only.mean() < 0.55
    assert 0.92 <= np.mean([inside(row, daily_band(row)).mean() for row in y]) <= 0.97


def test_weekday_pattern_does_not_trigger() -> None:
    y = np.random.default_rng(11).poisson(np.tile(OFFICE_WEEK, 80), (12, 560))
    within = np.array([inside(row, daily_band(row)) for row in y])
    by_weekday = [within[:, d::7].mean() for d in range(7)]
    assert min(by_weekday) >= 0.90
    assert 0.93 <= within.mean() <= 0.98


def test_growth_of_exposure_does_not_trigger() -> None:
    """Twice the orders in a year are twice the contacts, and that is expected."""
    orders = np.linspace(1000, 2000, 365).round()
    y = np.random.default_rng(5).poisson(0.05 * orders, (12, 365))
    assert 0.93 <= np.mean([inside(row, daily_band(row, exposure=orders)).mean() for row in y]) <= 0.97
    above = [np.mean(row[84:] > daily_band(row, exposure=orders).expected[84:]) for row in y]
    assert np.mean(above) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("day", [100, 255, 399])
def test_doubled_day_lies_above_the_band(day: int) -> None:
    y = np.random.default_rng(day).poisson(np.tile(OFFICE_WEEK, 58)[:400])
    y[day] = 2 * OFFICE_WEEK[day % 7] if OFFICE_WEEK[day % 7] >= 60 else 60
    assert y[day] > daily_band(y).high[day]


def test_doubled_week_lies_above_the_band() -> None:
    y = np.random.default_rng(2).poisson(np.tile(OFFICE_WEEK, 40))
    y[-7:] *= 2
    band = period_band(y, np.arange(y.size) // 7)
    assert y[-7:].sum() > band.high[-1]
    assert inside(np.add.reduceat(y, np.arange(0, y.size, 7)), band)[:-1].mean() > 0.85


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=30, max_size=80), st.data())
def test_later_days_change_no_earlier_band(y: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(y)))
    other = y[:cut] + data.draw(st.lists(st.integers(0, 500), min_size=len(y) - cut, max_size=len(y) - cut))
    # A day's own count may not move its own band either, so day `cut` itself must agree.
    before, after = fields(daily_band(y, window=14)), fields(daily_band(other, window=14))
    assert np.array_equal(before[:, : cut + 1], after[:, : cut + 1], equal_nan=True)
    assert np.array_equal(before[:, :cut], fields(daily_band(y[:cut], window=14)), equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=140, max_size=140), st.integers(0, 19), st.integers(1, 500))
def test_a_period_changes_no_band_up_to_its_own(y: list[int], week: int, extra: int) -> None:
    ids = np.arange(140) // 7
    other = [count + extra if d // 7 >= week else count for d, count in enumerate(y)]
    before, after = (fields(period_band(series, ids, window=14)) for series in (y, other))
    assert np.array_equal(before[:, : week + 1], after[:, : week + 1], equal_nan=True)


def test_days_without_exposure_are_unknown_until_there_is_some() -> None:
    """A past without any units has no rate, so nothing is expected of the days after it."""
    band = daily_band([0] * 60 + [5] * 60, exposure=[0] * 60 + [10] * 60)
    assert np.flatnonzero(~band.learning)[0] == 89
    assert band.expected[89:].tolist() == pytest.approx([5.0] * 31)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([1, -1], {}, "from 0 up"),
        ([1, math.nan], {}, "without gaps"),
        ([1, 2], {"exposure": [1]}, "same days"),
        ([1, 2], {"exposure": [1, math.inf]}, "without gaps"),
        ([[1, 2]], {}, "one series"),
        ([1, 2], {"window": 10}, "multiple of 7"),
        ([1, 2], {"window": 0}, "multiple of 7"),
        ([1, 2], {"level": 95}, "level"),
    ],
)
def test_impossible_input_is_refused(counts: list[float], options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        daily_band(counts, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("ids", "message"), [([1, 2, 1], "neighbours"), ([1, 2], "one period")])
def test_periods_that_do_not_fit_are_refused(ids: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        period_band([1, 2, 3], ids)
