from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.statistics.rates import exposure_trend, overdispersion, rate_interval


def test_interval_published() -> None:
    # R's ?poisson.test: 137 events in 24.19893 (thousand person-years).
    low, high = rate_interval(137, 24.19893)
    assert [float(low), float(high)] == pytest.approx([4.753125, 6.692709], abs=1e-5)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_ends_are_where_the_tails_hold_a_fortieth(k: int) -> None:
    def at_most(n: int, mean: float) -> float:
        return sum(math.exp(-mean) * mean**i / math.factorial(i) for i in range(n + 1))

    low, high = (float(end) for end in rate_interval(k, 1.0))
    assert 1 - at_most(k - 1, low) == pytest.approx(0.025, rel=1e-9)
    assert at_most(k, high) == pytest.approx(0.025, rel=1e-9)


def test_no_event_has_a_low_end_of_nought_and_the_rule_of_three_and_a_half() -> None:
    low, high = rate_interval(0, 100.0)
    assert float(low) == 0.0
    assert float(high) == pytest.approx(-math.log(0.025) / 100, rel=1e-9)


def test_dispersion_widens_as_fewer_events_would() -> None:
    assert [float(end) for end in rate_interval(120, 60, dispersion=4)] == [float(end) for end in rate_interval(30, 15)]


def test_without_exposure_nothing_is_known() -> None:
    low, high = rate_interval([0, 3, 5], [0.0, 0.0, 10.0])
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("counts", "exposure", "dispersion", "level"),
    [(-1, 1, 1, 0.95), (1, -1, 1, 0.95), (1, 1, 0.9, 0.95), (1, 1, 1, 1.0), (math.nan, 1, 1, 0.95)],
)
def test_what_is_no_rate_is_refused(counts: float, exposure: float, dispersion: float, level: float) -> None:
    with pytest.raises(ValueError, match="must"):
        rate_interval(counts, exposure, dispersion=dispersion, level=level)


def test_dispersion_by_hand() -> None:
    # Nine weeks of one order each, eight contacts a week but the last with 26: mean 10, squares 8 * 4 + 256.
    assert overdispersion([[8] * 8 + [26]], [1.0] * 9)[0] == pytest.approx((8 * 4 + 256) / 10 / 8)


def test_dispersion_is_never_below_one_and_one_where_it_cannot_be_told() -> None:
    assert overdispersion([[10] * 9, [0] * 9], [1.0] * 9).tolist() == [1.0, 1.0]
    assert overdispersion([[1, 90, 1, 90, 1, 90, 1]], [1.0] * 7).tolist() == [1.0]


def test_a_rate_that_grows_with_its_base_has_no_trend() -> None:
    base = 1000 * 1.02 ** np.arange(52)
    found = exposure_trend(np.round(base * 0.05), base)
    assert found is not None
    assert found.change_rate == pytest.approx(0, abs=1e-3)
    assert not found.is_trend
    assert found.dispersion == 1.0


def test_an_exact_trend_is_found_as_it_is() -> None:
    found = exposure_trend(1e6 * 1.01 ** np.arange(20), np.ones(20))
    assert found is not None
    assert found.change_rate == pytest.approx(0.01, rel=1e-9)
    assert found.is_trend
    assert found.low < 0.01 < found.high
    assert found.n == 20


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.floats(10, 1e4)), min_size=8, max_size=40))
def test_the_trend_solves_the_quasi_likelihood(weeks: list[tuple[int, float]]) -> None:
    y, d = (np.array(column, dtype=float) for column in zip(*weeks, strict=True))
    found = exposure_trend(y, d)
    assert found is not None
    t = np.arange(len(y), dtype=float)
    slope = math.log1p(found.change_rate)
    # Given the slope, the level follows from the total; then the score of the slope must vanish.
    expected = d * np.exp(slope * t)
    expected *= y.sum() / expected.sum()
    assert t @ (y - expected) == pytest.approx(0, abs=1e-6 * (t @ y))
    dispersion = max(float(((y - expected) ** 2 / expected).sum()) / (len(y) - 2), 1.0)
    weighted = t - (t @ expected) / expected.sum()
    error = math.sqrt(dispersion / float(expected @ weighted**2))
    assert found.dispersion == pytest.approx(dispersion, rel=1e-6)
    assert math.log1p(found.high) - slope == pytest.approx(1.959963984540054 * error, rel=1e-6)
    assert found.p_value == pytest.approx(math.erfc(abs(slope) / error / math.sqrt(2)), rel=1e-4, abs=1e-9)


def test_too_few_weeks_or_no_contact_have_no_trend() -> None:
    assert exposure_trend([1] * 7, [1.0] * 7) is None
    assert exposure_trend([0] * 20, [1.0] * 20) is None
