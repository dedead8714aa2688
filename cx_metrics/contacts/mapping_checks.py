"""The problems of a mapping file, each said in one sentence with the nearest allowed word."""

from __future__ import annotations

import codecs
import math
import zoneinfo
from collections.abc import Collection, Iterable

from cx_metrics.contacts.schema import Field
from cx_metrics.errors import did_you_mean

Scalar = str | int | float | bool
"""What a constant or a value of a ``values`` table can be."""


class Problems:
    """Every problem found so far, in the order of the file."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Note one problem at one place of the file."""
        self.found.append(f"{where}: {what}")

    def unknown_keys(self, table: Iterable[str], *, allowed: Iterable[str], where: str) -> None:
        """Note every key that the format does not know."""
        known = list(allowed)
        for key in table:
            if key not in known:
                self.add(where or "mapping", f"unknown key '{key}'; {did_you_mean(key, known)}")

    def text(self, table: dict[str, object], key: str, *, where: str) -> str | None:
        """A text, or None where the key is absent or its value is no text."""
        value = table.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.add(_at(where, key), f"must be a text, not {shown(value)}")
        return None

    def choice(self, table: dict[str, object], key: str, *, allowed: Collection[str], where: str) -> str | None:
        """One of the allowed words, or None where the key is absent or its value is another."""
        value = table.get(key)
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.add(_at(where, key), f"{shown(value)} is not known; {did_you_mean(str(value), allowed)}")
        return None

    def texts(self, table: dict[str, object], key: str, *, where: str, empty: bool = False) -> tuple[str, ...]:
        """A list of texts (whole numbers count as their digits); empty where the key is absent."""
        value = table.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_text(item) for item in value):
            self.add(_at(where, key), f'must be a list of texts such as ["-", "n/a"], not {shown(value)}')
            return ()
        if not value and not empty:
            self.add(_at(where, key), "is an empty list; name at least one text or leave it out")
        return tuple(str(item) for item in value)

    def values(self, table: dict[str, object], *, field: Field, where: str) -> dict[str, Scalar] | None:
        """The table of texts and what each stands for; None where it is absent."""
        raw = table.get("values")
        if raw is None:
            return None
        at = _at(where, "values")
        if not isinstance(raw, dict) or not raw:
            self.add(at, f"must be a table such as {{ Good = 5, Bad = 1 }}, not {shown(raw)}")
            return None
        seen: dict[str, str] = {}
        for text, value in raw.items():
            folded = text.strip().lower()
            if folded in seen:
                self.add(at, f"'{text}' and '{seen[folded]}' are the same text, as case does not count")
            seen[folded] = text
            if misfit := literal_misfit(value, field=field):
                self.add(at, f"'{text}' = {shown(value)}: {misfit}")
        return dict(raw)


def literal_misfit(value: object, *, field: Field) -> str | None:
    """What is wrong with a value written in the mapping for this field; None where it fits."""
    match field.kind:
        case "text":
            return None if isinstance(value, str) and value.strip() else "must be a text in quotes"
        case "bool":
            return None if isinstance(value, bool) else "must be true or false, without quotes"
        case "timestamp":
            return f"{field.name} is a time and can't be written in the mapping"
        case "int" | "score":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not fits:
        return "must be a whole number" if field.kind in ("int", "score") else "must be a number"
    assert isinstance(value, int | float)
    low, high = field.low or 0, field.high if field.high is not None else 2_000_000_000
    return None if low <= value <= high else f"must lie between {low:.0f} and {high:.0f}"


def encoding_misfit(name: str) -> str | None:
    """What is wrong with an encoding's name; None where Python can decode it."""
    try:
        codecs.lookup(name)
    except LookupError:
        return f"'{name}' is not an encoding; " + did_you_mean(
            name, ("utf-8", "utf-16", "windows-1252", "latin-1", "shift_jis", "gb18030")
        )
    return None


def timezone_misfit(name: str) -> str | None:
    """What is wrong with a time zone's name; None where it is an IANA zone."""
    if name in zoneinfo.available_timezones():
        return None
    near = did_you_mean(name, zoneinfo.available_timezones())
    hint = near if near.startswith("did you mean") else "use an IANA name such as 'Europe/Rome' or 'UTC'"
    return f"'{name}' is not a time zone; {hint}"


def shown(value: object) -> str:
    """A value as the mapping's author wrote it, cut to a readable length."""
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "..."


def _is_text(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
