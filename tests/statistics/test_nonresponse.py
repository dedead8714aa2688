"""How wrong a score can be: figures by hand, the identity behind the tipping point, and the silence test's errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.nonresponse import delta_range, silence_test, tipping_point, worst_case

rates = st.floats(0.01, 0.99)


def test_ninety_of_a_hundred_happy_at_ten_per_cent_response() -> None:
    """The usual example: 9 % to 99 %."""
    assert worst_case(0.9, 0.1) == pytest.approx((0.09, 0.99), abs=1e-12)


def test_tipping_point_by_hand() -> None:
    """85 of 100 answers happy, 8 of 100 answered, target 80: (.80 - .068) / .92."""
    assert round(float(tipping_point(0.85, 0.08, 0.80)), 3) == 0.796


def test_beyond_the_ends_the_silent_do_not_matter() -> None:
    assert tipping_point(0.95, 0.9, 0.8) < 0
    assert tipping_point(0.1, 0.9, 0.8) > 1
    assert np.isnan(tipping_point(0.9, 1.0, 0.8))


def test_delta_by_hand() -> None:
    """10 points at 8 % response move it by 9.2 points."""
    assert delta_range(0.85, 0.08, 0.10) == pytest.approx((0.758, 0.942), abs=1e-12)
    assert delta_range(0.98, 0.0, 0.10) == pytest.approx((0.88, 1.0), abs=1e-12)


@given(rates, rates, st.floats(0, 1), rates)
def test_they_are_what_the_silent_make_of_it(score: float, rate: float, silent: float, target: float) -> None:
    everybody = rate * score + (1 - rate) * silent
    low, high = worst_case(score, rate)
    assert low - 1e-12 <= everybody <= high + 1e-12
    tip = float(tipping_point(score, rate, target))
    assert rate * score + (1 - rate) * tip == pytest.approx(target, abs=1e-9)
    inner, outer = delta_range(score, rate, abs(silent - score))
    assert inner - 1e-9 <= everybody <= outer + 1e-9


def test_silence_by_hand() -> None:
    """.20 among 100 who answered, .30 among 400: se = sqrt(.21 x .75 / 100) = .03969."""
    found = silence_test(0.20, 0.30, n=100, n_all=400)
    assert float(found.gap) == pytest.approx(-0.10)
    assert round(float(found.z), 3) == -2.52
    assert bool(found.fires)
    assert not bool(silence_test(0.20, 0.30, n=100, n_all=400, deff=2.0).fires)


@pytest.mark.parametrize(
    ("answered", "everybody", "n", "n_all"),
    [(float("nan"), 0.3, 0, 40), (0.0, 0.0, 20, 40), (1.0, 1.0, 20, 40), (0.3, 0.3, 40, 40)],
    ids=["nobody answered", "nobody came back", "everybody did", "everybody answered"],
)
def test_where_there_is_nothing_to_compare_it_says_so(answered: float, everybody: float, n: int, n_all: int) -> None:
    found = silence_test(answered, everybody, n=n, n_all=n_all)
    assert np.isnan(found.z)
    assert not bool(found.fires)


def test_it_errs_in_one_of_twenty_and_finds_the_unhappy_who_keep_silent() -> None:
    """2,000 contacts, 2,000 times: those who come back answer as often as others, or half as often."""
    rng = np.random.default_rng(5)
    size, runs = 2_000, 2_000
    came_back = rng.binomial(size, 0.25, runs)
    fired = {}
    for name, chance in (("alike", 0.2), ("silent", 0.1)):
        back, quiet = rng.binomial(came_back, chance), rng.binomial(size - came_back, 0.2)
        found = silence_test(back / (back + quiet), came_back / size, n=back + quiet, n_all=size)
        fired[name] = float(found.fires.mean())
    assert 0.03 < fired["alike"] < 0.07
    assert fired["silent"] > 0.95
