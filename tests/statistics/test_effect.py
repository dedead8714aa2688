"""The effect of a fix: by hand, by brute force, against published numbers and against statsmodels."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.effect import change_against, course_without, episode, held_out
from cx_metrics.statistics.forecast import fit, predictive

COUNTS = st.integers(min_value=1, max_value=5000)
PAIRS = st.lists(st.tuples(COUNTS, COUNTS), min_size=8, max_size=25)
T_7 = 2.364624251  # 97.5 % point of t with 7 degrees of freedom, as printed in every table


def test_halved_among_eight_that_stay() -> None:
    """400 to 200, others 100 to 100 each: half, and the placebos are all zero, so that only chance is left."""
    found = change_against(400, 200, others_before=[100] * 8, others_after=[100] * 8)
    assert found.value == pytest.approx(math.log(0.5))
    half = T_7 * math.sqrt((1e-5 + 1 / 200 + 1 / 400) * (1 + 1 / 8))
    assert (found.low, found.high) == pytest.approx((math.log(0.5) - half, math.log(0.5) + half))
    assert found.spread == pytest.approx(math.sqrt(1e-5))
    assert (found.n, found.beyond) == (8, True)


@given(COUNTS, COUNTS, PAIRS)
def test_by_definition(before: int, after: int, pairs: list[tuple[int, int]]) -> None:
    from scipy.stats import t

    all_before, all_after = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    found = change_against(before, after, others_before=[a for a, _ in pairs], others_after=[b for _, b in pairs])
    expected = math.log(after / before / (all_after / all_before))
    squares = []
    for a, b in pairs:
        placebo = math.log(b / a / ((all_after - b) / (all_before - a)))
        squares.append(placebo**2 - 1 / a - 1 / b)
    variance = max(fmean(squares), 1e-5)
    error = math.sqrt((variance + 1 / before + 1 / after) * (1 + 1 / len(pairs)))
    half = t.ppf(0.975, len(pairs) - 1) * error
    assert found.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found.low == pytest.approx(expected - half, rel=1e-9, abs=1e-9)
    assert found.high == pytest.approx(expected + half, rel=1e-9, abs=1e-9)


def test_a_wider_level_is_wider() -> None:
    others = {"others_before": range(80, 90), "others_after": range(90, 80, -1)}
    narrow, wide = (change_against(100, 90, level=level, **others) for level in (0.95, 0.99))
    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_card_and_krueger_1994() -> None:
    """Full-time employment a store: New Jersey 20.44 to 21.03, Pennsylvania 23.33 to 21.17; table 3 says 2.76 (of
    unrounded means), 2.75 from these. The same difference in logarithms of counts that are their exponentials.
    """
    found = change_against(
        math.exp(20.44), math.exp(21.03), others_before=[math.exp(23.33)] * 8, others_after=[math.exp(21.17)] * 8
    )
    assert found.value == pytest.approx(2.75)


def test_no_contact_left_counts_as_half_a_contact() -> None:
    found = change_against(50, 0, others_before=[50] * 9, others_after=[50] * 9)
    assert found.value == pytest.approx(math.log(0.01))


@pytest.mark.parametrize(
    ("others", "after"),
    [([10] * 7, 1.0), ([10] * 8, -1.0), ([10] * 8, math.nan), ([-1, *[10] * 8], 1.0)],
    ids=["seven", "negative", "missing", "negative other"],
)
def test_what_it_can_not_work_with(others: list[int], after: float) -> None:
    with pytest.raises(ValueError, match=r"untouched|counts"):
        change_against(10, after, others_before=others, others_after=others)


def test_held_out_published_newcombe() -> None:
    """56/70 - 48/80, Newcombe 1998b, method 10."""
    found = held_out(56, 70, 48, 80)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.value == pytest.approx(0.2)
    assert found.n == 150


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
def test_held_out_against_statsmodels(told: int, others: int, share: float, others_share: float) -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    hits, others_hits = int(share * told), int(others_share * others)
    found = held_out(hits, told, others_hits, others)
    expected = confint_proportions_2indep(hits, told, others_hits, others, compare="diff", method="newcomb")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_held_out_without_people() -> None:
    assert held_out(0, 0, 1, 5).reason == "nobody was told"
    assert held_out(1, 5, 0, 0).reason == "nobody was held out"
    with pytest.raises(ValueError, match="from 0 to the number"):
        held_out(6, 5, 0, 1)


def days(seed: int, n: int, *, level: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """Counts of one intent and of others in sum, with weekdays and a shock that both share."""
    rng = np.random.default_rng(seed)
    weekday = np.resize([0.2, 0.1, 0.1, 0.0, 0.0, -0.4, -0.6], n)
    shock = np.cumsum(rng.normal(0, 0.05, n))
    own = rng.poisson(level * np.exp(weekday + shock + rng.normal(0, 0.05, n)))
    return own, rng.poisson(20 * level * np.exp(weekday + shock))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_course_against_statsmodels(seed: int) -> None:
    """With its weight as part of the state, `UnobservedComponents` is the model in closed form, day for day."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    own, others = days(seed, 140)
    beside = np.log(others + 0.5) - np.log(others[:112] + 0.5).mean()
    series = np.log(own[:112] + 0.5)
    model = fit(series, beside=beside[:112, None])
    ours = predictive(series, days=28, beside=beside[:112, None], beside_ahead=beside[112:, None])
    exact = UnobservedComponents(
        series,
        "llevel",
        freq_seasonal=[{"period": 7, "harmonics": 3}],
        stochastic_freq_seasonal=[False],
        exog=beside[:112, None],
        mle_regression=False,
        use_exact_diffuse=True,
    )
    theirs = exact.smooth([model.noise, model.noise * model.ratio])
    ahead = theirs.get_forecast(28, exog=beside[112:, None])
    np.testing.assert_allclose(ours.mean, ahead.predicted_mean, rtol=1e-6)
    np.testing.assert_allclose(np.diag(ours.covariance()), ahead.var_pred_mean, rtol=1e-5)
    for noise in (0.9, 1.1):
        assert theirs.llf > exact.loglike([noise * model.noise, model.noise * model.ratio])
    course = course_without(own[:112], others_before=others[:112], others_after=others[112:])
    np.testing.assert_allclose(course.value, np.exp(ahead.predicted_mean) - 0.5, rtol=1e-5)
    ends = ahead.conf_int(alpha=0.05)
    np.testing.assert_allclose(course.low, np.maximum(np.exp(ends[:, 0]) - 0.5, 0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(course.high, np.exp(ends[:, 1]) - 0.5, rtol=1e-4)


def test_the_course_follows_the_others() -> None:
    """Others that fall by half take the counterfactual with them; its range holds most days."""
    inside = 0
    for seed in range(10):
        own, others = days(seed, 140)
        found = course_without(own[:112], others_before=others[:112], others_after=others[112:])
        inside += int(((found.low <= own[112:]) & (own[112:] <= found.high)).sum())
    assert 0.9 <= inside / 280 <= 1
    own, others = days(1, 140)
    full = course_without(own[:112], others_before=others[:112], others_after=others[112:])
    half = course_without(own[:112], others_before=others[:112], others_after=others[112:] // 2)
    assert half.value.sum() == pytest.approx(full.value.sum() / 2, rel=0.15)


def test_a_course_needs_whole_weeks_and_takes_others_that_never_move() -> None:
    own, _ = days(1, 63)
    still = course_without(own, others_before=[100] * 63, others_after=[100] * 7)
    assert still.value == pytest.approx(own[-28:].reshape(4, 7).mean(axis=0), rel=0.3)
    weekly = [50, 50, 50, 50, 50, 20, 10] * 9
    assert course_without(own, others_before=weekly, others_after=weekly[:7]).value == pytest.approx(still.value)
    with pytest.raises(ValueError, match="whole weeks"):
        course_without(own[:60], others_before=[100] * 60, others_after=[1])


def test_an_episode_is_found_where_it_is() -> None:
    own, others = np.full(112, 20), np.full(112, 500)
    assert episode(own, others_before=others) is None
    own[90:97] = 40
    # Of the week from day 87 on, four days are doubled: 220 contacts instead of 140, 4.4 standard errors.
    assert episode(own, others_before=others) == 87
    assert episode(own, others_before=others, within=14) is None


def test_an_episode_that_everyone_has_is_none() -> None:
    own, others = np.full(112, 20), np.full(112, 500)
    own[90:97], others[90:97] = 60, 1500
    assert episode(own, others_before=others) is None


def test_too_few_days_or_contacts_show_no_episode() -> None:
    assert episode([5] * 30, others_before=[50] * 30) is None
    few = [0] * 112
    few[100] = 3
    assert episode(few, others_before=[50] * 112) is None
