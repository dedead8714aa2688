"""Every metric once more: straight from the contacts and the definitions, one contact at a time.

Nothing here is shared with the product but the slice that asks and the test contacts' shape.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cx_metrics.metrics.slice import Slice
from tests.metrics.small_mart import Ticket
from tests.store.mart_lake import expected_dispersion, expected_touches

Row = dict[str, Any]
Z = 1.959963984540054


@dataclass(frozen=True)
class Company:
    """All contacts there are, until when they are complete, and the windows that intents have of their own."""

    contacts: tuple[Ticket, ...]
    watermark: datetime
    timezone: str
    windows: tuple[tuple[str, int], ...] = ()

    def window(self, intent: str, asked: Slice) -> int:
        return asked.window or dict(self.windows).get(intent, 7)

    def day(self, at: datetime) -> date:
        return at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone)).date()

    @property
    def span(self) -> tuple[date, date]:
        days = [self.day(c.started_at) for c in self.contacts]
        return min(days), max([*days, self.day(self.watermark - timedelta(microseconds=1))])

    @property
    def last_full_day(self) -> date:
        """The last day whose every minute but the last lies before the cut-off."""
        day = self.day(self.watermark)
        almost_over = self.watermark + timedelta(seconds=60)
        return day if self.day(almost_over) > day else day - timedelta(days=1)


@dataclass(frozen=True)
class Fate:
    """What the definitions say of one contact, for one window."""

    contact: Ticket
    takes_part: bool
    is_after: bool
    mature: bool
    followed: bool
    repeat: bool
    in_first_days: bool

    @property
    def is_first(self) -> bool:
        return self.takes_part and not self.repeat

    @property
    def eligible(self) -> bool:
        return self.is_first and not self.in_first_days and self.mature


@lru_cache(maxsize=16)
def fates(company: Company, window: int) -> list[Fate]:
    """Each contact's fate."""
    reach = window * timedelta(hours=24)
    t = company.watermark
    start = min((c.started_at for c in company.contacts), default=t)
    lines: dict[tuple[str, str], list[Ticket]] = defaultdict(list)
    for c in company.contacts:
        if c.customer_id is not None and c.started_at <= t:
            lines[c.customer_id, c.intent].append(c)
    found = []
    for c in company.contacts:
        takes_part = c.customer_id is not None and c.started_at <= t
        line = sorted(lines[str(c.customer_id), c.intent], key=lambda c: (c.started_at, c.source, c.contact_id))
        before = [o for o in line if (o.started_at, *o.key) < (c.started_at, *c.key)][-1:]
        after = [o for o in line if (o.started_at, *o.key) > (c.started_at, *c.key)][:1]
        found.append(
            Fate(
                contact=c,
                takes_part=takes_part,
                is_after=c.started_at > t,
                mature=takes_part and c.anchor + reach <= t,
                followed=takes_part and any(o.started_at <= c.anchor + reach for o in after),
                repeat=takes_part and any(c.started_at <= o.anchor + reach for o in before),
                in_first_days=c.started_at < start + reach,
            )
        )
    return found


def answer(company: Company, name: str, asked: Slice) -> list[Row]:
    """The rows of a metric, as JSON would show them."""
    groups: dict[tuple[str, ...], list[Fate]] = defaultdict(list)
    for at, contact in enumerate(company.contacts):
        fate = fates(company, company.window(contact.intent, asked))[at]
        if _is_asked_for(company, fate.contact, asked):
            groups[_key(company, fate.contact, asked)].append(fate)
    if name == "volume" and asked.grain:
        return _volumes(company, asked, groups)
    if not asked.by and not asked.grain:
        groups.setdefault((), [])
    names = [*asked.by, *(["period"] if asked.grain else [])]
    compute: dict[str, Callable[[list[Fate]], Row]] = {
        "volume": lambda fates: _volume(company, asked, fates),
        "recontact_rate": lambda fates: _recontact_rate(company, asked, fates),
        "repeat_share": lambda fates: _repeat_share(company, asked, fates),
        "fcr": lambda fates: _fcr(company, asked, fates),
        "contacts_per_customer": _contacts_per_customer,
    }
    return [dict(zip(names, key, strict=True)) | compute[name](groups[key]) for key in sorted(groups)]


def _is_asked_for(company: Company, c: Ticket, asked: Slice) -> bool:
    day = company.day(c.started_at)
    is_in_time = (asked.from_on or date.min) <= day <= (asked.to_on or date.max)
    return is_in_time and all(_value(c, dimension) in values for dimension, values in asked.where)


def _value(c: Ticket, dimension: str) -> str:
    return getattr(c, dimension, None) or "(none)"


def _key(company: Company, c: Ticket, asked: Slice) -> tuple[str, ...]:
    dimensions = [_value(c, dimension) for dimension in asked.by]
    periods = [str(first_day(company.day(c.started_at), asked.grain))] if asked.grain else []
    return (*dimensions, *periods)


def first_day(day: date, grain: str) -> date:
    """First day of the period a day lies in."""
    if grain == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if grain == "week" else day


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def days_of(period: date, grain: str) -> list[date]:
    """The days of the period that begins on a day."""
    return [day for day in days_between(period, period + timedelta(days=31)) if first_day(day, grain) == period]


def _estimate(value: float | None, n: int, reason: str | None = None) -> Row:
    return {"value": value, "low": None, "high": None, "n": n, "reason": reason}


def _volume(company: Company, asked: Slice, fates: list[Fate]) -> Row:
    if not company.contacts:
        return _estimate(None, 0, "no contacts in the data yet")
    first, last = company.span
    if (asked.from_on or first) > last or (asked.to_on or last) < first:
        return _estimate(None, 0, f"no data in this period: it covers {first} to {last}")
    return _estimate(len(fates), len(fates))


def _volumes(company: Company, asked: Slice, groups: dict[tuple[str, ...], list[Fate]]) -> list[Row]:
    if not company.contacts:
        return []
    grain = str(asked.grain)
    first, last = company.span
    first, last = max(first, asked.from_on or first), min(last, asked.to_on or last)
    periods = sorted({first_day(day, grain) for day in days_between(first, last)})
    found = []
    for key in sorted({key[:-1] for key in groups} if asked.by else {()}):
        for period in periods:
            n = len(groups.get((*key, str(period)), []))
            days = days_of(period, grain)
            row = dict(zip(asked.by, key, strict=True)) | {"period": str(period)} | _estimate(n, n)
            complete = first <= days[0] and days[-1] <= min(last, company.last_full_day)
            found.append(row | {"complete": complete})
    return found


def _recontact_rate(company: Company, asked: Slice, fates: list[Fate]) -> Row:
    mature = [f for f in fates if f.mature]
    followed = sum(f.followed for f in mature)
    within = _in_words(_one_window(company, asked, fates))
    reason = _no_reason(fates) or f"too early: no contact is older than {within} at the data cut-off"
    rate = _rate(company, asked, "contact", hits=followed, trials=mature, reason=reason)
    return rate | {"followed": followed, "mature": len(mature)}


def _repeat_share(company: Company, asked: Slice, fates: list[Fate]) -> Row:
    identified = [f for f in fates if f.takes_part]
    repeats = sum(f.repeat for f in identified)
    reason = _no_reason(fates)
    rate = _rate(company, asked, "contact", hits=repeats, trials=identified, reason=reason)
    return rate | {"repeats": repeats}


def _fcr(company: Company, asked: Slice, fates: list[Fate]) -> Row:
    eligible = [f for f in fates if f.eligible]
    left_edge = sum(f.is_first and f.in_first_days for f in fates)
    immature = sum(f.is_first and not f.in_first_days and not f.mature for f in fates)
    repeats = sum(f.repeat for f in fates)
    nobody = sum(f.contact.customer_id is None for f in fates)
    after = sum(f.contact.customer_id is not None and f.is_after for f in fates)
    assert len(fates) == nobody + after + repeats + left_edge + immature + len(eligible)
    within = _in_words(_one_window(company, asked, fates))
    if immature:
        reason = f"too early: no first contact is older than {within} at the data cut-off"
    elif left_edge:
        reason = f"too early in the data: no contact has {within} of data before it"
    else:
        reason = f"no first contacts here: every contact follows another within {within}"
    hits = sum(not f.followed for f in eligible)
    rate = _rate(company, asked, "issue", hits=hits, trials=eligible, reason=_no_reason(fates) or reason)
    return rate | {
        "target": None,
        "verdict": None,
        "claimed": _share_true(f.contact.resolved for f in eligible),
        "confirmed": _share_true(f.contact.confirmed for f in eligible),
        "immature": immature,
        "left_edge": left_edge,
        "no_customer_id": nobody,
        "window": _one_window(company, asked, fates),
    }


def _contacts_per_customer(fates: list[Fate]) -> Row:
    known = [f.contact.customer_id for f in fates if f.contact.customer_id is not None]
    n = len(set(known))
    reason = None if n else "no customer ids in this data" if fates else "no contacts here"
    return _estimate(len(known) / n if n else None, n, reason) | {
        "contacts": len(known),
        "customers": n,
        "no_customer_id": len(fates) - len(known),
    }


def _no_reason(fates: list[Fate]) -> str | None:
    if not fates:
        return "no contacts here"
    if all(f.contact.customer_id is None for f in fates):
        return "no customer ids in this data"
    if not any(f.takes_part for f in fates):
        return "no contact with a customer id is before the data cut-off"
    return None


def _share_true(answers: Iterable[bool | None]) -> float | None:
    known = [said for said in answers if said is not None]
    return sum(known) / len(known) if known else None


def _rate(company: Company, asked: Slice, unit: str, *, hits: int, trials: Sequence[Fate], reason: str | None) -> Row:
    n = len(trials)
    if not n:
        return _estimate(None, 0, reason)
    low, high = _wilson(hits / n, n / _deff(company, asked, unit, [f.contact.intent for f in trials]))
    return {"value": hits / n, "low": low, "high": high, "n": n, "reason": None}


def _deff(company: Company, asked: Slice, unit: str, intents: list[str]) -> float:
    effects = {(intent, w): row[-1] for (intent, w, u), row in _dispersion(company).items() if u == unit}
    of_all = effects.get(("", asked.window or 7), 1.0)
    own = [effects.get((intent, company.window(intent, asked)), of_all) for intent in intents]
    return own[0] if len(set(intents)) == 1 else max(sum(own) / len(own), of_all)


def _one_window(company: Company, asked: Slice, fates: list[Fate]) -> int | None:
    days = {company.window(f.contact.intent, asked) for f in fates} or {asked.window or 7}
    return days.pop() if len(days) == 1 else None


def _in_words(window: int | None) -> str:
    return "its window" if window is None else "1 day" if window == 1 else f"{window} days"


@lru_cache(maxsize=1)
def _dispersion(company: Company) -> dict[tuple[str, int, str], tuple[float, ...]]:
    touches = expected_touches(company.contacts, watermark=company.watermark, timezone=company.timezone)
    return expected_dispersion(touches, watermark=company.watermark, timezone=company.timezone)


def _wilson(p: float, n: float) -> tuple[float, float]:
    """Wilson 1927 as it stands in Newcombe 1998, method 3."""
    middle, half = 2 * n * p + Z**2, Z * math.sqrt(Z**2 + 4 * n * p * (1 - p))
    return max((middle - half) / (2 * (n + Z**2)), 0.0), min((middle + half) / (2 * (n + Z**2)), 1.0)


def powerset(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Every choice of the words in every order."""
    return [chosen for size in range(len(words) + 1) for chosen in itertools.permutations(words, size)]
