"""Control charts against published examples, by hand, and as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.control import RUN, Signal, rate_limits, share_limits, signals, value_limits

# Montgomery, Introduction to Statistical Quality Control: example 7.1 (orange juice cans, samples of 50), table 7.4
# (variable sample size), examples 7.3 (circuit boards), 7.4, 7.5 (dyed cloth) and 6.5; the digits are also those of
# the vignette of R's qcc and of the tests of R's qicharts2.
ORANGE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
VARIABLE_N = [100, 80, 80, 100, 110, 110, 100, 100, 90, 90, 110, 120, 120, 120, 110, 80, 80, 80, 90]
VARIABLE_N += [100, 100, 100, 100, 90, 90]
VARIABLE = [12, 8, 6, 9, 10, 12, 11, 16, 10, 6, 20, 15, 9, 8, 6, 8, 10, 7, 5, 8, 5, 8, 10, 6, 9]
CIRCUIT = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
COMPUTERS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]
CLOTH, CLOTH_N = [14, 12, 20, 11, 7, 10, 21, 16, 19, 23], [10, 8, 13, 10, 9.5, 10, 12, 10.5, 12, 12.5]
VISCOSITY = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
# Four-hour waits of English emergency departments, weekly: Mohammed et al., BMJ Quality & Safety 2013;22:362.
SEEN = [266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320]
SEEN += [267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989]
CAME = [280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529]
CAME += [279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772]


def outside(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[int]:
    return [at + 1 for at in range(values.size) if not low[at] <= values[at] <= high[at]]


def test_p_chart_published_montgomery_7_1() -> None:
    found = share_limits(ORANGE, 50, sigma_z=1)
    assert (found.centre, found.low[0], found.high[0]) == pytest.approx((0.2313333, 0.05242755, 0.4102391), abs=1e-7)
    assert outside(np.array(ORANGE) / 50, found.low, found.high) == [15, 23]
    others = [at not in (14, 22) for at in range(30)]
    revised = share_limits(ORANGE, 50, learnt=others, sigma_z=1)
    assert (revised.centre, revised.low[0], revised.high[0]) == pytest.approx((0.215, 0.04070284, 0.3892972), abs=1e-7)


def test_p_chart_of_variable_n_published_montgomery_table_7_4() -> None:
    found = share_limits(VARIABLE, VARIABLE_N, sigma_z=1)
    assert found.centre == pytest.approx(0.0955102, abs=1e-7)
    high = dict(zip(VARIABLE_N, found.high, strict=True))
    expected = {100: 0.1836857, 80: 0.1940934, 110: 0.1795823, 120: 0.1760031}
    assert {n: high[n] for n in expected} == pytest.approx(expected, abs=1e-7)
    assert found.low[0] == pytest.approx(0.007334695, abs=1e-7)
    assert outside(np.array(VARIABLE) / VARIABLE_N, found.low, found.high) == [11]


@pytest.mark.parametrize(
    ("dropped", "expected"),
    [((), (19.84615, 6.481447, 33.21086)), ((6, 20), (19.66667, 6.362532, 32.9708))],
    ids=["all", "without 6 and 20"],
)
def test_c_chart_published_montgomery_7_3(dropped: tuple[int, ...], expected: tuple[float, ...]) -> None:
    found = rate_limits(CIRCUIT, 1, learnt=[at + 1 not in dropped for at in range(26)], sigma_z=1)
    assert (found.centre, found.low[0], found.high[0]) == pytest.approx(expected, abs=1e-5)


def test_u_chart_published_montgomery_7_4_and_7_5() -> None:
    found = rate_limits(COMPUTERS, 50, sigma_z=1)
    assert (found.centre, found.low[0], found.high[0]) == pytest.approx((0.074, 0, 0.1894123), abs=1e-7)
    found = rate_limits(CLOTH, CLOTH_N, sigma_z=1)
    assert found.centre == pytest.approx(1.423256, abs=1e-6)
    ends = {n: (low, high) for n, low, high in zip(CLOTH_N, found.low, found.high, strict=True)}
    assert ends[10] == pytest.approx((0.2914739, 2.555038), abs=1e-6)
    assert ends[8] == pytest.approx((0.1578852, 2.688626), abs=1e-6)
    assert ends[13] == pytest.approx((0.4306174, 2.415894), abs=1e-6)


def test_xmr_published_montgomery_6_5() -> None:
    found = value_limits(VISCOSITY)
    assert (found.centre, found.low[0], found.high[0]) == pytest.approx((300.5, 279.7833, 321.2167), abs=1e-4)
    assert (found.high[0] - found.centre) * 1.128 / 3 == pytest.approx(7.789474, abs=1e-6)
    assert set(signals(VISCOSITY, found)) == {None}


def test_laney_of_nhs_waits() -> None:
    shares = np.array(SEEN) / CAME
    classic, laney = share_limits(SEEN, CAME, sigma_z=1), share_limits(SEEN, CAME)
    assert (laney.centre, laney.sigma_z) == pytest.approx((0.9529, 10.6404), abs=1e-4)
    assert (laney.low[0], laney.high[0]) == pytest.approx((0.94013, 0.96567), abs=1e-4)
    assert len(outside(shares, classic.low, classic.high)) == 16
    assert outside(shares, laney.low, laney.high) == []


def test_laney_by_hand() -> None:
    """45 and 55 of 100 in turn: p .5, sigma .05, z -1 and 1, so sigma_z is 2 / 1.128."""
    found = share_limits([45, 55, 45, 55], 100)
    assert found.sigma_z == pytest.approx(2 / 1.128)
    assert found.high[0] == pytest.approx(0.5 + 0.15 * 2 / 1.128)


def test_laney_never_narrows() -> None:
    assert share_limits([50, 50, 50], 100).sigma_z == 1.0
    assert share_limits([0, 0], 100).sigma_z == 1.0
    assert share_limits([7], 10).sigma_z == 1.0


def test_a_point_without_trials_has_no_limits_and_teaches_nothing() -> None:
    found = share_limits([40, 0, 60], [100, 0, 100])
    assert found.centre == 0.5
    assert np.isnan(found.low).tolist() == [False, True, False]


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        share_limits([1], [10], learnt=[False])
    with pytest.raises(ValueError, match="at least one"):
        rate_limits([], [])
    with pytest.raises(ValueError, match="at least two"):
        value_limits([3.0])


def test_the_eighth_on_one_side_is_a_signal() -> None:
    points = np.array([0.45] * 8 + [0.55] * 9 + [0.95])
    limits = share_limits(np.full(18, 50), 100, sigma_z=1)
    found = list(signals(points, limits))
    assert found[:7] == [None] * 7
    assert found[7] == Signal.ONE_SIDE
    assert found[8:15] == [None] * 7
    assert found[15:] == [Signal.ONE_SIDE, Signal.ONE_SIDE, Signal.OUTSIDE]


def test_a_missing_point_does_not_break_a_run_but_the_centre_does() -> None:
    limits = share_limits(np.full(10, 50), 100, sigma_z=1)
    low = [0.45] * 4
    assert signals([*low, np.nan, *low, 0.5], limits)[8] == Signal.ONE_SIDE
    assert set(signals([*low, 0.5, *low, 0.45], limits)) == {None}


counts = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400)), min_size=2, max_size=30)


@given(counts)
def test_limits_lie_around_the_centre_within_the_possible(pairs: list[tuple[int, int]]) -> None:
    n = np.array([size for _, size in pairs])
    hits = np.minimum([hit for hit, _ in pairs], n)
    found = share_limits(hits, n)
    assert found.centre == pytest.approx(sum(hits.tolist()) / sum(n.tolist()))
    assert np.all((found.low >= 0) & (found.low <= found.centre + 1e-12))
    assert np.all((found.high <= 1) & (found.high >= found.centre - 1e-12))
    swapped = share_limits(n - hits, n)
    assert swapped.sigma_z == pytest.approx(found.sigma_z)
    assert swapped.low == pytest.approx(1 - found.high, abs=1e-12)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), max_size=40))
def test_runs_against_a_loop(sides: list[float]) -> None:
    limits = value_limits([-100.0, 100.0])
    wide = type(limits)(0.0, np.full(len(sides), -9.0), np.full(len(sides), 9.0), 1.0)
    found = signals(sides, wide)
    for at in range(len(sides)):
        last = sides[max(at - RUN + 1, 0) : at + 1]
        in_run = len(last) == RUN and len(set(last)) == 1 and last[0] != 0
        assert found[at] == (Signal.ONE_SIDE if in_run else None)
