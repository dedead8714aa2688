"""Which counts of many series stand out, day by day, each judged by the past only.

A day's score is ``(count - expected) / sqrt(expected)``. Four steps make it comparable across series, so that the
share of false alarms can be held: what is expected follows weekdays, exposure and the last 56 days; the score is
measured by the series' own centre and spread; how rare it is, is read from the scores of all series of the last 80
days, but for those of alarms that lasted, with an exponential tail; and of one day's series, Benjamini and Hochberg's
procedure tells which stand out.
The same is done with the sums of the last 7 days, which find smaller rises that last.

Only rises are looked for. Where most large series rise together, each is judged against that common rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cx_metrics.statistics.band import MAD_TO_SD
from cx_metrics.statistics.forecast import closed_days
from cx_metrics.statistics.many import false_discovery_rate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEK = 7
LEARN = 56
"""Days that rates, centres and spreads are learnt from."""
WARM_UP = LEARN + 30
"""Days of a series before it is judged."""
POOL = 80
"""Days whose scores say how rare a score is."""
TAIL = 0.02
"""Share of the scores that the exponential tail stands for."""
PSEUDO_DAYS = 20
"""Days that all series together count for in the centre and spread of each."""
SURE = 0.025
"""Share of false ones accepted among a day's alarms, for single days and again for weeks."""
PERHAPS = 0.20
"""The same for those worth a look only."""
GAP = 3
"""Alarms so many days apart are one episode."""
PATIENCE = 10
"""Days of an episode that nothing is learnt from; what lasts longer is the new level."""
TOGETHER = 1.15
"""Median of count / expected above which most series rise together, and are judged against that rise."""
LARGE = 10.0
"""Contacts expected on a day of the week from which a series says whether most rise."""
LEAST_LARGE = 5

_INDEX_PRIOR = 50.0
_LEAST_OPEN = LEARN // 2
_LEAST_SCORES = 60
# Between a normal tail, .37, and those of simulated companies: few scores show a tail thinner than it is.
_LEAST_EXCESS = 0.5
_UNUSUAL = 3.0


@dataclass(frozen=True, eq=False)
class Judged:
    """Counts of days, or of the 7 days up to each, against what their past lets expect; a row per series.

    Attributes:
        observed: Counts; closed days and the day after each have none.
        expected: What was expected, with the common rise where there is one; NaN where it can't be told.
        low: Lower end of what 95 of 100 ordinary days have, at least 0.
        high: Upper end.
        p: How rare such a score is, 0..1; NaN where it isn't judged.
        q: Share of false ones expected among the day's series that stand out as much or more.
        together: The common rise per day: median of count / expected over the large series; 1 where that is up to 1.15.
        everything: Days whose common rise is unusual as well: by more than three standard deviations of such medians.
    """

    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats
    together: Floats
    everything: Flags


@dataclass(frozen=True, eq=False)
class Watched:
    """What was seen, with a row per series and a column per day.

    Attributes:
        days: Each day by itself.
        weeks: The 7 days up to each day.
        alarm: Stands out surely: q at most 2.5 % for the day or for the week.
        hint: Stands out perhaps: q at most 20 % for either.
        again: The day alone stood out perhaps on two of the last three days.
        since: Column at which the episode of an alarm began; -1 without alarm.
        learning: Too young to be judged.
        accepted: In an episode so long that its level is learnt as the new one.
    """

    days: Judged
    weeks: Judged
    alarm: Flags
    hint: Flags
    again: Flags
    since: NDArray[np.int64]
    learning: Flags
    accepted: Flags


def watch(counts: ArrayLike, *, exposure: ArrayLike | None = None) -> Watched:
    """Which of many series stood out on which days.

    Args:
        counts: A row per series, a column per consecutive full day. Weekdays need no naming: they are the position
            modulo 7. A series is as old as its first contact.
        exposure: Units of X on each day; 1 where left out.

    Raises:
        ValueError: Counts or exposure are negative, missing or don't fit each other, or an exposure is 0.
    """
    y = np.asarray(counts, dtype=float)
    x = np.ones(y.shape[-1]) if exposure is None else np.asarray(exposure, dtype=float)
    if y.ndim != 2 or x.shape != y.shape[1:]:
        raise ValueError("counts must be a row per series and a column per day, and exposure a number per day")
    if not (np.all(y >= 0) and np.all(x > 0) and np.isfinite(y).all() and np.isfinite(x).all()):
        raise ValueError("counts must be numbers from 0 up and exposure above 0, without gaps")
    watching = _Watching(y, x)
    for day in range(y.shape[1]):
        watching.look_at(day)
    return watching.seen()


def tail_p(scores: ArrayLike, pool: ArrayLike) -> Floats:
    """How rare a score is among those of the pool: the share of them that are as high or higher.

    Above the pool's 98 % quantile u, it is ``.02 exp(-(score - u) / m)`` with the mean m of what the pool exceeds u
    by, at least .5; so it can be smaller than any share of the pool.

    Args:
        scores: To be judged; NaN stays NaN.
        pool: Ordinary scores, without NaN.

    Returns:
        Above 0 and at most 1; NaN everywhere while the pool has fewer than 60.
    """
    z, known = np.asarray(scores, dtype=float), np.sort(np.asarray(pool, dtype=float))
    if known.size < _LEAST_SCORES:
        return np.full(z.shape, np.nan)
    edge = float(np.quantile(known, 1 - TAIL))
    excess = float(np.mean(known[known > edge] - edge)) if known[-1] > edge else _LEAST_EXCESS
    at_least = (known.size - np.searchsorted(known, z)) / known.size
    rare = TAIL * np.exp(-(z - edge) / max(excess, _LEAST_EXCESS))
    p = np.where(z > edge, rare, np.maximum(at_least, TAIL))
    return np.where(np.isnan(z), np.nan, p)


def not_ordinary(totals: ArrayLike) -> Flags:
    """Days on which next to nobody could contact us, and the day after each, by the contacts of all together."""
    closed = closed_days(totals)
    after = np.append(False, closed[:-1]) if closed.size else closed
    return np.asarray(closed | after)


class _Arm:
    """The days, or the weeks up to each, as they are judged one after the other."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.observed, self.expected, self.low, self.high = (np.full(shape, np.nan) for _ in range(4))
        self.score, self.z, self.p, self.q = (np.full(shape, np.nan) for _ in range(4))
        self.median_rise = np.full(shape[1], np.nan)
        self.together = np.ones(shape[1])
        self.everything = np.zeros(shape[1], dtype=bool)

    def judge(self, day: int, *, apart: Floats, large: Flags, judged: Flags, masked: Flags, loud: Flags) -> None:
        """Score a day whose counts and expectations are filled in.

        Args:
            day: Its column.
            apart: What was expected with the common rise of each single day.
            large: Series that say whether most rise.
            judged: Series that are old enough.
            masked: Series and days that nothing is learnt from.
            loud: Series and days that don't say what is ordinary.
        """
        rise = _median_rise(self.observed[large, day], self.expected[large, day])
        self.everything[day] = _is_unusual(rise, self.median_rise[max(day - LEARN, 0) : day])
        self.median_rise[day], self.together[day] = rise, rise if rise > TOGETHER else 1.0
        expected = self.expected[:, day] * rise if rise > TOGETHER else apart
        # Where less than one contact is expected, a single one is no news.
        spread = np.sqrt(np.maximum(expected, 1.0))
        score = (self.observed[:, day] - expected) / spread
        past = np.where(masked, np.nan, self.score)[:, max(day - LEARN, 0) : day]
        centre, scale = _own_measure(past)
        self.expected[:, day], self.score[:, day] = expected, score
        self.z[:, day] = (score - centre) / scale
        self.low[:, day] = np.maximum(expected + spread * (centre - 1.96 * scale), 0)
        self.high[:, day] = np.maximum(expected + spread * (centre + 1.96 * scale), 0)
        pool = np.where(loud, np.nan, self.z)[:, max(day - POOL, 0) : day]
        self.p[:, day] = np.where(judged, tail_p(self.z[:, day], pool[np.isfinite(pool)]), np.nan)
        self.q[:, day] = false_discovery_rate(self.p[:, day])

    def judged(self) -> Judged:
        """What came out."""
        return Judged(self.observed, self.expected, self.low, self.high, self.p, self.q, self.together, self.everything)


class _Watching:
    """All series on their way through the days; what is seen of a day decides what later days learn from."""

    def __init__(self, y: Floats, x: Floats) -> None:
        self.y, self.x = y, x
        self.odd = not_ordinary(y.sum(axis=0))
        # The first day with a contact; the day after the last where there is none.
        self.born = (np.cumsum(y, axis=1) == 0).sum(axis=1)
        self.usual = np.full(y.shape, np.nan)
        self.day, self.week = _Arm((len(y), len(x))), _Arm((len(y), len(x)))
        self.masked, self.alarm, self.lasting, self.hint, self.again, self.learning, self.accepted = (
            np.zeros(y.shape, dtype=bool) for _ in range(7)
        )
        self.since = np.full(y.shape, -1)
        self.start, self.last = (np.full(len(y), -LEARN) for _ in range(2))

    def look_at(self, day: int) -> None:
        """Judge a day, and remember which series nothing is to be learnt from."""
        judged = day - self.born >= WARM_UP
        self.learning[:, day] = ~judged
        if day < LEARN:
            return
        self.usual[:, day] = self._usual(day)
        if not self.odd[day]:
            self.day.observed[:, day], self.day.expected[:, day] = self.y[:, day], self.usual[:, day]
        days = [d for d in range(day - WEEK + 1, day + 1) if d >= LEARN and not self.odd[d]]
        if len(days) > WEEK // 2 and day >= LEARN + WEEK - 1:
            self.week.observed[:, day] = self.y[:, days].sum(axis=1)
            self.week.expected[:, day] = self.usual[:, days].sum(axis=1)
        large = np.nan_to_num(self.usual[:, day - WEEK + 1 : day + 1]).mean(axis=1) >= LARGE
        ready = {"large": large, "judged": judged, "masked": self.masked, "loud": self.lasting}
        self.day.judge(day, apart=self.day.expected[:, day], **ready)
        apart = (self.usual[:, days] * self.day.together[days]).sum(axis=1)
        self.week.judge(day, apart=np.where(np.isfinite(self.week.expected[:, day]), apart, np.nan), **ready)
        self._decide(day)

    def seen(self) -> Watched:
        """What came out."""
        return Watched(
            self.day.judged(),
            self.week.judged(),
            self.alarm,
            self.hint,
            self.again,
            self.since,
            self.learning,
            self.accepted,
        )

    def _usual(self, day: int) -> Floats:
        """Expected counts of a day: the rate of the 56 days before by exposure and weekday, without the odd days."""
        past = slice(day - LEARN, day)
        use = ~(self.masked[:, past] | self.odd[past])
        use &= np.arange(day - LEARN, day) >= self.born[:, None]
        index = _weekday_index(self.y[:, past], self.x[past], use)
        reach = np.tile(index, LEARN // WEEK) * self.x[past] * use
        y = self.y[:, past] * use
        all_reach, own_reach = reach.sum(axis=1), reach[:, ::WEEK].sum(axis=1)
        rate = np.divide(y.sum(axis=1), all_reach, out=np.full(len(y), np.nan), where=all_reach > 0)
        own = (y[:, ::WEEK].sum(axis=1) + _INDEX_PRIOR) / (rate * own_reach + _INDEX_PRIOR)
        usual = rate * own * index[0] * self.x[day]
        return np.asarray(np.where(use.sum(axis=1) >= _LEAST_OPEN, usual, np.nan))

    def _decide(self, day: int) -> None:
        """Alarms of a day, the episodes they belong to, and what isn't learnt from."""
        days, weeks = self.day.q, self.week.q
        alarm = (days[:, day] <= SURE) | (weeks[:, day] <= SURE)
        self.alarm[:, day] = alarm
        self.hint[:, day] = alarm | (days[:, day] <= PERHAPS) | (weeks[:, day] <= PERHAPS)
        self.again[:, day] = (days[:, max(day - 2, 0) : day + 1] <= PERHAPS).sum(axis=1) >= 2
        goes_on = alarm & (day - self.last <= GAP)
        self.start = np.where(alarm & ~goes_on, day, self.start)
        self.last = np.where(alarm, day, self.last)
        self.since[alarm, day] = self.start[alarm]
        # An alarm seen once may be chance, and belongs to what is ordinary.
        self.lasting[:, day] = goes_on
        for series in np.flatnonzero(alarm):
            begin = self.start[series]
            lasts = day - begin >= PATIENCE
            self.accepted[series, day] = lasts
            self.masked[series, begin : day + 1] = not lasts


def _median_rise(observed: Floats, expected: Floats) -> float:
    """Median of count / expected over series; NaN where they are too few."""
    known = np.nan_to_num(expected) > 0
    if np.count_nonzero(known) < LEAST_LARGE:
        return np.nan
    return float(np.median(observed[known] / expected[known]))


def _is_unusual(rise: float, past: Floats) -> bool:
    """Whether a rise of most series is beyond 15 % and three of its own robust standard deviations."""
    known = past[np.isfinite(past)]
    if not rise > TOGETHER or known.size < _LEAST_OPEN:
        return False
    centre = float(np.median(known))
    return rise > centre + _UNUSUAL * MAD_TO_SD * float(np.median(np.abs(known - centre)))


def _own_measure(past: Floats) -> tuple[Floats, Floats]:
    """Centre and spread of each series' past scores, drawn to those of all; no spread is below a Poisson count's."""
    known = np.isfinite(past)
    everything = past[known]
    n = known.sum(axis=1)
    centre_of_all, scale_of_all = 0.0, 1.0
    if everything.size >= PSEUDO_DAYS:
        centre_of_all = float(np.median(everything))
        scale_of_all = max(MAD_TO_SD * float(np.median(np.abs(everything - centre_of_all))), 1.0)
    centre = _row_median(past, n, otherwise=centre_of_all)
    scale = MAD_TO_SD * _row_median(np.abs(past - centre[:, None]), n, otherwise=scale_of_all / MAD_TO_SD)
    weight = n / (n + PSEUDO_DAYS)
    scale = np.maximum(weight * scale + (1 - weight) * scale_of_all, 1.0)
    return weight * centre + (1 - weight) * centre_of_all, scale


def _row_median(rows: Floats, n: NDArray[np.intp], *, otherwise: float) -> Floats:
    """Median of each row's known values; ``np.nanmedian`` takes 5 times as long."""
    if not rows.shape[1]:
        return np.full(len(rows), otherwise)
    ordered, at = np.sort(rows, axis=1), np.arange(len(rows))  # NaN last
    middle = (ordered[at, np.maximum(n - 1, 0) // 2] + ordered[at, np.minimum(n // 2, rows.shape[1] - 1)]) / 2
    return np.asarray(np.where(n > 0, middle, otherwise))


def _weekday_index(y: Floats, x: Floats, use: Flags) -> Floats:
    """How busy each weekday is against all, over all series; the first entry is the weekday of the day that comes."""
    weeks = (len(y), LEARN // WEEK, WEEK)
    counts = (y * use).reshape(weeks).sum(axis=1)
    reach = (x * use).reshape(weeks).sum(axis=1)
    rate = np.divide(counts.sum(axis=1), reach.sum(axis=1), out=np.zeros(len(y)), where=reach.sum(axis=1) > 0)
    expected = (rate[:, None] * reach).sum(axis=0)
    index: Floats = np.divide(counts.sum(axis=0), expected, out=np.ones(WEEK), where=expected > 0)
    return index
