"""Numbers, durations and yes/no as people write them, read by SQL only where one reading is possible."""

from __future__ import annotations

from cx_metrics.contacts.mapping_columns import Unit
from cx_metrics.contacts.quoting import matches

_PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)"
_DECIMAL_COMMA = r"[+-]?(\d*,\d{1,2}|\d*,\d{4,}|\d{4,},\d{3}|(0\d*)?,\d{3})"
_COMMA_GROUPS = r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}|(,\d{3})+\.\d*)"
_DOT_GROUPS = r"[+-]?[1-9]\d{0,2}((\.\d{3}){2,}(,\d*)?|(\.\d{3})+,\d*)"
_SPACE_GROUPS = r"[+-]?[1-9]\d{0,2}([ \x{a0}\x{202f}]\d{3})+([.,]\d*)?"
_TWO_READINGS = r"[+-]?[1-9]\d{0,2},\d{3}"
_WHOLE = r"[+-]?\d+(\.0*)?"
_CLOCK = r"\d{1,5}:[0-5]\d(:[0-5]\d)?"

_DECIMAL = "DECIMAL(18,6)"
YES_NO_WORDS = frozenset({"true", "yes", "1", "y", "t", "false", "no", "0", "n", "f"})
"""Every text that is read as yes or no, in lower case."""

_SAID = ((("true", "yes", "1", "y", "t"), "true"), (("false", "no", "0", "n", "f"), "false"))


def plain(text: str) -> str:
    """The SQL of a number without separators, rounded to 6 decimals; NULL for any other text."""
    return f"CASE WHEN {matches(text, _PLAIN)} THEN try_cast({text} AS {_DECIMAL}) END"


def decimal(text: str) -> str:
    """The SQL of a number with a decimal point or comma, rounded to 6 decimals; NULL where it is none."""
    point = f"replace({text}, ',', '.')"
    spaceless = f"regexp_replace({point}, '[^0-9.+-]', '', 'g')"
    dotless = f"replace(replace({text}, '.', ''), ',', '.')"
    return (
        f"CASE WHEN {matches(text, _PLAIN)} THEN try_cast({text} AS {_DECIMAL})"
        f" WHEN {matches(text, _DECIMAL_COMMA)} THEN try_cast({point} AS {_DECIMAL})"
        f" WHEN {matches(text, _COMMA_GROUPS)} THEN try_cast(replace({text}, ',', '') AS {_DECIMAL})"
        f" WHEN {matches(text, _DOT_GROUPS)} THEN try_cast({dotless} AS {_DECIMAL})"
        f" WHEN {matches(text, _SPACE_GROUPS)} THEN try_cast({spaceless} AS {_DECIMAL}) END"
    )


def has_two_readings(text: str) -> str:
    """The SQL test for a number such as ``1,234``, which may be 1234 or 1.234."""
    return matches(text, _TWO_READINGS)


def is_number(text: str) -> str:
    """The SQL test that a text is a number in any form, even one too large to keep."""
    forms = (_PLAIN, _DECIMAL_COMMA, _COMMA_GROUPS, _DOT_GROUPS, _SPACE_GROUPS)
    return matches(text, "|".join(f"({form})" for form in forms))


def in_minutes(number: str, *, unit: Unit) -> str:
    """The SQL of a number of ``unit`` in minutes, rounded to 6 decimals; NULL where that is too large."""
    match unit:
        case "ms":
            scaled = f"round(({number}) / 60000, 6)"
        case "s":
            scaled = f"round(({number}) / 60, 6)"
        case "h":
            scaled = f"round(CAST({number} AS DOUBLE) * 60, 6)"
        case _:
            return number
    return f"try_cast({scaled} AS {_DECIMAL})"


def clock_minutes(text: str) -> str:
    """The SQL of a duration ``h:mm:ss`` or ``h:mm`` in minutes; NULL where the text is none."""
    parts = [f"coalesce(try_cast(split_part({text}, ':', {part}) AS INTEGER), 0)" for part in (1, 2, 3)]
    seconds = f"({parts[0]} * 3600 + {parts[1]} * 60 + {parts[2]})"
    return f"CASE WHEN {is_clock(text)} THEN try_cast(round({seconds} / 60, 6) AS {_DECIMAL}) END"


def is_clock(text: str) -> str:
    """The SQL test for a duration written as ``h:mm:ss`` or ``h:mm``."""
    return matches(text, _CLOCK)


def whole(text: str) -> str:
    """The SQL of a whole number (``4`` or ``4.0``); NULL where it is none or does not fit 32 bits."""
    return f"CASE WHEN {is_whole(text)} THEN try_cast(split_part({text}, '.', 1) AS INTEGER) END"


def is_whole(text: str) -> str:
    """The SQL test for a whole number."""
    return matches(text, _WHOLE)


def yes_or_no(text: str) -> str:
    """The SQL of true/yes/1/y/t and false/no/0/n/f, whatever the case; NULL for anything else."""
    whens = " ".join(f"WHEN '{word}' THEN {said}" for words, said in _SAID for word in words)
    return f"CASE lower({text}) {whens} END"
