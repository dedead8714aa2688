"""The forecast's model against statsmodels' and published numbers, and its ranges against a known truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from cx_metrics.statistics.forecast import (
    Fit,
    closed_days,
    fit,
    likely_ranges,
    paths,
    predictive,
    same_as_last_week,
    without_closed_days,
)

# Annual flow of the Nile at Aswan 1871-1970, in 10^8 m^3: Durbin & Koopman 2012, section 2.2.2; R's `Nile`.
NILE = """
1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150 1250 1260
1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832 764 821 768 845 864
862 698 845 744 796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890 744 749
838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
"""
WEEKDAYS = np.array([0.3, 0.2, 0.1, 0.1, 0.0, -0.6, -0.8])


def nile() -> NDArray[np.float64]:
    return np.array(NILE.split(), dtype=float)


def counts(rng: np.random.Generator, *, base: float, step: float, noise: float, days: int) -> NDArray[np.int64]:
    """Poisson counts around a level that wanders, with weekdays and daily noise, all on the logarithm."""
    level = np.log(base) + np.cumsum(rng.normal(0, step, days)) + rng.normal(0, noise, days)
    return np.asarray(rng.poisson(np.exp(level + np.resize(WEEKDAYS, days))))


def test_the_nile_published_by_durbin_and_koopman() -> None:
    found = fit(nile(), harmonics=0)
    assert found.noise == pytest.approx(15099, abs=1)
    assert found.noise * found.ratio == pytest.approx(1469.1, abs=0.1)


def test_the_nile_against_statsmodels() -> None:
    """-632.5377 is what `UnobservedComponents` is known to give; with its exact start it is the model here."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    usual = UnobservedComponents(nile(), "llevel").fit(disp=0)
    assert usual.llf == pytest.approx(-632.5377, abs=1e-3)
    found = fit(nile(), harmonics=0)
    exact = UnobservedComponents(nile(), "llevel", use_exact_diffuse=True)
    # Contrasts of length one against differences from the first year, whose determinant is sqrt(100); statsmodels
    # counts the first year's constant as well.
    expected = exact.loglike([found.noise, found.noise * found.ratio]) + np.log(100) / 2 + np.log(2 * np.pi) / 2
    assert found.log_likelihood == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_ahead_against_statsmodels(seed: int) -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y = counts(np.random.default_rng(seed), base=50, step=0.03, noise=0.1, days=182)
    series = np.log(y + 0.5)
    ours = predictive(series, days=91)
    model = UnobservedComponents(
        series,
        "llevel",
        freq_seasonal=[{"period": 7, "harmonics": 3}],
        stochastic_freq_seasonal=[False],
        use_exact_diffuse=True,
    )
    theirs = model.smooth([ours.model.noise, ours.model.noise * ours.model.ratio])
    ahead = theirs.get_forecast(91)
    np.testing.assert_allclose(ours.mean, ahead.predicted_mean, rtol=1e-9)
    np.testing.assert_allclose(np.diag(ours.covariance()), ahead.var_pred_mean, rtol=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = model.fit(disp=0, method="nm", maxiter=500)
    assert theirs.llf >= best.llf - 1e-6


def test_covariances_of_two_days_by_the_definition() -> None:
    """Universal kriging written out: what is left of a future day after the best linear guess from the past."""
    rng = np.random.default_rng(4)
    series, q, noise = rng.normal(size=28), 0.3, 2.0
    days = np.arange(1, 28 + 15)
    turns = [days % 7 == weekday for weekday in range(7)]
    x = np.column_stack(turns).astype(float)
    covariance = noise * (np.eye(days.size) + q * np.minimum.outer(days, days))
    past, ahead = slice(0, 28), slice(28, 42)
    inverse = np.linalg.inv(covariance[past, past])
    gain = covariance[ahead, past] @ inverse
    pattern = np.linalg.inv(x[past].T @ inverse @ x[past])
    guess = pattern @ x[past].T @ inverse @ series
    left = x[ahead] - gain @ x[past]
    found = predictive(series, days=14, fitted=Fit(noise, q, 0.0))
    np.testing.assert_allclose(found.mean, x[ahead] @ guess + gain @ (series - x[past] @ guess), atol=1e-9)
    expected = covariance[ahead, ahead] - gain @ covariance[past, ahead] + left @ pattern @ left.T
    np.testing.assert_allclose(found.covariance(), expected, atol=1e-9)


def test_paths_have_the_predicted_mean_and_spread() -> None:
    y = counts(np.random.default_rng(5), base=500, step=0.02, noise=0.05, days=182)
    said, drawn = predictive(np.log(y + 0.5), days=28), np.log(paths(y, days=28) + 0.5)
    np.testing.assert_allclose(drawn.mean(axis=0), said.mean, atol=1e-9)  # each path has its mirror image
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(np.diag(said.covariance())), rtol=0.2)


def test_ranges_hold_what_they_promise() -> None:
    """Of 120 totals of 28 days from the model's own world, 80 % and 95 % ranges hold most of what they say."""
    rng = np.random.default_rng(6)
    inside_80 = inside_95 = closer = 0
    for _ in range(120):
        y = counts(rng, base=20, step=0.02, noise=0.1, days=210)
        total = y[182:].sum()
        (found,) = likely_ranges(paths(y[:182], days=28).sum(axis=1, keepdims=True))
        inside_80 += found.low_80 <= total <= found.high_80
        inside_95 += found.low <= total <= found.high
        closer += abs(found.value - total) < abs(same_as_last_week(y[:182], days=28).sum() - total)
    assert 0.68 * 120 <= inside_80 <= 0.90 * 120
    assert 0.87 * 120 <= inside_95 <= 119
    assert closer > 60


def test_the_same_series_gives_the_same_paths() -> None:
    y = counts(np.random.default_rng(7), base=5, step=0.01, noise=0.1, days=182)
    assert paths(y, days=91).tobytes() == paths(list(y), days=91).tobytes()
    assert paths(y, days=91).shape == (800, 91)
    assert paths(np.zeros(182), days=28).max() == pytest.approx(0, abs=1e-3)
    assert np.median(paths(np.full(182, 12), days=28)) == pytest.approx(12, abs=1e-3)


@pytest.mark.parametrize("wrong", [[], [1] * 13, [1] * 15, [-1] + [1] * 13, [np.nan] + [1] * 13])
def test_counts_that_cannot_be_forecast_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="whole weeks"):
        paths(wrong, days=7)


def test_ranges_of_totals_by_hand() -> None:
    (found,) = likely_ranges(np.arange(0.0, 1001.0)[:, None])
    assert found == (500.0, 25.0, 975.0, 100.0, 900.0)


def test_the_naive_forecast_repeats_the_last_week() -> None:
    assert same_as_last_week([9, 9, 1, 2, 3, 4, 5, 6, 7], days=10).tolist() == [1, 2, 3, 4, 5, 6, 7, 1, 2, 3]


def test_a_closed_day_is_one_far_below_its_weekday() -> None:
    everything = np.full(84, 30)
    everything[[10, 60, 61, 62]] = [0, 9, 10, 0]
    assert np.flatnonzero(closed_days(everything)).tolist() == [60, 62]
    assert not closed_days(everything // 4).any()  # too few to tell a holiday from a slow day
    assert closed_days([]).size == 0


def test_a_closed_day_counts_as_the_week_before() -> None:
    series = np.vstack([np.arange(21), np.arange(21) * 10])
    closed = np.zeros(21, dtype=bool)
    closed[[8, 15]] = True
    steady = without_closed_days(series, closed)
    assert steady[:, 8].tolist() == [1, 10]
    assert steady[:, 15].tolist() == [1, 10]  # a week earlier was closed as well
    assert np.delete(steady, [8, 15], axis=1).tolist() == np.delete(series, [8, 15], axis=1).tolist()


def test_a_holiday_does_not_widen_the_range() -> None:
    y = counts(np.random.default_rng(8), base=100, step=0.01, noise=0.05, days=240)
    holiday = y.copy()
    holiday[[100, 150, 200]] = 0
    steady = without_closed_days(holiday, closed_days(holiday))
    usual, mended, marred = (
        likely_ranges(paths(series[-182:], days=28).sum(axis=1, keepdims=True))[0] for series in (y, steady, holiday)
    )
    width, mended_width, marred_width = (found.high - found.low for found in (usual, mended, marred))
    assert mended_width < 1.15 * width
    assert marred_width > 1.5 * width
