"""The command `signals` as an analyst's job meets it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.homes import LAST_DAY, write_csv
from tests.cli.test_cli import Command, cx, one_sentence

__all__ = ["cx"]

Row = tuple[str, ...]


def rows(n_days: int) -> list[Row]:
    """Five intents of four contacts a day; on the last three days 20 about the router. And one rare intent."""
    found: list[Row] = []
    for back in range(n_days):
        on = LAST_DAY - timedelta(days=back)
        for intent in ("Router", "Bill", "Delivery", "Price", "Login"):
            n = 20 if intent == "Router" and back < 3 else 4
            found += [(f"{intent}{back}-{k}", "", f"{on}T10:{k:02}:00Z", intent, "phone") for k in range(n)]
    found.append(("last", "", f"{LAST_DAY}T22:59:30Z", "Rare", "phone"))
    return found


@pytest.fixture
def desk(cx: Command, tmp_path: Path) -> Command:
    assert cx("load", write_csv(tmp_path / "desk.csv", rows(200)), "--source", "desk").status == 0
    return cx


def test_signals_are_found_by_the_load_and_read_by_people(desk: Command, tmp_path: Path) -> None:
    kept = json.loads((tmp_path / "home" / "signals" / "signals.json").read_text(encoding="utf-8"))
    assert [signal["intent"] for signal in kept["signals"]] == ["Router"]
    said = desk("signals")
    assert said.status == 0
    assert said.out.startswith("RECOMMEND PAUSE: “Router”: ")
    assert "171\u202f% above what we expect (17 to 39 contacts for 7 days, 76 came in the 7 days to 20 Feb" in said.out
    assert "What it costs is not known: no rate for channel 'phone' on these days, and no cost in the data." in said.out
    assert said.out.splitlines()[-1].startswith("The contacts of 1 intent can't be judged by themselves")


def test_json_and_csv_are_the_same_rows(desk: Command) -> None:
    (signal,) = desk("signals", "--json").data
    assert list(signal)[:6] == ["intent", "kind", "level", "since_on", "on", "expected"]
    assert signal["intent"] == "Router"
    assert signal["level"] == "recommend pause"
    assert signal["on"] == str(LAST_DAY)
    assert (signal["observed"], signal["days"]) == (3 * 20 + 4 * 4, 7)
    assert signal["expected"] == pytest.approx(7 * 4)
    assert signal["per_week_money"] is None
    header, line = desk("signals", "--csv").out.splitlines()
    assert header.split(",") == list(signal)
    assert line.startswith("Router,volume,recommend pause,")


def test_states_say_who_is_judged(desk: Command) -> None:
    found = {row["intent"]: row for row in desk("signals", "--states", "--json").data}
    assert found["Bill"]["state"] == "judged"
    assert found["Rare"]["reason"] == "learning: 1 day of contacts, more than 86 are needed"


def test_a_calm_desk_and_none(cx: Command, tmp_path: Path) -> None:
    assert "There is no data yet" in one_sentence(cx("signals"), status=1)
    assert cx("load", write_csv(tmp_path / "few.csv", rows(2)), "--source", "desk").status == 0
    assert cx("signals").out.splitlines()[0] == "No signal: nothing stands out."
    assert cx("signals", "--json").data == []
    assert "exclude each other" in one_sentence(cx("signals", "--json", "--csv"), status=2)
