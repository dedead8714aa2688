"""A figure for 40 intents or 550 days takes 2 to 4 ms on a quiet machine; 15 ms leave room for a busy one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts.movers import movers
from cx_metrics.charts.pareto import pareto
from cx_metrics.charts.rates import rates
from cx_metrics.charts.trend import trend
from tests.charts.frames import movers_frame, pareto_frame, trend_frame

MOST_SECONDS = 0.015
DAYS = trend_frame(550)
INTENTS = pareto_frame(list(range(4000, 0, -100)))
RATES = INTENTS.assign(value=0.3, low=0.28, high=0.33, n=500, reason=None)
MOVES = movers_frame(np.arange(-2000, 2000, 100).tolist(), [True] * 40)
SIX = pd.concat([DAYS.assign(intent=f"i{at}") for at in range(6)], ignore_index=True)

FIGURES: dict[str, Callable[[], go.Figure]] = {
    "trend": lambda: trend(DAYS, grain="day", compare=DAYS),
    "six trends": lambda: trend(SIX, grain="day", by="intent"),
    "pareto": lambda: pareto(INTENTS, most=40),
    "movers": lambda: movers(MOVES, most=40),
    "rates": lambda: rates(RATES, first="highest"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_in_a_few_milliseconds(name: str) -> None:
    draw = FIGURES[name]
    draw()
    taken = []
    for _ in range(40):
        start = time.thread_time()
        draw()
        taken.append(time.thread_time() - start)
    assert min(taken) < MOST_SECONDS
