"""Raking: R's weights for a published survey, a brute-force fit, groups, levels without answers, cutting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.raking import rake

# The cluster sample of California schools in R's survey package: schools by type (E, H, M) and by whether they met
# their school-wide target (No, Yes), raked to all schools of the state as in the example of ?rake.
API_SAMPLE = [12, 132, 3, 11, 8, 17]
API_TYPE, API_MET = [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]
SCHOOLS_BY_TYPE, SCHOOLS_BY_MET = [4421, 755, 1018], [1072, 5122]
SCHOOLS = 6194


def independent(row: list[int], column: list[int]) -> np.ndarray:
    """A population with these margins; raking depends on nothing else of it."""
    return (np.outer(row, column) / SCHOOLS).ravel()


def test_school_survey_against_r() -> None:
    """survey::apiclus1 raked by type and target met: R 4.2.2 survey gives 39.8385, 29.8705 and 67.1258.

    R stops once no margin moves by more than one school, so its digits hold to a thousandth.
    """
    raked = rake(API_SAMPLE, independent(SCHOOLS_BY_TYPE, SCHOOLS_BY_MET), [API_TYPE, API_MET])
    schools = raked.weights * SCHOOLS / sum(API_SAMPLE)
    assert schools[:3] == pytest.approx([39.8385, 29.8705, 67.1258], rel=1e-3)
    assert raked.converged.tolist() == [True]
    assert raked.covered.tolist() == [1.0]


def test_by_hand_one_margin_is_poststratification() -> None:
    """10 of 80 and 30 of 20 answered: weights 40 x .8 / 10 = 3.2 and 40 x .2 / 30 = 4/15."""
    raked = rake([10, 30], [80, 20], [[0, 1]], most_times_median=99)
    assert raked.weights == pytest.approx([3.2, 8 / 30], rel=1e-12)
    assert raked.deff == pytest.approx([(10 * 3.2**2 + 30 * (8 / 30) ** 2) / 40], rel=1e-12)


def test_a_weight_is_cut_at_five_times_the_median() -> None:
    """The same again: the median weight is 4/15, so 3.2 is cut to 4/3; then all are scaled by 40 / (64/3)."""
    raked = rake([10, 30], [80, 20], [[0, 1]])
    assert raked.weights == pytest.approx([2.5, 0.5], rel=1e-12)
    assert raked.deff == pytest.approx([40 * (10 * 2.5**2 + 30 * 0.25) / 40**2], rel=1e-12)


def test_a_level_nobody_answered_from_is_left_out_and_said() -> None:
    raked = rake([5, 5, 0], [40, 40, 20], [[0, 1, 2]])
    assert raked.weights.tolist() == [1.0, 1.0, 0.0]
    assert raked.covered.tolist() == [0.8]


def test_margins_that_contradict_each_other_are_reported() -> None:
    """All answers lie on the diagonal, so both margins can't be met at once."""
    raked = rake([5, 0, 0, 5], [10, 50, 0, 40], [[0, 0, 1, 1], [0, 1, 0, 1]])
    assert raked.converged.tolist() == [False]
    assert raked.weights @ [5, 0, 0, 5] == pytest.approx(10)


def test_no_answers_and_no_cells() -> None:
    none = rake([0, 0], [3, 4], [[0, 1]])
    assert none.weights.tolist() == [0.0, 0.0]
    assert np.isnan(none.deff).all()
    assert none.covered.tolist() == [0.0]
    assert rake([], [], [[]]).weights.tolist() == []
    assert rake([7], [9], [[0]]).weights.tolist() == [1.0]


@pytest.mark.parametrize(
    ("answers", "population", "margin"),
    [([1], [1, 2], [0]), ([-1], [1], [0]), ([float("nan")], [1], [0]), ([1], [1], [0, 1])],
    ids=["lengths", "negative", "missing", "margin"],
)
def test_what_makes_no_sense_is_refused(answers: list[float], population: list[float], margin: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must be|need one"):
        rake(answers, population, [margin])


def brute_force(
    answers: list[int], population: list[int], margins: list[list[int]], most: float
) -> tuple[list[float], bool]:
    """One answer at a time, in plain Python: fit, cut, scale."""
    people = [cell for cell, n in enumerate(answers) for _ in range(n)]
    weight = [1.0] * len(people)
    targets = []
    for margin in margins:
        reached = {margin[cell] for cell in people}
        size = sum(n for cell, n in enumerate(population) if margin[cell] in reached)
        share = {level: sum(n for c, n in enumerate(population) if margin[c] == level) / size for level in reached}
        targets.append({level: share[level] * len(people) for level in reached})
    for _ in range(200):
        moved = 0.0
        for margin, target in zip(margins, targets, strict=True):
            sums = dict.fromkeys(target, 0.0)
            for cell, w in zip(people, weight, strict=True):
                sums[margin[cell]] += w
            factor = {level: target[level] / sums[level] for level in target}
            moved = max([moved, *(abs(f - 1) for f in factor.values())])
            weight = [w * factor[margin[cell]] for cell, w in zip(people, weight, strict=True)]
        if moved < 1e-8:
            break
    middle = float(np.median(weight))
    weight = [min(w, most * middle) for w in weight]
    scale = len(people) / sum(weight)
    by_cell = dict(zip(people, weight, strict=True))
    return [by_cell.get(cell, 0.0) * scale for cell in range(len(answers))], moved < 1e-8


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int], list[list[int]]]:
    cells = draw(st.integers(1, 12))
    answers = draw(st.lists(st.integers(0, 6), min_size=cells, max_size=cells).filter(any))
    silent = draw(st.lists(st.integers(0, 40), min_size=cells, max_size=cells))
    level = st.lists(st.integers(0, 2), min_size=cells, max_size=cells)
    return answers, [a + s for a, s in zip(answers, silent, strict=True)], [draw(level), draw(level)]


@given(tables(), tables())
def test_groups_are_fitted_each_by_itself_as_brute_force_does(
    one: tuple[list[int], list[int], list[list[int]]], two: tuple[list[int], list[int], list[list[int]]]
) -> None:
    groups = [0] * len(one[0]) + [1] * len(two[0])
    margins = [a + b for a, b in zip(one[2], two[2], strict=True)]
    raked = rake(one[0] + two[0], one[1] + two[1], margins, groups=groups)
    (first, first_fits), (second, second_fits) = (brute_force(*table, 5.0) for table in (one, two))
    if first_fits and second_fits:
        assert raked.weights == pytest.approx(first + second, rel=1e-6, abs=1e-9)
        assert raked.converged.all()
    answers = np.array(one[0] + two[0])
    for number, table in enumerate((one, two)):
        here = np.array(groups) == number
        assert (raked.weights * answers)[here].sum() == pytest.approx(sum(table[0]), rel=1e-9)
    assert (raked.deff >= 1).all()
