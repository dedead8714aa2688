"""Each story planted in the demo company stands in the frame of the page that should show it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from cx_metrics.config import Settings
from cx_metrics.demo import TIMEZONE
from cx_metrics.demo.filling import fill
from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.briefing import briefing
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.marts.mart import Mart

pytestmark = pytest.mark.xdist_group("full_demo")

ROUTER = "Router won't connect"
OCTOBER = ("2026-10-03", "2026-10-30")


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mart]:
    """The whole demo company, through the same doors as anybody's data."""
    home = Home(Settings(home=tmp_path_factory.mktemp("demo") / "home", timezone=TIMEZONE, user="tester"))
    assert fill(home)
    with fresh_mart(home) as opened:
        yield opened


def between(days: tuple[str, str], **asked: Any) -> Slice:
    return Slice(from_on=date.fromisoformat(days[0]), to_on=date.fromisoformat(days[1]), **asked)


def drawn(mart: Mart, name: str, intent: str, asked: Slice) -> pd.Series:
    """The row of an intent in what a page draws."""
    frame = chart_data(mart, name, asked)
    (row,) = (row for _, row in frame[frame["intent"] == intent].iterrows())
    return row


def test_bad_firmware_on_overview(mart: Mart) -> None:
    told = str(briefing(mart, between(("2026-09-14", "2026-10-04"))))
    assert f"of the rise is one intent: {ROUTER}," in told
    assert "its contacts moved more than chance lets expect" in told


def test_bad_firmware_on_repeats(mart: Mart) -> None:
    cohorts = chart_data(mart, "cohorts", between(("2026-08-03", "2026-10-18"), where=(("intent", (ROUTER,)),)))
    weeks = cohorts[cohorts["days"] == 7].set_index("period")
    bad = weeks.loc["2026-09-14":"2026-09-28"]
    assert list(bad["known"]) == [True] * 3
    assert bad["low"].min() > weeks.drop(bad.index)["high"].max()


def test_bad_firmware_misses_its_target_on_resolution(mart: Mart) -> None:
    weeks = chart_data(mart, "fcr_weeks", between(OCTOBER, where=(("intent", (ROUTER,)),)))
    lowest = weeks.dropna(subset="value").nsmallest(3, "value")
    assert sorted(lowest["period"]) == ["2026-09-14", "2026-09-21", "2026-09-28"]
    assert drawn(mart, "verdicts", ROUTER, Slice())["verdict"] == "missed"


def test_billing_change_on_cost(mart: Mart) -> None:
    asked = between(("2026-03-01", "2026-04-25"))
    assert chart_data(mart, "cost_change", asked)["intent"].iloc[0] == "Why is my bill higher?"
    moved = drawn(mart, "movers", "Why is my bill higher?", asked)
    assert moved["beyond"]
    assert moved["change_rate"] == pytest.approx(0.5, abs=0.15)


def test_closed_but_not_solved_on_resolution(mart: Mart) -> None:
    said = drawn(mart, "claims", "Internet drops out", between(OCTOBER))
    assert said["claimed"] > 0.9
    assert said["observed_high"] < 0.75
    assert drawn(mart, "verdicts", "Internet drops out", Slice())["verdict"] == "missed"


def test_nobody_asked_on_surveys(mart: Mart) -> None:
    year = drawn(mart, "csat_by_intent", "Cancel my contract", between(("2025-11-01", "2026-10-30")))
    assert year["value"] > 0.9
    assert year["reach"] < 0.02
    assert year["quality"] == "cannot conclude"


def test_a_fix_that_worked_and_one_that_did_nothing_on_intents(mart: Mart) -> None:
    worked = drawn(mart, "movers", "Reset my password", between(("2026-06-15", "2026-08-09")))
    assert worked["beyond"]
    assert worked["change_rate"] == pytest.approx(-0.5, abs=0.1)
    nothing = drawn(mart, "movers", "Slow speed", between(("2026-07-01", "2026-08-25")))
    assert not nothing["beyond"]


def test_outages_on_intents(mart: Mart) -> None:
    outage = (("intent", ("Is there an outage?",)),)
    days = chart_data(mart, "trend", between(("2026-02-01", "2026-10-30"), where=outage, grain="day"))
    above = set(days.loc[days["value"] > days["high"], "period"])
    assert {"2026-02-17", "2026-03-25", "2026-04-16", "2026-06-24", "2026-08-12", "2026-10-14"} <= above
