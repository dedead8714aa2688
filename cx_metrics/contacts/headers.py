"""The column names of an extract, as a mapping addresses them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cx_metrics.errors import BadExtract

_MARKS = ("\ufeff", "ï»¿")
_ARROW = re.compile(r"[\s\xa0]*[↑↓]$")
_STAMP = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d{1,2}:\d{2}.*)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*")


def clean_headers(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The names of the columns: tidy, none empty, none twice.

    A byte order mark, outer spaces and sort arrows go, line breaks become spaces, the case stays. An empty
    name is ``column 7`` (counted from 1); one that occurs again, whatever its case, becomes ``Variant.2``.
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        base = _clean(cell or "") or f"column {place}"
        name, again = base, 1
        while name.casefold() in taken:
            again += 1
            name = f"{base}.{again}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def require_header(first: Sequence[str | None], *, second: Sequence[str | None] | None, name: str) -> None:
    """Pass only a first record that can be column names.

    Args:
        first: the cells of the first record.
        second: the cells of the record below it, where there is one.
        name: what messages call the file.

    Raises:
        BadExtract: it is empty, or evidently data: a date or e-mail address in it, numbers alone, or mostly
            the same cells as the record below.
    """
    filled = [(cell or "").strip() for cell in first if (cell or "").strip()]
    if not filled:
        raise BadExtract(f"{name} has no header: its first line is empty. The first line must name the columns.")
    telling = next((c for c in filled if _STAMP.fullmatch(c) or _EMAIL.fullmatch(c)), None)
    if telling is None and all(_NUMBER.fullmatch(c) for c in filled):
        telling = filled[0]
    if telling is None and second is not None and _mostly_equal(first, second):
        telling = filled[0]
    if telling is not None:
        raise BadExtract(
            f"{name} has no header: its first line holds data ({telling[:40]!r}). "
            "Add a first line that names the columns."
        )


def _clean(cell: str) -> str:
    text = " ".join(cell.splitlines())
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return _ARROW.sub("", text.strip().strip("\ufeff").strip()).strip()


def _mostly_equal(first: Sequence[str | None], second: Sequence[str | None]) -> bool:
    filled = [(a, b) for a, b in zip(first, second, strict=False) if a and a.strip()]
    return len(filled) > 1 and 2 * sum(a == b for a, b in filled) >= len(filled)
