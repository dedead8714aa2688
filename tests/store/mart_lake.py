"""Small lakes for the mart's tests, and the mart's codes computed contact by contact from the definitions."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cx_metrics.contacts.schema import DIMENSIONS, NONE, arrow_schema
from cx_metrics.statistics.clusters import design_effect
from cx_metrics.store.marts.mart import Mart

WINDOWS = (1, 3, 7, 14, 30)
DAY = timedelta(hours=24)
Counts = dict[tuple[Any, ...], dict[str, int]]
_names = itertools.count()


@dataclass(frozen=True)
class Contact:
    """One row of the lake, as far as the mart reads it."""

    source: str
    contact_id: str
    customer_id: str | None
    started_at: datetime
    ended_at: datetime | None = None
    intent: str = "Bill"
    channel: str | None = None
    resolved: bool | None = None
    confirmed: bool | None = None
    urgency: str | None = None
    self_help: str | None = None
    handle_minutes: Decimal | None = None
    direct_cost: Decimal | None = None
    downstream_cost: Decimal | None = None
    survey_offered_at: datetime | None = None
    survey_answered_at: datetime | None = None
    csat: int | None = None
    nps: int | None = None
    ces: int | None = None
    outcome: int | None = None
    feeling: int | None = None
    follow_up: bool | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.contact_id

    @property
    def month(self) -> str:
        return f"{self.started_at:%Y-%m}"

    @property
    def anchor(self) -> datetime:
        return self.ended_at if self.ended_at and self.ended_at >= self.started_at else self.started_at


@dataclass(frozen=True)
class Touch:
    """What the mart should know about one contact, its customer by name."""

    day: date
    dimensions: tuple[str, ...]
    customer: str | None
    before_cutoff: bool
    followed_within: int | None
    repeat_within: int | None
    mature_for: int | None
    left_edge_below: int | None
    any_followed_within: int | None
    any_repeat_within: int | None
    ended: bool
    ended_after_s: int | None
    urgency: str | None
    self_help: str | None
    handle_micros: int | None
    direct_micros: int | None
    downstream_micros: int | None
    resolved: bool | None
    offered: bool
    answered: bool
    csat: int | None
    nps: int | None
    ces: int | None
    outcome: int | None
    feeling: int | None
    confirmed: bool | None
    follow_up: bool | None


def write_file(folder: Path, contacts: Iterable[Contact]) -> str:
    """Writes contacts of one month as a lake file; its path."""
    rows = list(contacts)
    (month,) = {row.month for row in rows}
    schema = pa.schema([field for field in arrow_schema() if field.name != "month"])
    blank = dict.fromkeys(schema.names)
    file = folder / f"month={month}" / f"part-{next(_names)}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([blank | asdict(row) | {"load": 1} for row in rows], schema), file)
    return str(file)


def write_lake(folder: Path, contacts: Iterable[Contact]) -> list[str]:
    """Writes contacts as a lake, a file a month; the paths."""
    months: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        months[contact.month].append(contact)
    return [write_file(folder, rows) for _, rows in sorted(months.items())]


def expected_touches(contacts: Sequence[Contact], *, watermark: datetime, timezone: str) -> list[Touch]:
    """Every contact's touch by the definitions, one contact at a time."""
    data_start = min((c.started_at for c in contacts), default=watermark)
    lines: dict[tuple[str | None, ...], list[Contact]] = defaultdict(list)
    for c in sorted(contacts, key=lambda c: (c.started_at, c.source, c.contact_id)):
        if c.customer_id is not None and c.started_at <= watermark:
            lines[c.customer_id, c.intent].append(c)
            lines[c.customer_id,].append(c)
    return [_touch(c, lines, data_start, watermark, ZoneInfo(timezone)) for c in contacts]


def _touch(
    c: Contact,
    lines: Mapping[tuple[str | None, ...], list[Contact]],
    data_start: datetime,
    watermark: datetime,
    zone: ZoneInfo,
) -> Touch:
    takes_part = c.customer_id is not None and c.started_at <= watermark
    waits, repeats = _around(c, lines[c.customer_id, c.intent]) if takes_part else (None, [])
    any_wait, any_repeats = _around(c, lines[c.customer_id,]) if takes_part else (None, [])
    edges = [w for w in WINDOWS if c.started_at < data_start + w * DAY]
    values = asdict(c)
    answers = ("csat", "nps", "ces", "outcome", "feeling", "confirmed", "follow_up")
    answered = c.survey_answered_at is not None or any(values[name] is not None for name in answers)
    has_end = c.ended_at is not None and c.ended_at >= c.started_at
    return Touch(
        day=c.started_at.replace(tzinfo=UTC).astimezone(zone).date(),
        dimensions=tuple(values.get(name) or NONE for name in DIMENSIONS),
        customer=c.customer_id,
        before_cutoff=c.started_at <= watermark,
        followed_within=next((d for d in range(1, 31) if waits is not None and waits <= d * DAY), None),
        repeat_within=min(repeats, default=None),
        mature_for=max((d for d in range(1, 31) if c.anchor + d * DAY <= watermark), default=0) if takes_part else None,
        left_edge_below=min(edges, default=None),
        any_followed_within=next((w for w in WINDOWS if any_wait is not None and any_wait <= w * DAY), None),
        any_repeat_within=min(any_repeats, default=None),
        ended=c.ended_at is not None,
        # Whole seconds that began between the two, as clocks show them.
        ended_after_s=_second(c.ended_at) - _second(c.started_at) if c.ended_at and has_end else None,
        handle_micros=_micros(c.handle_minutes),
        direct_micros=_micros(c.direct_cost),
        downstream_micros=_micros(c.downstream_cost),
        offered=answered or c.survey_offered_at is not None,
        answered=answered,
        **{name: values[name] for name in ("urgency", "self_help", "resolved", *answers)},
    )


def _around(c: Contact, line: list[Contact]) -> tuple[timedelta | None, list[int]]:
    """How long after its anchor the next of the line starts, and the windows in which it follows the one before."""
    place = line.index(c)
    after, before = line[place + 1 : place + 2], line[place - 1 : place] if place else []
    repeats = [w for w in WINDOWS for p in before if c.started_at <= p.anchor + w * DAY]
    return next((n.started_at - c.anchor for n in after), None), repeats


def _second(at: datetime) -> int:
    return (at.replace(microsecond=0) - datetime(1970, 1, 1)) // timedelta(seconds=1)


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 1_000_000)


def touches_of(mart: Mart, *, names: Mapping[int, str]) -> list[Touch]:
    """The mart's touches, with customers by name.

    Args:
        mart: Where from.
        names: What each customer key stands for.
    """
    rows = _rows(
        mart,
        f"SELECT t.* REPLACE (CAST(customer_key AS VARCHAR) AS customer_key), {_dimensions()} "
        "FROM touches AS t JOIN cells AS c USING (month, cell)",
    )
    return [
        Touch(
            customer=None if row["customer_key"] is None else names[int(row["customer_key"])],
            dimensions=row["dimensions"],
            **{name: row[name] for name in Touch.__dataclass_fields__ if name not in ("customer", "dimensions")},
        )
        for row in rows
    ]


def daily_of(mart: Mart) -> Counts:
    """The mart's daily counts: (month, day, dimensions, identified, codes) -> count by name."""
    return counts_of(mart, "daily")


def counts_of(mart: Mart, table: str) -> Counts:
    """The counts of an additive table: (month, day, dimensions, identified, codes) -> count by name."""
    rows = _rows(mart, f"SELECT d.*, {_dimensions()} FROM {table} AS d JOIN cells AS c USING (month, cell)")
    counted: Counts = {}
    for row in rows:
        names = ("month", "day", "dimensions", "identified", *_CODES, *(("article",) if "article" in row else ()))
        key = tuple(row.pop(name) for name in names)
        assert key not in counted
        del row["cell"]
        counted[key] = row
    return counted


def expected_daily(contacts: Sequence[Contact], touches: Sequence[Touch]) -> Counts:
    """The daily counts from the touches expected."""
    return _counted(contacts, touches, _daily_counts)


def expected_daily_any(contacts: Sequence[Contact], touches: Sequence[Touch]) -> Counts:
    """The counts whatever contacts are about, from the touches expected."""
    coarse = [
        replace(
            t,
            followed_within=t.any_followed_within,
            repeat_within=t.any_repeat_within,
            mature_for=None if t.mature_for is None else max(w for w in (0, *WINDOWS) if w <= t.mature_for),
        )
        for t in touches
    ]
    return _counted(contacts, coarse, lambda own: {"contacts": len(own)})


def expected_surveys(contacts: Sequence[Contact], touches: Sequence[Touch]) -> Counts:
    """The counts of what those asked said, from the touches expected."""
    asked = [(c, t) for c, t in zip(contacts, touches, strict=True) if t.offered]
    return _counted([c for c, _ in asked], [t for _, t in asked], _answers)


def expected_self_help(contacts: Sequence[Contact], touches: Sequence[Touch]) -> Counts:
    """The counts of contacts that came although an article had been tried, each key with its article last."""
    counts: Counts = {}
    for article in {t.self_help for t in touches} - {None}:
        tried = [(c, t) for c, t in zip(contacts, touches, strict=True) if t.self_help == article]
        found = _counted([c for c, _ in tried], [t for _, t in tried], _priced_counts)
        counts |= {(*key, article): own for key, own in found.items()}
    return counts


def _priced_counts(own: list[Touch]) -> dict[str, int]:
    names = ("contacts", "measured", "unmeasured", "handle_micros", "direct_micros")
    counts = _daily_counts(own)
    return {name: counts[name] for name in (*names, "downstream_known", "downstream_micros")}


def _counted(
    contacts: Sequence[Contact], touches: Sequence[Touch], count: Callable[[list[Touch]], dict[str, int]]
) -> Counts:
    groups: dict[tuple[Any, ...], list[Touch]] = defaultdict(list)
    for c, t in zip(contacts, touches, strict=True):
        month = int(c.month.replace("-", ""))
        codes = tuple(getattr(t, name) for name in _CODES)
        groups[(month, t.day, t.dimensions, t.customer is not None, *codes)].append(t)
    return {key: count(own) for key, own in groups.items()}


def _daily_counts(own: list[Touch]) -> dict[str, int]:
    unpriced = [t for t in own if t.direct_micros is None]
    return {
        "contacts": len(own),
        "resolved_known": sum(t.resolved is not None for t in own),
        "resolved": sum(t.resolved is True for t in own),
        "confirmed_known": sum(t.confirmed is not None for t in own),
        "confirmed": sum(t.confirmed is True for t in own),
        "ended": sum(t.ended for t in own),
        "offered": sum(t.offered for t in own),
        "answered": sum(t.answered for t in own),
        "measured": sum(t.handle_micros is not None for t in unpriced),
        "unmeasured": sum(t.handle_micros is None for t in unpriced),
        "handle_micros": sum(t.handle_micros or 0 for t in unpriced),
        "direct_micros": sum(t.direct_micros or 0 for t in own),
        "downstream_known": sum(t.downstream_micros is not None for t in own),
        "downstream_micros": sum(t.downstream_micros or 0 for t in own),
    }


def _answers(own: list[Touch]) -> dict[str, int]:
    said = {
        name: [answer for t in own if (answer := getattr(t, name)) is not None]
        for name in ("csat", "nps", "ces", "outcome", "feeling", "confirmed", "follow_up")
    }
    return {
        "offered": len(own),
        "answered": sum(t.answered for t in own),
        **{f"{name}_n": len(said[name]) for name in ("csat", "nps", "ces", "outcome", "feeling")},
        **{f"{name}_sum": sum(said[name]) for name in ("csat", "ces", "outcome", "feeling")},
        **{f"{name}_top": sum(a >= 4 for a in said[name]) for name in ("csat", "outcome", "feeling")},
        "nps_promoters": sum(a >= 9 for a in said["nps"]),
        "nps_detractors": sum(a <= 6 for a in said["nps"]),
        "ces_sumsq": sum(a * a for a in said["ces"]),
        "confirmed_known": len(said["confirmed"]),
        "confirmed": sum(said["confirmed"]),
        "follow_ups": sum(said["follow_up"]),
    }


def dispersion_of(mart: Mart) -> dict[tuple[str, int, str], tuple[float, ...]]:
    """The mart's design effects: (intent, window, unit) -> (clusters, n, successes, deff)."""
    rows = _rows(mart, "SELECT * FROM dispersion")
    return {
        (row["intent"], row["window_days"], row["unit"]): tuple(
            row[name] for name in ("clusters", "n", "successes", "deff")
        )
        for row in rows
    }


def expected_dispersion(
    touches: Sequence[Touch], *, watermark: datetime, timezone: str
) -> dict[tuple[str, int, str], tuple[float, ...]]:
    """The same from the touches expected, customer by customer."""
    last = watermark.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
    trials: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    successes: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for t, w, unit in itertools.product(touches, WINDOWS, ("contact", "issue")):
        recent = last - timedelta(days=91) < t.day
        if t.customer is None or not recent or t.mature_for is None or t.mature_for < w:
            continue
        if unit == "issue" and (_within(t.repeat_within, w) or _within(t.left_edge_below, w)):
            continue
        for intent in (t.dimensions[0], ""):
            trials[intent, w, unit][t.customer] += 1
            successes[intent, w, unit][t.customer] += _within(t.followed_within, w)
    return {key: _effect(trials[key], successes[key]) for key in trials}


def _effect(trials: Counter[str], successes: Counter[str]) -> tuple[float, ...]:
    n, y = list(trials.values()), [successes[customer] for customer in trials]
    deff = design_effect(
        clusters=len(n),
        n=sum(n),
        successes=sum(y),
        sum_nn=sum(a * a for a in n),
        sum_ny=sum(a * b for a, b in zip(n, y, strict=True)),
        sum_yy=sum(b * b for b in y),
    )
    return len(n), sum(n), sum(y), float(deff)


def _within(code: int | None, window: int) -> bool:
    return code is not None and code <= window


_CODES = ("before_cutoff", "followed_within", "repeat_within", "mature_for", "left_edge_below")


def _dimensions() -> str:
    return f"[{', '.join(f'c.{name}' for name in DIMENSIONS)}] AS dimensions"


def _rows(mart: Mart, sql: str) -> list[dict[str, Any]]:
    """Rows with Python's own types, None where a value is missing."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in mart.query(sql).to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return tuple(value)
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    return int(value) if isinstance(value, float) and value.is_integer() else value
