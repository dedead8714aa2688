from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pages.shared.text import JOINER, amount, plain

# What CommonMark lets a backslash escape: https://spec.commonmark.org/0.31.2/#backslash-escapes
ESCAPABLE = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def read(markdown: str) -> str:
    """What CommonMark makes of backslash escapes, without the joiners."""
    return read_joined(markdown).replace(JOINER, "")


def read_joined(markdown: str) -> str:
    """What CommonMark makes of backslash escapes, joiners kept."""
    return re.sub(rf"\\([{re.escape(ESCAPABLE)}])", r"\1", markdown)


@given(st.text())
def test_every_letter_survives(text: str) -> None:
    assume(JOINER not in text)
    assert read(plain(text)) == " ".join(text.split())


@given(st.text(alphabet=ESCAPABLE + "ab\n "))
def test_no_punctuation_is_left_unescaped(text: str) -> None:
    bare = re.sub(rf"\\[{re.escape(ESCAPABLE)}]", "", plain(text))
    assert not set(bare) & set(ESCAPABLE)
    assert "\n" not in bare


@pytest.mark.parametrize(
    "text",
    [
        ":smile:",
        ":material/home:",
        ":material_home:",
        ":streamlit:",
        ":red[x]",
        "http://x.example",
        "mailto:a",
    ],
)
def test_nothing_follows_a_colon_directly(text: str) -> None:
    assert not re.search(r":\\?\w", read_joined(plain(text)))


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("www.x.example", r"www\."),
        ("me@x.example", r"\w@"),
        ("a -> b", "->"),
        ("a <-> b", "<-"),
        ("a -- b", "--"),
        ("a >= b", ">="),
    ],
)
def test_addresses_and_arrows_are_parted(text: str, pattern: str) -> None:
    assert re.search(pattern, text)
    assert not re.search(pattern, read_joined(plain(text)))


def test_ordinary_names_stay_as_they_are() -> None:
    assert plain("Where is my technician") == "Where is my technician"
    assert plain("A & B") == r"A \& B"
    assert plain("<b>x</b>") == r"\<b\>x\<\/b\>"
    assert plain(12) == "12"


def test_an_amount_opens_no_formula() -> None:
    assert amount("$\u202f412 and -$\u202f20") == r"\$" + "\u202f412 and -" + r"\$" + "\u202f20"
    assert amount("€\u202f412") == "€\u202f412"
