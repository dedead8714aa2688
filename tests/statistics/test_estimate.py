"""An estimate is a plain tuple of five, and an unknown one says why."""

from __future__ import annotations

from cx_metrics.statistics.estimate import Estimate


def test_unknown_has_no_numbers_but_a_reason() -> None:
    assert Estimate.unknown("no customer ids in this data") == (
        None,
        None,
        None,
        0,
        "no customer ids in this data",
    )


def test_unknown_keeps_the_n_it_was_given() -> None:
    assert Estimate.unknown("no issue is older than 7 days yet", n=11).n == 11


def test_known_has_no_reason() -> None:
    assert Estimate(0.5, 0.4, 0.6, 100).reason is None
