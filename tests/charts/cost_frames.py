"""Cost tables as the metrics give them, made up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def costs_frame(names: Sequence[str] = ("a", "b", "c", "d"), *, by: str = "intent") -> pd.DataFrame:
    """Known in full, without repeats known, downstream only, not known at all."""
    return pd.DataFrame(
        {
            by: names,
            "cost": [42_000.0, 900.0, 30.0, np.nan],
            "direct": [22_000.0, 900.0, np.nan, np.nan],
            "downstream": [20_000.0, 0.0, 30.0, np.nan],
            "repeats": [10_500.0, np.nan, 0.0, np.nan],
            "contacts": [1000, 200, 3, 7],
            "unpriced_contacts": [0, 12, 3, 7],
            "per_contact": [42.0, 4.5, np.nan, np.nan],
            "reason": [None, None, None, "no rate for channel 'letter' on these days, and no cost in the data"],
        }
    )


def changes_frame(changes: Sequence[float | None], names: Sequence[str] | None = None) -> pd.DataFrame:
    """Intents that cost 1 000 before, with these changes, as they come."""
    frame = pd.DataFrame({"intent": names or [f"i{at}" for at in range(len(changes))]})
    frame["change"] = [np.nan if change is None else float(change) for change in changes]
    frame["before"] = 1000.0
    return frame.assign(cost=frame["before"] + frame["change"], reason=None)


def categories_frame(names: Sequence[str] = ("p", "q", "r")) -> pd.DataFrame:
    """Two intents of one category, one of another that has the same name as an intent."""
    return pd.DataFrame(
        {
            "category": ["Visits", "Visits", names[0]],
            "intent": names,
            "cost": [600.0, 150.0, 250.0],
            "cost_share": [0.6, 0.15, 0.25],
            "category_cost": [750.0, 750.0, 250.0],
            "contacts": [60, 5, 35],
        }
    )


def ranked_frame(costs: Sequence[float], names: Sequence[str] | None = None) -> pd.DataFrame:
    """Intents with these costs, each likely to stand where it does or one lower."""
    frame = pd.DataFrame({"intent": names or [f"i{at}" for at in range(len(costs))], "cost": costs})
    rank = np.arange(1, len(costs) + 1)
    frame["cost_share"] = frame["cost"] / frame["cost"].sum()
    return frame.assign(cumulative_share=frame["cost_share"].cumsum(), rank=rank, rank_low=rank, rank_high=rank + 1)


def periods_frame() -> pd.DataFrame:
    """Three weeks, the last not complete, with costs and contacts per unit."""
    return pd.DataFrame(
        {
            "period": ["2024-01-01", "2024-01-08", "2024-01-15"],
            "complete": [True, True, False],
            "cost": [1000.0, 1500.0, 400.0],
            "direct": [700.0, 900.0, 300.0],
            "downstream": [300.0, 600.0, 100.0],
            "value": [0.05, 0.06, 0.04],
            "low": [0.045, 0.055, 0.02],
            "high": [0.056, 0.066, 0.07],
        }
    )
