"""The brief: its sentences on a company whose figures can be worked out on paper, and what it says without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from cx_metrics.charts.numbers import likely
from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.reports.brief import Sentence, brief
from cx_metrics.reports.briefing import briefing
from cx_metrics.reports.phrases import in_comparison, in_period, of_100, per_units, quoted
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.brief_company import BEFORE, DECIDED, NOW, company, contacts


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with company() as opened:
        yield opened


def said(told: tuple[Sentence, ...]) -> dict[str, str]:
    """The sentences by topic with plain spaces; those about what is not known together."""
    found: dict[str, str] = {}
    for sentence in told:
        text = str(sentence).replace("\u202f", " ")
        found[sentence.topic] = " ".join(filter(None, [found.get(sentence.topic), text]))
    return found


def spread(mart: Mart, name: str, asked: Slice, digits: int = 0, *, times: int = 1, percent: bool = True) -> str:
    """The likely range of a metric, which its own tests check."""
    row = metric(mart, name, asked).iloc[0]
    text = likely(row["low"] * times, row["high"] * times, digits, unit="%" if percent else "")
    return text.replace("\u202f", " ")


def test_every_sentence_by_hand(mart: Mart) -> None:
    """280 bills at 5.00 and 280 visits at 13.00 before, and 280 bills more now; 30 800 orders against 28 000."""
    bill = replace(NOW, where=(("intent", ("Bill",)),))
    weeks = Slice(from_on=date(2024, 2, 12), to_on=date(2024, 3, 10), where=bill.where)
    assert said(brief(mart, NOW, BEFORE)) == {
        "cost": "Contacts cost € 6 440 in these four weeks, € 1 400 more than in the four weeks before.",
        "mover": "100 % of the rise is one intent: Bill, € 1 400 more, and its contacts moved more than chance lets "
        f"expect. After 51 of 100 contacts about it, customers came back ({spread(mart, 'recontact_rate', bill)}).",
        "parts": "€ 5 600 is handling (direct), € 840 what follows from it (downstream); repeats make up € 1 400 "
        "(22 %) of the cost.",
        "cpx": f"Per 100 orders there were 2.7 contacts ({spread(mart, 'cpx', NOW, 1, times=100, percent=False)}), "
        "against 2.0 before: orders grew 10.0 %, contacts per unit grew 36.4 %.",
        "fcr": f"Of 100 issues, 50 were solved at the first contact ({spread(mart, 'fcr', NOW)}): no other contact "
        "about it within 7 days.",
        "targets": "Of 2 intents with a target, 1 met it and 1 missed it. Furthest behind is Bill: 32 % solved "
        f"({spread(mart, 'fcr', weeks)}) against 75 %, so about 120 more customers had to come back in four weeks than "
        "its target allows.",
        "reach": f"We heard from 10 of 100 contacts ({spread(mart, 'reach', NOW, 1)}); what the others think is not "
        "known.",
        "owners": "€ 3 640 (57 % of the cost) came from 1 intent that nobody owns.",
        "unknown": "560 contacts of 840 (67 %) add nothing downstream: nobody stated what follows from them. "
        "120 first contacts are too young to tell whether the customer comes back.",
    }


def test_a_fall_reads_as_one(mart: Mart) -> None:
    told = said(brief(mart, BEFORE, NOW))
    assert told["cost"] == "Contacts cost € 5 040 in these four weeks, € 1 400 less than in the comparison period."
    assert told["mover"].startswith("100 % of the fall is one intent: Bill, € 1 400 less")
    assert told["cpx"].endswith("against 2.7 before: orders fell 9.1 %, contacts per unit fell 26.7 %.")


def test_nothing_changed() -> None:
    with company() as mart:
        quiet = Slice(from_on=date(2024, 1, 24), to_on=date(2024, 2, 6))
        told = said(brief(mart, quiet, quiet.previous()))
    assert told["cost"] == "Contacts cost € 2 520 in these two weeks, as much as in the two weeks before."
    assert "mover" not in told
    assert told["cpx"].endswith("against 2.0 before: orders stayed the same, contacts per unit stayed the same.")


def test_without_decisions_costs_and_surveys_contacts_are_told() -> None:
    with company(contacts(priced=False, surveyed=False), decisions=NOTHING_DECIDED) as mart:
        told = said(brief(mart, NOW, BEFORE))
    assert set(told) == {"cost", "mover", "fcr", "unknown"}
    assert told["cost"] == (
        "Customers contacted us 840 times in these four weeks, 280 more than in the four weeks before."
    )
    assert told["mover"].startswith("100 % of the rise is one intent: Bill, 280 contacts more, and")
    for words in (
        "What contacts cost is not known: no rate for channel '(none)' on these days, and no cost in the data.",
        "Contacts per unit are not known: no units to divide by were entered",
        "What customers say is not known: ",
        "No intent has a target yet, so none is met or missed.",
        "Nobody owns any intent yet.",
    ):
        assert words in told["unknown"]


def test_without_customer_ids_nothing_is_said_of_coming_back() -> None:
    with company(contacts(named=False)) as mart:
        told = said(brief(mart, NOW, BEFORE))
    assert "fcr" not in told
    assert "After" not in told["mover"]
    assert "repeats" not in told["parts"]
    assert "How often one contact is enough is not known: no customer ids in this data." in told["unknown"]
    assert told["targets"] == "Of 2 intents with a target, 0 met it and 0 missed it; for 2 it can't be told."
    assert "Of the targets that can't be told, 2 are too early." in told["unknown"]


def test_without_an_earlier_period(mart: Mart) -> None:
    told = said(brief(mart, NOW, None))
    assert told["cost"] == "Contacts cost € 6 440 in these four weeks."
    assert "mover" not in told
    assert "against" not in told["cpx"]
    assert told["unknown"].startswith("There is no earlier period to compare with.")


def test_an_empty_period_is_one_sentence(mart: Mart) -> None:
    later = Slice(from_on=date(2024, 5, 1), to_on=date(2024, 5, 28))
    (only,) = brief(mart, later, later.previous())
    assert str(only) == "There were no contacts in these four weeks with these filters."
    with pytest.raises(BadUse, match="a first and a last day"):
        brief(mart, Slice(), None)


def test_every_intent_owned_and_none_missed() -> None:
    goals = (IntentDecision("Bill", owner="Dana", fcr_target=0.10), IntentDecision("Visit", owner="Eli"))
    with company(decisions=replace(DECIDED, intents=goals)) as mart:
        told = said(brief(mart, NOW, BEFORE))
    assert told["owners"] == "Every intent has an owner."
    assert told["targets"] == "Of 1 intent with a target, 1 met it and 0 missed it."


def test_names_numbers_and_reasons_are_marked(mart: Mart) -> None:
    told = {sentence.topic: sentence for sentence in brief(mart, NOW, BEFORE)}
    assert [part.text for part in told["mover"].parts if part.role == "name"] == ["Bill"]
    assert [part.text.replace("\u202f", " ") for part in told["cost"].parts if part.role == "strong"] == [
        "€ 6 440",
        "€ 1 400 more",
    ]
    with company(contacts(priced=False)) as unpriced:
        last = [sentence for sentence in brief(unpriced, NOW, BEFORE) if sentence.topic == "unknown"]
    assert quoted("no rate for channel '(none)' on these days, and no cost in the data") in last[0].parts


def test_the_command_lines_days(mart: Mart) -> None:
    """Without days, the last four full weeks; an end that is not given is the data's own."""
    assert (briefing(mart, Slice()).slice, briefing(mart, Slice()).compare) == (NOW, BEFORE)
    assert briefing(mart, Slice(from_on=date(2024, 3, 1))).slice.to_on == date(2024, 3, 19)
    whole = briefing(mart, Slice(to_on=date(2024, 2, 20)))
    assert (whole.slice.from_on, whole.compare) == (date(2023, 12, 1), None)
    only = briefing(mart, Slice(where=(("intent", ("Visit",)),)))
    assert only.data()["sentences"][0] == {"topic": "cost", "text": str(only.sentences[0])}
    assert "€\u202f3\u202f640" in str(only).splitlines()[1]
    with company([]) as empty, pytest.raises(BadUse, match="no contacts yet"):
        briefing(empty, Slice())


@pytest.mark.parametrize(
    ("n_days", "words", "before"),
    [
        (1, "on this day", "on the day before"),
        (7, "in this week", "in the week before"),
        (28, "in these four weeks", "in the four weeks before"),
        (30, "in these 30 days", "in the 30 days before"),
        (140, "in these 20 weeks", "in the 20 weeks before"),
    ],
)
def test_periods_in_words(n_days: int, words: str, before: str) -> None:
    asked = Slice(from_on=date(2024, 3, 1), to_on=date.fromordinal(date(2024, 3, 1).toordinal() + n_days - 1))
    assert in_period(asked) == words
    assert in_comparison(asked, asked.previous()) == before
    year = Slice(from_on=date(2023, 3, 3), to_on=date(2023, 3, 30))
    assert in_comparison(asked, year) == "in the same weeks a year before"


def test_shares_and_ratios_in_words() -> None:
    assert [of_100(share) for share in (0.08, 0.0815, 0.004, 0.0, 1.0)] == [
        "8 of 100",
        "8 of 100",
        "0.4 of 100",
        "0 of 100",
        "100 of 100",
    ]
    assert per_units(0.0273) == (100, "100")
    assert per_units(0.002) == (1000, "1\u202f000")
    assert per_units(0.0) == (100, "100")
