"""Whether two marts say the same, cell by cell: their keys differ, so cells go by texts and customers by contacts."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.errors import CxError
from cx_metrics.metrics.catalogue import METRICS, metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import MONTHLY_TABLES, Mart

KEYS = ("cell", "customer_key")
TOLERANCE = 1e-9


def assert_same(one: Mart, other: Mart) -> int:
    """Both marts' facts, every table's cells, and every metric agree; the number of cells."""
    unlike = ("version", "built_at")
    facts = [{k: v for k, v in asdict(mart.facts).items() if k not in unlike} for mart in (one, other)]
    assert facts[0] == facts[1]
    cells = 0
    for table in MONTHLY_TABLES:
        rows = _rows(one, table)
        pd.testing.assert_frame_equal(rows, _rows(other, table), check_exact=True, obj=table)
        cells += rows.size
    pd.testing.assert_frame_equal(_customers(one), _customers(other), check_exact=True, obj="customers")
    effects = _effects(one)
    pd.testing.assert_frame_equal(effects, _effects(other), rtol=TOLERANCE, atol=0, obj="dispersion")
    for name in METRICS:
        for asked in (Slice(), Slice.parse(by="intent"), Slice.parse(grain="month")):
            _assert_same_metric(one, other, name, asked)
    return cells + effects.size


def _assert_same_metric(one: Mart, other: Mart, name: str, asked: Slice) -> None:
    pd.testing.assert_frame_equal(
        _answer(one, name, asked), _answer(other, name, asked), rtol=TOLERANCE, atol=0, obj=f"{name} {asked}"
    )


def _answer(mart: Mart, name: str, asked: Slice) -> pd.DataFrame:
    try:
        return metric(mart, name, asked)
    except CxError as error:
        return pd.DataFrame({"refused": [str(error)]})


def _effects(mart: Mart) -> pd.DataFrame:
    return mart.query("SELECT * FROM dispersion ORDER BY intent, window_days, unit")


def _rows(mart: Mart, table: str) -> pd.DataFrame:
    """All rows in one order, the key of a cell replaced by its texts."""
    return mart.query(f"SELECT * FROM ({_named(table)}) ORDER BY ALL")


def _customers(mart: Mart) -> pd.DataFrame:
    """What each customer's contacts are, as one number, and how many customers have those."""
    columns = ", ".join(c for c in MONTHLY_TABLES["touches"] if c not in KEYS)
    row = f"hash({columns}, {', '.join(DIMENSIONS)})"
    return mart.query(
        f"""
        SELECT contacts, told, count(*) AS customers
        FROM (
            SELECT count(*) AS contacts, hash(list({row} ORDER BY {row})) AS told
            FROM touches JOIN cells USING (month, cell)
            WHERE customer_key IS NOT NULL GROUP BY customer_key
        )
        GROUP BY ALL ORDER BY ALL
        """
    )


def _named(table: str) -> str:
    columns = [name for name in MONTHLY_TABLES[table] if name not in KEYS]
    if table == "cells":
        return f"SELECT {', '.join(columns)} FROM cells"
    own = ", ".join(f"own.{name}" for name in columns)
    texts = ", ".join(f"cells.{name} AS of_{name}" for name in DIMENSIONS)
    return f"SELECT {own}, {texts} FROM {table} AS own JOIN cells USING (month, cell)"
