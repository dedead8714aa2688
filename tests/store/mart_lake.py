"""Small lakes for the mart's tests, and the mart's codes computed contact by contact from the definitions."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cx_metrics.contacts.schema import DIMENSIONS, NONE, arrow_schema
from cx_metrics.statistics.clusters import design_effect
from cx_metrics.store.mart import Mart

WINDOWS = (1, 3, 7, 14, 30)
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
    resolved: bool | None
    confirmed: bool | None


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
    lines: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for c in sorted(contacts, key=lambda c: (c.started_at, c.source, c.contact_id)):
        if c.customer_id is not None and c.started_at <= watermark:
            lines[c.customer_id, c.intent].append(c)
    return [_touch(c, lines, data_start, watermark, ZoneInfo(timezone)) for c in contacts]


def _touch(
    c: Contact,
    lines: Mapping[tuple[str, str], list[Contact]],
    data_start: datetime,
    watermark: datetime,
    zone: ZoneInfo,
) -> Touch:
    follows, repeats, matures = [], [], []
    takes_part = c.customer_id is not None and c.started_at <= watermark
    if c.customer_id is not None and takes_part:
        line = lines[c.customer_id, c.intent]
        place = line.index(c)
        after, before = line[place + 1 : place + 2], line[place - 1 : place] if place else []
        follows = [w for w in WINDOWS for n in after if n.started_at <= c.anchor + w * timedelta(hours=24)]
        repeats = [w for w in WINDOWS for p in before if c.started_at <= p.anchor + w * timedelta(hours=24)]
        matures = [w for w in WINDOWS if c.anchor + w * timedelta(hours=24) <= watermark]
    edges = [w for w in WINDOWS if c.started_at < data_start + w * timedelta(hours=24)]
    values = asdict(c)
    return Touch(
        day=c.started_at.replace(tzinfo=UTC).astimezone(zone).date(),
        dimensions=tuple(values.get(name) or NONE for name in DIMENSIONS),
        customer=c.customer_id,
        before_cutoff=c.started_at <= watermark,
        followed_within=min(follows, default=None),
        repeat_within=min(repeats, default=None),
        mature_for=max(matures, default=0) if takes_part else None,
        left_edge_below=min(edges, default=None),
        resolved=c.resolved,
        confirmed=c.confirmed,
    )


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


def daily_of(mart: Mart) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The mart's daily counts: (day, dimensions, identified, codes) -> (contacts, known and true of both)."""
    rows = _rows(mart, f"SELECT d.*, {_dimensions()} FROM daily AS d JOIN cells AS c USING (month, cell)")
    counted: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("month", "day", "dimensions", "identified", *_CODES))
        assert key not in counted
        counted[key] = tuple(row[name] for name in _COUNTS)
    return counted


def expected_daily(contacts: Sequence[Contact], touches: Sequence[Touch]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The same from the touches expected."""
    groups: dict[tuple[Any, ...], list[Touch]] = defaultdict(list)
    for c, t in zip(contacts, touches, strict=True):
        month = int(c.month.replace("-", ""))
        codes = tuple(getattr(t, name) for name in _CODES)
        groups[(month, t.day, t.dimensions, t.customer is not None, *codes)].append(t)
    return {
        key: (
            len(own),
            sum(t.resolved is not None for t in own),
            sum(t.resolved is True for t in own),
            sum(t.confirmed is not None for t in own),
            sum(t.confirmed is True for t in own),
        )
        for key, own in groups.items()
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
        for intent in (t.dimensions[0], "*"):
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
_COUNTS = ("contacts", "resolved_known", "resolved", "confirmed_known", "confirmed")


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
