"""Finds the column of an extract that a mapping means, whatever its case, spaces or sort arrows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_ARROWS = "↑↓▲▼"


def fold(header: str) -> str:
    """A header as it is compared: without BOM, outer and doubled spaces, sort arrows and case."""
    bare = header.replace("\ufeff", "").replace("ï»¿", "").strip().rstrip(_ARROWS)
    return " ".join(bare.split()).casefold()


def find_header(name: str, headers: Sequence[str]) -> int | None:
    """The position of the column a mapping calls ``name``.

    Args:
        name: A header as the mapping writes it; ``Variant.2`` is the second ``Variant``.
        headers: The extract's headers in order, repeated ones already numbered.

    Returns:
        The position from 0, or None where no header is that one.
    """
    if name in headers:
        return headers.index(name)
    folded = [fold(header) for header in headers]
    return folded.index(fold(name)) if fold(name) in folded else None


def nearest_header(name: str, headers: Iterable[str]) -> str | None:
    """The header most like ``name``, or None where none is alike."""
    by_fold = {fold(header): header for header in headers}
    near = difflib.get_close_matches(fold(name), list(by_fold), n=1, cutoff=0.65)
    return by_fold[near[0]] if near else None
