"""What the Cost page says, word by word."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.metrics.costs.cost_frames import Concentration
from cx_metrics.statistics.rates import ExposureTrend
from pages.shared import cost_sentences as say
from tests.charts.cost_frames import changes_frame, costs_frame, ranked_frame

NASTY = "<b>x</b> *y*"


def said(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u2060", "")


def cost(value: float | None) -> pd.DataFrame:
    return pd.DataFrame({"value": [value]}, dtype=float)


@pytest.mark.parametrize(
    ("before", "changes", "words"),
    [
        (None, None, "Contacts cost **€ 42 930** in these four weeks. *a* costs most, € 42 000 or 98 %."),
        (
            40_000.0,
            [3000.0, -70.0],
            (
                "Contacts cost **€ 42 930** in these four weeks, **€ 2 930 more** than before. *i0* moved most: "
                "**+€ 3 000**. *a* costs most, € 42 000 or 98 %."
            ),
        ),
        (
            50_000.0,
            [-7000.0, 5000.0],
            (
                "Contacts cost **€ 42 930** in these four weeks, **€ 7 070 less** than before. *i0* moved most: "
                "**-€ 7 000**. *a* costs most, € 42 000 or 98 %."
            ),
        ),
        (np.nan, [None], "Contacts cost **€ 42 930** in these four weeks. *a* costs most, € 42 000 or 98 %."),
    ],
    ids=["no comparison", "dearer", "cheaper", "before not known"],
)
def test_the_answer(before: float | None, changes: list[float | None] | None, words: str) -> None:
    told = say.answer(
        cost(42_930.0),
        None if before is None else cost(before),
        None if changes is None else changes_frame(changes),
        costs_frame(),
        days="in these four weeks",
        currency="EUR",
    )
    assert said(told) == words


def test_names_and_dollars_stay_text() -> None:
    table = costs_frame((NASTY, "b", "c", "d"))
    told = say.answer(cost(5.0), None, None, table, days="on this day", currency="USD")
    assert "\\<b\\>x\\<\\/b\\> \\*y\\*" in told
    assert "\\$\u202f5" in told


def test_what_the_cards_rest_on() -> None:
    row = pd.Series(
        {
            "contacts": 1000,
            "direct": 700.0,
            "downstream": 300.0,
            "assumed_contacts": 1,
            "unpriced_contacts": 20,
            "downstream_assumed_contacts": 210,
            "downstream_unstated_contacts": 750,
        }
    )
    assert said(say.rests_on(row, currency="EUR")) == (
        "€ 700 handling, € 300 downstream · 1 contact with assumed minutes · handling of 20 contacts in no sum, as "
        "they have no price · downstream assumed for 21 % of contacts · downstream not stated for 75 %"
    )
    row[[name for name in row.index if str(name).endswith("_contacts")]] = 0
    assert said(say.rests_on(row, currency="EUR")) == "€ 700 handling, € 300 downstream"


def test_channels_without_a_price() -> None:
    lacking = pd.DataFrame({"channel": ["e", NASTY, "f", "g", "h"], "unpriced_contacts": [9, 1, 1, 1, 1]})
    told = say.unpriced(lacking)
    assert told.startswith("No price for contacts by *e* (9 contacts), *\\<b\\>")
    assert told.endswith("*g* (1 contact) and 1 more: their handling is in no sum.")
    assert say.unpriced(lacking.iloc[:0]) == ""


def test_how_sure_the_order_is_at_the_line() -> None:
    found = Concentration(0.61, 900.0, 0.52)
    few = "The dearest fifth of the intents bring 61 % (Gini 0.52)."
    close = said(say.stability(ranked_frame([500, 310, 100, 90]), found))
    assert close == f"{few} Which intents stand above the line is sure."
    mixed = ranked_frame([500, 310, 100, 90]).assign(rank_low=[1, 2, 2, 3])
    assert said(say.stability(mixed, found)) == (
        f"{few} At the line the order is not sure: i1 and i2 could change places if the same needs arose anew."
    )
    assert said(say.stability(ranked_frame([5]), found)) == few


def cpx_row(value: float | None, low: float = 0.077, high: float = 0.079) -> pd.Series:
    return pd.Series({"value": value, "low": low, "high": high, "unit": "orders", "reason": "no units of 'orders'"})


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (cpx_row(0.078), None, "**7.8 contacts per 100 orders** (likely 7.7 – 7.9)."),
        (
            cpx_row(0.078),
            cpx_row(0.07, 0.069, 0.071),
            "**7.8 contacts per 100 orders** (likely 7.7 – 7.9), +0.8 against the comparison period.",
        ),
        (
            cpx_row(0.078),
            cpx_row(0.0775, 0.0765, 0.0785),
            (
                "**7.8 contacts per 100 orders** (likely 7.7 – 7.9), +0.1 against the comparison period, which may be "
                "chance."
            ),
        ),
        (cpx_row(2.5, 2.4, 2.6), None, "**250.0 contacts per 100 orders** (likely 240.0 – 260.0)."),
        (cpx_row(0.002, 0.001, 0.003), None, "**2.0 contacts per 1 000 orders** (likely 1.0 – 3.0)."),
        (cpx_row(None), None, "Contacts per unit are not known: no units of \\'orders\\'."),
    ],
    ids=["alone", "more", "may be chance", "many", "few", "not known"],
)
def test_contacts_per_unit(now: pd.Series, before: pd.Series | None, words: str) -> None:
    assert said(say.cpx(now, before)) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "Too few whole weeks for a trend."),
        (
            ExposureTrend(0.004, 0.002, 0.006, 0.001, 3.0, 52),
            "Trend: **+0.4 % a week over 52 weeks (likely 0.2 – 0.6 %)**.",
        ),
        (
            ExposureTrend(-0.001, -0.003, 0.001, 0.4, 3.0, 30),
            "No trend beyond chance: -0.1 % a week over 30 weeks (likely -0.3 – 0.1 %).",
        ),
    ],
    ids=["too few", "trend", "chance"],
)
def test_trends(found: ExposureTrend | None, words: str) -> None:
    assert said(say.trend(found, grain="week")) == words


def test_the_split_of_a_change() -> None:
    split = pd.DataFrame({"part": ["growth of orders", "contacts per unit"], "contacts": [626.4, -592.0]})
    assert say.split(split.assign(reason=None)) == (
        "**+34 contacts**: +626 from growth of orders and -592 from contacts per unit."
    )
    unknown = pd.DataFrame({"part": [None], "contacts": [None], "reason": ["no units"]})
    assert say.split(unknown) == "Where the change in contacts comes from is not known: no units."


def test_what_less_of_an_intent_would_save() -> None:
    steps = pd.DataFrame(
        {"step": ["fewer", "solved", "both"], "contacts": [277.4, 68.0, 331.8], "money": [5031.1, 1537.6, 6261.2]}
    ).assign(reason=None)
    told = say.what_if(steps, intent=NASTY, fewer=0.2, more=5, currency="EUR")
    assert said(told) == (
        "With 20 % fewer contacts about *\\<b\\>x\\<\\/b\\> \\*y\\** and 5 points more of them solved at the first "
        "contact, the period would have had **332 contacts** and **€ 6 261** less."
    )
    steps.loc[1:, ["contacts", "money"]] = np.nan
    steps["reason"] = [None, "no customer ids in this data", "no customer ids in this data"]
    told = say.what_if(steps, intent="a", fewer=0.2, more=5, currency="EUR")
    assert said(told) == (
        "With 20 % fewer contacts about *a*, the period would have had **277 contacts** and **€ 5 031** less. Not "
        "known: no customer ids in this data."
    )
