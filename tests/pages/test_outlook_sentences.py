"""What forecast and matrix say in words, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.metrics.reasons.forecasts import Record, UnitCost
from cx_metrics.metrics.reasons.priorities import NOT_SCORED
from pages.shared import forecast_sentences, priorities_sentences
from tests.charts.test_chart_forecast import forecast_frame

NASTY = "<b>x</b> *y* $z$"


def spaced(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_outlook_names_both_horizons_and_last_week() -> None:
    assert spaced(forecast_sentences.outlook(forecast_frame())) == (
        "Next 4 weeks: **4 400 contacts**, likely 3 800 – 5 200; "
        "next 13 weeks: **14 300 contacts**, likely 11 000 – 18 000. "
        "If every week were as the last, 4 weeks would bring 4 800."
    )
    money = spaced(forecast_sentences.outlook(forecast_frame(), currency="USD"))
    assert money.startswith("Next 4 weeks: **\\$ 4 400**, likely \\$ 3 800 – \\$ 5 200; ")
    assert forecast_sentences.outlook(forecast_frame("too early")) == ""


@pytest.mark.parametrize(
    ("own", "end"),
    [
        (Record(5, 4, 5, 0.253), "Day by day it missed by 25 % less than 'same as last week'."),
        (Record(5, 4, 5, -0.03), "Day by day it missed by 3 % more than 'same as last week'."),
        (Record(5, 4, 5, None), "in the 80 % range 4. "),
    ],
    ids=["closer", "farther", "nothing to compare"],
)
def test_a_record_says_whether_it_beats_last_week(own: Record, end: str) -> None:
    said = spaced(forecast_sentences.worth(own, Record(0, 0, 0, None)))
    assert said.startswith("Checked on 5 stretches of 4 weeks")
    assert "the real number lay in the 95 % range 5 of 5 times, in the 80 % range 4." in said
    assert said.endswith(end)


def test_the_record_of_all_intents_stands_beside() -> None:
    said = spaced(forecast_sentences.worth(Record(1, 1, 1, 0.1), Record(180, 144, 171, 0.2)))
    assert "Checked on 1 stretch of 4 weeks" in said
    assert "1 of 1 time," in said
    assert said.endswith("Over the 180 checks of all intents: 95 % and 80 %.")
    assert forecast_sentences.worth(Record(0, 0, 0, None), Record(9, 9, 9, 0.1)).startswith("Not checked yet")


def test_a_price_says_what_it_rests_on() -> None:
    some = spaced(forecast_sentences.price_note(UnitCost(15.6, 112, 1400, None), currency="EUR"))
    assert some.startswith(
        "Contacts forecast x € 15.60: the cost of the last 4 weeks over their 1 400 contacts, 1 288 of them without a "
        "price for their handling, which adds nothing. The range is"
    )
    every = spaced(forecast_sentences.price_note(UnitCost(15.6, 112, 112, None), currency="EUR"))
    assert "over their 112 contacts. The range is" in every
    assert forecast_sentences.price_note(UnitCost(None, 0, 5, "no rate"), currency="EUR") == ""


def matrix(*rows: tuple[str, str, float | None, str | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Intents with quadrant, cost and owner, and the sums of the quadrants."""
    frame = pd.DataFrame(rows, columns=["intent", "quadrant", "cost", "owner"]).assign(contacts=100)
    total = frame["cost"].sum()
    sums = [
        {
            "quadrant": name,
            "intents": len(part),
            "unowned": int(part["owner"].isna().sum()),
            "contacts": int(part["contacts"].sum()),
            "cost": part["cost"].sum() if part["cost"].notna().any() else None,
            "cost_share": part["cost"].sum() / total if total else None,
        }
        for name, part in ((name, frame[frame["quadrant"] == name]) for name in ("eliminate", NOT_SCORED))
    ]
    return frame, pd.DataFrame(sums)


def test_what_to_eliminate_comes_first_with_its_money_and_owner() -> None:
    rows, sums = matrix((NASTY, "eliminate", 3000.0, "Ann"), ("Bill", "eliminate", 1000.0, None))
    said = spaced(priorities_sentences.priorities(rows, sums, currency="EUR"))
    assert said.startswith("**€ 4 000** (100 % of the cost) goes to contacts worth little to the customer and to us")
    assert said.endswith("owned by Ann.")
    assert NASTY not in said
    rows, sums = matrix(("Bill", "eliminate", 3000.0, None), ("New", NOT_SCORED, 1000.0, None))
    said = spaced(priorities_sentences.priorities(rows, sums, currency="EUR"))
    assert "(75 % of the cost)" in said
    assert "The largest is *Bill*, which **nobody owns**." in said
    assert said.endswith("**1 of 2 intents** are not scored yet.")


def test_without_costs_contacts_are_told() -> None:
    rows, sums = matrix(("Bill", "eliminate", None, None))
    said = priorities_sentences.priorities(rows, sums, currency=None)
    assert said.startswith("**100 contacts** are worth little to the customer and to us.")


def test_nothing_scored_and_nothing_to_eliminate() -> None:
    rows, sums = matrix(("Bill", NOT_SCORED, 1.0, None))
    assert priorities_sentences.priorities(rows, sums, currency="EUR").startswith("**None of 1 intent is scored yet**")
    rows, sums = matrix(("Bill", "automate", 1.0, None))
    assert "nothing to eliminate" in priorities_sentences.priorities(rows, sums, currency="EUR")


def test_sizes_leave_out_what_is_empty() -> None:
    _, sums = matrix(("Bill", "eliminate", 1.0, None), ("Old", "eliminate", 1.0, "Ann"))
    assert priorities_sentences.sizes(sums) == "Eliminate: 2 intents, 1 unowned"


def test_health_in_words() -> None:
    checks = pd.DataFrame(
        {
            "check": ["Intents", "Unnamed", "Small"],
            "value": [36.0, 0.071, None],
            "unit": ["intents", "share", "intents"],
            "state": ["fine", "mend", "not known"],
            "advice": [None, "Map it.", None],
        }
    )
    assert priorities_sentences.health(checks) == "1 of 3 checks needs mending."
    assert priorities_sentences.advice(checks) == "- **Unnamed**: Map it."
    assert [spaced(said) for said in priorities_sentences.figures(checks)] == ["36", "7.1 %", "not known"]
    assert "passes every check" in priorities_sentences.health(checks[checks["state"] != "mend"])
