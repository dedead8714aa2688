"""What Survey coverage says in words, from computed values, uncertainty included. Pure: no Streamlit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from cx_metrics.charts.numbers import THIN, count, likely, number, percent
from cx_metrics.metrics.heard.survey_reach import ResponseWeeks
from cx_metrics.statistics.nonresponse import Z_95
from pages.shared.text import plain

LEAST_CONTACTS = 100
"""Intents with fewer contacts aren't named as those we hear least of: chance would choose among them."""


def answer(reach: pd.DataFrame, whole: pd.DataFrame, intents: pd.DataFrame) -> str:
    """How happy those are who answered, how few they are, and what that leaves open.

    Args:
        reach: The metric for the slice, one row.
        whole: What the slice's score could be, one row.
        intents: The same by intent.
    """
    heard, score = reach.iloc[0], whole.iloc[0]
    if pd.isna(heard["value"]):
        return f"What customers think is **not known**: {plain(heard['reason'])}."
    few = f"{hundred(score['n'] / score['contacts'])} of 100 contacts answered"
    if pd.isna(score["value"]):
        return f"**We can't say how happy customers are**: {plain(score['reason'])}. {_least_heard(intents)}".strip()
    silent = _rest(score["n"] / score["contacts"])
    begin = f"**{hundred(score['value'])} of 100 answers are happy, but only {few}.**"
    return " ".join(part for part in (begin, _tipping(score, silent), silence(score), _least_heard(intents)) if part)


def silence(score: pd.Series) -> str:
    """What the silence test says: whether those who answered came back as often as everybody."""
    z = score["silence_z"]
    if pd.isna(z):
        return (
            "Whether the silent differ can't be tested: it isn't known of enough contacts whether customers came back."
        )
    rates = f"{hundred(score['answered_rate'])} against {hundred(score['all_rate'])} of 100"
    if abs(z) <= Z_95:
        return (
            f"Those who answered came back about as often as everybody ({rates}): nothing there says the silent differ."
        )
    more = score["silence_gap"] > 0
    often, expect = ("more often", "higher") if more else ("less often", "lower")
    return f"Those who answered came back {often} than everybody ({rates}), so expect the true score to be {expect}."


def falling(course: ResponseWeeks) -> str:
    """Whether fewer and fewer answer: a signal of its own, before any score moves."""
    trend = course.trend
    if trend is None:
        return "Fewer than 8 weeks of surveys with all answers in: too few to tell whether response falls."
    weeks = int((~course.weeks["young"].astype(bool)).sum())
    if not trend.beyond:
        return (
            f"No trend in the last {weeks} weeks beyond their usual ups and downs (about {percent(trend.last)} answer)."
        )
    word = "falling" if trend.last < trend.first else "rising"
    risk = " Whatever the scores say, they come from fewer and fewer customers." if word == "falling" else ""
    return (
        f"**Response is {word}**: from {percent(trend.first, 1)} to {percent(trend.last, 1)} over {weeks} weeks, "
        f"more than chance lets expect.{risk}"
    )


def tipping_card(score: pd.Series) -> str:
    """The tipping point as a card shows it."""
    tip = score["tipping"]
    if pd.isna(tip):
        return "not known"
    if tip <= 0:
        return "met anyway"
    return "missed anyway" if tip > 1 else percent(tip, 1)


def score_label(title: str, quality: Any) -> str:
    """The name of a card with a score: it says where the score is not to be trusted."""
    return {"cannot conclude": f"{title}, doubtful", "indicative": f"{title}, indicative"}.get(quality, title)


def quality(score: pd.Series) -> str:
    """Why a score is what it is: weights, what they are worth, and what remains."""
    if pd.isna(score["value"]):
        return f"CSAT: withheld, {plain(score['reason'])}."
    fitted = "" if score["converged"] else ", which could not all be matched"
    said = (
        f"CSAT: {percent(score['value'], 1)} of {count(score['n'])} answers; weighted to the channels, intents, "
        f"segments and repeats of all contacts{fitted}, {percent(score['weighted'], 1)}, likely "
        f"{percent(score['weighted_low'], 1)} to {percent(score['weighted_high'], 1)} "
        f"(worth {count(score['n_eff'])} independent answers). Quality: {score['quality']}"
    )
    return f"{said}{': ' + plain(score['doubt']) if score['doubt'] else ''}."


def hundred(share: float) -> str:
    """A share as so many of 100, with a decimal where whole ones would hide most of it."""
    return number(share * 100, 1, trim=True) if share < 0.02 else number(share * 100)


def _rest(share: float) -> str:
    """The others of 100, so that both shown add up."""
    return number(100 - Decimal(hundred(share)), 1, trim=True)


def _tipping(score: pd.Series, silent: str) -> str:
    target, tip = percent(score["target"]).replace(f"{THIN}%", ""), score["tipping"]
    if pd.isna(tip):
        return ""
    if tip > 1:
        return f"Whatever the silent {silent} think, the target of {target} is missed."
    if tip <= 0:
        return f"Whatever the silent {silent} think, the target of {target} is met."
    if score["value"] >= score["target"]:
        return f"If the silent {silent} scored below {number(tip * 100, 1)}, we would be under the target of {target}."
    return f"To reach the target of {target}, the silent {silent} would have to score {number(tip * 100, 1)} or more."


def _least_heard(intents: pd.DataFrame) -> str:
    """The intent of which we hear least, and what its score is worth."""
    some = intents[(intents["contacts"] >= LEAST_CONTACTS) & intents["reach"].notna()]
    if len(some) < 2:
        return ""
    row = some.iloc[int(some["reach"].argmin())]
    begin = f"We hear least about *{plain(row['intent'])}*: {hundred(row['reach'])} of 100 answered"
    if pd.isna(row["value"]):
        return f"{begin}, too few for a score."
    if row["quality"] == "ok":
        return f"{begin}."
    worth = "little" if row["quality"] == "indicative" else "nothing"
    return f"{begin}, so {worth} can be concluded from its score of {percent(row['value'])}."


def score_note(title: str, frame: pd.DataFrame, *, digits: int) -> str:
    """What a score of a scale rests on, or why there is none."""
    row = frame.iloc[0]
    if pd.isna(row["value"]):
        return f"{title}: withheld, {plain(row['reason'])}"
    ends = likely(row["low"], row["high"], digits, unit="")
    return f"{title}: {ends}, n = {count(row['n'])}, {row['quality']}"


def part(frame: pd.DataFrame, attribute: str) -> str:
    """Whether an attribute plays a part in who answers, all others alike."""
    own = frame.loc[frame["attribute"] == attribute, "beyond"].dropna()
    if own.empty:
        return "Whether it plays a part of its own can't be told."
    if bool(own.iloc[0]):
        return "It plays a part of its own, all others alike."
    return "All others alike, it plays no part that could be told from chance."


def together(both: pd.DataFrame) -> str:
    """How the two answers go together: solved but unhappy is the share to listen to."""
    if both["reason"].notna().any():
        return f"How the two go together: {plain(both['reason'].iloc[0])}."
    share = {(bool(row["solved"]), bool(row["felt_well"])): row["share"] for row in both.to_dict("records")}
    return (
        f"Of {count(both['n'].sum())} who answered both, {percent(share[True, True])} had it solved and felt well, "
        f"{percent(share[True, False])} had it solved and did not, {percent(share[False, True])} felt well though it "
        f"was not solved, and {percent(share[False, False])} neither."
    )
