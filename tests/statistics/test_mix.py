"""The rate/mix split against published figures; its parts sum to the change exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.mix import MixSplit, split_mix

COUNTS = st.lists(
    st.tuples(*[st.integers(0, 50), st.floats(0, 1), st.integers(0, 50), st.floats(0, 1)]), min_size=1, max_size=8
).filter(lambda rows: sum(row[0] for row in rows) > 0 and sum(row[2] for row in rows) > 0)


def split(n0: Sequence[float], r0: Sequence[float], n1: Sequence[float], r1: Sequence[float]) -> MixSplit:
    return split_mix(n_before=n0, rate_before=r0, n_now=n1, rate_now=r1)


def test_das_gupta_5_1_published() -> None:
    """Household headship by age 1970 and 1985: Das Gupta 1993, Census P23-186, table 5.1."""
    found = split(
        [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9],
        [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8],
        [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5],
        [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2],
    )
    assert found.mix.sum() == pytest.approx(1.2269, abs=1e-4)
    assert found.rate.sum() == pytest.approx(1.7403, abs=1e-4)
    assert found.total == pytest.approx(2.9672, abs=1e-4)
    assert not found.turned
    assert not found.misleads


def test_kidney_stones_turn() -> None:
    """Charig 1986, BMJ: open surgery (A) wins for small and for large stones, and loses in all."""
    found = split([270, 80], [234 / 270, 55 / 80], [87, 263], [81 / 87, 192 / 263])
    assert found.total == pytest.approx(-0.04571, abs=1e-5)
    assert found.rate.sum() == pytest.approx(0.05367, abs=1e-5)
    assert found.mix.sum() == pytest.approx(-0.09939, abs=1e-5)
    assert (found.rate > 0).all()
    assert found.turned
    assert found.misleads
    assert found.against == pytest.approx(1.0)


def test_berkeley_admissions_turn() -> None:
    """Bickel 1975, Science (R's UCBAdmissions): women less men, by department A to F."""
    men = [(512, 313), (353, 207), (120, 205), (138, 279), (53, 138), (22, 351)]
    women = [(89, 19), (17, 8), (202, 391), (131, 244), (94, 299), (24, 317)]
    (n0, r0), (n1, r1) = (
        ([yes + no for yes, no in side], [yes / (yes + no) for yes, no in side]) for side in (men, women)
    )
    found = split(n0, r0, n1, r1)
    assert found.total == pytest.approx(-0.14165, abs=1e-5)
    assert found.rate.sum() == pytest.approx(0.03603, abs=1e-5)
    assert found.mix.sum() == pytest.approx(-0.17767, abs=1e-5)
    assert found.turned


@given(COUNTS)
def test_parts_sum_to_the_change_and_turn_round_with_it(rows: list[tuple[float, float, float, float]]) -> None:
    n0, r0, n1, r1 = (list(column) for column in zip(*rows, strict=True))
    found, back = split(n0, r0, n1, r1), split(n1, r1, n0, r0)
    change = np.dot(n1, r1) / sum(n1) - np.dot(n0, r0) / sum(n0)
    assert found.total == pytest.approx(change, abs=1e-12)
    assert found.rate.sum() + found.mix.sum() == pytest.approx(found.total, abs=1e-12)
    assert back.rate == pytest.approx(-found.rate, abs=1e-12)
    assert back.mix == pytest.approx(-found.mix, abs=1e-12)


def test_a_group_of_one_period_only_is_pure_mix() -> None:
    found = split([10, 0], [0.2, np.nan], [10, 10], [0.2, 0.6])
    assert found.rate.tolist() == [0, 0]
    assert found.mix.sum() == pytest.approx(found.total) == pytest.approx(0.2)


def test_half_of_the_volume_against_the_change_is_said() -> None:
    """60 % of the volume falls a little, the rest rises much: the rates all in all rise, most do not."""
    found = split([60, 40], [0.5, 0.5], [60, 40], [0.45, 0.7])
    assert found.rate.sum() > 0
    assert not found.turned
    assert found.against == pytest.approx(0.6)
    assert found.misleads


def test_a_period_without_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="some volume"):
        split([0], [0.1], [5], [0.1])
