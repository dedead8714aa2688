"""``make bench-effect``: what the verdict on a fix is worth, on simulated fixes whose effect is known.

An intent of 60 contacts a day and 20 untouched ones of 20 to 120, with weekdays, a level that drifts, noise that lasts
(AR(1) of .7) and shocks that all of them share; 120 days before the fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from cx_metrics.reviews.judging import Kind, judge
from cx_metrics.reviews.untouched import BEFORE, Daily, Days, Span

Floats = NDArray[np.float64]

RUNS = 1000
CONTROLS, LEARNT, WASHOUT = 20, 120, 7
PER_DAY = 60.0
LASTING, NOISE, DRIFT, SHARED = 0.7, 0.06, 0.01, 0.04
SPIKE, WAITED = 2.5, 60
SEVERAL = (0, 1, 2)
FIRST = date(2026, 1, 5)
WEEKDAYS = np.array([0.2, 0.1, 0.05, 0.05, 0.0, -0.4, -0.6])


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was measured.
        figure: What came out.
        limit: What it must keep.
        kept: Whether it does.
    """

    what: str
    figure: str
    limit: str
    kept: bool


def main() -> None:
    """Simulate everything and print the table as Markdown."""
    print(f"| what, in {RUNS * len(SEVERAL)} simulated fixes each | measured | limit |\n|---|---|---|")
    rows = [row for days in (14, 28) for row in of_days(days, runs=RUNS, seeds=SEVERAL)]
    rows += after_alerts(28, runs=RUNS, seeds=SEVERAL)
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.limit}{'' if row.kept else ' (missed)'} |")
    if not all(row.kept for row in rows):
        raise SystemExit(1)


def of_days(days: int, *, runs: int, seeds: tuple[int, ...]) -> list[Row]:
    """Coverage and verdicts so many full days after the washout.

    Args:
        days: Full days judged.
        runs: Fixes of each kind and seed.
        seeds: Of the random numbers.
    """
    idle, halved = (
        [simulated(rng, ratio=ratio, days=days) for seed in seeds for rng in [_rng(seed, ratio)] for _ in range(runs)]
        for ratio in (1.0, 0.75)
    )
    covered = float(np.mean([held for held, _ in (*idle, *halved)]))
    success = float(np.mean([kind == Kind.WORKED for _, kind in idle]))
    found = float(np.mean([kind == Kind.WORKED for _, kind in halved]))
    after = f"after {days} days"
    return [
        Row(f"95 % interval holds the truth, {after}", f"{covered:.3f}", "0.90 to 0.98", 0.9 <= covered <= 0.98),
        Row(f"a fix that does nothing is called a success, {after}", f"{success:.3f}", "0.08", success <= 0.08),
        Row(f"a fix that spares 25 % is found, {after}", f"{found:.3f}", "none", True),
    ]


def after_alerts(days: int, *, runs: int, seeds: tuple[int, ...]) -> list[Row]:
    """Verdicts on fixes that do nothing: in the middle of a spike that fades by itself, and after a week of much noise.

    Args:
        days: Full days judged.
        runs: Fixes of each kind and seed.
        seeds: Of the random numbers.
    """
    spikes, noise = (
        [
            simulated(rng, days=days, spike=spike, after_noise=after_noise)[1]
            for seed in seeds
            for rng in [_rng(seed, spike)]
            for _ in range(runs)
        ]
        for spike, after_noise in ((SPIKE, False), (1.0, True))
    )
    success, normal, noisy = (
        float(np.mean([kind == asked for kind in kinds]))
        for kinds, asked in ((spikes, Kind.WORKED), (spikes, Kind.BACK_TO_NORMAL), (noise, Kind.WORKED))
    )
    return [
        Row("a spike that fades by itself is called a success", f"{success:.3f}", "0.08", success <= 0.08),
        Row("a spike that fades by itself is called back to normal", f"{normal:.3f}", "none", True),
        Row(
            "a fix that does nothing, after the highest week of 60 days, is called a success",
            f"{noisy:.3f}",
            "0.08",
            noisy <= 0.08,
        ),
    ]


def simulated(
    rng: np.random.Generator, *, days: int, ratio: float = 1.0, spike: float = 1.0, after_noise: bool = False
) -> tuple[bool, Kind]:
    """Whether the interval holds the truth, and the verdict, on one simulated fix.

    Args:
        rng: Of its random numbers.
        days: Full days judged.
        ratio: What the fix leaves of the contacts.
        spike: By which factor contacts are up from 10 days before the fix to 3 days after it.
        after_noise: Whether the fix comes after the highest week of 60 days, as if that had been an alert.
    """
    waits = WAITED if after_noise else 0
    rates = _rates(rng, LEARNT + waits + WASHOUT + days)
    rates[0, LEARNT - 10 : LEARNT + 3] *= spike
    counts = rng.poisson(rates)
    fixed = LEARNT + (_after_highest_week(counts) if after_noise else 0)
    counts[0, fixed:] = rng.binomial(counts[0, fixed:], ratio)
    on = FIRST + timedelta(days=fixed)
    begin = on + timedelta(days=WASHOUT)
    asked = Span(
        on=on,
        since=FIRST,
        before=Days(on - timedelta(days=BEFORE), on - timedelta(days=1)),
        washout=Days(on, begin - timedelta(days=1)),
        after=Days(begin, begin + timedelta(days=days - 1)),
    )
    names = tuple(f"untouched {number}" for number in range(CONTROLS))
    known = counts[:, : fixed + WASHOUT + days]
    said = judge(asked, Daily(FIRST, known[0], known[1:], names))
    held = said.change is not None and said.change.low <= np.log(ratio) <= said.change.high
    return bool(held), said.kind


def _after_highest_week(counts: NDArray[np.int64]) -> int:
    """On which of the 60 days the week before it lay highest, against what the untouched ones had."""
    own, others = (
        np.convolve(days, np.ones(7), mode="valid")[LEARNT - 7 : LEARNT - 7 + WAITED]
        for days in (counts[0], counts[1:].sum(axis=0))
    )
    return int(np.argmax(own / others))


def _rates(rng: np.random.Generator, n_days: int) -> Floats:
    """Contacts expected per day of the fixed intent, then of each untouched one."""
    level = np.concatenate([[PER_DAY], rng.uniform(20, 120, CONTROLS)])
    shared = np.cumsum(rng.normal(0, SHARED, n_days))
    return np.asarray(level[:, None] * np.exp(np.resize(WEEKDAYS, n_days) + shared + _own(rng, n_days)))


def _own(rng: np.random.Generator, n_days: int) -> Floats:
    """What each intent does for itself: noise that lasts, and a level that drifts."""
    noise = rng.normal(0, NOISE, (CONTROLS + 1, n_days))
    for day in range(1, n_days):
        noise[:, day] += LASTING * noise[:, day - 1]
    return np.asarray(noise + np.cumsum(rng.normal(0, DRIFT, (CONTROLS + 1, n_days)), axis=1))


def _rng(seed: int, ratio: float) -> np.random.Generator:
    return np.random.default_rng([seed, round(100 * ratio)])


if __name__ == "__main__":
    main()
