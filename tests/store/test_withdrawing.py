"""A withdrawn load is as if it had never been loaded: checked against replaying the others."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.config import Settings
from cx_metrics.errors import BadUse
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from tests.store.extracts import Row, bring_in, lake_rows, row

contact = st.builds(
    lambda number, day, minutes: row(str(number), f"2026-0{1 + day % 3}-1{day} 08:00:00", handle_minutes=str(minutes)),
    st.integers(1, 4),
    st.integers(0, 4),
    st.integers(1, 2),
)
extract = st.lists(contact, min_size=1, max_size=4, unique_by=lambda cells: cells["contact_id"])
steps = st.lists(st.one_of(extract, st.integers(0, 9)), min_size=1, max_size=9)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_any_sequence_equals_replaying_what_was_not_withdrawn(steps: list[list[Row] | int]) -> None:
    """The independent road: a dictionary that the remaining extracts fill in order."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Settings(home=Path(folder), memory="500MB", user="tester"))
        standing: dict[int, list[Row]] = {}
        for step in steps:
            if isinstance(step, list):
                result = bring_in(home, step)
                assert result.load is not None
                standing[result.load] = step
            elif standing:
                number = list(standing)[step % len(standing)]
                take_back(home, number)
                del standing[number]
            expected = {cells["contact_id"]: cells for rows in standing.values() for cells in rows}
            found = lake_rows(home, ("contact_id", "started_at", "handle_minutes"))
            assert [(i, at, float(m or 0)) for _, i, at, m in found] == sorted(
                (i, cells["started_at"], float(cells["handle_minutes"])) for i, cells in expected.items()
            )


def test_what_a_load_replaced_comes_back(home: Home) -> None:
    bring_in(home, [row("1", "2026-01-05 10:00:00", customer_id="a")])
    before = lake_rows(home)
    second = bring_in(home, [row("1", "2026-02-05 10:00:00", customer_id="b"), row("2", "2026-02-06 10:00:00")])
    assert second.load is not None
    take_back(home, second.load)
    assert lake_rows(home) == before


def test_rows_a_later_load_brought_too_stay(home: Home) -> None:
    """Overlapping exports are the rule: the second one stands for the rows it had in common with the first."""
    january = [row("1", "2026-01-05 10:00:00"), row("2", "2026-01-06 10:00:00")]
    first = bring_in(home, january)
    bring_in(home, [january[1], row("3", "2026-02-01 10:00:00")])
    assert first.load is not None
    take_back(home, first.load)
    assert [cells[1] for cells in lake_rows(home)] == ["2", "3"]


def test_a_load_that_only_repeated_another_can_be_withdrawn(home: Home) -> None:
    rows = [row("1", "2026-01-05 10:00:00")]
    for _ in range(2):
        bring_in(home, rows)
    take_back(home, 2)
    assert [cells[1] for cells in lake_rows(home)] == ["1"]
    take_back(home, 1)
    assert lake_rows(home) == []


@pytest.mark.parametrize("number", [1, 7])
def test_only_a_load_that_counts_can_be_withdrawn(home: Home, number: int) -> None:
    bring_in(home, [row("1", "2026-01-05 10:00:00")])
    take_back(home, 1)
    with pytest.raises(BadUse, match=rf"Load {number} (is withdrawn|does not exist).*none"):
        take_back(home, number)
