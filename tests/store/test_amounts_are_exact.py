"""Amounts reach the mart in whole millionths, up to the largest one a contact may have."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

from cx_metrics.contacts.schema import MOST_MONEY, lake_columns
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.engines.engine import statement

MOST_MICROS = MOST_MONEY * 1_000_000


def test_no_millionth_is_lost(tmp_path: Path) -> None:
    chance = random.Random(5)
    near = [MOST_MICROS - below for below in range(2_000)]
    anywhere = [chance.randrange(10 ** chance.randint(1, 15)) for _ in range(20_000)]
    told = [*near, *anywhere]
    others = {name: kind for name, kind in lake_columns().items() if name != "direct_cost"}
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in others.items() if name != "month")
    values = ", ".join(f"({Decimal(micros).scaleb(-6)})" for micros in told)
    given = f"CAST(given AS {lake_columns()['direct_cost']}) AS direct_cost"
    with DuckDBEngine(memory="500MB", threads=1, timezone="UTC", scratch=tmp_path) as engine:
        engine.view("lake", f"SELECT '2026-01' AS month, {columns}, {given} FROM (VALUES {values}) AS t (given)")
        found = engine.rows(f"SELECT direct_micros FROM ({statement('contacts')})")
    assert sorted(micros for (micros,) in found) == sorted(told)
