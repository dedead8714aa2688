"""What a signal says in words: what was expected, what came, since when, how sure, and what it costs."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

from cx_metrics.charts.numbers import count, money, percent, rounded
from cx_metrics.reviews.signal import Figures

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_TIMES = 1_000_000
_PLAIN_SHARES = (*(Fraction(1, n) for n in (20, 10, 5, 4, 3, 2)), Fraction(2, 3), Fraction(3, 4), Fraction(9, 10))


def day(on: date) -> str:
    """A day as people say it: ``14 Sep 2026``."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def rise(figures: Figures, *, n_days: int, on: date, unit: str | None) -> str:
    """How far contacts are above what was expected."""
    expected = figures.expected
    above = f"{percent(figures.observed / expected - 1)} above" if expected >= 1 else "far above"
    ordinary = f"{count(math.floor(figures.low))} to {count(math.ceil(figures.high))}"
    stretch = f"a {_WEEKDAYS[on.weekday()]}" if n_days == 1 else f"{n_days} days"
    with_units = f" with this many {unit}" if unit else ""
    when = f"on {day(on)}" if n_days == 1 else f"in the {n_days} days to {day(on)}"
    came = f"{count(figures.observed)} came {when}"
    return f"{above} what we expect ({ordinary} contacts for {stretch}{with_units}, {came})"


def quoted(name: str) -> str:
    """A name from the data as a sentence begins with it."""
    return f"“{name}”"


def since(on: date) -> str:
    """Since when."""
    return f", unusual since {day(on)}."


def chance(p: float, *, n_days: int) -> str:
    """How rarely chance brings as much."""
    times = min(1 / max(p, 1 / _MOST_TIMES), _MOST_TIMES)
    coarse = float(rounded(times, 1 - len(str(int(times)))))
    what = "a day" if n_days == 1 else "7 days"
    return f"Chance brings {what} like this about once in {count(coarse)}."


def settled() -> str:
    """What is done with a rise that lasts."""
    return "It has lasted more than 10 days: the new level is being learnt as the usual one."


def weekly_cost(amount: float | None, currency: str, *, why: str | None) -> str:
    """What it costs a week."""
    if amount is None:
        return f"What it costs is not known: {why}." if why else "What it costs is not known."
    return f"It costs about {money(amount, currency)} a week more than expected."


def spared(amount: float | None, currency: str, *, why: str | None) -> str:
    """What a target would spare."""
    if amount is None:
        return weekly_cost(None, currency, why=why)
    return f"Reaching the target would spare about {money(amount, currency)} a week."


def mostly(false_rate: float | None) -> str:
    """How often such signals turn out to be nothing."""
    if false_rate is None:
        return "How often such signals turn out to be nothing has not been measured."
    nearest = min(_PLAIN_SHARES, key=lambda share: abs(float(share) - false_rate))
    turn = "turns" if nearest.numerator == 1 else "turn"
    return f"About {nearest.numerator} in {nearest.denominator} signals like this {turn} out to be nothing."
