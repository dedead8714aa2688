"""The strptime patterns a mapping may name: which directives they use and whether they say a full date."""

from __future__ import annotations

import re

from cx_metrics.errors import did_you_mean

NAMED_FORMATS = ("iso", "epoch_s", "epoch_ms")
"""The formats that are words, not patterns."""

_DIRECTIVE = re.compile(r"%(-?[A-Za-z%]|.|$)")
_KNOWN = frozenset({"%", "-H", "-I", "-M", "-S", "-d", "-m", "-y", "A", "B", "H", "I", "M", "S", "Y"}) | frozenset(
    {"a", "b", "d", "f", "g", "j", "m", "p", "y", "z"}
)
_HOUR_24, _HOUR_12 = frozenset({"H", "-H"}), frozenset({"I", "-I"})


def pattern_misfit(pattern: str) -> str | None:
    """What is wrong with a strptime pattern; None where it says a whole date without doubt."""
    used = set(_DIRECTIVE.findall(pattern))
    if not used:
        return f"is neither a pattern such as '%d/%m/%Y %H:%M' nor a known word; {_words(pattern)}"
    if "Z" in used:
        return "%Z (names of zones) can't be read; %z reads offsets such as +0200"
    if unknown := sorted(used - _KNOWN):
        return f"%{unknown[0]} is not known; known are %{' %'.join(sorted(_KNOWN))}"
    month_and_day = used & {"m", "-m", "b", "B"} and used & {"d", "-d"}
    if not used & {"y", "-y", "Y"} or not (month_and_day or "j" in used):
        return "it must say year, month and day"
    if ("p" in used) != bool(used & _HOUR_12) or (used & _HOUR_12 and used & _HOUR_24):
        return "%I (12 hours) and %p (AM or PM) go together, and not with %H"
    return None


def says_offset(pattern: str) -> bool:
    """Whether stamps of this pattern carry their offset: ``%z``, or a literal Z, UTC or GMT at the end."""
    return "z" in _DIRECTIVE.findall(pattern) or bool(re.search(r"(?<!%)(Z|UTC|GMT)$", pattern))


def _words(word: str) -> str:
    return did_you_mean(word, NAMED_FORMATS)
