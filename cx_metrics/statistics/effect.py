"""Did it help? What changed after a fix, against intents that nobody touched.

The verdict rests on a difference of differences whose spread comes from placebos: the same estimate for every untouched
intent, as if it had been fixed. In simulations its 95 % interval covers the truth in 91 to 97 of 100 runs, from
a week after the fix on; before-and-after means cover it in about 60.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cx_metrics.statistics.estimate import Estimate
from cx_metrics.statistics.forecast import WEEK, predictive
from cx_metrics.statistics.survival import difference

Floats = NDArray[np.float64]

LEAST_CONTROLS = 8
"""Untouched intents below which their spread says too little."""

_LEAST_SPREAD, _LEAST_MOVE = 1e-5, 1e-6
_HALF = 0.5
_USUAL, _APART = 28, 14
_FAR_ABOVE, _SIGMAS = 1.5, 4.0
_TO_SIGMA = 1.4826


class Change(NamedTuple):
    """How a count changed beyond what untouched ones did, as a logarithm: 0 is not at all, log 0.5 is half.

    Attributes:
        value: The estimate.
        low, high: Its 95 % interval, or that of the level asked for.
        spread: Standard deviation of what untouched ones do beyond chance.
        n: Untouched ones.
    """

    value: float
    low: float
    high: float
    spread: float
    n: int

    @property
    def beyond(self) -> bool:
        """Whether the interval lies on one side of no change."""
        return self.low > 0 or self.high < 0


class Course(NamedTuple):
    """What each day would have brought: median and 95 % range."""

    value: Floats
    low: Floats
    high: Floats


def change_against(
    before: float, after: float, *, others_before: ArrayLike, others_after: ArrayLike, level: float = 0.95
) -> Change:
    """Logarithm of ``after / before`` less that of the untouched ones' sums, with the placebos' spread.

    Each untouched one is compared with the sum of the others, as if it had been the one that was fixed. What their
    estimates vary by beyond counting noise is what the estimate itself may be off by; the interval takes the t
    distribution of K - 1 degrees of freedom. A count of 0 is taken as one half.

    Args:
        before: Contacts before; of any number of days, the same for all.
        after: Contacts after.
        others_before: Contacts of each of the K untouched ones over the same days before.
        others_after: The same, after.
        level: Of the interval, in (0, 1).

    Raises:
        ValueError: Fewer than 8 untouched ones, or a count is negative or missing.

    Source:
        Difference in differences as in Card & Krueger 1994 (Am Econ Rev 84:772-793), in logarithms; placebo
        inference as in Abadie, Diamond & Hainmueller 2010 (JASA 105:493-505).
    """
    from scipy.stats import t

    first, last, pre, post = _checked(before, after, others_before, others_after)
    value = float(np.log(last / first) - np.log(post.sum() / pre.sum()))
    placebos = np.log(post / pre) - np.log((post.sum() - post) / (pre.sum() - pre))
    variance = max(float(np.mean(placebos**2 - 1 / post - 1 / pre)), _LEAST_SPREAD)
    error = np.sqrt((variance + 1 / last + 1 / first) * (1 + 1 / pre.size))
    half = float(t.ppf((1 + level) / 2, pre.size - 1) * error)
    return Change(value, value - half, value + half, float(np.sqrt(variance)), pre.size)


def _checked(
    before: float, after: float, others_before: ArrayLike, others_after: ArrayLike
) -> tuple[float, float, Floats, Floats]:
    pre, post = np.asarray(others_before, dtype=float), np.asarray(others_after, dtype=float)
    if pre.ndim != 1 or pre.shape != post.shape or pre.size < LEAST_CONTROLS:
        raise ValueError(f"at least {LEAST_CONTROLS} untouched intents are needed, each before and after")
    counts = np.concatenate([[before, after], pre, post])
    if not np.all(np.isfinite(counts) & (counts >= 0)):
        raise ValueError("contacts must be counts from 0 up")
    return max(float(before), _HALF), max(float(after), _HALF), np.maximum(pre, _HALF), np.maximum(post, _HALF)


def held_out(contacts: int, told: int, others_contacts: int, others: int) -> Estimate:
    """By how much the share who contact us differs between those told and a random hold-out, with 95% interval.

    Negative where telling spared contacts. The only design without regression to the mean: chance chose who was told.

    Args:
        contacts: Of those told, how many contacted us.
        told: How many were told.
        others_contacts: Of the hold-out, how many contacted us.
        others: Size of the hold-out.

    Raises:
        ValueError: A count is negative or above its size.

    Source:
        Newcombe 1998, Stat Med 17:873-890, method 10.
    """
    if not (0 <= contacts <= told and 0 <= others_contacts <= others):
        raise ValueError("contacts must be counts from 0 to the number of people")
    if not told or not others:
        return Estimate.unknown("nobody was told" if not told else "nobody was held out", told + others)
    found = difference(contacts / told, told, others_contacts / others, others)
    return Estimate(found.value, found.low, found.high, told + others)


def course_without(before: ArrayLike, *, others_before: ArrayLike, others_after: ArrayLike) -> Course:
    """What the days after would have brought, had nothing been done: the counterfactual.

    The logarithm of a day's count is a level that wanders, a fixed pattern of weekdays, and the untouched ones' sum
    with a weight of its own; all of it learnt from the days before only.

    Args:
        before: Contacts of the days before, whole weeks, oldest first, at least eight.
        others_before: Contacts of all untouched ones together over the same days.
        others_after: The same over the days after.

    Raises:
        ValueError: The days before don't make whole weeks, or are too few.

    Source:
        Brodersen et al. 2015 (Ann Appl Stat 9:247-274), with the local level model of Durbin & Koopman 2012.
    """
    own, beside, ahead = (np.asarray(c, dtype=float) for c in (before, others_before, others_after))
    if own.size % WEEK or own.size < 8 * WEEK or own.shape != beside.shape:
        raise ValueError("a counterfactual needs at least eight whole weeks before, of the intent and of the others")
    centre = np.log(beside + _HALF).mean()
    past, future = np.log(beside + _HALF) - centre, np.log(ahead + _HALF) - centre
    # Others that move with the weekdays only teach nothing more, and their weight could be anything.
    weeks = past.reshape(-1, WEEK)
    moves = float(np.abs(weeks - weeks.mean(axis=0)).max()) > _LEAST_MOVE
    said = predictive(
        np.log(own + _HALF),
        days=ahead.size,
        beside=past[:, None] if moves else None,
        beside_ahead=future[:, None] if moves else None,
    )
    spread = 1.959964 * np.sqrt(np.diag(said.covariance()))
    value, low, high = (np.maximum(np.exp(said.mean + far) - _HALF, 0.0) for far in (0.0, -spread, spread))
    return Course(value, low, high)


def episode(before: ArrayLike, *, others_before: ArrayLike, within: int = 56) -> int | None:
    """Where a spike began: the day, from 0, of the first week that lay far above normal; None if none did.

    Normal is the 28 days that end 14 days before the week. A week is far above it at half as much again and at 4 times
    the usual spread, both against what the untouched ones did; the spread is that of chance, or of all such weeks
    before, whichever is wider. After a spike, anything done in it looks like a success.

    Args:
        before: Contacts of consecutive days, oldest first.
        others_before: Contacts of all untouched ones together over the same days.
        within: Only weeks of so many last days count; those before teach the usual spread.
    """
    own, beside = (np.concatenate([[0.0], np.cumsum(np.asarray(c, dtype=float))]) for c in (before, others_before))
    starts = np.arange(_USUAL + _APART, own.size - WEEK)
    if not starts.size:
        return None
    usual, usual_beside = (
        np.maximum(total[starts - _APART] - total[starts - _APART - _USUAL], _HALF) for total in (own, beside)
    )
    week, week_beside = (np.maximum(total[starts + WEEK] - total[starts], _HALF) for total in (own, beside))
    expected = usual * week_beside / usual_beside
    far = np.log(week / expected)
    spread = np.maximum(np.sqrt(1 / expected + 1 / usual), _TO_SIGMA * np.median(np.abs(far - np.median(far))))
    is_far = (far > np.log(_FAR_ABOVE)) & (far > _SIGMAS * spread) & (starts >= own.size - 1 - within)
    return int(starts[is_far][0]) if is_far.any() else None
