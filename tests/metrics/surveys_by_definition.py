"""The survey metrics once more: contact by contact, weight by weight, straight from the definitions."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scipy.stats import t

from cx_metrics.metrics.slice import Slice
from tests.metrics.by_definition import Company, Fate, Row, first_day
from tests.metrics.by_definition import fates as fates_of
from tests.metrics.small_mart import Ticket

Z = 1.959963984540054
MARGINS = ("channel", "intent", "segment")


@dataclass(frozen=True)
class Surveyed(Ticket):
    """A contact with the place its customer lives in."""

    region: str | None = None


def is_answered(c: Ticket) -> bool:
    said = (c.survey_answered_at, c.csat, c.nps, c.ces, c.outcome, c.feeling, c.confirmed, c.follow_up)
    return any(part is not None for part in said)


def is_offered(c: Ticket) -> bool:
    return c.survey_offered_at is not None or is_answered(c)


def value_of(c: Ticket, dimension: str) -> str:
    return getattr(c, dimension, None) or "(none)"


def groups_of(company: Company, asked: Slice) -> dict[tuple[str, ...], list[Fate]]:
    """The contacts of each row of an answer, with their fates under the window of their intent."""
    groups: dict[tuple[str, ...], list[Fate]] = defaultdict(list)
    for at, c in enumerate(company.contacts):
        day = company.day(c.started_at)
        if not (asked.from_on or date.min) <= day <= (asked.to_on or date.max):
            continue
        if all(value_of(c, dimension) in values for dimension, values in asked.where):
            period = [str(first_day(day, asked.grain))] if asked.grain else []
            key = (*(value_of(c, dimension) for dimension in asked.by), *period)
            groups[key].append(fates_of(company, company.window(c.intent, asked))[at])
    if not asked.by and not asked.grain:
        groups.setdefault((), [])
    return groups


def answer(company: Company, name: str, asked: Slice) -> list[Row]:
    """The rows of a survey metric, as JSON would show them."""
    has_surveys = any(is_offered(c) for c in company.contacts)
    names = [*asked.by, *(["period"] if asked.grain else [])]
    compute: dict[str, Callable[[list[Fate], bool], Row]] = {
        "coverage": coverage,
        "response": response,
        "reach": reach,
        "csat": lambda fates, surveys: score("csat", fates, surveys),
        "nps": lambda fates, surveys: score("nps", fates, surveys),
        "ces": lambda fates, surveys: score("ces", fates, surveys),
    }
    groups = groups_of(company, asked)
    return [dict(zip(names, key, strict=True)) | compute[name](groups[key], has_surveys) for key in sorted(groups)]


def coverage(fates: list[Fate], surveys: bool) -> Row:
    ended = sum(f.contact.ended_at is not None for f in fates)
    offered = sum(is_offered(f.contact) for f in fates)
    reason = "no contact here has ended, or the data does not say when" if not ended else None
    if ended and offered > ended:
        reason = "more contacts were offered a survey than have an end: the data does not say when all of them ended"
    row = _share(fates, surveys, offered, 0 if reason else ended, reason)
    return row | {"offered": offered if surveys else None, "ended": ended}


def response(fates: list[Fate], surveys: bool) -> Row:
    answered, offered = (sum(map(test, (f.contact for f in fates))) for test in (is_answered, is_offered))
    row = _share(fates, surveys, answered, offered, "no survey was offered here")
    return row | {"answered": answered if surveys else None, "offered": offered if surveys else None}


def reach(fates: list[Fate], surveys: bool) -> Row:
    answered = sum(is_answered(f.contact) for f in fates)
    row = _share(fates, surveys, answered, len(fates), None)
    return row | {"answered": answered if surveys else None, "contacts": len(fates)}


def _share(fates: list[Fate], surveys: bool, part: int, whole: int, reason: str | None) -> Row:
    if not fates or not surveys or not whole:
        said = "no contacts here" if not fates else "no surveys in this data" if not surveys else reason
        return {"value": None, "low": None, "high": None, "n": 0, "reason": said}
    low, high = wilson(part / whole, whole)
    return {"value": part / whole, "low": low, "high": high, "n": whole, "reason": None}


def wilson(p: float, n: float) -> tuple[float, float]:
    middle, half = 2 * n * p + Z**2, Z * math.sqrt(max(Z**2 + 4 * n * p * (1 - p), 0.0))
    return max((middle - half) / (2 * (n + Z**2)), 0.0), min((middle + half) / (2 * (n + Z**2)), 1.0)


def score(question: str, fates: list[Fate], surveys: bool) -> Row:
    """A score's row: its estimate, its parts, and how far it can be trusted."""
    answers = [f for f in fates if getattr(f.contact, question) is not None]
    said = [getattr(f.contact, question) for f in answers]
    n = len(answers)
    if n < 10:
        reason = f"fewer than 10 answers: {n} say too little, and too much about who gave them"
        reason = reason if n else "nobody answered this question here"
        reason = "no contacts here" if not fates else reason if surveys else "no surveys in this data"
        parts = dict.fromkeys(_COUNTS[question])
        rest: Row = {"contacts": len(fates), "weighted": None, "n_eff": None, "quality": None, "doubt": None}
        return {"value": None, "low": None, "high": None, "n": n, "reason": reason} | parts | rest
    customers = by_customer([f.contact.customer_id for f in answers], [_NUMBER[question](x) for x in said])
    weights = rake([_cell(f) for f in answers], [_cell(f) for f in fates])
    kish = max(n * sum(w * w for w in weights) / sum(weights) ** 2, 1.0)
    value, low, high = _ESTIMATE[question](said, [1.0] * n, customers)
    weighted, weighted_low, weighted_high = _ESTIMATE[question](said, weights, kish * customers)
    gap, z = silence(fates, question, customers)
    quality, doubt = judged(question, n, len(fates), n / (kish * customers), (weighted_high - weighted_low) / 2, gap, z)
    counts = {name: sum(map(test, said)) for name, test in _COUNTS[question].items()}
    rest = {"contacts": len(fates), "weighted": weighted, "n_eff": n / (kish * customers)}
    estimate = {"value": value, "low": low, "high": high, "n": n, "reason": None}
    return estimate | counts | rest | {"quality": quality, "doubt": doubt}


_NUMBER: dict[str, Callable[[int], int]] = {
    "csat": lambda x: int(x >= 4),
    "nps": lambda x: 1 if x >= 9 else -1 if x <= 6 else 0,
    "ces": lambda x: x,
}
_COUNTS: dict[str, dict[str, Callable[[int], int]]] = {
    "csat": {"satisfied": lambda x: x >= 4},
    "nps": {"promoters": lambda x: x >= 9, "passives": lambda x: 7 <= x <= 8, "detractors": lambda x: x <= 6},
    "ces": {"total": lambda x: x},
}


def _csat(said: Sequence[int], weights: Sequence[float], deff: float) -> tuple[float, float, float]:
    p = min(sum(w for x, w in zip(said, weights, strict=True) if x >= 4) / len(said), 1.0)
    return (p, *wilson(p, len(said) / deff))


def _nps(said: Sequence[int], weights: Sequence[float], deff: float) -> tuple[float, float, float]:
    up, down = (sum(w for x, w in zip(said, weights, strict=True) if test(x)) for test in (_promoter, _detractor))
    size = len(said) / deff + 3
    p, d = (up / deff + 0.75) / size, (down / deff + 0.75) / size
    half = Z * math.sqrt((p + d - (p - d) ** 2) / size)
    return 100 * (up - down) / len(said), 100 * max(p - d - half, -1), 100 * min(p - d + half, 1)


def _promoter(x: int) -> bool:
    return x >= 9


def _detractor(x: int) -> bool:
    return x <= 6


def _ces(said: Sequence[int], weights: Sequence[float], deff: float) -> tuple[float, float, float]:
    n = len(said)
    mean = sum(x * w for x, w in zip(said, weights, strict=True)) / n
    variance = max(sum(w * x * x for x, w in zip(said, weights, strict=True)) - n * mean**2, 0.0) / (n - 1)
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(max(variance, 1 / 12) * deff / n)
    return mean, max(mean - half, 1.0), min(mean + half, 7.0)


_ESTIMATE = {"csat": _csat, "nps": _nps, "ces": _ces}
_WIDEST = {"csat": 0.05, "nps": 15.0, "ces": 0.3}
_WIDE = {"csat": "5 points", "nps": "15 points", "ces": "0.3"}


def by_customer(customers: Sequence[str | None], numbers: Sequence[int]) -> float:
    """The design effect of customers who answered more than once, one customer after the other."""
    own: dict[object, list[int]] = defaultdict(list)
    for at, (customer, x) in enumerate(zip(customers, numbers, strict=True)):
        own[customer if customer is not None else at].append(x)
    n, g = len(numbers), len(own)
    if g < 2 or len(set(numbers)) == 1:
        return n / g
    mean = sum(numbers) / n
    between = sum((sum(xs) - mean * len(xs)) ** 2 for xs in own.values())
    return max(g / (g - 1) * between / n**2 / (statistics.pvariance(numbers) / n), 1.0)


def _cell(f: Fate) -> tuple[str, ...]:
    repeat = "unknown" if not f.takes_part else "repeat" if f.repeat else "first"
    return (*(value_of(f.contact, name) for name in MARGINS), repeat)


def rake(answers: Sequence[tuple[str, ...]], everybody: Sequence[tuple[str, ...]]) -> list[float]:
    """The weight of each answer: margins in turn until they fit, then cut at 5 medians, on average 1."""
    weights = [1.0] * len(answers)
    if not weights:
        return []
    targets = []
    for margin in range(len(answers[0])):
        reached = {cell[margin] for cell in answers}
        sizes = Counter(cell[margin] for cell in everybody if cell[margin] in reached)
        targets.append({level: len(answers) * n / sizes.total() for level, n in sizes.items()})
    for _ in range(200):
        moved = 0.0
        for margin, target in enumerate(targets):
            sums: dict[str, float] = defaultdict(float)
            for cell, w in zip(answers, weights, strict=True):
                sums[cell[margin]] += w
            factors = {level: target[level] / total for level, total in sums.items()}
            moved = max([moved, *(abs(factor - 1) for factor in factors.values())])
            weights = [w * factors[cell[margin]] for cell, w in zip(answers, weights, strict=True)]
        if moved < 1e-8:
            break
    most = 5 * statistics.median(weights)
    weights = [min(w, most) for w in weights]
    return [w * len(weights) / sum(weights) for w in weights]


def silence(fates: list[Fate], question: str, customers: float) -> tuple[float | None, float | None]:
    """The gap between those who answered and everybody, and how many standard errors that is."""
    old = [f for f in fates if f.mature]
    answers = [f for f in old if getattr(f.contact, question) is not None]
    if not answers:
        return None, None
    weights = rake([_cell(f) for f in answers], [_cell(f) for f in old])
    n = len(answers)
    mine = sum(w for f, w in zip(answers, weights, strict=True) if f.followed) / n
    all_rate = sum(f.followed for f in old) / len(old)
    if n == len(old) or not 0 < all_rate < 1:
        return mine - all_rate, None
    kish = max(n * sum(w * w for w in weights) / sum(weights) ** 2, 1.0)
    spread = math.sqrt(all_rate * (1 - all_rate) * (1 - n / len(old)) * kish * customers / n)
    return mine - all_rate, (mine - all_rate) / spread


def judged(
    question: str, n: int, contacts: int, n_eff: float, half: float, gap: float | None, z: float | None
) -> tuple[str, str | None]:
    """The quality and why it isn't better."""
    grave, light = [], []
    if n < 0.05 * contacts:
        grave.append("fewer than 5 of 100 contacts answered")
    if z is not None and abs(z) > 1.96 and gap is not None:
        way, fate = ("less", "worse") if gap < 0 else ("more", "better")
        grave.append(f"those who answered came back {way} often than everybody: the silent are {fate} off")
    if n_eff < 30:
        light.append("worth fewer than 30 independent answers")
    if half > _WIDEST[question]:
        light.append(f"the interval reaches more than {_WIDE[question]} to each side")
    if z is None and n < contacts:
        light.append("whether the silent differ can't be tested: nobody is known to have come back or stayed away")
    quality = "cannot conclude" if grave else "indicative" if light else "ok"
    return quality, "; ".join(grave or light) or None


def company_of(contacts: Sequence[Ticket], company: Company) -> Company:
    """The same company with other contacts."""
    return Company(tuple(contacts), company.watermark, company.timezone, company.windows)


def check(found: list[Any], expected: list[Row], approx: Callable[[float], Any]) -> None:
    """Keys, counts and words are equal; computed numbers but for their last digits."""
    assert [[*row] for row in found] == [[*row] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        for name, cell in wanted.items():
            assert row[name] == (approx(cell) if isinstance(cell, float) else cell), name
