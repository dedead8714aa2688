"""Text from data inside Markdown: shown letter by letter, whatever it contains. Pure."""

from __future__ import annotations

import re

JOINER = "\u2060"
# Streamlit reads these after Markdown's escapes are gone: :emoji: and :icon:, web and mail addresses, arrows.
_READ_LATER = re.compile(r"(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=\S)(?=@)|(?<=[<>~=-])(?=[>=-])", re.I)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """Text that Streamlit's Markdown shows as it stands: no markup, HTML, formula, icon or link; on one line.

    Where Streamlit would read something into it even so, an invisible word joiner parts the letters.
    """
    line = " ".join(str(text).split())
    return _PUNCTUATION.sub(r"\\\1", _READ_LATER.sub(JOINER, line))


def amount(text: str) -> str:
    """An amount of money as Markdown shows it: a dollar sign would open a formula; spaces stay as they are."""
    return text.replace("$", r"\$")
