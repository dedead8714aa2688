"""Many verdicts at once: published p-values, a loop over the definition, and the bond with the interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.many import below_target_p, false_discovery_rate

# Benjamini & Hochberg 1995, section 4.1: 15 comparisons, of which 4 are rejected at 5 % (Bonferroni: 3).
PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
PUBLISHED += [0.7590, 1.0]


def test_published_benjamini_hochberg_1995() -> None:
    assert int((false_discovery_rate(PUBLISHED) <= 0.05).sum()) == 4
    assert false_discovery_rate(PUBLISHED)[3] == pytest.approx(0.0095 * 15 / 4)


def test_missing_values_are_not_of_the_family() -> None:
    found = false_discovery_rate([0.01, np.nan, 0.04])
    assert found[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(found[1])
    assert false_discovery_rate([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_against_the_definition(values: list[float]) -> None:
    ordered = sorted(values)
    for value, found in zip(values, false_discovery_rate(values), strict=True):
        at_or_above = [p * len(ordered) / (rank + 1) for rank, p in enumerate(ordered) if p >= value]
        assert found == pytest.approx(min(1.0, *at_or_above))


def test_score_test_by_hand() -> None:
    """.70 where .80 was asked, of 64: (.70 - .80) / sqrt(.16 / 64) = -2."""
    assert below_target_p(0.7, 0.8, 64) == pytest.approx(0.02275013)


def test_edges() -> None:
    assert below_target_p([0.9, 1.0, 0.0], [1.0, 1.0, 0.0], 10).tolist() == [0.0, 1.0, 1.0]
    assert np.isnan(below_target_p([np.nan, 0.5], [0.5, 0.5], [10, 0])).all()


@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 99))
def test_below_025_is_where_the_interval_ends_below_the_target(hits: int, n: int, target: int) -> None:
    hits = min(hits, n)
    _, high = wilson(hits, n)
    assert (below_target_p(hits / n, target / 100, n) < 0.025) == (high < target / 100)
