"""What came of each contact: the work, whether it was solved, how it felt, and what the survey heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.demo.company import (
    CATEGORIES,
    CATEGORY_OF,
    CHAT,
    DATA,
    DAY,
    END,
    HOUR,
    MINUTE,
    NAMES,
    SOCIAL,
    Floats,
    Ints,
    clock,
    intent_column,
    look_up,
    with_stories,
)


def outcomes(rng: np.random.Generator, contacts: pd.DataFrame) -> pd.DataFrame:
    """The contacts with all that follows from them; times that the data do not reach are END or later."""
    contacts = contacts.assign(**_work(rng, contacts))
    contacts = contacts.assign(**_claims(rng, contacts))
    contacts = contacts.assign(felt=_felt(rng, contacts))
    contacts = contacts.assign(**_survey(rng, contacts))
    return contacts.assign(**_answers(rng, contacts), **_words(rng, contacts), team=_teams(rng, contacts))


def _work(rng: np.random.Generator, contacts: pd.DataFrame) -> dict[str, Any]:
    intent, channel, n = contacts["intent"].to_numpy(), contacts["channel"].to_numpy(), len(contacts)
    shortest, longest = DATA["repeats_longer"]
    usual = intent_column("minutes")[intent] * look_up("channels", "handle", channel)
    longer = np.where(contacts["step"] > 0, rng.uniform(shortest, longest, size=n), 1.0)
    minutes = usual * longer * rng.lognormal(-0.08, 0.4, size=n)
    promised = intent_column("expected_hours")[intent]
    at_once = rng.uniform(size=n) < look_up("channels", "at_once", channel)
    hours = np.where(at_once, 0.0, promised * DATA["closing"] * rng.lognormal(0.0, 0.8, size=n))
    ended = clock(contacts["started"].to_numpy() + (minutes * MINUTE + hours * HOUR).astype(np.int64))
    rate, amount = look_up("categories", "booked", CATEGORY_OF[intent]).T
    booked = rng.uniform(size=n) < rate
    return {
        "ended": ended,
        "late": hours > promised,
        "handle_minutes": minutes,
        "downstream_cost": np.where(booked, amount * rng.lognormal(-0.125, 0.5, size=n), np.nan),
    }


def _claims(rng: np.random.Generator, contacts: pd.DataFrame) -> dict[str, Any]:
    n, intent, on = len(contacts), contacts["intent"].to_numpy(), contacts["started"].to_numpy() // DAY
    solved = ~contacts["again"].to_numpy() & (rng.uniform(size=n) < DATA["solved_when_quiet"])
    planted = with_stories(np.full(len(NAMES), np.nan), "claimed")[intent, on]
    chance = np.where(np.isnan(planted), np.where(solved, 0.94, 0.66), planted)
    resolved = (rng.uniform(size=n) < chance).astype(float)
    trouble = np.where(solved, 0.3, 1.0)
    return {
        "solved": solved,
        "resolved": np.where(contacts["ended"] < END, resolved, np.nan),
        "reopens": np.minimum(rng.poisson(0.12 * trouble), 3),
        "transfers": np.minimum(rng.poisson(0.28 * trouble), 4),
    }


def _felt(rng: np.random.Generator, contacts: pd.DataFrame) -> Floats:
    mood = np.where(contacts["solved"], 4.25, 2.6)
    mood -= 0.25 * np.minimum(contacts["step"], 3) + 0.4 * contacts["late"]
    return _scale(rng, mood, 0.9, 1, 5)


def _survey(rng: np.random.Generator, contacts: pd.DataFrame) -> dict[str, Any]:
    n, intent, on = len(contacts), contacts["intent"].to_numpy(), contacts["started"].to_numpy() // DAY
    felt = contacts["felt"].to_numpy()
    none = np.full(len(NAMES), np.nan)
    happy, unhappy = (with_stories(none, effect)[intent, on] for effect in ("offered_happy", "offered_unhappy"))
    planted = np.where(felt >= 4, happy, unhappy)
    usual = look_up("channels", "offered", contacts["channel"].to_numpy())
    offered = rng.uniform(size=n) < np.where(np.isnan(planted), usual, planted)
    sent = clock(contacts["ended"].to_numpy() + 15 * MINUTE)
    answers = rng.uniform(size=n) < np.array(DATA["answer_rate"])[felt.astype(np.int64) - 1]
    back = clock(sent + (MINUTE + rng.exponential(5 * HOUR, size=n)).astype(np.int64))
    return {"offered": np.where(offered, sent, END), "answered": np.where(offered & answers, back, END)}


def _answers(rng: np.random.Generator, contacts: pd.DataFrame) -> dict[str, Any]:
    n, felt, solved = len(contacts), contacts["felt"].to_numpy(), contacts["solved"].to_numpy()
    true = {
        "csat": felt,
        "nps": _scale(rng, 2 * felt - 0.3, 1.3, 0, 10),
        "ces": _scale(rng, 0.4 + 1.3 * felt, 0.8, 1, 7),
        "outcome": _scale(rng, np.where(solved, 4.5, 1.9), 0.7, 1, 5),
        "feeling": _scale(rng, felt, 0.5, 1, 5),
        "confirmed": rng.uniform(size=n) < np.where(solved, 0.96, 0.06),
        "follow_up": rng.uniform(size=n) < np.where(felt <= 2, 0.4, 0.03),
    }
    here = contacts["answered"].to_numpy() < END
    said = {name: here & (rng.uniform(size=n) >= DATA["skipped"].get(name, 0.0)) for name in true}
    return {name: np.where(said[name], score.astype(float), np.nan) for name, score in true.items()}


def _scale(rng: np.random.Generator, middle: npt.NDArray[Any], spread: float, low: int, high: int) -> Floats:
    return np.clip(np.rint(middle + rng.normal(0, spread, size=len(middle))), low, high)


def _teams(rng: np.random.Generator, contacts: pd.DataFrame) -> npt.NDArray[Any]:
    n, luck = len(contacts), rng.uniform(size=len(contacts))
    expert = look_up("categories", "team", CATEGORY_OF[contacts["intent"]])
    team = np.where(luck < 0.55, expert, rng.choice(DATA["first_line_teams"], size=n))
    digital = contacts["channel"].isin([CHAT, SOCIAL]) & (luck < 0.65)
    team = np.where(digital, DATA["digital_team"], team)
    return np.where((contacts["segment"] > 0) & (luck < 0.8), DATA["business_team"], team)


def _words(rng: np.random.Generator, contacts: pd.DataFrame) -> dict[str, Any]:
    n, intent = len(contacts), contacts["intent"].to_numpy()
    tried = rng.uniform(size=n) < look_up("categories", "self_help", CATEGORY_OF[intent])
    articles = _pick(rng, [DATA["categories"][name]["articles"] for name in CATEGORIES], CATEGORY_OF[intent])
    return {
        "urgency": rng.choice(list(DATA["urgency"]), size=n, p=list(DATA["urgency"].values())),
        "self_help": np.where(tried, articles, ""),
        "subject": _pick(rng, [DATA["subjects"][name] for name in NAMES], intent),
    }


def _pick(rng: np.random.Generator, choices: Sequence[Sequence[str]], group: Ints) -> npt.NDArray[Any]:
    sizes = np.array([len(words) for words in choices])
    flat = np.array([word for words in choices for word in words], dtype=object)
    place = (rng.uniform(size=len(group)) * sizes[group]).astype(np.int64)
    return np.asarray(flat[(sizes.cumsum() - sizes)[group] + place])
