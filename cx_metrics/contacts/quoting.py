"""Text and names as safe parts of an SQL statement: whatever an extract or a mapping holds stays data."""

from __future__ import annotations

from collections.abc import Iterable

_BLANKS = " \t\n\v\f\r\u00a0"
"""What counts as space around a cell's text."""


def literal(value: str | int | float | bool) -> str:
    """A Python value as an SQL literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def identifier(name: str) -> str:
    """A column's or table's name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def matches(expression: str, pattern: str) -> str:
    """The SQL test that a text as a whole matches a regular expression."""
    return f"regexp_full_match({expression}, {literal(pattern)})"


def is_one_of(expression: str, texts: Iterable[str]) -> str:
    """The SQL test that a trimmed text is one of these, whatever the case.

    An IN of five texts or more would become a join, which is computed for every row even inside a CASE.
    """
    return f"list_contains([{', '.join(folded(text) for text in texts)}], lower({expression}))"


def folded(text: str) -> str:
    """The SQL of a text as it is compared: trimmed, and in lower case by the database's own rule."""
    return f"lower({literal(text.strip(_BLANKS))})"


def cleaned(cell: str) -> str:
    """The SQL of a cell's text without the space around it, NULL where nothing is left.

    Trimming is slow and rarely needed, so the first and the last character are looked at before.
    """
    needed = f"{cell} < '!' OR {cell} > '~' OR {cell}[-1] < '!' OR {cell}[-1] = chr(160)"
    return f"CASE WHEN {needed} THEN nullif(trim({cell}, {literal(_BLANKS)}), '') ELSE {cell} END"
