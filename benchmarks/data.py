"""Contacts to measure with: 40 intents, 5 channels, 4 segments, 2 years, 4 contacts per customer on average.

Every intent has an owner and a target, every channel a rate, every day its orders, so that pages have all to tell.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from cx_metrics.contacts.mapping import Mapping, parse_mapping
from cx_metrics.contacts.schema import lake_columns
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate, XUnits

COLUMNS = (
    "contact_id",
    "customer_id",
    "started_at",
    "ended_at",
    "intent",
    "channel",
    "segment",
    "handle_minutes",
    "resolved",
    "urgency",
    "survey_offered_at",
    "csat",
)
SPAN_SECONDS = 2 * 365 * 86_400


def mapping() -> Mapping:
    """The mapping of these extracts."""
    columns = "\n".join(f"{name} = '{name}'" for name in COLUMNS)
    return parse_mapping(f"name = 'bench'\ntimezone = 'UTC'\n[columns]\n{columns}", origin="bench")


def decisions() -> Decisions:
    """What is decided about these contacts."""
    start = date(2024, 1, 1)
    intents = tuple(
        IntentDecision(
            f"Intent number {n}",
            category=f"Category {n % 6}",
            owner=f"Owner {n % 9}",
            owner_email=f"owner{n % 9}@example.com",
            fcr_target=0.7,
            window_days=(3, 7, 14)[n % 3],
            downstream_cost=Decimal(n % 4),
            expected_hours=24,
            value_to_customer="high" if n % 2 else "low",
            value_to_company="high" if n % 3 else "low",
        )
        for n in range(40)
    )
    rates = tuple(Rate(f"channel {n}", start, Decimal("1.10"), Decimal("0.50"), Decimal(6)) for n in range(5))
    units = tuple(XUnits("orders", start + timedelta(days=day), Decimal(50_000)) for day in range(2 * 365))
    return Decisions(intents=intents, rates=rates, x_units=units)


def write_csv(path: Path, *, contacts: int, first: int, of: int) -> Path:
    """Contacts ``first`` to ``first + contacts`` of a history with ``of`` of them; the same ones each time."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(_CHANCE)
        connection.execute(f"COPY ({_contacts(first, contacts, of=of)}) TO '{path}' (HEADER)")
    return path


def write_lake(folder: Path, *, contacts: int) -> list[str]:
    """A history as Parquet files of a lake, written a part at a time; their paths."""
    folder.mkdir(parents=True)
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": False}) as connection:
        connection.execute(_CHANCE)
        for first in range(0, contacts, _LAKE_PART):
            part = _contacts(first, min(_LAKE_PART, contacts - first), of=contacts)
            values = dict.fromkeys(lake_columns(), "NULL") | {name: name for name in COLUMNS}
            values |= {"source": "'bench'", "load": "1", "month": "strftime(started_at, '%Y-%m')"}
            typed = ", ".join(f"CAST({values[name]} AS {kind}) AS {name}" for name, kind in lake_columns().items())
            named = f"FILENAME_PATTERN 'part-{first}-{{i}}', OVERWRITE_OR_IGNORE"
            connection.execute(
                f"COPY (SELECT {typed} FROM ({part})) TO '{folder}' (FORMAT parquet, PARTITION_BY (month), {named})"
            )
    return sorted(map(str, folder.rglob("*.parquet")))


_CHANCE = "CREATE MACRO u(i, k) AS (hash(i * 16 + k) % 1000003) / 1000003.0"
_LAKE_PART = 2_000_000


def _contacts(first: int, contacts: int, *, of: int) -> str:
    return f"""
        SELECT 'T' || i AS contact_id,
            'C' || CAST(floor({of // 4} * pow(u(i, 1), 1.6)) AS BIGINT) AS customer_id,
            started_at,
            started_at + to_seconds(CAST(u(i, 2) * 7200 AS BIGINT)) AS ended_at,
            'Intent number ' || CAST(floor(40 * pow(u(i, 3), 1.5)) AS INTEGER) AS intent,
            'channel ' || CAST(floor(5 * u(i, 4)) AS INTEGER) AS channel,
            'segment ' || CAST(floor(4 * u(i, 5)) AS INTEGER) AS segment,
            round(u(i, 6) * 20, 1) AS handle_minutes,
            u(i, 7) < 0.8 AS resolved,
            CASE WHEN u(i, 8) < 0.1 THEN 'high' ELSE 'normal' END AS urgency,
            CASE WHEN u(i, 9) < 0.3 THEN started_at + INTERVAL 1 DAY END AS survey_offered_at,
            CASE WHEN u(i, 9) < 0.05 THEN 1 + CAST(floor(5 * u(i, 10)) AS INTEGER) END AS csat
        FROM (
            SELECT i, TIMESTAMP '2024-01-01' + to_seconds(CAST(i * {SPAN_SECONDS / of} AS BIGINT)) AS started_at
            FROM range({first}, {first + contacts}) AS numbers(i)
        )"""
