"""The sentences of the brief as Markdown. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cx_metrics.reports.brief import Sentence, Topic
from cx_metrics.reports.phrases import Part, Role
from pages.shared.text import amount, plain

HEADLINE: tuple[Topic, ...] = ("cost", "mover")
"""What a page opens with."""

_MARKS: Mapping[Role, Callable[[str], str]] = {
    "words": amount,
    "strong": lambda text: f"**{amount(text)}**",
    "name": lambda text: f"*{plain(text)}*",
    "quoted": plain,
}


def markdown(sentence: Sentence) -> str:
    """A sentence with its names in italics and its numbers in bold; names from the data stay text."""
    return "".join(map(_marked, sentence.parts))


def headline(told: Iterable[Sentence]) -> str:
    """What a page opens with: the money, and who moved it."""
    said = list(told)
    chosen = [sentence for sentence in said if sentence.topic in HEADLINE] or said[:1]
    return " ".join(map(markdown, chosen))


def rest(told: Iterable[Sentence]) -> str:
    """What else can be said, as a list."""
    return _listed(sentence for sentence in told if sentence.topic not in (*HEADLINE, "unknown"))


def not_known(told: Iterable[Sentence]) -> str:
    """What can't be known, and why, as a list; empty where everything is."""
    return _listed(sentence for sentence in told if sentence.topic == "unknown")


def _listed(told: Iterable[Sentence]) -> str:
    return "\n".join(f"- {markdown(sentence)}" for sentence in told)


def _marked(part: Part) -> str:
    return _MARKS[part.role](part.text)
