"""Survey coverage: whom do we hear, whom don't we, and what can be said about the silent?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from cx_metrics.charts import answer_map as map_chart
from cx_metrics.charts import answerers as answerers_chart
from cx_metrics.charts import ladder as ladder_chart
from cx_metrics.charts import response_weeks as weeks_chart
from cx_metrics.charts import scores as scores_chart
from cx_metrics.metrics.heard import feedback, survey_doubt, survey_reach
from pages.shared import cards, loaders, sentences
from pages.shared import format as write
from pages.shared import survey_sentences as say
from pages.shared.choice import one_of
from pages.shared.flag import titled
from pages.shared.follow_ups import follow_up_list
from pages.shared.frame import current_view, no_contacts
from pages.shared.tables import Column, csv_button, data_table
from pages.shared.view import View

MOST_ROWS = 14
SPLITS = ("intent", "channel", "segment", "region", "product", "team")
_share = partial(write.percent, digits=1)
_COLUMNS = (
    Column("contacts", "Contacts", write.count),
    Column("ended", "Ended", write.count),
    Column("offered", "Asked", write.count),
    Column("answered", "Answered", write.count),
    Column("reach", "Reach", _share, help="Answered, of all contacts"),
    Column("value", "CSAT", _share, help="Share of 4 and 5 among those who answered; withheld below 10 answers"),
    Column("quality", "Quality"),
    Column("tipping", "Tipping point", _share, help="If the silent score below this, the target is missed"),
    Column(
        "weighted", "Weighted", _share, help="As if those who answered were like everybody, as far as that is known"
    ),
    Column("weighted_low", "from", _share, help="Lower end of the weighted score's 95 % interval"),
    Column("weighted_high", "to", _share, help="Upper end"),
    Column("worst_low", "At worst", _share, help="If none of the silent were happy"),
    Column("worst_high", "At best", _share, help="If all of the silent were happy"),
    Column("coverage", "Coverage", _share, help="Asked, of those that ended"),
    Column("response", "Response", _share, help="Answered, of those asked"),
    Column("doubt", "Why not better"),
    Column("reason", "No score because"),
)
_BOTH_COLUMNS = (
    Column("solved", "Solved"),
    Column("felt_well", "Felt well"),
    Column("n", "Answers", write.count),
    Column("share", "Share", _share),
)


def main() -> None:
    """Draw the page."""
    view = current_view()
    titled("surveys")
    reach = loaders.metric("reach", view.now)
    if reach.empty or not reach["contacts"].iloc[0]:
        no_contacts()
        return
    target = _target()
    whole = loaders.ask(survey_doubt.what_it_could_be, view.now, target)
    intents = loaders.ask(survey_doubt.csat_by_intent, view.now, target)
    cards.answer(say.answer(reach, whole, intents))
    _cards(view, reach, whole)
    _pictures(view, intents)
    _silent(view)
    _response(view)
    _feedback(view)
    _table(view, target)
    follow_up_list(view.now)
    st.caption(
        "Answers count on the day of the contact, not on their own; those of the last days may still come. Unknown "
        "stays what the silent think, and who saw the survey: that it was sent is all the data says."
    )


def _target() -> float:
    """The share of satisfied customers to be reached: a choice on the page, 80 % at first."""
    usual = round(survey_doubt.USUAL_TARGET * 100)
    asked = st.number_input(
        "Target for satisfied customers, in %", 1, 99, usual, key="csat_target", bind="query-params", width=260
    )
    return int(asked) / 100 if 1 <= int(asked) <= 99 else survey_doubt.USUAL_TARGET


def _cards(view: View, reach: pd.DataFrame, whole: pd.DataFrame) -> None:
    before = view.before
    now = {"Reach": reach} | {name.capitalize(): loaders.metric(name, view.now) for name in ("coverage", "response")}
    score = whole.iloc[0]
    row = [
        cards.rate_card(title, frame, loaders.metric(title.lower(), before) if before else None, better="higher")
        for title, frame in now.items()
    ]
    raw = write.percent(score["value"]) if pd.notna(score["value"]) else "withheld"
    row += [
        cards.Card(say.score_label("CSAT", score["quality"]), raw),
        cards.Card("Tipping point", say.tipping_card(score)),
    ]
    cards.card_row(row, caption=f"{sentences.card_notes(now)}. {say.quality(score)}")


def _pictures(view: View, intents: pd.DataFrame) -> None:
    left, right = st.columns([2, 3])
    steps = loaders.ask(survey_reach.ladder, view.now)
    with left:
        cards.chart_card(
            "How far our ear reaches",
            "Contacts in this period, of which ended, asked, answered · share of all contacts",
            loaders.drawn(ladder_chart.ladder, steps),
            alt=ladder_chart.alt(steps),
            data=steps,
            key="ladder",
        )
        _answerers(view)
    with right:
        cards.chart_card(
            "What the score could be",
            "dot = raw · thick = weighted, 95 % interval · pale = if the silent differ by up to 10 points · thin = "
            f"worst case · hollow and grey = can't be concluded · the {min(MOST_ROWS, len(intents))} most frequent",
            loaders.drawn(scores_chart.scores, intents, most=MOST_ROWS),
            alt=scores_chart.alt(intents),
            data=intents,
            key="csat_by_intent",
        )


def _silent(view: View) -> None:
    answers = loaders.ask(survey_reach.answer_map, view.now)
    cards.chart_card(
        "Who is silent?",
        "Share of contacts that answered, by intent and channel · grey = fewer than 10 answers · the "
        f"{min(MOST_ROWS, answers['intent'].nunique())} intents with most contacts",
        loaders.drawn(map_chart.answer_map, answers, most=MOST_ROWS),
        alt=map_chart.alt(answers),
        data=answers,
        key="answer_map",
    )


def _answerers(view: View) -> None:
    frame = loaders.ask(survey_reach.answerers, view.now)
    names = [name for name in dict.fromkeys(frame["attribute"]) if name != survey_reach.EVERYONE]
    if not names:
        cards.missing_card("Who answers?", "All contacts here are alike in everything that is known of them.")
        return
    usual = "channel" if "channel" in names else names[0]
    place = st.container()
    by = one_of("Who answers, by", names, usual=usual, key="answerers_by")
    with place:
        cards.chart_card(
            "Who answers?",
            f"Share of contacts that answered · line = 95 % interval · dotted = everyone. {say.part(frame, by)}",
            loaders.drawn(answerers_chart.answerers, frame, attribute=by, most=MOST_ROWS),
            alt=answerers_chart.alt(frame, attribute=by),
            data=frame,
            key="answerers",
        )


def _response(view: View) -> None:
    course = loaders.ask(survey_reach.response_course, view.now)
    trend = course.trend
    line = (trend.first, trend.last) if trend is not None and trend.beyond else ()
    cards.chart_card(
        "Do fewer and fewer answer?",
        f"{say.falling(course)} Share of surveys answered per week of the contact · line = 95 % interval · hollow = "
        "answers may still come",
        loaders.drawn(weeks_chart.response_weeks, course.weeks, line=line),
        alt=weeks_chart.alt(course.weeks),
        data=course.weeks,
        key="response_weeks",
    )


def _feedback(view: View) -> None:
    st.subheader("Was it solved, and how did it feel?", anchor=False)
    answers = loaders.ask(feedback.feedback, view.now)
    nps, ces = (loaders.metric(name, view.now) for name in ("nps", "ces"))
    titles = {"outcome": "Say it was solved", "feeling": "Felt well treated"}
    by_title = {title: answers[answers["question"] == question] for question, title in titles.items()}
    left, right = st.columns(2)
    with left:
        cards.card_row(
            [cards.rate_card(title, frame, better="higher") for title, frame in by_title.items()],
            caption=f"Of those who answered. {sentences.card_notes(by_title)}",
        )
        cards.card_row(
            [
                _score_card("NPS", nps, partial(write.number, digits=0, signed=True)),
                _score_card("CES (1 to 7)", ces, partial(write.number, digits=2)),
            ],
            caption=f"{say.score_note('NPS', nps, digits=0)} · {say.score_note('CES', ces, digits=2)}",
        )
        csv_button(answers, key="feedback")
    with right:
        both = loaders.ask(feedback.solved_and_felt, view.now)
        st.markdown(say.together(both))
        if both["n"].notna().any():
            data_table(_in_words(both), _BOTH_COLUMNS, alt="Solved and felt well, together", key="both")
        csv_button(both, key="solved_and_felt")


def _score_card(title: str, frame: pd.DataFrame, show: Callable[[float], str]) -> cards.Card:
    value, quality = frame[["value", "quality"]].iloc[0]
    return cards.Card(say.score_label(title, quality), show(value) if pd.notna(value) else "withheld")


def _in_words(both: pd.DataFrame) -> pd.DataFrame:
    words = {True: "yes", False: "no"}
    return both.assign(solved=both["solved"].map(words), felt_well=both["felt_well"].map(words))


def _table(view: View, target: float) -> None:
    facts = loaders.facts()
    names = [name for name in SPLITS if facts is not None and name in facts.dimensions]
    if not names:
        return
    st.subheader("From contact to score, one by one", anchor=False)
    by = one_of("One row for each", names, usual=names[0], key="surveys_by")
    asked = view.now if by == "intent" else replace(view.now, by=(by,))
    frame = loaders.ask(survey_doubt.csat_by_intent, asked, target)
    columns = (Column(by, by.capitalize(), pinned=True), *_COLUMNS)
    data_table(frame, columns, alt=f"Surveys by {by}, lowest score first", key="surveys_table")
    csv_button(frame, key=f"surveys_by_{by}")


main()
