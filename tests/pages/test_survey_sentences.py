"""Survey coverage in words: what can be said, and in what tone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.metrics.heard.survey_reach import ResponseWeeks
from cx_metrics.statistics.share_trend import ShareTrend
from pages.shared import survey_sentences as say


def whole(**facts: Any) -> pd.DataFrame:
    """85 of 100 answers happy, 8 of 100 contacts heard; those who answered came back less often."""
    usual = {
        "contacts": 1250,
        "n": 100,
        "value": 0.85,
        "weighted": 0.83,
        "weighted_low": 0.74,
        "weighted_high": 0.90,
        "tipping": 0.7957,
        "target": 0.8,
        "n_eff": 81.4,
        "converged": True,
        "answered_rate": 0.12,
        "all_rate": 0.25,
        "silence_gap": -0.13,
        "silence_z": -3.1,
        "quality": "cannot conclude",
        "doubt": "those who answered came back less often than everybody: the silent are worse off",
        "reason": None,
    }
    return pd.DataFrame([usual | facts])


def reach(value: float | None = 0.08, reason: str | None = None) -> pd.DataFrame:
    return pd.DataFrame({"value": [value], "reason": [reason], "contacts": [1250]})


def intents(**facts: Any) -> pd.DataFrame:
    """Two intents; of the second we hear little, and what we hear is beautiful."""
    frame = pd.DataFrame(
        {
            "intent": ["Bill", "Cancel *me*"],
            "contacts": [900, 350],
            "reach": [0.1, 0.015],
            "value": [0.8, 0.99],
            "quality": ["ok", "cannot conclude"],
        }
    )
    return frame.assign(**facts)


NOBODY = intents().iloc[:1]


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_sentence_an_executive_reads_out() -> None:
    assert plain(say.answer(reach(), whole(), NOBODY)) == (
        "**85 of 100 answers are happy, but only 8 of 100 contacts answered.** If the silent 92 scored below 79.6, we "
        "would be under the target of 80. Those who answered came back less often than everybody (12 against 25 of "
        "100), so expect the true score to be lower."
    )


def test_a_beautiful_score_from_few_answers_is_said_to_be_worth_nothing() -> None:
    said = plain(say.answer(reach(), whole(), intents()))
    assert said.endswith(
        r"We hear least about *Cancel \*me\**: 1.5 of 100 answered, so nothing can be concluded from its score of 99 %."
    )
    withheld = plain(say.answer(reach(), whole(), intents(value=[0.8, np.nan], quality=["ok", None])))
    assert withheld.endswith("1.5 of 100 answered, too few for a score.")


def test_small_intents_are_not_named() -> None:
    assert "We hear least" not in say.answer(reach(), whole(), intents(contacts=[900, 99]))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"tipping": 1.2, "value": 0.2}, "Whatever the silent 92 think, the target of 80 is missed."),
        ({"tipping": -0.1}, "Whatever the silent 92 think, the target of 80 is met."),
        (
            {"value": 0.7, "tipping": 0.809},
            "To reach the target of 80, the silent 92 would have to score 80.9 or more.",
        ),
        ({"tipping": np.nan, "n": 1250}, "(12 against 25 of 100)"),
    ],
    ids=["missed anyway", "met anyway", "below the target", "nobody silent"],
)
def test_where_the_target_tips(facts: dict[str, Any], words: str) -> None:
    assert words in plain(say.answer(reach(), whole(**facts), NOBODY))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"silence_z": 2.5, "silence_gap": 0.13},
            "more often than everybody (12 against 25 of 100), so expect the true",
        ),
        (
            {"silence_z": 1.0},
            "about as often as everybody (12 against 25 of 100): nothing there says the silent differ.",
        ),
        ({"silence_z": np.nan}, "Whether the silent differ can't be tested"),
    ],
    ids=["louder", "alike", "untestable"],
)
def test_the_silence_test_in_words(facts: dict[str, Any], words: str) -> None:
    assert words in say.silence(whole(**facts).iloc[0])


def test_nothing_known_is_said_as_that() -> None:
    said = say.answer(reach(None, "no surveys in this data"), whole(value=np.nan), NOBODY)
    assert said == "What customers think is **not known**: no surveys in this data."
    few = whole(value=np.nan, reason="fewer than 10 answers: 3 say too little", n=3, quality=None)
    assert say.answer(reach(), few, NOBODY).startswith(
        "**We can't say how happy customers are**: fewer than 10 answers"
    )


@pytest.mark.parametrize(
    ("tipping", "shown"),
    [(0.7957, "79.6 %"), (1.1, "missed anyway"), (-0.1, "met anyway"), (np.nan, "not known")],
    ids=["share", "above", "below", "unknown"],
)
def test_the_tipping_card(tipping: float, shown: str) -> None:
    assert plain(say.tipping_card(whole(tipping=tipping).iloc[0])) == shown


def test_a_doubtful_score_is_labelled() -> None:
    labels = [say.score_label("CSAT", quality) for quality in ("cannot conclude", "indicative", "ok", None)]
    assert labels == ["CSAT, doubtful", "CSAT, indicative", "CSAT", "CSAT"]


def test_quality_says_what_the_score_rests_on() -> None:
    said = plain(say.quality(whole().iloc[0]))
    assert "85.0 % of 100 answers" in said
    assert "83.0 %, likely 74.0 % to 90.0 % (worth 81 independent answers). Quality: cannot conclude: those" in said
    assert "could not all be matched" in say.quality(whole(converged=False).iloc[0])
    assert say.quality(whole(value=np.nan, reason="nobody answered").iloc[0]) == "CSAT: withheld, nobody answered."


def course(first: float, last: float, *, beyond: bool) -> ResponseWeeks:
    weeks = pd.DataFrame({"young": [False] * 13 + [True]})
    return ResponseWeeks(weeks, ShareTrend(first, last, 0.001 if beyond else 0.5, beyond))


def test_falling_response_is_a_signal_of_its_own() -> None:
    said = plain(say.falling(course(0.24, 0.19, beyond=True)))
    assert said.startswith("**Response is falling**: from 24.0 % to 19.0 % over 13 weeks")
    assert "fewer and fewer customers" in said
    assert say.falling(course(0.19, 0.24, beyond=True)).startswith("**Response is rising**")
    assert "fewer and fewer" not in say.falling(course(0.19, 0.24, beyond=True))
    assert say.falling(course(0.24, 0.19, beyond=False)).startswith("No trend in the last 13 weeks")
    assert say.falling(ResponseWeeks(pd.DataFrame({"young": []}), None)).startswith("Fewer than 8 weeks")


def test_scores_of_scales_and_the_two_questions() -> None:
    nps = pd.DataFrame(
        {"value": [12.0], "low": [7.3], "high": [16.7], "n": [1198], "quality": ["ok"], "reason": [None]}
    )
    assert plain(say.score_note("NPS", nps, digits=0)) == "NPS: likely 7 – 17, n = 1 198, ok"
    none = nps.assign(value=np.nan, reason="no surveys in this data")
    assert say.score_note("NPS", none, digits=0) == "NPS: withheld, no surveys in this data"
    both = pd.DataFrame(
        {
            "solved": [True, True, False, False],
            "felt_well": [True, False, True, False],
            "n": [60, 20, 10, 10],
            "share": [0.6, 0.2, 0.1, 0.1],
            "reason": [None] * 4,
        }
    )
    assert plain(say.together(both)).startswith(
        "Of 100 who answered both, 60 % had it solved and felt well, 20 % had it"
    )
    assert say.together(both.assign(reason="fewer than 10")) == "How the two go together: fewer than 10."


@pytest.mark.parametrize(
    ("beyond", "words"),
    [(True, "plays a part"), (False, "no part"), (None, "can't be told")],
    ids=["yes", "no", "unknown"],
)
def test_the_part_an_attribute_plays(beyond: bool | None, words: str) -> None:
    frame = pd.DataFrame({"attribute": ["channel", "channel"], "beyond": pd.Series([None, beyond], dtype=object)})
    assert words in say.part(frame, "channel")
