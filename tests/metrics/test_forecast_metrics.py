"""What the forecast says on pages and the command line: rows, records of its checks, and money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cx_metrics.config import Settings
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.reasons.forecasts import (
    Record,
    cost_per_contact,
    forecast_checks,
    forecast_cost,
    forecast_totals,
    forecast_weeks,
    open_forecasts,
    record,
    record_of_all,
)
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate
from cx_metrics.store.home import Home
from cx_metrics.store.marts.forecasts import FILE
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.mart import Mart, open_mart
from tests.store.extracts import bring_in, row

FIRST = date(2026, 1, 1)
PHONE = Rate("phone", date(2025, 1, 1), Decimal("1.10"), Decimal("0.50"), Decimal(6))
DECIDED = Decisions("x", (IntentDecision("Bill", downstream_cost=Decimal("4.10")),), (PHONE,))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """245 days: 4 bills by phone of 10 minutes and 1 delivery by chat a day; the last day isn't over."""
    opened = Home(Settings(home=tmp_path_factory.mktemp("home"), memory="500MB", user="tester"))
    said = {"Bill": {"channel": "phone", "handle_minutes": "10"}, "Delivery": {"channel": "chat"}}
    contacts = [
        row(f"{day}-{k}", f"{FIRST + timedelta(days=day)} {9 + k:02}:00:00", intent=intent, **said[intent])
        for day in range(245)
        for k, intent in enumerate(["Bill"] * 4 + ["Delivery"])
    ]
    bring_in(opened, contacts)
    bring_up_to_date(opened)
    return opened


@pytest.fixture
def mart(home: Home) -> Iterator[Mart]:
    with open_mart(home.mart, decisions=DECIDED) as opened:
        yield opened


def checks_frame() -> pd.DataFrame:
    """Two checks: one inside both ranges, one in the wider one only; then one in neither."""
    return pd.DataFrame(
        {
            "low": [80.0, 80.0, 80.0],
            "high": [120.0, 120.0, 120.0],
            "low_80": [90.0, 90.0, 90.0],
            "high_80": [110.0, 110.0, 110.0],
            "actual": [110.0, 120.0, 121.0],
            "error": [20.0, 30.0, 40.0],
            "naive_error": [40.0, 40.0, 40.0],
        }
    )


def test_a_record_by_hand() -> None:
    assert record(checks_frame()) == Record(3, 1, 2, 0.25)
    assert record(checks_frame().assign(error=60.0)).closer == -0.5
    assert record(checks_frame().iloc[:0]) == Record(0, 0, 0, None)
    assert record(checks_frame().assign(naive_error=0.0)).closer is None


def test_weeks_are_history_then_weeks_then_totals(home: Home) -> None:
    weeks = forecast_weeks(open_forecasts(home.forecast), "Bill")
    assert weeks["kind"].tolist() == ["history"] * 26 + ["week"] * 13 + ["total"] * 2
    assert weeks["from_on"].iloc[26] == str(FIRST + timedelta(days=244))
    assert weeks["value"].iloc[:26].tolist() == [28.0] * 26
    four, thirteen = weeks["value"].iloc[-2:]
    assert (four, thirteen) == (pytest.approx(112, rel=0.01), pytest.approx(364, rel=0.01))


def test_history_is_the_volume_metric(home: Home, mart: Mart) -> None:
    weeks = forecast_weeks(open_forecasts(home.forecast))
    for first, last, value in weeks[["from_on", "to_on", "value"]].iloc[:26].itertuples(index=False):
        asked = Slice(from_on=date.fromisoformat(first), to_on=date.fromisoformat(last))
        assert metric(mart, "volume", asked)["value"].iloc[0] == value


def test_totals_name_every_intent_once_for_each_horizon(home: Home) -> None:
    forecasts = open_forecasts(home.forecast)
    totals = forecast_totals(forecasts)
    assert totals["intent"].fillna("all").tolist() == ["all", "all", "Bill", "Bill", "Delivery", "Delivery"]
    bill = record(forecast_checks(forecasts, "Bill"))
    assert bill.checks == 1
    assert totals["checks"].tolist() == [1] * 6
    assert totals["inside_95"].iloc[2] == bill.inside_95
    assert record_of_all(forecasts).checks == 2
    weeks = forecast_weeks(forecasts, "Bill").iloc[-2:]
    columns = ["from_on", "to_on", "value", "low", "high", "low_80", "high_80", "naive"]
    pd.testing.assert_frame_equal(
        totals.iloc[2:4][columns].reset_index(drop=True), weeks[columns].reset_index(drop=True)
    )


def test_an_intent_without_contacts_and_a_home_without_forecast_have_a_reason(home: Home, tmp_path: Path) -> None:
    stranger = forecast_weeks(open_forecasts(home.forecast), "Stranger")
    assert stranger["kind"].tolist() == ["unknown"]
    assert stranger["reason"].tolist() == ["no contacts in the last 58 weeks"]
    nothing = forecast_weeks(open_forecasts(tmp_path))
    assert nothing["reason"].tolist() == ["learning: no full day of data yet"]
    assert forecast_totals(open_forecasts(tmp_path)).empty


def test_an_intent_may_be_called_anything(tmp_path: Path, home: Home) -> None:
    """The rows of all together have no name: an intent called like a star is itself."""
    table = pq.read_table(home.forecast / FILE)
    names = [name if name != "Bill" else "*" for name in table["intent"].to_pylist()]
    pq.write_table(table.set_column(0, "intent", pa.array(names)), tmp_path / FILE)
    forecasts = open_forecasts(tmp_path)
    assert forecast_weeks(forecasts, "*")["value"].iloc[0] == 28
    assert forecast_weeks(forecasts)["value"].iloc[0] == 35


def test_the_cost_of_a_contact_by_hand(mart: Mart) -> None:
    """Bills: 10 x 1.10 + 0.50 + 4.10 = 15.60; deliveries have neither rate nor cost."""
    value, priced, contacts, reason = cost_per_contact(mart, "Bill")
    assert (priced, contacts, reason) == (112, 112, None)
    assert value == pytest.approx(15.60, rel=1e-12)
    value, priced, contacts, reason = cost_per_contact(mart, "Delivery")
    assert (value, priced, contacts) == (None, 0, 28)
    assert reason is not None
    assert "no rate for channel 'chat'" in reason
    value, priced, contacts, _ = cost_per_contact(mart)
    assert (priced, contacts) == (112, 140)
    assert value == pytest.approx(15.60 * 112 / 140, rel=1e-12)


def test_money_is_contacts_times_the_cost_of_one(home: Home, mart: Mart) -> None:
    forecasts = open_forecasts(home.forecast)
    contacts, money = forecast_weeks(forecasts, "Bill"), forecast_cost(mart, forecasts, "Bill")
    ahead = contacts["kind"] != "history"
    for end in ("value", "low", "high", "low_80", "high_80", "naive"):
        np.testing.assert_allclose(money.loc[ahead, end], contacts.loc[ahead, end] * 15.60, rtol=1e-12)
    assert money.loc[~ahead, "value"].to_numpy() == pytest.approx(28 * 15.60, rel=1e-12)
    everything = forecast_cost(mart, forecasts)
    assert everything["value"].iloc[0] == pytest.approx(28 * 15.60, rel=1e-12)  # deliveries add nothing ...
    asked = Slice(from_on=FIRST + timedelta(days=216), to_on=FIRST + timedelta(days=243))
    before = metric(mart, "cost", asked)["value"].iloc[0]
    assert everything["naive"].iloc[-2] == pytest.approx(before, rel=1e-12)  # ... neither before nor after


def test_money_that_cannot_be_known_is_a_reason(home: Home, mart: Mart) -> None:
    found = forecast_cost(mart, open_forecasts(home.forecast), "Delivery")
    assert found["kind"].tolist() == ["unknown"]
    assert "no rate for channel 'chat'" in found["reason"].iloc[0]
    assert found["per_contact"].isna().all()


def test_a_week_whose_contacts_have_no_price_is_not_free(home: Home, mart: Mart) -> None:
    late = Rate("phone", FIRST + timedelta(days=150), PHONE.per_minute, PHONE.per_contact, None)
    found = forecast_cost(mart.under(Decisions("y", (), (late,))), open_forecasts(home.forecast), "Bill")
    history = found[found["kind"] == "history"]
    begins = [datetime.fromisoformat(day).date() for day in history["to_on"]]
    assert [pd.isna(value) for value in history["value"]] == [day < late.from_on for day in begins]
