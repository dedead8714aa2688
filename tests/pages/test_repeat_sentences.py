"""What the page on repeat contacts says: computed values in words, uncertainty included."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cx_metrics.metrics.returning.repeat_drivers import IntentChange, RepeatDrivers, RepeatSplit
from cx_metrics.statistics.drivers import Drivers
from pages.shared import repeat_sentences as say

BACK: dict[str, Any] = {
    "value": 0.28, "low": 0.26, "high": 0.301, "n": 1900, "reason": None, "immature": 120, "left_edge": 3,
    "no_customer_id": 45, "window": 7,
}  # fmt: skip
HALF: dict[str, Any] = {"value": 2, "low": 2, "high": 3, "n": 532, "reason": None}
CHANGE: dict[str, Any] = {
    "window": 7, "value": 0.21, "before": 0.27, "difference": -0.06, "low": -0.1, "high": -0.02, "z": -3.0,
    "p": 0.003, "n": 1900, "n_before": 2000, "reason": None,
}  # fmt: skip
UP = {**CHANGE, "value": 0.27, "before": 0.21, "difference": 0.06, "low": 0.02, "high": 0.1}
ALIKE = {**CHANGE, "value": 0.27, "before": 0.28, "difference": -0.01, "low": -0.03, "high": 0.01}
UNKNOWN = {**CHANGE, "value": None, "difference": None, "low": None, "high": None, "reason": "too young"}


def one(row: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([row])


def read(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_answer_says_how_many_how_soon_and_what_changed() -> None:
    most = IntentChange("Router *won't* connect", one(CHANGE))
    assert read(say.answer(one(BACK), one(HALF), one(CHANGE), most)) == (
        "Of 100 customers with a new issue, **28 came back** about it within 7 days (likely 26 – 30 %); half of those "
        "within **2 days**. New issues come back **less often** than those of the earlier period: **21 instead of 27 "
        "of 100** within 7 days (6.0 points less, likely 2.0 to 10.0). It changed most for *Router \\*won\\'t\\* "
        "connect*: **21 instead of 27 of 100** within 7 days (6.0 points less, likely 2.0 to 10.0)."
    )


@pytest.mark.parametrize(
    ("change", "end"),
    [
        (
            UP,
            (
                "New issues come back **more often** than those of the earlier period: "
                "**27 instead of 21 of 100** within 7 days (6.0 points more, likely 2.0 to 10.0)."
            ),
        ),
        (
            ALIKE,
            (
                "That is about as often as in the earlier period: 27 against 28 of 100 within 7 days "
                "(difference likely -3.0 pts to +1.0 pts)."
            ),
        ),
        (UNKNOWN, ""),
    ],
    ids=["more", "alike", "unknown"],
)
def test_a_change_within_chance_is_no_change(change: dict[str, Any], end: str) -> None:
    begin = read(say.answer(one(BACK), one(HALF), None, None))
    assert read(say.answer(one(BACK), one(HALF), one(change), None)) == f"{begin} {end}".strip()


def test_what_is_not_known_is_a_reason() -> None:
    unknown = {**BACK, "value": None, "low": None, "high": None, "n": 0, "reason": "too early: no first contact"}
    nobody = {**HALF, "value": None, "low": None, "high": None, "n": 3, "reason": "fewer than 10 customers"}
    assert say.answer(one(unknown), one(nobody), None, None) == (
        "How many customers come back is **not known**: too early\\: no first contact."
    )
    mixed = say.answer(one({**BACK, "window": None}), one(nobody), None, None)
    assert "within their intent's window" in mixed
    assert "half" not in mixed
    assert say.half_card(one(nobody)) == "not known"
    assert read(say.half_card(one({**HALF, "value": 1}))) == "1 day"


def test_notes_hold_the_uncertainty_of_every_card() -> None:
    repeats = one({"value": 0.25, "low": 0.24, "high": 0.26, "n": 5000, "reason": None})
    top = pd.DataFrame(
        {"top": [0.01, 0.1], "customers": [12, 120], "value": [0.05, 0.25], "expected": [0.03, 0.2], "reason": None}
    )
    assert read(say.notes(one(BACK), repeats, one(HALF), top)) == (
        "Came back: likely 26.0 – 30.1 %, n = 1 900 issues · repeats: likely 24.0 – 26.0 % of 5 000 contacts · half of "
        "those who return: likely by day 2 to 3, n = 532 · the busiest 10 % of customers make 25.0 % of the contacts, "
        "against 20.0 % if contacts fell at random. Left out: 120 issues too young to know, 3 from the first days of "
        "the data, 45 contacts without a customer id."
    )
    few = top.assign(value=None, reason="fewer than 10 customers")
    assert read(say.concentration(few)) == "Busiest 10 %: not known, fewer than 10 customers."


def split_of(**parts: Any) -> RepeatSplit:
    usual: dict[str, Any] = {
        "levels": pd.DataFrame(), "total": -0.05, "rate": -0.04, "mix": -0.01, "turned": False, "against": 0.2,
        "reason": None,
    }  # fmt: skip
    return RepeatSplit(**(usual | parts))


def test_a_split_that_misleads_leads_with_the_rates() -> None:
    assert read(say.split(split_of(), by="intent")) == (
        "The share that comes back changed by **-5.0 pts**: -4.0 pts from customers coming back more or less often "
        "within each intent, -1.0 pts from the mix."
    )
    few = read(say.split(split_of(against=0.55), by="product"))
    assert few.endswith(
        "The change rests on a few: products with 55 % of the issues went the other way, if only by chance."
    )
    turned = read(say.split(split_of(total=0.046, rate=-0.054, mix=0.099, turned=True), by="intent"))
    assert turned.startswith(":material/warning: **The whole misleads.** Within each intent together")
    assert "-5.4 pts" in turned.split(";")[0]
    reason = split_of(total=None, rate=None, mix=None, against=None, reason="no issue is old enough")
    assert say.split(reason, by="intent") == "What changed can't be told: no issue is old enough."


def test_the_model_names_what_plays_a_part_and_what_does_not() -> None:
    effects = pd.DataFrame({"attribute": ["product", "product", "team", "team"], "beyond": [True, True, False, False]})
    told = Drivers((), (), 900, 700, left_out=("region",))
    found = RepeatDrivers(effects, told, 1800, 2)
    assert say.model(found) == (
        "Customers come back more or less with *product*. Nothing beyond chance: team, all else alike. Left out, as "
        "it is alike for all or told by the others: region."
    )
    assert "900 issues of 700 customers; of 1\u202f800 issues, those of one in 2 customers" in say.model_basis(found)
    nothing = RepeatDrivers(effects.iloc[:0], Drivers((), (), 5, 4, reason="fewer than 30 customers"), 5, 1)
    assert say.model(nothing) == "What goes with coming back can't be told: fewer than 30 customers."
