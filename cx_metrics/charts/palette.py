"""The colours of every mark, each with one meaning wherever it appears.

All of them reach 3:1 against both the light and the dark page, so that a figure is the same in both themes
and the viewer may switch between them. Text never takes these colours: it follows the theme.
"""

from __future__ import annotations

MET = FALLING = "#0CA678"
MISSED = RISING = "#D9480F"
UNSURE = "#868E96"
OURS = "#3B5BDB"

PALE_OPACITY = 0.16
"""How much of a colour a band or an area keeps; it needs no contrast, as it lies behind a mark."""

CATEGORIES = (OURS, "#A66E00", "#C2255C", "#1098AD", "#9C36B5", "#74831A")
"""Series next to each other: neither the green nor the orange, which judge; more can't be told apart."""


def pale(colour: str) -> str:
    """The colour as a see-through ``rgba()`` that is pale on white and on black.

    Args:
        colour: ``#RRGGBB``.
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{PALE_OPACITY})"


BAND = pale(UNSURE)
