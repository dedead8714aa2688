"""The tables of the cost page: sums of the metric, and what is worked out from them by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.costs.cost_frames import (
    concentration,
    cost_by_category,
    cost_by_channel,
    cost_change,
    cost_over_time,
    cost_pareto,
    cost_table,
    unpriced,
)
from cx_metrics.metrics.costs.what_if import what_if
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

START = datetime(2024, 1, 1, 12)
NOW = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 2, 28))
BEFORE = Slice(from_on=date(2024, 1, 4), to_on=date(2024, 1, 31))
DECIDED = Decisions(
    stamp="1",
    intents=(
        IntentDecision("Bill", category="Money", owner="Mei", downstream_cost=Decimal(3)),
        IntentDecision("Move", owner="Dana"),
    ),
    rates=(
        Rate("phone", date(2024, 1, 1), Decimal("1.2"), Decimal("0.5"), Decimal(5)),
        Rate("chat", date(2024, 1, 1), Decimal("0.8"), Decimal("0.1")),
    ),
)


def company(seed: int = 7) -> list[Ticket]:
    """Three intents over two months; letters have no rate, a few phone calls no handle time."""
    rng = random.Random(seed)
    found = []
    for at in range(400):
        channel = rng.choice(["phone", "phone", "chat", "letter"])
        is_timed = channel != "phone" or rng.random() < 0.8
        found.append(
            Ticket(
                "crm",
                str(at),
                f"c{rng.randrange(120)}",
                START + timedelta(hours=rng.randrange(24 * 75)),
                intent=rng.choice(["Bill", "Bill", "Move", "Else"]),
                channel=channel,
                category="Living",
                handle_minutes=Decimal(rng.randrange(1, 30)) if is_timed else None,
            )
        )
    return found


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with small_mart(company(), watermark=datetime(2024, 3, 20), timezone="UTC") as opened:
        yield opened.under(DECIDED)


def test_the_table_sums_to_the_metric(mart: Mart) -> None:
    table, (whole,) = cost_table(mart, NOW), rows(metric(mart, "cost", NOW))
    for name, part in (("cost", "value"), ("direct", "direct"), ("downstream", "downstream"), ("repeats", "repeats")):
        assert table[name].sum() == pytest.approx(whole[part], rel=1e-12)
    for name in ("contacts", "unpriced_contacts", "downstream_assumed_contacts", "downstream_unstated_contacts"):
        assert table[name].sum() == whole[name]
    assert table["cost_share"].sum() == pytest.approx(1)
    assert table["cost"].is_monotonic_decreasing


def test_categories_and_owners_are_those_decided(mart: Mart) -> None:
    found = {row["intent"]: (row["category"], row["owner"]) for row in rows(cost_table(mart, NOW))}
    assert found == {"Bill": ("Money", "Mei"), "Move": ("Living", "Dana"), "Else": ("Living", None)}


def test_a_contact_and_a_resolution_by_hand() -> None:
    # Four calls of 10 minutes at 1.20 and 0.50 each, 3.00 downstream: 15.50 a contact. One of four is followed.
    calls = [
        Ticket(
            "crm",
            str(i),
            f"c{i % 3}",
            START + timedelta(days=3 * i),
            intent="Bill",
            channel="phone",
            handle_minutes=Decimal(10),
        )
        for i in range(3)
    ]
    calls.append(replace(calls[2], contact_id="again", started_at=calls[2].started_at + timedelta(days=1)))
    with small_mart(calls, watermark=datetime(2024, 3, 1), timezone="UTC") as mart:
        (row,) = rows(cost_table(mart.under(DECIDED), Slice()))
        (rate,) = rows(metric(mart, "recontact_rate", Slice()))
    assert row["cost"] == 62.0
    assert row["repeats"] == 15.5
    assert row["per_contact"] == pytest.approx(15.5)
    assert row["per_resolution"] == pytest.approx(62 / 3)
    assert row["resolution_low"] == pytest.approx(15.5 / (1 - rate["low"]))
    assert row["resolution_high"] == pytest.approx(15.5 / (1 - rate["high"]))
    assert row["resolution_reason"] is None


def test_unpriced_contacts_do_not_water_down_the_cost_of_a_contact() -> None:
    call = Ticket("crm", "1", None, START, intent="Bill", channel="phone", handle_minutes=Decimal(10))
    letter = replace(call, contact_id="2", channel="letter")
    with small_mart([call, letter], watermark=datetime(2024, 3, 1), timezone="UTC") as mart:
        (row,) = rows(cost_table(mart.under(DECIDED), Slice()))
        lacking = rows(unpriced(cost_by_channel(mart.under(DECIDED), Slice())))
    assert (row["cost"], row["per_contact"], row["unpriced_contacts"]) == (12.5 + 6, 15.5, 1)
    assert (row["per_resolution"], row["resolution_reason"]) == (None, "no customer ids in this data")
    assert [(lack["channel"], lack["contacts"], lack["unpriced_contacts"]) for lack in lacking] == [("letter", 1, 1)]


def test_without_rates_there_is_a_reason_in_every_row(mart: Mart) -> None:
    table = cost_table(mart.under(Decisions()), NOW)
    assert table["cost"].isna().all()
    assert table["reason"].str.startswith("no rate for channels 'chat', 'letter', 'phone'").all()
    assert set(table["resolution_reason"]) == {"what contacts cost is not known"}
    assert cost_by_category(mart.under(Decisions()), NOW).empty
    assert cost_pareto(mart.under(Decisions()), NOW).empty


def test_channels_and_categories_sum_to_the_same(mart: Mart) -> None:
    whole = cost_table(mart, NOW)["cost"].sum()
    channels, categories = cost_by_channel(mart, NOW), cost_by_category(mart, NOW)
    assert channels["cost"].sum() == pytest.approx(whole, rel=1e-12)
    assert categories["cost"].sum() == pytest.approx(whole, rel=1e-12)
    letter = channels.set_index("channel").loc["letter"]
    assert letter["unpriced_contacts"] == letter["contacts"]
    assert pd.isna(letter["direct"])
    assert categories.groupby("category")["cost"].sum().to_dict() == pytest.approx(
        categories.drop_duplicates("category").set_index("category")["category_cost"].to_dict()
    )


def test_periods_sum_to_the_whole_and_quiet_ones_cost_nothing(mart: Mart) -> None:
    days = cost_over_time(mart, replace(NOW, grain="day", where=(("intent", ("Else",)),)))
    assert len(days) == 28
    assert days["cost"].sum() == pytest.approx(cost_table(mart, NOW).set_index("intent")["cost"]["Else"], rel=1e-12)
    assert set(days.loc[days["contacts"] == 0, "cost"]) == {0.0}
    with pytest.raises(BadUse, match="needs a grain"):
        cost_over_time(mart, NOW)


def test_the_change_of_each_intent_is_now_less_before(mart: Mart) -> None:
    found = cost_change(mart, NOW, BEFORE)
    now, before = (cost_table(mart, s).set_index("intent")["cost"] for s in (NOW, BEFORE))
    assert found["change"].sum() == pytest.approx(now.sum() - before.sum(), rel=1e-9)
    assert found.set_index("intent")["before"].to_dict() == before.to_dict()
    assert found["change"].abs().is_monotonic_decreasing


def test_an_intent_of_one_period_only_cost_nothing_in_the_other() -> None:
    new = Ticket("crm", "1", "Ann", datetime(2024, 2, 3), intent="New", channel="phone", handle_minutes=Decimal(1))
    old = replace(new, contact_id="2", started_at=datetime(2024, 1, 9), intent="Old", channel="letter")
    with small_mart([new, old], watermark=datetime(2024, 3, 1), timezone="UTC") as mart:
        found = rows(cost_change(mart.under(DECIDED), NOW, BEFORE))
    assert found[0] == {"intent": "New", "cost": 1.7, "before": 0.0, "change": 1.7, "reason": None}
    assert (found[1]["intent"], found[1]["cost"], found[1]["change"]) == ("Old", 0.0, None)
    assert found[1]["reason"].startswith("no rate for channel 'letter'")


def test_the_pareto_adds_up_and_says_between_which_ranks(mart: Mart) -> None:
    found = cost_pareto(mart, NOW)
    assert found["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert found["rank"].tolist() == [1, 2, 3]
    assert ((found["rank_low"] <= found["rank"]) & (found["rank"] <= found["rank_high"])).all()
    shares = found["cost_share"]
    equality = concentration(found["cost"])
    assert equality.hhi == pytest.approx(1e4 * (shares**2).sum())
    assert equality.top_fifth_share == pytest.approx(shares[0])
    assert equality.gini == pytest.approx((2 * shares[0] - 2 * shares[2]) / 3)


def _bill_with_repeats() -> list[Ticket]:
    """Ten customers; two of them come again the day after. Calls of 10 minutes."""
    day = datetime(2024, 2, 5)
    first = [
        Ticket("crm", str(i), f"c{i}", day, intent="Bill", channel="phone", handle_minutes=Decimal(10))
        for i in range(10)
    ]
    again = [replace(c, contact_id=f"{c.contact_id} again", started_at=day + timedelta(days=1)) for c in first[:2]]
    # What brings the data's start far enough before the calls.
    return [*first, *again, replace(first[0], contact_id="old", customer_id="old", started_at=START)]


def test_what_if_by_hand() -> None:
    with small_mart(_bill_with_repeats(), watermark=datetime(2024, 3, 20), timezone="UTC") as mart:
        found = rows(what_if(mart.under(DECIDED), NOW, "Bill", 0.25, 10.0))
    # 12 contacts at 10 x 1.20 + 3.00 downstream; 0.50 a contact stays. FCR is 8 of 10: ten points more halve repeats.
    marginal = 15.0
    assert [row["step"] for row in found] == ["fewer", "solved", "both"]
    assert [row["contacts"] for row in found] == pytest.approx([3, 1, 3 + 0.75], rel=1e-12)
    assert [row["money"] for row in found] == pytest.approx([3 * marginal, marginal, 3.75 * marginal], rel=1e-12)


@pytest.mark.parametrize(("points", "repeats"), [(0.0, 0.0), (20.0, 2.0), (90.0, 2.0)], ids=str)
def test_no_more_repeats_fall_away_than_there_are(points: float, repeats: float) -> None:
    with small_mart(_bill_with_repeats(), watermark=datetime(2024, 3, 20), timezone="UTC") as mart:
        found = rows(what_if(mart.under(DECIDED), NOW, "Bill", 0.0, points))
    assert found[1]["contacts"] == pytest.approx(repeats, rel=1e-9, abs=1e-12)


def test_what_cannot_be_known_about_less_has_a_reason() -> None:
    contacts = [replace(c, customer_id=None) for c in _bill_with_repeats()]
    with small_mart(contacts, watermark=datetime(2024, 3, 20), timezone="UTC") as mart:
        priced = rows(what_if(mart.under(DECIDED), NOW, "Bill"))
        free = rows(what_if(mart, NOW, "Bill"))
        with pytest.raises(BadUse, match=r"a share must lie in 0\.\.1"):
            what_if(mart, NOW, "Bill", 1.5)
        with pytest.raises(BadUse, match="no contact has the intent 'Bil'"):
            what_if(mart, NOW, "Bil")
    assert [row["reason"] for row in priced] == [None, *["no customer ids in this data"] * 2]
    assert (free[0]["contacts"], free[0]["money"]) == (2.4, None)
    assert free[0]["reason"] == "what these contacts cost is not known"


def test_without_contacts_tables_are_empty() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        for frame in (cost_table, cost_by_channel, cost_by_category, cost_pareto):
            assert frame(mart, NOW).empty
        assert cost_change(mart, NOW, BEFORE).empty
