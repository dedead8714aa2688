"""Small extracts for loading: contacts as dictionaries, written as CSV under the names of a contact's columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from cx_metrics.contacts.mapping import Mapping, parse_mapping
from cx_metrics.store.engines.locked import connect
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import LoadResult, load

COLUMNS = ("contact_id", "customer_id", "started_at", "ended_at", "intent", "channel", "handle_minutes")

PLAIN: Mapping = parse_mapping(
    "name = 'plain'\ntimezone = 'UTC'\n[columns]\n" + "\n".join(f"{name} = '{name}'" for name in COLUMNS),
    origin="plain",
)

Row = dict[str, str]


def row(contact_id: str, started_at: str, **values: str) -> Row:
    return {"contact_id": contact_id, "started_at": started_at, "intent": "Billing", **values}


def write(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def bring_in(home: Home, rows: Sequence[Row], *, source: str = "desk", name: str = "extract.csv") -> LoadResult:
    path = write(home.folder / name, rows)
    return load(home, path, source=source, mapping=PLAIN, actor="tester")


def lake_rows(home: Home, columns: Sequence[str] = COLUMNS) -> list[tuple[str | None, ...]]:
    """The lake's contacts, sorted, every value as text."""
    listed = ", ".join(f"CAST({name} AS VARCHAR)" for name in ("source", *columns))
    with connect(files=home.lake.contacts.files()) as connection:
        return sorted(
            connection.execute(f"SELECT {listed} FROM {home.lake.contacts.relation()}").fetchall(),
            key=lambda cells: [cell or "" for cell in cells],
        )
