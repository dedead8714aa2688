"""Channel fit: its rows are the metrics' rows, and its moves those that a plain search finds."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.prevented.channel_fit import MOST_UNNAMED, channel_fit, channel_moves
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, Rate
from tests.metrics.small_mart import Ticket, small_mart

ROME = "Europe/Rome"
CUTOFF = datetime(2024, 6, 10, 12)
FIRST = date(2024, 1, 1)
RATES = Decisions(
    stamp="1",
    rates=(
        Rate("phone", FIRST, Decimal("1.10"), Decimal("0.50"), Decimal(10)),
        Rate("chat", FIRST, Decimal("1.00"), Decimal("0.30"), Decimal(5)),
        Rate("social", FIRST, Decimal("1.00"), Decimal("0.10"), Decimal(2)),
    ),
)


def company(again: dict[str, float], *, n: int = 300, unnamed: float = 0.0) -> list[Ticket]:
    """So many first contacts a channel about one intent, of which that share comes back the next day by the same."""
    # One contact long before, so that no other is at the left edge of the data.
    chance, contacts = random.Random(4), [Ticket("crm", "old", "old", datetime(2024, 1, 15), intent="Old")]
    for channel, share in again.items():
        for number in range(n):
            who = f"{channel}{number}"
            at = datetime(2024, 3, 1) + timedelta(minutes=97 * number)
            nameless = channel == "social" and chance.random() < unnamed
            first = Ticket("crm", who, None if nameless else who, at, channel=channel)
            first = replace(first, ended_at=at + timedelta(hours=1 if channel == "phone" else 5))
            contacts.append(first)
            if number < share * n:
                at += timedelta(days=1)
                contacts.append(replace(first, contact_id=f"{who}-2", started_at=at, ended_at=None))
    return contacts


def test_rows_are_those_of_the_metrics() -> None:
    asked = Slice(from_on=date(2024, 3, 2), by=("intent", "channel"))
    with small_mart(company({"phone": 0.4, "chat": 0.1}), watermark=CUTOFF, timezone=ROME) as plain:
        mart = plain.under(RATES)
        fit = channel_fit(mart, asked).set_index("channel")
        fcr, again, cost = (
            metric(mart, name, asked).set_index("channel") for name in ("fcr", "recontact_rate", "cost")
        )
    for channel in ("phone", "chat"):
        row = fit.loc[channel]
        assert tuple(row[["value", "low", "high", "n"]]) == tuple(fcr.loc[channel, ["value", "low", "high", "n"]])
        assert row["recontact"] == again.loc[channel, "value"]
        assert row["cost"] == cost.loc[channel, "value"]
        assert row["per_contact"] == pytest.approx(row["cost"] / row["contacts"], rel=1e-12)
        assert row["median_hours"] == {"phone": 1.0, "chat": 5.0}[channel]
        assert row["unnamed"] == 0
    assert fit["share"].sum() == pytest.approx(1.0)


def test_a_channel_that_solves_worse_and_costs_more_is_a_move() -> None:
    with small_mart(company({"phone": 0.4, "chat": 0.1}), watermark=CUTOFF, timezone=ROME) as mart:
        (move,) = channel_moves(mart.under(RATES), Slice()).to_dict("records")
        assert channel_moves(mart, Slice()).empty  # without costs nothing is dearer
    assert (move["intent"], move["channel"], move["to"]) == ("Bill", "phone", "chat")
    assert move["contacts"] == 420
    assert (move["value"], move["to_value"]) == (0.6, 0.9)
    assert (move["median_hours"], move["to_median_hours"]) == (1.0, 5.0)
    # 10 assumed minutes at 1.10 and 0.50 a contact, against 5 at 1.00 and 0.30.
    assert move["saving"] == pytest.approx(420 * (11.5 - 5.3), rel=1e-12)


def test_the_cheapest_of_the_better_channels_is_named_once() -> None:
    shares = {"phone": 0.5, "chat": 0.1, "social": 0.12}
    with small_mart(company(shares), watermark=CUTOFF, timezone=ROME) as mart:
        moves = channel_moves(mart.under(RATES), Slice())
    assert moves[["channel", "to"]].to_numpy().tolist() == [["phone", "social"]]


def test_a_channel_whose_customers_are_not_known_is_no_better_one() -> None:
    contacts = company({"phone": 0.5, "social": 0.02}, unnamed=0.3)
    with small_mart(contacts, watermark=CUTOFF, timezone=ROME) as mart:
        fit = {row["channel"]: row for row in channel_fit(mart.under(RATES), Slice()).to_dict("records")}
        assert channel_moves(mart.under(RATES), Slice()).empty
    assert fit["social"]["unnamed"] > MOST_UNNAMED
    assert fit["social"]["low"] > fit["phone"]["high"]


def test_alike_channels_give_no_move_and_nothing_gives_none() -> None:
    with small_mart(company({"phone": 0.3, "chat": 0.27}), watermark=CUTOFF, timezone=ROME) as mart:
        assert channel_moves(mart.under(RATES), Slice()).empty
        nothing = Slice(from_on=date(2030, 1, 1))
        for frame in (channel_fit(mart.under(RATES), nothing), channel_moves(mart.under(RATES), nothing)):
            assert frame.empty


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_moves_are_what_a_plain_search_over_the_rows_finds(seed: int) -> None:
    chance = random.Random(seed)
    contacts = [
        replace(ticket, intent=f"I{k}", contact_id=f"{k}-{ticket.contact_id}", customer_id=f"{k}-{ticket.customer_id}")
        for k in range(4)
        for ticket in company({name: chance.choice([0.05, 0.3, 0.5]) for name in ("phone", "chat", "social")}, n=120)
    ]
    with small_mart(contacts, watermark=CUTOFF, timezone=ROME) as plain:
        mart = plain.under(RATES)
        fit, moves = channel_fit(mart, Slice()).to_dict("records"), channel_moves(mart, Slice())
    searched = {}
    for a in fit:
        better = [
            b
            for b in fit
            if (b["intent"] == a["intent"] and a["high"] < b["low"] and a["per_contact"] > b["per_contact"])
        ]
        if better:
            best = min(better, key=lambda row: row["per_contact"])
            saving = a["contacts"] * (a["per_contact"] - best["per_contact"])
            searched[a["intent"], a["channel"]] = (best["channel"], saving)
    found = {(row["intent"], row["channel"]): (row["to"], row["saving"]) for row in moves.to_dict("records")}
    assert set(found) <= set(searched)
    # With intervals this far apart the rate of false ones takes none away.
    assert found == {key: (to, pytest.approx(saving)) for key, (to, saving) in searched.items()}
    assert moves["saving"].is_monotonic_decreasing
