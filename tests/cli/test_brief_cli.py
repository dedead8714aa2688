"""The brief on the command line: the sentences of the page, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.briefing import briefing
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from tests.browser.homes import ZONE, desk_rows, write_csv
from tests.cli.test_cli import Answer, Command, cx, one_sentence

__all__ = ["cx"]

RATES = """
[[intents]]
intent = "Billing"
owner = "Dana Okafor"
fcr_target = 0.5

[[rates]]
channel = "phone"
from = 2025-01-01
per_minute = 1.0
per_contact = 2.5
assumed_minutes = 4
"""


@pytest.fixture
def desk(cx: Command, tmp_path: Path) -> Callable[..., Answer]:
    """Seventy days of one contact each about billing, and a price of 6.50 for each."""
    extract = write_csv(tmp_path / "desk.csv", desk_rows(70, prefix="a"))
    assert cx("load", extract, "--source", "desk", "--json").status == 0
    (tmp_path / "records.toml").write_text(RATES, encoding="utf-8")
    assert cx("records", "import", tmp_path / "records.toml").status == 0
    return cx


def test_people_read_the_sentences_under_their_days(desk: Command) -> None:
    """28 contacts at 4 minutes x 1.00 + 2.50 each are 182, as many as before."""
    lines = desk("brief").out.replace("\u202f", " ").splitlines()
    assert lines[0] == "all contacts, 2026-01-24 to 2026-02-20, against 2025-12-27 to 2026-01-23"
    assert lines[1] == "- Contacts cost € 182 in these four weeks, as much as in the four weeks before."
    assert "- 28 contacts of 28 (100 %) have assumed minutes, not measured ones." in lines
    assert "- Every intent has an owner." in lines
    assert all(line.startswith("- ") for line in lines[1:])


def test_json_has_the_days_and_every_sentence(desk: Command, tmp_path: Path) -> None:
    data = desk("brief", "--json").data
    assert list(data) == ["from", "to", "compare_from", "compare_to", "sentences"]
    assert (data["from"], data["compare_to"]) == ("2026-01-24", "2026-01-23")
    opened = Home(Settings(home=tmp_path / "home", timezone=ZONE))
    told = briefing(fresh_mart(opened), Slice())
    assert [sentence["text"] for sentence in data["sentences"]] == [str(sentence) for sentence in told.sentences]
    assert [sentence["topic"] for sentence in data["sentences"]][:2] == ["cost", "parts"]


def test_days_and_filters_are_those_asked_for(desk: Command) -> None:
    data = desk("brief", "--from", "2026-02-14", "--where", "channel=phone", "--json").data
    assert (data["from"], data["to"], data["compare_from"]) == ("2026-02-14", "2026-02-20", "2026-02-07")
    assert data["sentences"][0]["text"].replace("\u202f", " ") == (
        "Contacts cost € 46 in this week, as much as in the week before."
    )


def test_what_cannot_be_told_is_a_sentence(desk: Command) -> None:
    assert "no contact has the channel 'fax'" in one_sentence(desk("brief", "--where", "channel=fax"), status=2)
    assert "swap the two" in one_sentence(desk("brief", "--from", "2026-02-02", "--to", "2026-02-01"), status=2)


def test_an_empty_home_says_what_to_do(cx: Command) -> None:
    assert "There is no data yet" in one_sentence(cx("brief"), status=1)
