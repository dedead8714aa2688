"""The verdict on a fix in a sentence that can be read out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from cx_metrics.charts.numbers import THIN, count, money, percent, rounded
from cx_metrics.reviews.effect_told import Effect

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sentence(told: Effect) -> str:
    """What an effect says, as plain text: one to three sentences."""
    return _SAY[told.kind](told)


def _change(told: Effect) -> str:
    assert told.ratio is not None
    assert told.low is not None
    assert told.high is not None
    return f"{_side(told.ratio)} what similar untouched intents suggest ({_likely(told.low, told.high)})"


def _likely(low: float, high: float) -> str:
    if high < 1:
        return f"likely {percent(1 - high)} to {percent(1 - low)}"
    if low > 1:
        return f"likely {percent(low - 1)} to {percent(high - 1)}"
    return f"likely between {percent(1 - low)} below and {percent(high - 1)} above"


def _side(ratio: float) -> str:
    return f"{percent(1 - ratio)} below" if ratio < 1 else f"{percent(ratio - 1)} above"


def _beyond(told: Effect, *, what: str, sign: int) -> str:
    """The contacts and the money, each with its ends."""
    ends = sorted((sign * (told.avoided_low or 0.0), sign * (told.avoided_high or 0.0)))
    text = f"about {about(sign * (told.avoided or 0.0), count)} contacts"
    ranges = f"{about(ends[0], count)} to {about(ends[1], count)}"
    if told.money is not None and told.money_low is not None and told.money_high is not None:
        write = partial(money, currency=told.currency)
        least, most = sorted((sign * told.money_low, sign * told.money_high))
        text += f" and {about(sign * told.money, write)}"
        ranges += f"; {about(least, write)} to {about(most, write)}"
    return f"{text} {what} in the {told.days_after} days to {_day(told.judged_to)} ({ranges})."


def about(value: float, write: Callable[[float], str]) -> str:
    """A number with two digits that count, as more would pretend: ``790``, ``1 100``, ``€ 3 000``."""
    digits = 2 - len(str(int(abs(value))))
    return write(float(rounded(value, digits)) if digits < 0 else float(rounded(value)))


def _day(on: date) -> str:
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def _worked(told: Effect) -> str:
    head = f"It worked. Since the {told.what} on {_day(told.on)} contacts run {_change(told)}"
    return f"{head}: {_beyond(told, what='avoided', sign=1)}"


def _worse(told: Effect) -> str:
    head = f"It got worse. Since the {told.what} on {_day(told.on)} contacts run {_change(told)}"
    return f"{head}: {_beyond(told, what='more', sign=-1)}"


def _no_effect(told: Effect) -> str:
    if told.spike_on is not None:
        return (
            f"Not back to normal: since the {told.what} on {_day(told.on)} contacts still run "
            f"{_side(told.ratio or 1.0)} the level before the spike ({_likely(told.low or 1.0, told.high or 1.0)})."
        )
    return (
        f"No effect can be shown: since the {told.what} on {_day(told.on)} contacts run {_change(told)}, "
        "which chance alone explains."
    )


def _too_early(told: Effect) -> str:
    so_far = f"{told.days_after} full day{'s' * (told.days_after != 1)}" if told.days_after else "no full day yet"
    return (
        f"Too early: {so_far} after the {told.washout}{THIN}days in which repeats of older contacts arrive. "
        f"First honest answer on {_day(told.first_answer_on)}."
    )


def _back_to_normal(told: Effect) -> str:
    assert told.low is not None
    assert told.high is not None
    return (
        "Back to normal after the spike: contacts run as before it "
        f"({_likely(told.low, told.high)} that level). "
        f"We can't say the {told.what} caused it: spikes like this mostly fade by themselves."
    )


def _cant_tell(told: Effect) -> str:
    return f"It can't be told whether the {told.what} on {_day(told.on)} helped: {told.reason}."


_SAY: Mapping[str, Callable[[Effect], str]] = {
    "worked": _worked,
    "worse": _worse,
    "no effect": _no_effect,
    "too early": _too_early,
    "back to normal": _back_to_normal,
    "can't tell": _cant_tell,
}
