"""The values that can be filtered by."""

from __future__ import annotations

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.store.marts.mart import Mart


def dimension_values(mart: Mart, dimension: str) -> tuple[str, ...]:
    """The values of a dimension that occur in the data, sorted."""
    assert dimension in DIMENSIONS
    frame = mart.query(f"SELECT DISTINCT {dimension} AS value FROM cells ORDER BY value")
    return tuple(frame["value"])
