"""What a signal is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

Kind = Literal["volume", "fcr", "cost", "reach"]


class Level(StrEnum):
    """How loudly a signal calls, the loudest last."""

    WATCH = "watch"
    INVESTIGATE = "investigate"
    PAUSE = "recommend pause"


class Figures(NamedTuple):
    """What came, what was expected, and what is ordinary."""

    observed: float
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Signal:
    """One thing that asks for a look, for a review, or for a stop.

    Attributes:
        intent: What it is about; None where it is about a category's small intents together, or about everything.
        kind: What stands out: contacts, first contact resolution, cost, or how many customers we hear.
        level: How loudly it calls.
        since_on: First day of it.
        on: Last day it was seen.
        expected: What was to be expected: contacts, a share in 0..1, or money.
        low: Lower end of what is ordinary.
        high: Upper end.
        observed: What came.
        per_week_money: What it costs a week more than expected; None where that is not known.
        sentence: All of this in words, as plain text.
        false_rate: Share of such signals that turn out to be nothing, 0..1; None where nobody has measured it.
        owner: Who answers for the intent; None: nobody.
        category: The category whose small intents rose together; None for signals about one intent or everything.
        days: Days the figures are of, up to ``on``.
    """

    intent: str | None
    kind: Kind
    level: Level
    since_on: date
    on: date
    expected: float
    low: float
    high: float
    observed: float
    per_week_money: float | None
    sentence: str
    false_rate: float | None
    owner: str | None
    category: str | None = None
    days: int = 1

    @property
    def is_about_everything(self) -> bool:
        """Whether most intents are meant, and not one or a category's small ones."""
        return self.intent is None and self.category is None
