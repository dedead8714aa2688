"""The five verdicts at and beside each of their borders."""

from __future__ import annotations

import numpy as np
import pytest

from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.verdict import Verdict, n_needed, verdict


def test_the_words() -> None:
    assert [v.value for v in Verdict] == ["met", "missed", "too close to call", "too few", "too early"]


@pytest.mark.parametrize(
    ("low", "high", "n", "n_eff", "expected"),
    [
        (0.71, 0.79, 400, 400.0, Verdict.MET),
        (0.70, 0.79, 400, 400.0, Verdict.MET),
        (0.61, 0.69, 400, 400.0, Verdict.MISSED),
        (0.61, 0.70, 400, 400.0, Verdict.TOO_CLOSE),
        (0.69, 0.79, 400, 400.0, Verdict.TOO_CLOSE),
        (0.75, 0.94, 100, 30.0, Verdict.MET),
        (0.75, 0.94, 100, 29.9, Verdict.TOO_FEW),
        (0.75, 0.95, 40, 40.0, Verdict.MET),
        (0.749, 0.95, 40, 40.0, Verdict.TOO_FEW),
        (0.98, 1.0, 10, 30.0, Verdict.MET),
        (0.98, 1.0, 9, 30.0, Verdict.TOO_EARLY),
    ],
)
def test_borders_at_target_70(low: float, high: float, n: int, n_eff: float, expected: Verdict) -> None:
    assert verdict(value=(low + high) / 2, low=low, high=high, n=n, n_eff=n_eff, target=0.7) is expected


def test_no_mature_issue_is_too_early() -> None:
    assert verdict(value=None, low=None, high=None, n=0, n_eff=0.0, target=0.7) is Verdict.TOO_EARLY


def test_no_target_no_verdict() -> None:
    assert verdict(value=0.5, low=0.4, high=0.6, n=100, n_eff=100.0, target=None) is None


@pytest.mark.parametrize("missing", ["value", "low", "high"])
def test_enough_issues_without_an_interval_is_refused(missing: str) -> None:
    known: dict[str, float | None] = {"value": 0.8, "low": 0.75, "high": 0.85, missing: None}
    with pytest.raises(ValueError, match="interval"):
        verdict(value=known["value"], low=known["low"], high=known["high"], n=50, n_eff=50.0, target=0.7)


@pytest.mark.parametrize(
    ("value", "target", "deff", "expected"),
    [
        (0.7, 0.8, 1.0, 81),  # .21 x 19.6^2 = 80.67
        (0.76, 0.8, 1.0, 438),  # .1824 x 49^2 = 437.94
        (0.76, 0.8, 2.5, 1095),  # 1094.86
        (0.8, 0.7, 1.0, 62),  # .16 x 19.6^2 = 61.47
        (1.0, 0.9, 1.0, 0),
    ],
)
def test_n_needed_by_hand(value: float, target: float, deff: float, expected: int) -> None:
    assert n_needed(value, target, deff) == expected


def test_no_number_of_issues_tells_a_rate_from_itself() -> None:
    assert n_needed(0.7, 0.7) is None


def test_interval_rule_is_hardly_ever_wrong_where_points_often_are() -> None:
    """2000 intents of 12 to 4000 issues, true rate .5 to .9, target .70: decided ones err in under 1%."""
    rng = np.random.default_rng(7)
    n = np.exp(rng.uniform(np.log(12), np.log(4000), 2000)).astype(int)
    truth = rng.uniform(0.5, 0.9, n.size)
    y = rng.binomial(n, truth)
    low, high = wilson(y, n)
    said = [
        verdict(value=v, low=a, high=b, n=int(k), n_eff=float(k), target=0.7)
        for v, a, b, k in zip(y / n, low, high, n, strict=True)
    ]
    right = [Verdict.MET if t >= 0.7 else Verdict.MISSED for t in truth]
    decided = [(s, r) for s, r in zip(said, right, strict=True) if s in (Verdict.MET, Verdict.MISSED)]
    assert len(decided) > 800
    assert np.mean([s != r for s, r in decided]) < 0.01
    assert np.mean((y / n >= 0.7) != (truth >= 0.7)) > 0.05
