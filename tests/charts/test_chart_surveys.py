"""The pictures of Survey coverage: what they draw, what they withhold, and that doubt never looks good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.charts import answer_map as map_chart
from cx_metrics.charts import answerers as answerers_chart
from cx_metrics.charts import ladder as ladder_chart
from cx_metrics.charts import palette
from cx_metrics.charts import response_weeks as weeks_chart
from cx_metrics.charts import scores as scores_chart
from tests.charts.frames import NASTY, check, strings, traces


def ladder_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "step": ["contacts", "ended", "offered", "answered"],
            "n": [1000.0, 950.0, 400.0, 80.0],
            "share": [1.0, 0.95, 0.4, 0.08],
            "reason": [None] * 4,
        }
    )


def scores_frame(names: tuple[str, ...] = ("a", "b", "c", "d")) -> pd.DataFrame:
    """Known, beautiful but from few, indicative, withheld."""
    frame = pd.DataFrame(
        {
            "intent": names,
            "contacts": [500, 4000, 300, 200],
            "n": [100, 60, 20, 4],
            "value": [0.70, 0.99, 0.75, np.nan],
            "quality": ["ok", "cannot conclude", "indicative", None],
            "doubt": [None, "fewer than 5 of 100 contacts answered", "worth fewer than 30 independent answers", None],
            "reason": [None, None, None, "fewer than 10 answers: 4 say too little"],
            "tipping": [0.825, 0.797, -0.1, np.nan],
            "target": 0.8,
        }
    )
    for ends, reach in (("weighted", 0.05), ("delta", 0.1), ("worst", 0.3)):
        frame[f"{ends}_low"], frame[f"{ends}_high"] = frame["value"] - reach, np.minimum(frame["value"] + reach, 1)
    return frame


def map_frame(names: tuple[str, ...] = ("a", "b")) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "intent": [names[0], names[0], names[1]],
            "channel": ["chat", "phone", "chat"],
            "value": [0.2, np.nan, 0.1],
            "low": [0.15, np.nan, 0.05],
            "high": [0.25, np.nan, 0.15],
            "n": [200, 30, 300],
            "answered": [40, 3, 30],
            "reason": [None, "fewer than 10 answers", None],
        }
    )


def answerers_frame(names: tuple[str, ...] = ("phone", "chat", "social")) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "attribute": ["everyone", "channel", "channel", "channel"],
            "level": ["everyone", *names],
            "value": [0.10, 0.10, 0.15, 0.03],
            "low": [0.09, 0.08, 0.13, 0.01],
            "high": [0.11, 0.12, 0.17, 0.06],
            "contacts": [1000, 600, 300, 100],
            "answered": [100, 60, 45, 3],
            "effect": [np.nan, np.nan, 0.05, -0.07],
        }
    )
    return frame.assign(reason=None)


def weeks_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": ["2026-03-02", "2026-03-09", "2026-03-16"],
            "value": [0.24, np.nan, 0.20],
            "low": [0.20, np.nan, 0.15],
            "high": [0.28, np.nan, 0.26],
            "n": [100, 0, 90],
            "answered": [24, 0, 18],
            "young": [False, False, True],
            "reason": [None, "no survey was offered here", None],
        }
    )


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("&#37;", "%")


def test_the_ladder_shows_each_step_and_its_share() -> None:
    figure = ladder_chart.ladder(ladder_frame())
    check(figure)
    bars, words = figure.data
    assert list(bars.x) == [1000, 950, 400, 80]
    assert [plain(word) for word in words.text] == [" 1 000 · 100 %", " 950 · 95 %", " 400 · 40 %", " 80 · 8.0 %"]
    assert list(figure.layout.yaxis.ticktext) == ["Contacts", "Ended", "Asked", "Answered"]


def test_a_step_nobody_knows_has_no_bar_and_says_so() -> None:
    frame = ladder_frame()
    frame.loc[1, ["n", "share"]] = np.nan
    frame.loc[1, "reason"] = "no contact has ended"
    figure = ladder_chart.ladder(frame)
    check(figure)
    assert figure.data[1].text[1] == " not known"
    assert "not known: no contact has ended" in figure.data[0].hovertext[1]
    said = plain(ladder_chart.alt(frame))
    assert said.startswith("Contacts 1 000 (100 %), ended not known: no contact has ended, asked 400 (40 %)")


def test_what_cannot_be_concluded_is_hollow_and_grey_however_high() -> None:
    figure = scores_chart.scores(scores_frame())
    check(figure)
    (solid,), (doubtful,) = traces(figure, "can be told"), traces(figure, "can't be concluded")
    assert dict(zip(solid.ids, solid.x, strict=True)) == {"a": 0.7}
    assert dict(zip(doubtful.ids, doubtful.x, strict=True)) == {"b": 0.99, "c": 0.75}
    assert (doubtful.marker.symbol, doubtful.marker.color) == ("circle-open", palette.UNSURE)
    assert solid.marker.color == palette.OURS
    assert not [text for text in strings(figure.to_dict()) if palette.MET in text]


def test_ends_are_drawn_and_a_withheld_score_says_why() -> None:
    figure = scores_chart.scores(scores_frame())
    (worst,) = traces(figure, "worst case")
    assert np.nan_to_num(worst.x).tolist() == pytest.approx([0.4, 1, 0, 0.69, 1, 0, 0.45, 1, 0])
    (reason,) = [t for t in figure.data if t.mode == "text"]
    assert (list(reason.ids), list(reason.text)) == (["d"], ["fewer than 10 answers"])
    assert [shape.x0 for shape in figure.layout.shapes] == [0.8]


def test_hovers_say_where_the_target_tips() -> None:
    figure = scores_chart.scores(scores_frame())
    words = {
        i: plain(t)
        for trace in figure.data
        if trace.ids is not None and trace.mode == "markers"
        for i, t in zip(trace.ids, trace.hovertext, strict=True)
    }
    assert "target missed if the silent are below 82.5 %" in words["a"]
    assert "1.5 % of 4 000 contacts answered" in words["b"]
    assert "at least 80 % whatever the silent think" in words["c"]


def test_the_most_frequent_are_kept_in_their_order() -> None:
    figure = scores_chart.scores(scores_frame(), most=2)
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    said = plain(scores_chart.alt(scores_frame()))
    assert said == (
        "1 of 4 scores can be told, 2 are doubtful, 1 withheld; lowest: a with 70 %; highest: c with 75 %; target 80 %."
    )


def test_the_map_is_grey_below_ten_answers() -> None:
    figure = map_chart.answer_map(map_frame())
    check(figure)
    few, known, shares, dashes = figure.data
    assert np.nan_to_num(known.z).tolist() == [[0.2, 0], [0.1, 0]]
    assert np.isfinite(few.z).tolist() == [[False, True], [False, False]]
    assert [plain(word) for word in shares.text] == ["20 %", "10 %"]
    assert list(dashes.text) == ["–"]
    assert "3 of 30 contacts answered: fewer than 10 answers" in plain(few.hovertext[0][1])
    assert plain(map_chart.alt(map_frame())) == (
        "Fewest answered: b, chat (10 %); most: a, chat (20 %); 1 of 3 cells have fewer than 10 answers."
    )


def test_groups_stand_beside_everyone() -> None:
    figure = answerers_chart.answerers(answerers_frame(), attribute="channel")
    check(figure)
    kinds = {
        name: list(traces(figure, name)[0].ids)
        for name in (answerers_chart.LESS, answerers_chart.LIKE, answerers_chart.MORE)
    }
    assert kinds == {"less than everyone": ["social"], "like everyone": ["phone"], "more than everyone": ["chat"]}
    assert [shape.x0 for shape in figure.layout.shapes] == [0.10]
    more = plain(traces(figure, answerers_chart.MORE)[0].hovertext[0])
    assert "45 of 300 contacts answered" in more
    assert "+5.0 pts against the most frequent" in more
    assert plain(answerers_chart.alt(answerers_frame(), attribute="channel")) == (
        "Of everyone 10 % answered; 1 answer less and 1 more; most: chat with 15 %; least: social with 3 %."
    )


def test_young_weeks_are_hollow_and_a_trend_is_a_line() -> None:
    figure = weeks_chart.response_weeks(weeks_frame(), line=(0.25, 0.2))
    check(figure)
    (old,), (young,) = traces(figure, weeks_chart.KNOWN), traces(figure, weeks_chart.YOUNG)
    assert (list(old.x), list(young.x)) == (["2026-03-02"], ["2026-03-16"])
    assert young.marker.symbol == "circle-open"
    assert [list(line.y) for line in traces(figure, "trend")] == [[0.25, 0.2]]
    assert not traces(weeks_chart.response_weeks(weeks_frame()), "trend")
    assert plain(weeks_chart.alt(weeks_frame())).startswith("24 % answered in the week from 2026-03-02, 24 %")


EMPTY: list[tuple[Any, Any]] = [
    (ladder_chart.ladder, ladder_frame),
    (scores_chart.scores, scores_frame),
    (map_chart.answer_map, map_frame),
    (lambda frame: answerers_chart.answerers(frame, attribute="channel"), answerers_frame),
    (weeks_chart.response_weeks, weeks_frame),
]


@pytest.mark.parametrize(("draw", "frame"), EMPTY, ids=["ladder", "scores", "map", "answerers", "weeks"])
def test_nothing_to_draw_is_a_sentence(draw: Any, frame: Any) -> None:
    figure = draw(frame().iloc[:0])
    check(figure)
    assert not figure.data
    assert figure.layout.annotations[0].text


def test_unknown_throughout_says_why() -> None:
    why = "no surveys in this data"
    cells = map_frame().assign(value=np.nan, reason=why)
    groups = answerers_frame().assign(value=np.nan, low=np.nan, high=np.nan, reason=why)
    weeks = weeks_frame().assign(value=np.nan, reason=why)
    for figure in (
        map_chart.answer_map(cells),
        answerers_chart.answerers(groups, attribute="channel"),
        weeks_chart.response_weeks(weeks),
    ):
        check(figure)
        assert figure.layout.annotations[0].text == "No surveys in this data"
    assert map_chart.alt(cells) == f"Not known: {why}."
    assert answerers_chart.alt(groups, attribute="channel") == f"Not known: {why}."
    assert weeks_chart.alt(weeks) == "No week of which all answers are in."


@pytest.mark.parametrize(
    "draw",
    [
        lambda: scores_chart.scores(scores_frame(NASTY[:4])),
        lambda: map_chart.answer_map(map_frame(NASTY[:2])),
        lambda: answerers_chart.answerers(answerers_frame(NASTY[:3]), attribute="channel"),
    ],
    ids=["scores", "map", "answerers"],
)
def test_names_are_shown_letter_by_letter(draw: Any) -> None:
    check(draw())


def test_alts_of_nothing() -> None:
    assert ladder_chart.alt(ladder_frame().iloc[:0]) == "No contacts to show."
    assert scores_chart.alt(scores_frame().iloc[:0]) == "No contacts to show."
    assert map_chart.alt(map_frame().iloc[:0]) == "No contacts to show."
    assert answerers_chart.alt(answerers_frame().iloc[:0], attribute="channel") == "No contacts to show."
