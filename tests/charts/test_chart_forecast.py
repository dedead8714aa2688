from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts import palette
from cx_metrics.charts.forecast import alt, forecast
from tests.charts.frames import check, traces


def forecast_frame(reason: str | None = None) -> pd.DataFrame:
    """Two weeks counted and, unless there is a reason, two to come and their sums."""
    columns = ["kind", "from_on", "to_on", "value", "low", "high", "low_80", "high_80", "naive", "reason"]
    empty = [np.nan] * 5
    rows: list[list[object]] = [
        ["history", "2026-01-05", "2026-01-11", 1000.0, *empty, None],
        ["history", "2026-01-12", "2026-01-18", 1200.0, *empty, None],
    ]
    if reason:
        rows.append(["unknown", None, None, np.nan, *empty, reason])
    else:
        rows += [
            ["week", "2026-01-19", "2026-01-25", 1100.0, 900.0, 1350.0, 1000.0, 1250.0, 1200.0, None],
            ["week", "2026-01-26", "2026-02-01", 1110.0, 850.0, 1400.0, 980.0, 1280.0, 1200.0, None],
            ["total", "2026-01-19", "2026-02-15", 4400.4, 3800.0, 5200.0, 4000.0, 4900.0, 4800.0, None],
            ["total", "2026-01-19", "2026-04-19", 14300.0, 11000.0, 18000.0, 12000.0, 16000.0, 15600.0, None],
        ]
    return pd.DataFrame(rows, columns=columns)


def test_the_fan_opens_from_the_last_week_counted() -> None:
    figure = forecast(forecast_frame())
    check(figure)
    (outer,), (inner,) = (traces(figure, f"{level}\u202f&#37; range") for level in (95, 80))
    assert outer.y.tolist() == [1200, 1350, 1400, 850, 900, 1200]
    assert inner.y.tolist() == [1200, 1250, 1280, 980, 1000, 1200]
    assert outer.fillcolor == palette.BAND


def test_counted_solid_forecast_dashed_naive_thin_and_grey() -> None:
    figure = forecast(forecast_frame())
    (so_far,), (ahead,), (naive,) = (traces(figure, name) for name in ("so far", "forecast", "same as last week"))
    assert so_far.y.tolist() == [1000, 1200]
    assert (so_far.line.dash, ahead.line.dash) == ("solid", "dash")
    assert ahead.y.tolist() == [1200, 1100, 1110]
    assert str(ahead.x[0])[:10] == "2026-01-12"
    assert naive.y.tolist() == [1200, 1200]
    assert naive.line.color == palette.UNSURE
    assert figure.layout.yaxis.range[1] > 1400


def test_a_week_says_its_days_and_its_range() -> None:
    (ahead,) = traces(forecast(forecast_frame()), "forecast")
    said = ahead.hovertext[1].replace("\u202f", " ")
    assert said == "<b>19 Jan – 25 Jan 2026</b><br>1 100, with 80 &#37; 1 000 – 1 250"


def test_money_is_written_as_money() -> None:
    figure = forecast(forecast_frame(), currency="USD")
    check(figure)
    (ahead,) = traces(figure, "forecast")
    assert ahead.hovertext[1].replace("\u202f", " ").endswith("&#36; 1 100, with 80 &#37; &#36; 1 000 – &#36; 1 250")
    assert figure.layout.yaxis.tickprefix.startswith("&#36;")


def test_without_a_forecast_the_reason_stands_there() -> None:
    frame = forecast_frame("learning: 3 weeks of data, 26 are needed")
    figure = forecast(frame)
    check(figure)
    assert not figure.data
    assert figure.layout.annotations[0].text == "Learning: 3 weeks of data, 26 are needed"
    assert alt(frame) == "No forecast: learning: 3 weeks of data, 26 are needed."
    assert alt(frame.iloc[:0]) == "No forecast: no forecast yet."


def test_alt_tells_the_next_four_weeks() -> None:
    said = alt(forecast_frame()).replace("\u202f", " ")
    assert said == (
        "Next 4 weeks: 4 400 contacts, with 80 % between 4 000 and 4 900; 4 800 if every week were as the last."
    )
    assert "€ 4 400, with" in alt(forecast_frame(), currency="EUR").replace("\u202f", " ")
