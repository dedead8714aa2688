"""Numbers as people read them: one rule of rounding for cards, charts, tables and sentences.

Rounding is half up, away from zero, on the number's shortest decimal form: 0.285 is 29 %, although its binary
form is a trifle less than 28.5 %. A minus is the keyboard's, which Streamlit's metric cards take for a fall.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, SupportsFloat, TypeGuard

Known = int | Decimal | SupportsFloat
Number = Known | None

THIN = "\u202f"
"""Narrow no-break space: between thousands and before a unit."""
UNKNOWN = "not known"
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
_UNITS = (("", 0), ("k", 3), ("M", 6), ("bn", 9))
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}


def is_known(value: Number) -> TypeGuard[Known]:
    """Whether there is a number: neither None, NaN, NA nor infinite."""
    try:
        return value is not None and math.isfinite(value)
    except (TypeError, ValueError):
        return False


def rounded(value: Number, digits: int = 0, *, power: int = 0) -> Decimal:
    """The number times ten to a power, rounded half up to some decimals; never a negative zero.

    Raises:
        ValueError: The number isn't known.
    """
    if not is_known(value):
        raise ValueError(f"{value} can't be rounded")
    exact = value if isinstance(value, (int, Decimal)) else Decimal(repr(float(value)))
    shifted = Decimal(exact).scaleb(power, _EXACT)
    return _EXACT.plus(shifted.quantize(Decimal(1).scaleb(-digits), context=_EXACT))


def number(value: Number, digits: int = 0, *, signed: bool = False, trim: bool = False) -> str:
    """A number with so many decimals: ``1.84``, ``12 345``; signed ``+0.6``; trimmed ``1.5``, no ``1.50``."""
    if not is_known(value):
        return UNKNOWN
    text = _grouped(rounded(value, digits), signed=signed)
    return text.rstrip("0").rstrip(".") if trim and "." in text else text


def count(value: Number, *, signed: bool = False) -> str:
    """How many, in full: ``12 345``."""
    return number(value, signed=signed)


def change(value: Number) -> str:
    """How many more or fewer: ``+312``, ``-5``, ``0``."""
    return number(value, signed=True)


def compact(value: Number, *, signed: bool = False) -> str:
    """How many, short enough for a card: ``999``, ``412.6k``, ``1.2M``, ``3.4bn``."""
    if not is_known(value):
        return UNKNOWN
    for unit, power in _UNITS:
        shown = rounded(value, 1 if unit else 0, power=-power)
        if abs(shown) < 1000:
            break
    return _grouped(shown, signed=signed) + unit


def money(value: Number, currency: str, *, signed: bool = False) -> str:
    """An amount in whole units of its currency: ``€ 412 600``, ``-€ 1 200``; signed ``+€ 1 200``.

    A dollar sign opens a formula in Markdown: there, the text goes through ``amount`` of the pages.

    Args:
        value: The amount.
        currency: Its ISO 4217 code; one without a symbol of its own is written as the code.
        signed: Whether a plus is written as well.
    """
    return _priced(count(value, signed=signed), currency) if is_known(value) else UNKNOWN


def money_compact(value: Number, currency: str, *, signed: bool = False) -> str:
    """An amount short enough for a card: ``€ 999``, ``€ 412.6k``, ``-€ 1.2M``; as `money` otherwise."""
    return _priced(compact(value, signed=signed), currency) if is_known(value) else UNKNOWN


def price(value: Number, currency: str, *, signed: bool = False) -> str:
    """What one of something costs, with two decimals: ``€ 4.27``; as `money` otherwise."""
    return _priced(number(value, 2, signed=signed), currency) if is_known(value) else UNKNOWN


def duration(hours: Number) -> str:
    """How long: ``12 min``, ``3.4 h``, ``26 h``, ``2.1 days``; below half a minute ``under 1 min``."""
    if not is_known(hours):
        return UNKNOWN
    exact = Decimal(repr(float(hours)))
    minutes = rounded(exact * 60)
    if minutes < 60:
        return f"{minutes}{THIN}min" if minutes else f"under 1{THIN}min"
    if exact < 48:
        return f"{number(exact, 1 if rounded(exact, 1) < 10 else 0, trim=True)}{THIN}h"
    return f"{number(exact / 24, 1 if rounded(exact / 24, 1) < 10 else 0, trim=True)}{THIN}days"


def percent(share: Number, digits: int = 0, *, signed: bool = False) -> str:
    """A share in 0..1 in hundredths: ``71 %``, ``71.4 %``."""
    if not is_known(share):
        return UNKNOWN
    return f"{_hundredths(share, digits, signed=signed)}{THIN}%"


def points(difference: Number, digits: int = 0) -> str:
    """A difference of two shares, in percentage points: ``+3 pts``, ``-1 pt``."""
    if not is_known(difference):
        return UNKNOWN
    shown = _hundredths(difference, digits, signed=True)
    return f"{shown}{THIN}{'pt' if shown.lstrip('+-') == '1' else 'pts'}"


def interval(low: Number, high: Number, digits: int = 0, *, unit: Literal["%", ""] = "%") -> str:
    """Two ends, of shares in 0..1 or of numbers: ``70 – 72 %``; one where both are shown alike."""
    if not (is_known(low) and is_known(high)):
        return UNKNOWN
    show = _hundredths if unit else number
    ends = list(dict.fromkeys((show(low, digits), show(high, digits))))
    return f"{THIN}–{THIN}".join(ends) + (f"{THIN}{unit}" if unit else "")


def likely(low: Number, high: Number, digits: int = 0, *, unit: Literal["%", ""] = "%") -> str:
    """Where a number probably lies: ``likely 70 – 72 %``, with a decimal more where the ends look alike."""
    if not (is_known(low) and is_known(high)):
        return UNKNOWN
    power = 2 if unit else 0
    alike = rounded(low, digits, power=power) == rounded(high, digits, power=power)
    return f"likely {interval(low, high, digits + 1 if alike else digits, unit=unit)}"


def _hundredths(share: Number, digits: int = 0, *, signed: bool = False) -> str:
    return _grouped(rounded(share, digits, power=2), signed=signed)


def _grouped(value: Decimal, *, signed: bool) -> str:
    text = f"{value:+,f}" if signed and value else f"{value:,f}"
    return text.replace(",", THIN)


def _priced(text: str, currency: str) -> str:
    sign = text[0] if text[0] in "+-" else ""
    return f"{sign}{_SYMBOLS.get(currency, currency)}{THIN}{text.removeprefix(sign)}"
