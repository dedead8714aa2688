"""However a lake comes about, the mart is what the definitions say, and what a full rebuild would give."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.marts.mart import MONTHLY_TABLES, Mart, open_mart
from cx_metrics.store.marts.refresh import refresh
from tests.store.mart_lake import (
    Contact,
    counts_of,
    daily_of,
    dispersion_of,
    expected_daily,
    expected_daily_any,
    expected_dispersion,
    expected_self_help,
    expected_surveys,
    expected_touches,
    touches_of,
    write_lake,
)

TIMEZONE = "America/St_Johns"
START = datetime(2023, 9, 28)
CUSTOMERS = ("Ann", "Bob")

days = st.one_of(
    st.integers(0, 250),
    st.sampled_from([0, 1, 3, 7, 14, 28, 29, 30, 31, 33, 58, 59, 60, 61, 90, 91, 92]),
)
instants = st.builds(
    lambda day, hour: START + timedelta(days=day, hours=hour), days, st.sampled_from([0, 0, 0, 2, 3, 4, 23])
)
open_for = st.sampled_from([None, None, -1, 0, 1, 3, 14, 27, 28, 29, 30, 31, 60, 100, 200])


amounts = st.sampled_from([None, Decimal(0), Decimal("4.25"), Decimal("0.000001"), Decimal(1_000_000_000)])
answers = st.sampled_from([None, None, 1, 4, 5])
said_and_cost: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "urgency": st.sampled_from([None, "high"]),
        "self_help": st.sampled_from([None, None, "Pay a bill", "Réset"]),
        **dict.fromkeys(("handle_minutes", "direct_cost", "downstream_cost"), amounts),
        **dict.fromkeys(("survey_offered_at", "survey_answered_at"), st.sampled_from([None, None, START])),
        **dict.fromkeys(("csat", "ces", "outcome", "feeling"), answers),
        "nps": st.sampled_from([None, None, 0, 6, 7, 9]),
        "follow_up": st.sampled_from([None, True, False]),
    }
)


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    started, lasted = draw(instants), draw(open_for)
    return Contact(
        source=draw(st.sampled_from(["x", "y"])),
        contact_id=str(draw(st.integers(8, 12))),
        customer_id=draw(st.sampled_from([*CUSTOMERS, *CUSTOMERS, None])),
        started_at=started,
        ended_at=None if lasted is None else started + timedelta(days=lasted),
        intent=draw(st.sampled_from(["Bill", "Bill", "Box"])),
        channel=draw(st.sampled_from([None, "phone"])),
        resolved=draw(st.sampled_from([None, True, False])),
        confirmed=draw(st.sampled_from([None, True])),
        **draw(said_and_cost),
    )


@dataclass(frozen=True)
class Step:
    """A load, what is taken back with it, and the cut-off after it; without one it stays."""

    load: list[Contact] = field(default_factory=list)
    remove: set[tuple[str, str]] = field(default_factory=set)
    watermark: datetime | None = None


steps = st.builds(
    Step,
    load=st.lists(contacts(), max_size=5),
    remove=st.sets(st.tuples(st.sampled_from(["x", "y"]), st.integers(8, 12).map(str)), max_size=2),
    watermark=st.one_of(st.none(), instants),
)


class Lake:
    """A lake that keeps files until a row of theirs goes, as Delta does; old files stay on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, list[Contact]] = {}

    @property
    def rows(self) -> list[Contact]:
        return [row for rows in self.files.values() for row in rows]

    def take(self, step: Step) -> None:
        loaded = {row.key: row for row in step.load}
        going = set(loaded) | step.remove
        for file, rows in list(self.files.items()):
            kept = [row for row in rows if row.key not in going]
            if kept != rows:
                del self.files[file]
                self._write(kept)
        self._write(list(loaded.values()))

    def _write(self, rows: list[Contact]) -> None:
        for file in write_lake(self.folder, rows):
            month = Path(file).parent.name.removeprefix("month=")
            self.files[file] = [row for row in rows if row.month == month]


def check(mart: Mart, lake: Lake, *, watermark: datetime, names: dict[int, str]) -> None:
    touches = expected_touches(lake.rows, watermark=watermark, timezone=TIMEZONE)
    assert sorted(map(repr, touches_of(mart, names=names))) == sorted(map(repr, touches))
    assert daily_of(mart) == expected_daily(lake.rows, touches)
    assert counts_of(mart, "daily_any") == expected_daily_any(lake.rows, touches)
    assert counts_of(mart, "surveys") == expected_surveys(lake.rows, touches)
    assert counts_of(mart, "self_help") == expected_self_help(lake.rows, touches)
    assert dispersion_of(mart) == expected_dispersion(touches, watermark=watermark, timezone=TIMEZONE)
    assert mart.facts.contacts == len(touches)
    assert mart.facts.identified == sum(touch.customer is not None for touch in touches)
    assert mart.facts.data_from == min((touch.day for touch in touches), default=None)
    assert mart.facts.data_to == max((touch.day for touch in touches), default=None)
    used = zip(DIMENSIONS, zip(*(touch.dimensions for touch in touches), strict=True), strict=False)
    assert mart.facts.dimensions == tuple(name for name, values in used if set(values) != {"(none)"})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(steps, min_size=1, max_size=6))
def test_after_every_step_the_mart_is_what_the_definitions_say(history: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder), history)


def follow(folder: Path, history: list[Step]) -> None:
    lake, watermark = Lake(folder / "lake"), START + timedelta(days=120)
    with DuckDBEngine(memory="500MB", threads=1, timezone=TIMEZONE, scratch=folder) as engine:
        names = {engine.rows(f"SELECT key64('{name}')")[0][0]: name for name in CUSTOMERS}
        for step in history:
            lake.take(step)
            watermark = step.watermark or watermark
            build(folder / "mart", lake, watermark=watermark, engine=engine)
            with open_mart(folder / "mart") as mart:
                check(mart, lake, watermark=watermark, names=names)
        build(folder / "whole", lake, watermark=watermark, engine=engine)
        with open_mart(folder / "mart") as mart, open_mart(folder / "whole") as whole:
            for table in (*MONTHLY_TABLES, "dispersion"):
                everything = f"FROM {table} ORDER BY ALL"
                assert mart.query(everything).equals(whole.query(everything))


def build(folder: Path, lake: Lake, *, watermark: datetime, engine: DuckDBEngine) -> None:
    refresh(
        folder,
        lake_files=list(lake.files),
        watermark=watermark if lake.files else None,
        lagging=(),
        timezone=TIMEZONE,
        engine=engine,
    )
