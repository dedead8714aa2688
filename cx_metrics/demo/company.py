"""The demo company as data: ``company.toml`` read once, with the calendar and code tables that are drawn on.

Intents, channels and so on are codes here: their place in the file. Times are local seconds since day 0.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Story:
    """One thing planted in the contacts, for a page to find.

    Attributes:
        key: Short name.
        intent: The intent it happens to.
        start_on: First day, in the business time zone.
        shows: What a page must show for it, in words and rough figures.
        end_on: Last day; None means it lasts.
        first_contacts: Factor on first contacts a day; None leaves them.
        recontact: Chance (0..1) that a contact is followed by another; None leaves the intent's own.
        claimed: Share (0..1) of contacts the agent marks solved; None leaves it to the truth.
        offered_unhappy: Share (0..1) of the unhappy who are offered a survey; None leaves the channel's.
        offered_happy: The same for happy ones.
        spikes: Factor on the extra contacts of an outage; None leaves them.
    """

    key: str
    intent: str
    start_on: date
    shows: str
    end_on: date | None = None
    first_contacts: float | None = None
    recontact: float | None = None
    claimed: float | None = None
    offered_unhappy: float | None = None
    offered_happy: float | None = None
    spikes: float | None = None


_FILE = Path(__file__).with_name("company.toml")
DATA: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))

COMPANY: str = DATA["company"]
TIMEZONE: str = DATA["timezone"]
START_ON: date = DATA["start_on"]
END_AT: datetime = DATA["end_at"]
END_ON: date = END_AT.date()
STORIES: tuple[Story, ...] = tuple(Story(**entry) for entry in DATA["stories"])
OUTAGES_ON: tuple[date, ...] = tuple(on for on, _ in DATA["outages"])
DEMO_SOURCES = ("demo-tickets", "demo-calls")

INTENTS = pd.DataFrame(DATA["intents"]["rows"], columns=DATA["intents"]["columns"])
NAMES: list[str] = INTENTS["intent"].tolist()
CATEGORIES: list[str] = list(DATA["categories"])
CHANNELS: list[str] = list(DATA["channels"])
PRODUCTS: list[str] = list(DATA["products"])
CATEGORY_OF: Ints = np.array([CATEGORIES.index(category) for category in INTENTS["category"]])
PHONE, CHAT, SOCIAL = (CHANNELS.index(channel) for channel in ("phone", "chat", "social"))

N_DAYS = (END_ON - START_ON).days + 1
END = int((END_AT - datetime.combine(START_ON, datetime.min.time())).total_seconds())


def intent_column(name: str) -> Floats:
    """A figure of every intent, by intent code."""
    return INTENTS[name].to_numpy(dtype=float)


def look_up(table: str, key: str, codes: Ints) -> npt.NDArray[Any]:
    """What a table such as ``channels`` says under ``key`` for each of the codes."""
    return np.array([entry[key] for entry in DATA[table].values()])[codes]


def day_of(on: date) -> int:
    """The number of a day, 0 for the first day of the data."""
    return (on - START_ON).days


def with_stories(usual: Floats, effect: str) -> Floats:
    """A figure by intent and day, (36, 549): the usual one, except where a story sets ``effect``."""
    grid = np.repeat(usual[:, None], N_DAYS, axis=1)
    for story in STORIES:
        planted = getattr(story, effect)
        if planted is not None:
            end = N_DAYS if story.end_on is None else day_of(story.end_on) + 1
            grid[NAMES.index(story.intent), day_of(story.start_on) : end] = planted
    return grid


def growth() -> Floats:
    """The customer base on each day, as a share of that on the last day."""
    return np.asarray(DATA["growth"] ** ((np.arange(N_DAYS) - N_DAYS) / 365))


def clock(local: Ints) -> Ints:
    """Local times, moved out of the hour that is missing or doubled when the clocks change."""
    changes = [day_of(on) for on in DATA["clock_change_on"]]
    unclear = np.isin(local // DAY, changes) & (local % DAY // HOUR == 2)
    return np.asarray(local + unclear * HOUR)


def stamps(local: Ints) -> npt.NDArray[np.datetime64]:
    """Local times as datetimes without offset; missing where the data end before."""
    moments = np.datetime64(START_ON, "s") + local.astype("timedelta64[s]")
    return np.where(local < END, moments, np.datetime64("NaT"))
