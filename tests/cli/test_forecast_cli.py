"""The command `forecast` as an analyst's job meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.homes import LAST_DAY, desk_rows, write_csv
from tests.cli.test_cli import Command, cx

__all__ = ["cx"]


@pytest.fixture
def desk(cx: Command, tmp_path: Path) -> Command:
    """A contact about billing on each of 220 days, and on each of the last 30 one about delivery."""
    rows = [*desk_rows(220, prefix="a"), *desk_rows(30, prefix="b", intent="Delivery")]
    assert cx("load", write_csv(tmp_path / "desk.csv", rows), "--source", "desk").status == 0
    return cx


def test_the_coming_weeks_of_everything_and_of_an_intent(desk: Command) -> None:
    everything = desk("forecast", "--json").data
    assert [row["kind"] for row in everything] == ["history"] * 26 + ["week"] * 13 + ["total"] * 2
    assert everything[25]["to_on"] == str(LAST_DAY)
    assert everything[25]["value"] == 14
    billing = desk("forecast", "--intent", "Billing", "--json").data
    assert [row["value"] for row in billing[:26]] == [7] * 26
    assert billing[-2]["value"] == pytest.approx(28, rel=0.01)
    text = desk("forecast", "--intent", "Billing", "--csv").out
    assert text.splitlines()[0] == "kind,from_on,to_on,value,low,high,low_80,high_80,naive,reason"
    assert len(text.splitlines()) == 1 + 41


def test_totals_have_every_intent_and_its_record(desk: Command) -> None:
    totals = desk("forecast", "--totals", "--json").data
    assert [row["intent"] for row in totals] == [None, None, "Billing", "Billing", "Delivery"]
    assert totals[-1]["value"] is None
    assert totals[-1]["reason"] == "learning: 4 weeks of data, 26 are needed"
    assert set(totals[0]) >= {"checks", "inside_80", "inside_95", "closer"}


def test_money_without_rates_is_a_reason(desk: Command) -> None:
    (row,) = desk("forecast", "--cost", "--json").data
    assert row["value"] is None
    assert row["reason"] == "no rate for channel 'phone' on these days, and no cost in the data"


def test_bad_use_is_a_sentence(desk: Command) -> None:
    unknown = desk("forecast", "--intent", "Biling")
    assert (unknown.status, unknown.out) == (2, "")
    assert "no contact has the intent 'Biling': did you mean 'Billing'?" in unknown.err
    both = desk("forecast", "--totals", "--cost")
    assert (both.status, both.out) == (2, "")
    assert "leave --intent and --cost out" in both.err
