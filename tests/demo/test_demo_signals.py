"""The demo company's stories as signals, asked when they had just begun."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from cx_metrics.config import Settings
from cx_metrics.contacts.mapping import read_mapping
from cx_metrics.demo import OUTAGES_ON, TIMEZONE
from cx_metrics.reviews.signal_series import daily_series
from cx_metrics.reviews.signals import Level, signals
from cx_metrics.statistics.anomaly import watch
from cx_metrics.store.decided import deciding, records_file
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.marts.mart import Mart
from tests.demo.written import Demo

_STARTED = {"demo-tickets": ("Created at", "%Y-%m-%d %H:%M:%S"), "demo-calls": ("Call start", "%d.%m.%Y %H:%M:%S")}


@pytest.fixture(scope="module")
def mart(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mart]:
    """The year's contacts as they were known on the evening of the seventh day of the router story."""
    folder = tmp_path_factory.mktemp("cut")
    home = Home(Settings(home=folder / "home", timezone=TIMEZONE, memory="1GB"))
    with home.session() as session:
        records = demo.folder / "records.toml"
        records_file.import_records(session, records_file.read_text(records), origin="records", actor=deciding.DEMO)
    for extract in demo.extracts:
        if "2026" in extract.path.name:
            part = _until(extract.path, folder / extract.path.name, extract.source, date(2026, 9, 20))
            load(home, part, source=extract.source, mapping=read_mapping(extract.mapping), actor="tester")
    with fresh_mart(home) as opened:
        yield opened


def _until(extract: Path, part: Path, source: str, last_on: date) -> Path:
    column, stamp = _STARTED[source]
    separator = "\t" if extract.suffix == ".tsv" else ","
    with extract.open(encoding="utf-8", newline="") as given, part.open("w", encoding="utf-8", newline="") as kept:
        rows = csv.DictReader(given, delimiter=separator)
        writer = csv.DictWriter(kept, rows.fieldnames or (), delimiter=separator)
        writer.writeheader()
        writer.writerows(row for row in rows if datetime.strptime(row[column], stamp).date() <= last_on)
    return part


def test_the_router_story_is_seen_within_days(mart: Mart) -> None:
    first, *others = signals(mart)
    assert (first.intent, first.kind, first.level) == ("Router won't connect", "volume", Level.PAUSE)
    assert date(2026, 9, 14) <= first.since_on <= date(2026, 9, 17)
    assert first.on == date(2026, 9, 19)
    assert first.observed > 1.8 * first.expected
    assert first.observed > first.high
    assert first.owner == "Tomasz Wilk"
    assert first.per_week_money is not None
    assert 3_000 < first.per_week_money < 7_000
    assert "above what we expect" in first.sentence
    assert all(other.kind != "volume" or other.level is Level.WATCH for other in others)


def test_outage_days_are_spikes(mart: Mart) -> None:
    series = daily_series(mart)
    alarms = watch(series.counts, exposure=series.exposure).alarm[series.names.index(("Is there an outage?", None))]
    outages = [on for on in OUTAGES_ON if date(2026, 6, 1) < on < date(2026, 9, 20)]
    assert len(outages) == 4
    assert all(alarms[series.days == np.datetime64(on)].all() for on in outages)
    assert alarms.sum() < 40
