"""Contacts per day of an intent that was fixed, and of those nobody touched, over the days that tell if it helped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cx_metrics.contacts.schema import NONE
from cx_metrics.metrics.costs.cost_frames import decided_categories
from cx_metrics.metrics.periods import last_full_day
from cx_metrics.metrics.slice import DEFAULT_WINDOW, Slice
from cx_metrics.statistics.forecast import WEEK
from cx_metrics.store.marts.mart import Mart

Counts = NDArray[np.int64]

BEFORE, LEAST_BEFORE = 56, 28
"""Days before a fix that it is compared with, and the fewest that will do where something else happened before them."""
MOST_AFTER = 56
"""Days after the washout that are judged; later ones tell of other things as well."""
LEARN = 182
"""Days before a fix that the picture learns from."""
LEAST_CONTACTS = 28
"""Contacts in the days before below which an intent is no yardstick."""
_LEAST_AFTER = 5.0


class Days(NamedTuple):
    """Business days from the first to the last, both included; none where the last is before the first."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many."""
        return max((self.last - self.first).days + 1, 0)


@dataclass(frozen=True)
class Span:
    """The days around a fix.

    Attributes:
        on: The day of the fix, the first that it may have changed.
        since: The first day that can be used: of the data, or of the time after an earlier fix of the intent; None
            without data.
        before: The 56 days before, fewer whole weeks where not all can be used.
        washout: Days after it in which repeats of older contacts still arrive: the intent's window.
        after: The days judged: full ones only, at most 56.
    """

    on: date
    since: date | None
    before: Days
    washout: Days
    after: Days


@dataclass(frozen=True, eq=False)
class Daily:
    """Contacts per day.

    Attributes:
        first: The day of the first column.
        own: Of the intent that was fixed.
        others: Of the untouched ones: one row each.
        names: Their names, sorted.
    """

    first: date
    own: Counts
    others: Counts
    names: tuple[str, ...]

    def at(self, days: Days) -> slice:
        """The columns of some days."""
        start = (days.first - self.first).days
        return slice(start, start + days.length)


def span(mart: Mart, intent: str, *, on: date) -> Span:
    """The days around a fix, as far as the data knows them in full.

    The days before begin after an earlier fix of the same intent, and those judged end before the next one.
    """
    window = timedelta(days=mart.decisions.windows.get(intent, DEFAULT_WINDOW))
    fixes = [day for name, day in mart.decisions.fixes if name == intent]
    begin, last, since = on + window, last_full_day(mart.facts), mart.facts.data_from
    ends = [begin + timedelta(days=MOST_AFTER - 1), *(day - timedelta(days=1) for day in fixes if day > on)]
    end = min([*ends, last if last is not None else on - timedelta(days=1)])
    if since is not None:
        since = max([since, *(day + window for day in fixes if day < on)])
    usable = min(max((on - since).days, 0), BEFORE) if since is not None else 0
    return Span(
        on=on,
        since=since,
        before=Days(on - timedelta(days=usable - usable % WEEK), on - timedelta(days=1)),
        washout=Days(on, begin - timedelta(days=1)),
        after=Days(begin, end),
    )


def daily(mart: Mart, intent: str, *, asked: Span, excluded: Collection[str] = ()) -> Daily:
    """Contacts per day of an intent and of those nobody touched, from 182 days before a fix on or the data's first.

    Untouched are intents of another category, without a fix of their own among these days, not excluded, and with
    contacts enough to compare with: 28 in the 56 days before, and 5 expected in the days after.

    Args:
        mart: Whose data and decisions.
        intent: Which was fixed.
        asked: The days around its fix.
        excluded: Intents that something else happened to: an open review or signal.
    """
    first = max(asked.on - timedelta(days=LEARN), asked.since or asked.on)
    last = max(asked.after.last, min(asked.before.last, last_full_day(mart.facts) or asked.before.last))
    names, counts = _counts(mart, Days(first, last))
    found = Daily(first, np.zeros(counts.shape[1], dtype=np.int64), counts, names)
    before = counts[:, found.at(asked.before)].sum(axis=1)
    share = max(asked.after.length, 1) / max(asked.before.length, 1)
    enough = (before >= LEAST_CONTACTS) & (before * share >= _LEAST_AFTER)
    touched = _touched(mart, intent, Days(first, last)) | set(excluded) | {intent}
    kept = [at for at, name in enumerate(names) if enough[at] and name not in touched]
    own = counts[names.index(intent)] if intent in names else found.own
    return Daily(first, own, counts[kept], tuple(names[at] for at in kept))


def _counts(mart: Mart, days: Days) -> tuple[tuple[str, ...], Counts]:
    """Names of the intents with contacts, sorted, and their contacts: a row each, a column per day."""
    rows = mart.query(
        "SELECT c.intent, date_diff('day', $first, d.day) AS day, CAST(sum(d.contacts) AS BIGINT) AS n "
        "FROM daily AS d JOIN cells AS c USING (month, cell) WHERE d.day BETWEEN $first AND $last GROUP BY ALL",
        {"first": days.first, "last": days.last},
    )
    names = tuple(sorted(set(rows["intent"])))
    place = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), days.length), dtype=np.int64)
    counts[[place[name] for name in rows["intent"]], rows["day"].to_numpy(dtype=int)] = rows["n"]
    return names, counts


def _touched(mart: Mart, intent: str, days: Days) -> set[str]:
    """Intents that the fix, or one of their own, may have changed."""
    categories = decided_categories(mart, Slice())
    own = categories.get(intent, NONE)
    alike = {name for name, category in categories.items() if category == own != NONE}
    return alike | {NONE} | {name for name, on in mart.decisions.fixes if days.first <= on <= days.last}
