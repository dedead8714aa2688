"""The rows of charts by name: those of the functions the pages call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from cx_metrics.config import Settings
from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.chart_data import CHARTS, chart_data
from cx_metrics.metrics.output import rows, to_csv
from cx_metrics.metrics.reasons.movers import movers, pareto
from cx_metrics.metrics.slice import WINDOWS, Slice
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.mart import Mart, open_mart
from tests.store.extracts import bring_in, row

PERIOD = Slice(from_on=date(2026, 3, 2), to_on=date(2026, 3, 29))


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    home = Home(Settings(home=tmp_path_factory.mktemp("home"), memory="500MB", user="tester"))
    first = datetime(2026, 1, 1, 9)
    contacts = [
        row(
            f"{n}",
            str(first + timedelta(hours=7 * n)),
            customer_id=f"c{n % 30}",
            intent=("Billing", "Delivery")[n % 3 == 0],
        )
        for n in range(330)
    ]
    bring_in(home, contacts)
    bring_up_to_date(home)
    return open_mart(home.mart)


def test_charts_give_what_the_pages_draw(mart: Mart) -> None:
    assert to_csv(chart_data(mart, "pareto", PERIOD)) == to_csv(pareto(mart, PERIOD))
    assert to_csv(chart_data(mart, "movers", PERIOD)) == to_csv(movers(mart, PERIOD, PERIOD.previous()))


def test_windows_are_the_metric_once_for_each(mart: Mart) -> None:
    frame = chart_data(mart, "windows", PERIOD)
    assert list(frame["window"]) == list(WINDOWS)
    assert rows(frame) == [rows(metric(mart, "fcr", replace(PERIOD, window=days)))[0] for days in WINDOWS]


def test_an_unknown_chart_and_a_missing_period_are_sentences(mart: Mart) -> None:
    with pytest.raises(BadUse, match="unknown chart 'parto': did you mean 'pareto'"):
        chart_data(mart, "parto", PERIOD)
    with pytest.raises(BadUse, match="period"):
        chart_data(mart, "movers", Slice())


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_chart_can_be_printed(mart: Mart, name: str) -> None:
    asked = replace(PERIOD, grain="week")
    header, *_ = to_csv(chart_data(mart, name, asked)).splitlines()
    # Days long after the data: whatever a chart then draws, it has the same columns.
    nothing = replace(asked, from_on=date(2030, 1, 1), to_on=date(2030, 1, 28))
    assert to_csv(chart_data(mart, name, nothing)).splitlines()[0] == header
