from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pages.shared import expectation_sentences as hours_say
from pages.shared import resolution_sentences as say
from pages.shared.text import plain

NASTY = "<b>x</b> *y*"


def said(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u2060", "")


def verdict(intent: str, word: str | None, **more: Any) -> dict[str, Any]:
    row = {"intent": intent, "verdict": word, "value": 0.59, "low": 0.56, "high": 0.62, "n": 1000, "target": 0.75}
    row |= {"followed": 410, "window": 7, "n_needed": None, "owner": None, "reason": None, "q_value": 0.001}
    return row | {"from": "2026-09-21", "to": "2026-10-18"} | more


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), dtype=object)


def fcr(value: float | None = 0.7, **more: Any) -> pd.DataFrame:
    row = {
        "value": value,
        "low": 0.68,
        "high": 0.72,
        "n": 900,
        "reason": None if value else "too early",
        "immature": 12,
    }
    return pd.DataFrame([row | {"left_edge": 3, "no_customer_id": 40} | more])


def test_the_answer_counts_and_names_the_worst() -> None:
    rows = [verdict(NASTY, "missed"), verdict("b", "missed"), verdict("c", "met"), verdict("d", "too few")]
    found = said(say.answer(frame(*rows, verdict("e", None)), fcr()))
    assert found == said(
        f"**2 of 4 intents miss their target**, 1 meets it, 1 can't be told yet. *{plain(NASTY)}* is 16 points short: "
        "about **410 customers** had to come back within 7 days."
    )


def test_one_of_one_and_a_window_of_a_day() -> None:
    row = verdict("a", "missed", value=0.74, target=0.75, followed=1, window=1)
    assert said(say.answer(frame(row), fcr())) == (
        "**1 of 1 intent misses its target**, 0 meet it, 0 can't be told yet. *a* is 1 point short: about "
        "**1 customer** had to come back within a day."
    )


def test_without_a_miss_or_a_target_it_says_what_is_observed() -> None:
    observed = "**70 of 100** customers with a new issue did not have to come back for it (likely 68 – 72 %)."
    met = said(say.answer(frame(verdict("a", "met")), fcr()))
    assert met == f"**None of 1 intent misses its target**, 1 meets it, 0 can't be told yet. {observed}"
    none = said(say.answer(frame(verdict("a", None)), fcr()))
    assert none == f"{observed} **No intent has a target yet**, so none can be missed."
    early = said(say.answer(frame(verdict("a", None)), fcr(None, n=0)))
    assert early.startswith("Whether customers had to come back is not known: too early.")


def test_the_days_judged_and_those_of_longer_windows() -> None:
    late = verdict("b", "met", **{"from": "2026-09-14", "to": "2026-10-11"})
    one = said(say.judged_on(frame(verdict("a", "met"))))
    assert one == "judged on the four full weeks 21 Sep – 18 Oct 2026, anew every Monday, whatever period is chosen"
    assert "18 Oct 2026 (intents with a longer window: earlier weeks)" in say.judged_on(
        frame(verdict("a", "met"), late)
    )
    assert say.judged_on(frame()) == ""


def test_what_may_be_chance_is_named() -> None:
    assert say.chance(frame(verdict("a", "met"))) == ""
    assert say.chance(frame(verdict("a", "missed"))).startswith("All of those missed stand")
    doubtful = frame(verdict("a", "missed"), verdict("b", "missed", q_value=0.127))
    assert "*b* may be missed by chance" in say.chance(doubtful)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (verdict("a", None), "no target"),
        (verdict("a", "missed"), "missed"),
        (verdict("a", "too close to call", n_needed=1210), "too close to call: about 210 more needed"),
        (verdict("a", "too early", n=4), "too early"),
        (verdict("a", "too early", n=0, reason="no contacts in these weeks"), "can't tell: no contacts in these weeks"),
    ],
    ids=["no target", "missed", "too close", "few", "none"],
)
def test_words_of_the_table(row: dict[str, Any], expected: str) -> None:
    assert say.verdict_words(row) == expected


def test_the_table_has_words_interval_and_owner() -> None:
    table = say.table(frame(verdict("a", "missed", owner="Dana"), verdict("b", "too early", value=None, n=0)))
    assert [said(str(cell)) for cell in table["interval"]] == ["56 – 62 %", "None"]
    assert list(table["owner"]) == ["Dana", "unowned"]


def test_what_is_left_out_is_counted() -> None:
    found = said(say.left_out(fcr()))
    assert found == (
        "Solved first time: likely 68.0 – 72.0 %, n = 900. Left out: 12 first contacts younger than their window, 3 "
        "from the first days of the data, 40 contacts without a customer id. Customers who come back without one count "
        "as solved."
    )
    assert say.left_out(fcr(None, n=0)).startswith("Left out: 12")


def test_expectations_in_a_sentence() -> None:
    kept = pd.DataFrame([{"value": 0.91, "low": 0.9, "high": 0.92, "n": 500, "not_ended": 7, "reason": None}])
    hours = pd.DataFrame({"intent": [NASTY, "b"], "median_hours": [17.4, 1.0], "p90_hours": [67.0, 2.0]})
    urgent = pd.DataFrame({"channel": ["mail", "chat"], "median_hours": [11.4, 0.2], "times_fastest": [57.0, 1.0]})
    assert said(hours_say.answer(kept, hours, urgent)) == said(
        "**91 of 100** contacts were solved within the hours customers are told (likely 90 – 92 %). Longest takes "
        f"*{plain(NASTY)}*: half within 17 h, 9 of 10 within 2.8 days. Half of the **urgent contacts by mail wait "
        "11 h** or longer, those by chat 12 min."
    )
    assert "500 ended contacts. Contacts not known to have ended, 7 with" in said(hours_say.notes(kept))


def test_expectations_that_are_not_known() -> None:
    kept = pd.DataFrame(
        [{"value": np.nan, "low": None, "high": None, "n": 0, "not_ended": 0, "reason": "nothing ended"}]
    )
    nothing = pd.DataFrame({"intent": ["a"], "median_hours": [np.nan], "p90_hours": [np.nan]})
    alike = pd.DataFrame({"channel": ["a", "b"], "median_hours": [1.1, 1.0], "times_fastest": [1.1, 1.0]})
    assert hours_say.answer(kept, nothing, alike) == "Whether expectations were kept is not known: nothing ended."
    at_once = alike.assign(median_hours=[1.0, 0.0], times_fastest=[np.nan, np.nan])
    assert hours_say.answer(kept, nothing, at_once) == hours_say.answer(kept, nothing, alike.iloc[:0])
