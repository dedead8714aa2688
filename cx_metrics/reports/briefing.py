"""The brief as the command line prints it: which days it is of, and its sentences as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cx_metrics.errors import BadUse
from cx_metrics.metrics.selection import check_filters
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import days_before, usual_period
from cx_metrics.reports.brief import Sentence, brief
from cx_metrics.store.marts.mart import Mart


@dataclass(frozen=True)
class Briefing:
    """The brief of a period, as the command line prints it.

    Attributes:
        slice: The period.
        compare: What it is compared with; None for nothing.
        sentences: What can be said, then what can't.
    """

    slice: Slice
    compare: Slice | None
    sentences: tuple[Sentence, ...]

    def __str__(self) -> str:
        """The sentences line by line, under their days."""
        against = f", against {self.compare.from_on} to {self.compare.to_on}" if self.compare else ""
        return "\n".join([f"{self.slice.sentence()}{against}", *(f"- {sentence}" for sentence in self.sentences)])

    def data(self) -> dict[str, Any]:
        """The same for JSON."""
        days = {"from": self.slice.from_on, "to": self.slice.to_on}
        before = Slice() if self.compare is None else self.compare
        compared = {"compare_from": before.from_on, "compare_to": before.to_on}
        return days | compared | {"sentences": [{"topic": s.topic, "text": str(s)} for s in self.sentences]}


def briefing(mart: Mart, asked: Slice) -> Briefing:
    """The brief of a period against the days just before it.

    Args:
        mart: Whose data and decisions.
        asked: The filters and the period: the last four full weeks where neither end is given, else an end that is
            not given is the data's own.

    Raises:
        BadUse: The filters name a value that no contact has.
    """
    check_filters(mart, asked)
    usual = usual_period(mart.facts)
    if usual.from_on is None or usual.to_on is None or mart.facts.data_from is None:
        raise BadUse("there are no contacts yet to tell of")
    if asked.from_on is None and asked.to_on is None:
        asked = replace(asked, from_on=usual.from_on, to_on=usual.to_on)
    asked = asked.closed(mart.facts.data_from, usual.to_on)
    compare = days_before(mart.facts, asked)
    return Briefing(asked, compare, brief(mart, asked, compare))
