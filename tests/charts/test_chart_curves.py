from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import palette
from cx_metrics.charts.curves import MOST, alt, curves
from tests.charts.frames import NASTY, check, traces


def frame(intents: tuple[str, ...] = ("Bill", "Visit"), days: int = 8) -> pd.DataFrame:
    """Curves that rise by 2 points a day, the second one known for half of the days only."""
    parts = []
    for at, intent in enumerate(intents):
        day = np.arange(days + 1)
        value = np.where((at == 1) & (day > days // 2), np.nan, 0.02 * (at + 1) * day)
        marked = np.isin(day, [1, 3, 7, 14, 30]) & ~np.isnan(value)
        parts.append(
            pd.DataFrame(
                {
                    "intent": intent,
                    "day": day,
                    "value": value,
                    "low": np.where(marked, value * 0.8, np.nan),
                    "high": np.where(marked, value * 1.2, np.nan),
                    "n": 100,
                    "at_risk": 100 - day,
                    "reason": ["fewer than 10 issues are known so long" if each else None for each in np.isnan(value)],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_a_line_of_steps_for_each_intent_as_far_as_it_is_known() -> None:
    figure = curves(frame())
    check(figure)
    (bill,), (visit,) = traces(figure, "Bill"), traces(figure, "Visit")
    assert bill.line.shape == visit.line.shape == "hv"
    assert bill.y.tolist() == pytest.approx([0.02 * day for day in range(9)])
    assert visit.x.tolist() == [0, 1, 2, 3, 4]
    assert (bill.line.color, visit.line.color) == palette.CATEGORIES[:2]
    assert bill.hovertext[7].replace("\u202f", " ") == (
        "<b>Bill</b><br>within 7 days: 14.0 &#37;, likely 11.2 – 16.8 &#37;<br>"
        "93 issues known so long and not back before"
    )


def test_intervals_stand_at_the_windows_side_by_side() -> None:
    figure = curves(frame())
    bars = [trace for trace in figure.data if trace.mode == "lines" and trace.showlegend is False]
    marked = [trace for trace in figure.data if trace.mode == "markers"]
    assert [round(float(x)) for x in marked[0].x] == [1, 3, 7]
    assert [round(float(x)) for x in marked[1].x] == [1, 3]
    assert set(marked[0].x).isdisjoint(marked[1].x)
    assert np.nan_to_num(bars[0].y).tolist() == pytest.approx([0.016, 0.024, 0, 0.048, 0.072, 0, 0.112, 0.168, 0])
    assert {trace.marker.symbol for trace in marked} == {"circle", "square"}


def test_six_lines_at_most() -> None:
    figure = curves(frame(tuple(f"i{at}" for at in range(8))))
    assert len([trace for trace in figure.data if trace.mode == "markers"]) == MOST == 6


def test_names_are_shown_letter_by_letter() -> None:
    check(curves(frame(NASTY[:2])))


def test_nothing_and_alt() -> None:
    check(curves(frame().iloc[:0]))
    unknown = frame().assign(value=np.nan, reason="fewer than 10 issues")
    check(curves(unknown))
    assert not curves(unknown).data
    assert alt(frame(days=14)).replace("\u202f", " ") == "Came back within 7 days: Bill 14 %, Visit 28 %."
    assert alt(frame(days=5)).replace("\u202f", " ") == "Came back within 5 days: Bill 10 %."
    assert alt(unknown) == "Not known: fewer than 10 issues."
    assert alt(frame().iloc[:0]) == "No new issues to show."
