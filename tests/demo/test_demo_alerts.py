"""The demo's alerts show what data/README.md says of them, on the page's own metrics."""

from __future__ import annotations

import tomllib
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from cx_metrics.demo import END_ON, OUTAGES_ON, TIMEZONE
from cx_metrics.metrics.prevented.alerts import FEWER, MORE, alert_effects, alert_events, alerts
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import deciding, records_file
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.home import Home
from tests.demo.written import Demo
from tests.metrics.small_mart import Ticket, small_mart

OUTAGE = "Is there an outage?"


@pytest.fixture(scope="module")
def decided(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Decisions:
    from cx_metrics.config import Settings

    home = Home(Settings(home=tmp_path_factory.mktemp("decided") / "home"))
    with home.session() as session:
        text = records_file.read_text(demo.folder / "records.toml")
        records_file.import_records(session, text, origin="records.toml", actor=deciding.DEMO)
        return deciding.decisions(session, currency="EUR")


@pytest.fixture(scope="module")
def tickets(demo: Demo) -> list[Ticket]:
    """The contacts about outages of the whole demo."""
    own = demo.contacts.loc[demo.contacts["intent"] == OUTAGE, "started"]
    local = pd.DatetimeIndex(own)
    local = local.tz_localize(TIMEZONE) if local.tz is None else local
    moments = local.tz_convert(UTC).tz_localize(None).to_pydatetime()
    return [Ticket("demo", str(n), None, at, intent=OUTAGE) for n, at in enumerate(moments)]


def test_an_alert_stands_for_every_outage_since_may(demo: Demo) -> None:
    records = tomllib.loads(Path(demo.folder / "records.toml").read_text(encoding="utf-8"))
    sent = {alert["sent_at"].date() for alert in records["alerts"] if alert["intent"] == OUTAGE}
    assert sent == {on for on in OUTAGES_ON if on.isoformat() >= "2026-05-01"}


def test_spikes_told_beforehand_are_about_halved(tickets: list[Ticket], decided: Decisions) -> None:
    watermark = max(ticket.started_at for ticket in tickets) + timedelta(hours=1)
    assert watermark.replace(tzinfo=UTC).astimezone(ZoneInfo(TIMEZONE)).date() == END_ON
    with small_mart(tickets, watermark=watermark, timezone=TIMEZONE) as plain:
        mart = plain.under(decided)
        events = alert_events(mart, Slice())
        (row,) = alert_effects(mart, Slice()).to_dict("records")
        measured = alerts(mart, Slice()).set_index("name")
    assert {str(on) for on in OUTAGES_ON} <= set(events["day"])
    assert (row["events_with"], row["alerts_without_spike"]) == (6, 0)
    assert -0.62 < row["value"] < -0.38
    assert row["high"] < 0
    assert row["verdict"] == FEWER
    found = measured.loc[["Your technician comes tomorrow", "New prices from March"]]
    assert found["verdict"].tolist() == [FEWER, MORE]
    assert found["value"].round(3).tolist() == [-0.03, 0.01]
