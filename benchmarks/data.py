"""Contacts to measure with: 40 intents, 5 channels, 4 segments, 2 years, 4 contacts per customer on average."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cx_metrics.contacts.mapping import Mapping, parse_mapping

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
)
SPAN_SECONDS = 2 * 365 * 86_400


def mapping() -> Mapping:
    """The mapping of these extracts."""
    columns = "\n".join(f"{name} = '{name}'" for name in COLUMNS)
    return parse_mapping(f"name = 'bench'\ntimezone = 'UTC'\n[columns]\n{columns}", origin="bench")


def write_csv(path: Path, *, contacts: int, first: int, of: int) -> Path:
    """Contacts ``first`` to ``first + contacts`` of a history with ``of`` of them; the same ones each time."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("CREATE MACRO u(i, k) AS (hash(i * 16 + k) % 1000003) / 1000003.0")
        connection.execute(
            f"""
            COPY (
                SELECT 'T' || i AS contact_id,
                    'C' || CAST(floor({of // 4} * pow(u(i, 1), 1.6)) AS BIGINT) AS customer_id,
                    started_at,
                    started_at + to_seconds(CAST(u(i, 2) * 7200 AS BIGINT)) AS ended_at,
                    'Intent number ' || CAST(floor(40 * pow(u(i, 3), 1.5)) AS INTEGER) AS intent,
                    'channel ' || CAST(floor(5 * u(i, 4)) AS INTEGER) AS channel,
                    'segment ' || CAST(floor(4 * u(i, 5)) AS INTEGER) AS segment,
                    round(u(i, 6) * 20, 1) AS handle_minutes,
                    u(i, 7) < 0.8 AS resolved
                FROM (
                    SELECT i, TIMESTAMP '2024-01-01' + to_seconds(CAST(i * {SPAN_SECONDS / of} AS BIGINT)) AS started_at
                    FROM range({first}, {first + contacts}) AS numbers(i)
                )
            ) TO '{path}' (HEADER)
            """
        )
    return path
