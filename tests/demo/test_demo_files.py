"""The demo company's files: always the same, complete, and readable by their mappings."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import cx_metrics
from cx_metrics.config import Settings
from cx_metrics.demo import DEMO_SOURCES, END_ON, START_ON, STORIES, TIMEZONE, write_demo
from cx_metrics.demo.filling import fill
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import demo_loads, take_back
from cx_metrics.store.marts.freshness import decided
from tests.demo.written import Demo

X_UNITS = ("orders", "routers shipped")
ROOT = Path(cx_metrics.__file__).parents[1]


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_and_scale_give_the_same_bytes(tmp_path: Path) -> None:
    write_demo(tmp_path / "a", scale=0.02)
    write_demo(tmp_path / "b", scale=0.02)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    write_demo(tmp_path / "c", scale=0.02, seed=1)
    assert _digests(tmp_path / "a")["tickets-2026-h1.csv"] != _digests(tmp_path / "c")["tickets-2026-h1.csv"]


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    code = "import sys, pathlib, cx_metrics.demo as d; d.write_demo(pathlib.Path(sys.argv[1]), scale=0.01)"
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(tmp_path / seed)]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
    assert _digests(tmp_path / "1") == _digests(tmp_path / "2")


def test_extracts_come_in_load_order_with_their_mapping(demo: Demo) -> None:
    assert [e.path.name for e in demo.extracts] == [
        "tickets-2025-h1.csv",
        "calls-2025-h1.tsv",
        "tickets-2025-h2.csv",
        "calls-2025-h2.tsv",
        "tickets-2026-h1.csv",
        "calls-2026-h1.tsv",
        "tickets-2026-h2.csv",
        "calls-2026-h2.tsv",
    ]
    assert {(e.path.name.split("-")[0], e.source) for e in demo.extracts} == set(
        zip(("tickets", "calls"), DEMO_SOURCES, strict=True)
    )
    assert all(e.mapping == demo.folder / f"{e.source}.toml" and e.mapping.is_file() for e in demo.extracts)


def test_progress_runs_from_nothing_to_all(tmp_path: Path) -> None:
    said: list[tuple[str, float]] = []
    write_demo(tmp_path, scale=0.005, progress=lambda what, share: said.append((what, share)))
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_about_300_000_contacts_of_90_000_customers(demo: Demo) -> None:
    assert 285_000 <= len(demo.contacts) <= 315_000
    assert 85_000 <= demo.contacts["customer"].nunique() <= 95_000
    assert demo.contacts["id"].is_unique


def test_scale_shrinks_contacts_and_customers_alike(demo: Demo, truth: pd.DataFrame) -> None:
    assert len(truth) / len(demo.contacts) == pytest.approx(0.2, abs=0.01)
    assert truth["customer"].nunique() / demo.contacts["customer"].nunique() == pytest.approx(0.2, abs=0.01)


def test_no_text_that_a_spreadsheet_or_a_browser_would_run(demo: Demo) -> None:
    for extract in demo.extracts:
        text = extract.path.read_text(encoding="utf-8")
        assert len(text) > 1_000_000
        assert not {"<", ">"} & set(text)
        assert not re.search(r'[\n,\t]"?[=+\-@]', "\n" + text)


@pytest.mark.parametrize("source", DEMO_SOURCES)
def test_mapping_names_every_column_of_its_extract(demo: Demo, source: str) -> None:
    mapping = tomllib.loads((demo.folder / f"{source}.toml").read_text(encoding="utf-8"))
    raw = demo.tickets if source == "demo-tickets" else demo.calls
    read = {name: e if isinstance(e, dict) else {"column": e} for name, e in mapping.pop("columns").items()}
    assert (mapping["name"], mapping["timezone"]) == (source, TIMEZONE)
    assert sorted(e["column"] for e in read.values() if "column" in e) == sorted(raw.columns)
    for entry in (e for e in read.values() if "values" in e):
        assert set(raw[entry["column"]].dropna()) == set(entry["values"])


def test_mappings_cover_the_contact_but_for_what_a_system_does_not_know(demo: Demo) -> None:
    tickets, calls = (
        set(tomllib.loads((demo.folder / f"{source}.toml").read_text(encoding="utf-8"))["columns"])
        for source in DEMO_SOURCES
    )
    assert tickets - calls == {"reopens", "ces"}
    assert calls - tickets == set()
    assert len(tickets) == 28


def test_records_have_the_fixed_shape(demo: Demo) -> None:
    records = tomllib.loads((demo.folder / "records.toml").read_text(encoding="utf-8"))
    assert set(records) == {"intents", "rates", "x_units", "alerts"}
    who = {"owner", "owner_email", "department"}
    keys = {"intent", "category", "fcr_target", "window_days", "downstream_cost", "expected_hours"}
    keys |= {"value_to_customer", "value_to_company"}
    assert all(set(entry) - who == keys for entry in records["intents"])
    assert all(who <= set(entry) or not who & set(entry) for entry in records["intents"])
    assert {entry["window_days"] for entry in records["intents"]} == {3, 7, 14}
    assert all(0 < entry["fcr_target"] < 1 for entry in records["intents"])
    values = {entry[key] for entry in records["intents"] for key in ("value_to_customer", "value_to_company")}
    assert values == {"low", "high"}


def test_intents_and_owners(demo: Demo) -> None:
    intents = tomllib.loads((demo.folder / "records.toml").read_text(encoding="utf-8"))["intents"]
    pairs = {(entry["intent"], entry["category"]) for entry in intents}
    assert len(pairs) == 36
    assert len({category for _, category in pairs}) == 8
    seen = demo.contacts[["intent", "category"]].drop_duplicates()
    assert set(seen.itertuples(index=False, name=None)) == pairs
    unowned = {entry["intent"] for entry in intents if "owner" not in entry}
    assert unowned == {"Wifi is weak upstairs", "The price you promised is missing"}
    assert not unowned & {story.intent for story in STORIES}
    assert all(entry["owner_email"].endswith("@example.com") for entry in intents if "owner" in entry)


def test_rates_and_units(demo: Demo) -> None:
    records = tomllib.loads((demo.folder / "records.toml").read_text(encoding="utf-8"))
    channels = {"phone", "chat", "email", "web form", "social"}
    assert {(r["channel"], r["from"]) for r in records["rates"]} == {
        (channel, on) for channel in channels for on in (date(2025, 5, 1), date(2026, 1, 1))
    }
    assert all(set(r) == {"channel", "from", "per_minute", "per_contact", "assumed_minutes"} for r in records["rates"])
    days = [stamp.date() for stamp in pd.date_range(START_ON, END_ON)]
    assert len(days) == 549
    units = {name: {u["on"]: u["units"] for u in records["x_units"] if u["name"] == name} for name in X_UNITS}
    assert len(records["x_units"]) == 2 * 549
    assert all(list(of_day) == days for of_day in units.values())
    # 172,000 customers with 1.08 lines each at the end, of which 3.0 % order and 1.4 % are connected in a month
    assert sum(units["orders"][on] for on in days[-365:]) == pytest.approx(12 * 0.030 * 172_000 * 1.08 * 0.93, rel=0.03)
    assert sum(units["routers shipped"].values()) / sum(units["orders"].values()) == pytest.approx(14 / 30, rel=0.04)
    assert units["orders"][date(2026, 5, 4)] / units["orders"][date(2025, 5, 5)] == pytest.approx(1.15, abs=0.01)
    assert units["orders"][date(2026, 10, 25)] / units["orders"][date(2026, 10, 26)] == pytest.approx(
        0.5 / 1.2, abs=0.01
    )
    assert units["routers shipped"][date(2026, 10, 25)] == units["routers shipped"][date(2025, 12, 25)] == 0


def test_a_filled_home_decides_what_the_demo_company_decided(tmp_path: Path) -> None:
    home = Home(Settings(home=tmp_path / "home"))
    assert fill(home, scale=0.005)
    found = decided(home)
    assert (len(found.intents), len(found.owned), len(found.rates), len(found.x_units)) == (36, 34, 10, 1098)
    assert found.unit_names == ("orders", "routers shipped")
    assert [bool(alert.n_held_out) for alert in found.alerts].count(True) == 2
    with home.session() as session:
        assert {edit.audit.actor for edit in deciding.edits(session)} == {deciding.DEMO}
        removed = deciding.remove_demo(session, actor="tester").removed
    assert removed == 36 + 10 + 1098 + 8
    assert decided(home).intents == ()


def test_what_is_decided_already_stands(tmp_path: Path) -> None:
    home = Home(Settings(home=tmp_path / "home"))
    mine = IntentDecision("Slow speed", owner="Me", owner_email="me@example.com")
    with home.session() as session:
        deciding.save_intents(session, [mine], actor="tester")
    assert fill(home, scale=0.005)
    assert (decided(home).intents, decided(home).rates) == ((mine,), ())


def test_with_its_last_load_the_demo_takes_back_what_it_decided(tmp_path: Path) -> None:
    home = Home(Settings(home=tmp_path / "home"))
    assert fill(home, scale=0.005)
    mine = replace(decided(home).by_intent["Slow speed"], fcr_target=0.5)
    with home.session() as session:
        deciding.save_intents(session, [mine], actor="tester")
    *others, last = demo_loads(home)
    for number in others:
        take_back(home, number)
    assert len(decided(home).intents) == 36
    take_back(home, last)
    found = decided(home)
    assert (found.intents, found.rates, found.x_units) == ((mine,), (), ())
