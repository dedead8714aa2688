"""How long work says where it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Takes the step's name and the share of it that is done, 0 to 1."""


def silent(step: str, share: float) -> None:
    """No report at all: the default of every long call."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a part of the work: its 0..1 is the whole's start..end."""

    def told(step: str, share: float) -> None:
        progress(step, start + (end - start) * share)

    return told
