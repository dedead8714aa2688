"""``make bench-signals``: how many of the planted events the signals find, and how often they cry wolf.

Simulated companies of 200 intents: negative binomial counts whose level drifts and whose days resemble each other,
weekdays, 13 holidays a year, growing customers, and 10 events per 60 days, half of them spikes of 1 to 3 days and
half lasting shifts, by 30 to 200 %. Each day is judged by its past; alarms of an intent at most 3 days apart are one
episode. An episode is true if it meets an event of its intent, in its first 28 days and until a week after its end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cx_metrics.statistics.anomaly import GAP, LEARN, POOL, WARM_UP, WEEK, watch

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

INTENTS, JUDGED = 200, 60
BEFORE = WARM_UP + POOL
DAYS = BEFORE + JUDGED
EVENTS_PER_DAY = 10 / 60
SEEDS = range(10)
LARGE_LIFT, LARGE_COUNT = 0.8, 30.0
NEWS = 28
LEAST_PRECISION, MOST_FALSE, LEAST_LARGE = 0.75, 0.3, 0.75
DEFAULT = "investigate (the default)"


@dataclass(frozen=True)
class Event:
    """A planted rise.

    Attributes:
        intent: Whose contacts rise.
        first: First day of it.
        last: Last day of it; of a shift, the last day there is.
        lift: By how much, as a share.
        usual: Contacts a day of the intent without it.
    """

    intent: int
    first: int
    last: int
    lift: float
    usual: float

    @property
    def is_large(self) -> bool:
        """Whether it is one that must not be missed."""
        return self.lift >= LARGE_LIFT and self.usual > LARGE_COUNT


@dataclass(frozen=True)
class Company:
    """Simulated contacts: a row per intent, a column per day; customers per day; and what was planted."""

    counts: NDArray[np.int64]
    customers: Floats
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Tally:
    """What a rule found of one company or several."""

    events: int = 0
    found: int = 0
    large: int = 0
    large_found: int = 0
    true: int = 0
    false: int = 0
    weeks: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def precision(self) -> float:
        """Share of the episodes that are true."""
        return self.true / max(self.true + self.false, 1)

    @property
    def recall(self) -> float:
        """Share of the events that were found."""
        return self.found / max(self.events, 1)

    @property
    def large_recall(self) -> float:
        """The same of rises by 80 % and more on intents above 30 contacts a day."""
        return self.large_found / max(self.large, 1)

    @property
    def false_per_week(self) -> float:
        """False episodes in 7 days."""
        return self.false / max(self.weeks, 1e-9)


def company(seed: int) -> Company:
    """A simulated company; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    usual = np.clip(np.exp(rng.normal(np.log(20), 1.2, INTENTS)), 0.5, 1500)
    customers = np.exp(np.log(1.3) * np.arange(DAYS) / 365)
    weekdays = np.array([1.22, 1.14, 1.10, 1.08, 1.06, 0.80, 0.60]) * np.exp(rng.normal(0, 0.08, (INTENTS, WEEK)))
    drift = np.cumsum(rng.normal(0, 0.008, (INTENTS, DAYS)), axis=1)
    level = usual[:, None] * customers * np.exp(drift - drift[:, :1])
    mean = level * weekdays[:, np.arange(DAYS) % WEEK] * np.exp(_lasting_luck(rng)) * _holidays(rng)
    events = tuple(_events(rng, level))
    for event in events:
        mean[event.intent, event.first : event.last + 1] *= 1 + event.lift
    size = 1 / 0.01
    return Company(rng.poisson(rng.gamma(size, mean / size)), customers, events)


def _lasting_luck(rng: np.random.Generator) -> Floats:
    """AR(1) effects of days, an intent's own."""
    luck = rng.normal(0, 0.08, (INTENTS, DAYS))
    for day in range(1, DAYS):
        luck[:, day] = 0.4 * luck[:, day - 1] + luck[:, day] * np.sqrt(1 - 0.4**2)
    return luck


def _holidays(rng: np.random.Generator) -> Floats:
    """13 days a year with a quarter of the usual contacts, more on the day after."""
    factor = np.ones(DAYS)
    for day in rng.choice(DAYS - 1, round(13 * DAYS / 365), replace=False):
        factor[day], factor[day + 1] = 0.25, 1.15
    return factor


def _events(rng: np.random.Generator, level: Floats) -> Iterator[Event]:
    intents = rng.permutation(INTENTS)
    for number in range(round(EVENTS_PER_DAY * (DAYS - LEARN))):
        first = LEARN + int((number + rng.random()) / EVENTS_PER_DAY)
        if first >= DAYS - 3:
            return
        last = DAYS - 1 if number % 2 else first + int(rng.integers(0, 3))
        intent = int(intents[number])
        yield Event(intent, first, last, float(rng.uniform(0.3, 2.0)), float(level[intent, first]))


def tally(alarm: Flags, told: Company) -> Tally:
    """What alarms found of a company's last 60 days."""
    judged = [event for event in told.events if event.first >= BEFORE]
    spans = [(first, last, intent) for intent in range(INTENTS) for first, last in episodes(alarm[intent])]
    spans = [span for span in spans if span[1] >= BEFORE]
    true = sum(any(_meets(event, *span) for event in told.events) for span in spans)
    hits = [any(_meets(event, *span) for span in spans) for event in judged]
    large = [hit for event, hit in zip(judged, hits, strict=True) if event.is_large]
    return Tally(len(judged), sum(hits), len(large), sum(large), true, len(spans) - true, JUDGED / WEEK)


def _meets(event: Event, first: int, last: int, intent: int) -> bool:
    news_until = min(event.last + WEEK, event.first + NEWS) - 1
    return event.intent == intent and first <= news_until and last >= event.first


def episodes(alarm: Flags) -> list[tuple[int, int]]:
    """First and last day of each episode of one intent's alarms."""
    days = np.flatnonzero(alarm)
    cuts = np.flatnonzero(np.diff(days) > GAP) + 1
    return [(int(part[0]), int(part[-1])) for part in np.split(days, cuts) if part.size]


def half_more(told: Company) -> Flags:
    """More than 1.5 times the mean of the same weekday in the last four weeks."""
    y = told.counts
    alarm = np.zeros(y.shape, dtype=bool)
    for day in range(4 * WEEK, DAYS):
        alarm[:, day] = y[:, day] > 1.5 * y[:, day - 4 * WEEK : day : WEEK].mean(axis=1)
    return alarm


def three_sigma(told: Company) -> Flags:
    """The raw u chart: above the mean of the last 56 days by customer, plus three Poisson standard deviations."""
    y, x = told.counts, told.customers
    alarm = np.zeros(y.shape, dtype=bool)
    for day in range(LEARN, DAYS):
        expected = y[:, day - LEARN : day].sum(axis=1) / x[day - LEARN : day].sum() * x[day]
        alarm[:, day] = y[:, day] > expected + 3 * np.sqrt(expected)
    return alarm


def main() -> None:
    """Print the table as Markdown; ends with status 1 where the default misses what is promised."""
    rows: dict[str, Tally] = {}
    for seed in SEEDS:
        told = company(seed)
        for name, alarm in _rules(told).items():
            rows[name] = rows.get(name, Tally()) + tally(alarm, told)
    print("| rule | precision | false alarms a week | recall | recall, +80 % on more than 30 a day |")
    print("|---|---|---|---|---|")
    for name, row in rows.items():
        recall = f"{row.recall:.2f} ({row.found} of {row.events})"
        large = f"{row.large_recall:.2f} ({row.large_found} of {row.large})"
        print(f"| {name} | {row.precision:.2f} | {row.false_per_week:.2f} | {recall} | {large} |")
    print(f"| asked of the default | {LEAST_PRECISION:.2f} | at most {MOST_FALSE:.2f} | | {LEAST_LARGE:.2f} |")
    sys.exit(0 if keeps_promises(rows[DEFAULT]) else 1)


def keeps_promises(found: Tally) -> bool:
    """Whether a rule is as precise, as quiet and as watchful as asked."""
    return (
        found.precision >= LEAST_PRECISION and found.false_per_week <= MOST_FALSE and found.large_recall >= LEAST_LARGE
    )


def _rules(told: Company) -> dict[str, Flags]:
    """The alarms of each rule."""
    seen = watch(told.counts, exposure=told.customers)
    return {
        "watch": seen.hint,
        DEFAULT: seen.alarm,
        "recommend pause (seen twice in 3 days)": seen.alarm & seen.again,
        "+50 % against the same weekday of 4 weeks": half_more(told),
        "u chart, 3 sigma, raw": three_sigma(told),
    }


if __name__ == "__main__":
    main()
