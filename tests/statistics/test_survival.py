"""Kaplan-Meier on a daily grid against published values, statsmodels, and counting one contact at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.survival import Grid, Half, came_back, daily_grid, difference, half_by

# Freireich 1963, 6-MP against leukaemia: weeks in remission, 1 = relapse; as in Collett and MASS::gehan.
SIX_MP = (
    [10, 7, 32, 23, 22, 6, 16, 34, 32, 25, 11, 20, 19, 6, 17, 35, 6, 13, 9, 6, 10],
    [1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0],
)
PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5)), max_size=40)


def grid_of(time: list[int], status: list[int], *, days: int) -> Grid:
    """Times of events and of censoring as whole days: who relapsed on day t had lived it, as has who left on it."""
    came_on = [t if event else 0 for t, event in zip(time, status, strict=True)]
    return daily_grid(came_on, time, np.ones(len(time)), days=days)


def test_survival_and_greenwood_of_6_mp_published() -> None:
    found = came_back(grid_of(*SIX_MP, days=35))
    at = np.array([6, 7, 10, 13, 16, 22, 23]) - 1
    survival = 1 - found.value[at]
    expected = [0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179]
    errors = [0.0763604, 0.0869353, 0.0963497, 0.1068147, 0.1140539, 0.1282338, 0.1345915]
    assert survival == pytest.approx(expected, abs=1e-6)
    assert np.sqrt(survival * (1 - survival) / found.n_eff[at]) == pytest.approx(errors, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=60).filter(
        lambda rows: any(event for _, event in rows)
    )
)
def test_equals_statsmodels(rows: list[tuple[int, bool]]) -> None:
    time, status = [t for t, _ in rows], [int(event) for _, event in rows]
    found = came_back(grid_of(time, status, days=20))
    theirs = SurvfuncRight(np.array(time, dtype=float), np.array(status))
    for day, survival, error in zip(theirs.surv_times, theirs.surv_prob, theirs.surv_prob_se, strict=True):
        at = int(day) - 1
        assert 1 - found.value[at] == pytest.approx(survival, abs=1e-12)
        if 0 < survival < 1:
            assert math.sqrt(survival * (1 - survival) / found.n_eff[at]) == pytest.approx(error, rel=1e-9)


@given(PAIRS)
def test_the_grid_counts_each_contact_on_the_days_it_lived(pairs: list[tuple[int, int, int]]) -> None:
    grid = daily_grid(*([pair[i] for pair in pairs] for i in range(3)), days=10)
    for day in range(1, 11):
        lived = [(back, n) for back, age, n in pairs if age >= day]
        waiting = [(back, n) for back, n in lived if back == 0 or back >= day]
        assert grid.at_risk[day - 1] == sum(n for _, n in waiting)
        assert grid.events[day - 1] == sum(n for back, n in waiting if back == day)


def test_a_return_within_a_day_not_fully_lived_does_not_count() -> None:
    """Lived 2 days and some hours; the next contact came within the third: at risk on two days, back on none."""
    grid = daily_grid([3], [2], [1], days=4)
    assert grid.events.tolist() == [0, 0, 0, 0]
    assert grid.at_risk.tolist() == [1, 1, 0, 0]


def test_without_censoring_it_is_the_plain_share_of_all() -> None:
    found = came_back(daily_grid([1, 3, 0], [30, 30, 30], [10, 20, 70]))
    assert found.value[[0, 1, 2, 29]] == pytest.approx([0.1, 0.1, 0.3, 0.3])
    assert found.n_eff == pytest.approx(np.full(30, 100.0))
    low, high = found.ends(2.0)
    expected = wilson(30, 100, deff=2.0)
    assert (low[6], high[6]) == pytest.approx((float(expected[0]), float(expected[1])))


def test_days_nobody_has_lived_are_unknown() -> None:
    found = came_back(daily_grid([1, 0], [2, 2], [1, 3]))
    assert found.value[:2].tolist() == [0.25, 0.25]
    assert np.isnan(found.value[2:]).all()
    assert np.isnan(found.ends()[0][2:]).all()
    assert np.isnan(came_back(daily_grid([], [], [])).value).all()


def test_nobody_and_everybody_came_back() -> None:
    nobody, everybody = came_back(daily_grid([0], [30], [50])), came_back(daily_grid([2], [30], [50]))
    assert nobody.value.tolist() == [0.0] * 30
    assert nobody.n_eff.tolist() == [50.0] * 30
    assert everybody.value.tolist() == [0.0] + [1.0] * 29
    assert everybody.n_eff.tolist() == [50.0] * 30


def test_groups_are_rows() -> None:
    grid = daily_grid([1, 0, 2], [30, 30, 30], [5, 5, 8], rows=[0, 0, 2], n_rows=3)
    found = came_back(grid)
    assert found.value[:, 1].tolist()[0] == 0.5
    assert np.isnan(found.value[1]).all()
    assert found.value[2, :2].tolist() == [0.0, 1.0]


def test_newcombe_difference_published() -> None:
    """56/70 - 48/80, Newcombe 1998b, method 10."""
    found = difference(56 / 70, 70, 48 / 80, 80)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.value == pytest.approx(0.2)
    assert found.beyond
    assert found.z == pytest.approx(0.2 / math.sqrt(0.8 * 0.2 / 70 + 0.6 * 0.4 / 80))
    assert found.p == pytest.approx(0.0060, abs=1e-4)


def test_no_z_where_nothing_varies() -> None:
    found = difference(0.0, 40, 0.0, 40)
    assert math.isnan(found.z)
    assert found.low < 0 < found.high
    assert not found.beyond


@pytest.mark.parametrize(
    ("counts", "day"), [([], 0), ([0, 0], 0), ([5, 5], 1), ([4, 6], 2), ([0, 0, 7], 3), ([3, 1, 1, 1], 1)], ids=str
)
def test_half_is_the_first_day_by_which_at_least_half_came(counts: list[int], day: int) -> None:
    assert half_by(counts).day == day


def test_half_has_an_interval_that_narrows_with_n() -> None:
    few, many = half_by([3] * 9), half_by([3000] * 9)
    assert (few.day, many.day) == (5, 5)
    assert many == Half(5, 5, 5)
    # Wilson: 9 of 27 lie in .19 to .52, 18 in .48 to .81, 21 in .59 to .89.
    assert few == Half(5, 3, 7)
    assert half_by([3000] * 9, deff=1000.0) == few
