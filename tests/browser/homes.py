"""Homes for tests of the dashboard and the command line: the demo company in small, and a desk's few contacts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from cx_metrics.config import Settings
from cx_metrics.demo.filling import fill
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_in
from cx_metrics.store.marts.freshness import bring_up_to_date

ZONE = "Europe/Berlin"
COLUMNS = ("contact_id", "customer_id", "started_at", "intent", "channel")
LAST_DAY = date(2026, 2, 20)


def demo_home(folder: Path) -> Path:
    """A home with a twentieth of the demo company, its mart up to date."""
    home = Home(Settings(home=folder, timezone=ZONE))
    assert fill(home, scale=0.05)
    bring_up_to_date(home)
    return folder


def desk_rows(n_days: int, *, prefix: str, intent: str = "Billing") -> list[tuple[str, ...]]:
    """One contact a day up to the last day, which the last one closes: it is known in full."""
    days = [LAST_DAY - timedelta(days=back) for back in range(n_days)]
    return [
        (f"{prefix}{back}", f"c{back % 7}", f"{on}T{'10:00:00' if back else '22:59:30'}Z", intent, "phone")
        for back, on in enumerate(days)
    ]


def write_csv(path: Path, rows: Sequence[Sequence[str]], *, columns: Sequence[str] = COLUMNS) -> Path:
    """The rows under a contact's own names."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def desk_home(folder: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A home with one load of the source ``desk``, its mart up to date."""
    home = Home(Settings(home=folder, timezone=ZONE))
    take_in(home, write_csv(folder.with_suffix(".csv"), rows), source="desk")
    bring_up_to_date(home)
    return folder
