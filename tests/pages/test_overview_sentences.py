"""What pages say in words: the brief as Markdown, decisions card by card, windows, and who answers for an intent."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cx_metrics.metrics.reasons.attention import ATTENTION_COLUMNS
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.brief import Sentence
from cx_metrics.reports.phrases import name, quoted, strong, words
from cx_metrics.store.decided.decisions import IntentDecision
from pages.shared import attention_sentences, brief_sentences, sentences

WEEKS = Slice.parse(from_on="2026-10-03", to_on="2026-10-30")
TOLD = (
    Sentence("cost", (words("Contacts cost "), strong("$\u202f12"), words("."))),
    Sentence("mover", (words("It is "), name("<b>*x*"), words("."))),
    Sentence("reach", (words("We heard from "), strong("8 of 100"), words("."))),
    Sentence("unknown", (words("Not known: "), quoted("no rate for channel '*'"), words("."))),
)


def test_the_brief_as_markdown() -> None:
    assert brief_sentences.headline(TOLD) == "Contacts cost **\\$\u202f12**. It is *\\<b\\>\\*x\\**."
    assert brief_sentences.rest(TOLD) == "- We heard from **8 of 100**."
    assert brief_sentences.not_known(TOLD) == "- Not known: no rate for channel \\'\\*\\'."
    assert brief_sentences.headline(TOLD[3:]).startswith("Not known")
    assert brief_sentences.not_known(TOLD[:3]) == ""


def row(**changes: Any) -> pd.Series:
    plain = dict.fromkeys(ATTENTION_COLUMNS) | {
        "intent": "Bill",
        "owner": "Dana *",
        "money": 8370.0,
        "contacts": 560,
        "change": 94,
        "change_rate": 0.23,
        "value": 0.62,
        "low": 0.59,
        "high": 0.65,
        "target": 0.78,
        "short": 157.2,
    }
    return pd.Series(plain | changes)


@pytest.mark.parametrize(
    ("kind", "money", "said"),
    [
        ("missed", 8370.0, "Target missed · repeats cost $ 8 370"),
        ("rising", 8370.0, "Rising · $ 8 370 more than before"),
        ("unowned, missed", 8370.0, "Unowned · Target missed · $ 8 370 in these four weeks"),
        ("missed", None, "Target missed · about 157 short of it"),
        ("rising", None, "Rising · 157 contacts more"),
        ("unowned", None, "Unowned · 157 contacts in these four weeks"),
    ],
    ids=["missed", "rising", "unowned", "missed-in-contacts", "rising-in-contacts", "unowned-in-contacts"],
)
def test_why_an_intent_is_listed(kind: str, money: float | None, said: str) -> None:
    found = attention_sentences.grounds(
        row(kind=kind, money=money, contacts_at_stake=157.2), asked=WEEKS, currency="USD"
    )
    assert found.replace("\u202f", " ").replace("\\$", "$") == said


def test_who_answers_and_the_figures_behind_it() -> None:
    missed = attention_sentences.detail(row(kind="missed, rising")).replace("\u202f", " ")
    assert missed == (
        "Owner Dana \\*. 62 % solved at the first contact (likely 59 – 65 %), target 78 %: about 157 more customers "
        "came back than that allows. 560 contacts, +94 (+23 %): more than chance lets expect."
    )
    assert (
        attention_sentences.detail(row(kind="unowned", owner=None)) == "No one answers for this intent. 560 contacts."
    )


def fcr(window: int | None) -> pd.DataFrame:
    return pd.DataFrame(
        [{"value": 0.7, "window": window, "n": 40, "immature": 3, "left_edge": 1, "no_customer_id": 2}]
    ).astype({"window": object})


def test_windows_are_the_intents_own() -> None:
    assert sentences.within(sentences.window_of(fcr(None))) == "within each intent's own window"
    assert sentences.within(sentences.window_of(fcr(1))) == "within a day"
    assert sentences.within(sentences.window_of(fcr(14))) == "within 14 days"
    assert "3 younger than their window" in sentences.too_young(fcr(None))
    assert "3 younger than 14 days" in sentences.too_young(fcr(14))


def test_an_intents_standing() -> None:
    judged = pd.DataFrame(
        [
            {
                "value": 0.7,
                "low": 0.66,
                "high": 0.74,
                "n": 400,
                "verdict": "missed",
                "from": "2026-09-21",
                "to": "2026-10-18",
                "reason": None,
            }
        ]
    )
    owned = IntentDecision("Bill", owner="Dana", department="Billing", fcr_target=0.8, window_days=14)
    assert sentences.standing(owned, judged).replace("\u202f", " ") == (
        "Owner **Dana** (Billing) · target 80 % within 14 days · **missed**: 70 % (likely 66 – 74 %, n = 400, "
        "21 Sep – 18 Oct 2026)"
    )
    assert sentences.standing(IntentDecision("Bill"), judged) == "Nobody owns this intent · no target · window 7 days"
    unknown = judged.assign(value=None, reason="no customer ids in these weeks")
    assert sentences.standing(owned, unknown).endswith("no verdict: no customer ids in these weeks")
    assert sentences.standing(owned, judged.iloc[:0]).endswith("no verdict: no contacts")
