"""Customers whose ids differ in few characters were taken for one: DuckDB's ``hash`` gives them the same key.

It mixes a text by blocks of eight characters, and what differs in the last character of a block can cancel out with
what differs in the last of the next. Of a million ids made of a date and a counter one in ten shared its key with
another, so strangers became repeats, and there were too few customers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from tests.metrics.small_mart import Ticket, small_mart

START = datetime(2026, 1, 5, 9)
DATED = [f"{START + timedelta(days=day):%Y%m%d}-{number:07}" for day in range(40) for number in range(25)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with DuckDBEngine(memory="500MB", threads=1, timezone="UTC", scratch=tmp_path) as opened:
        yield opened


def n_keys(engine: DuckDBEngine, texts: list[str], *, key: str = "key64(id)") -> int:
    listed = ", ".join(f"('{text}')" for text in texts)
    ((found,),) = engine.rows(f"SELECT count(DISTINCT {key}) FROM (VALUES {listed}) AS ids (id)")
    return int(found)


def test_the_library_still_gives_different_texts_one_hash(engine: DuckDBEngine) -> None:
    """Why there is a key of our own; once this fails, it may go."""
    assert n_keys(engine, DATED, key="hash(id)") < len(DATED)


def test_dates_with_a_counter_have_a_key_each(engine: DuckDBEngine) -> None:
    assert n_keys(engine, DATED) == len(DATED)
    assert n_keys(engine, DATED, key="key64(id, 'Bill')") == len(DATED)
    assert n_keys(engine, DATED, key="key64('Bill', id)") == len(DATED)


@pytest.mark.parametrize("length", [9, 16, 17, 24, 32, 40])
def test_texts_that_differ_in_few_places_have_a_key_each(engine: DuckDBEngine, length: int) -> None:
    chance = random.Random(length)
    for _ in range(6):
        base = [chance.choice("abcdef0123456789") for _ in range(length)]
        places = chance.sample(range(length), 4) + [place for place in (3, 7, 11, 15) if place < length]
        texts = set()
        for _ in range(5_000):
            for place in places:
                base[place] = chance.choice("0123456789")
            texts.add("".join(base))
        assert n_keys(engine, sorted(texts)) == len(texts)


def test_every_customer_counts_as_one() -> None:
    contacts = [Ticket("crm", str(n), customer, START + timedelta(minutes=n)) for n, customer in enumerate(DATED)]
    with small_mart(contacts, watermark=START + timedelta(days=60), timezone="UTC") as mart:
        assert metric(mart, "contacts_per_customer", Slice())["customers"].iloc[0] == len(DATED)
        assert metric(mart, "repeat_share", Slice())["repeats"].iloc[0] == 0
