"""Whether the list of intents is fit to manage by: enough reasons, not too many, few without a name, all owned."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from cx_metrics.metrics.periods import known_days
from cx_metrics.metrics.reasons.priorities import UNNAMED
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

FEWEST, MOST = 10, 60
"""Intents below which reasons are too broad, and beyond which nobody tells them apart (Price & Jaffe)."""
MOST_UNNAMED, MOST_OTHERS, LARGEST = 0.05, 0.05, 0.30
"""Shares of contacts beyond which too little is known of why customers ask; conventions of this product."""
QUARTER_DAYS, FEW_CONTACTS = 91, 30

FINE, MEND, UNKNOWN = "fine", "mend", "not known"

_MOST_WORDS = 4
_OTHERS = re.compile(
    r"\b(others?|misc|miscellaneous|general|generic|unknown|undefined|unspecified|various|diverse|etc|"
    r"not (listed|specified|applicable)|n/?a|sonstiges?|autre|otros?|altro)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Check:
    """One figure of the health of a list of intents."""

    name: str
    value: float | None
    unit: str
    is_fine: bool
    limit: str
    advice: str


def taxonomy(mart: Mart, slice: Slice) -> pd.DataFrame:
    """How healthy the list of intents is, by the contacts of a slice: one row per check.

    Returns:
        ``check``, ``value`` (a number of intents, or a share of contacts in 0..1), ``unit`` (intents or share),
        ``state`` (fine, mend, or not known without contacts), ``limit`` in words, ``advice``: what to do where it is
        not fine.
    """
    counted = _contacts(mart, slice)
    checks = [*_numbers(mart, counted), *_shares(counted), _small(mart, slice)]
    rows = [
        {
            "check": c.name,
            "value": c.value,
            "unit": c.unit,
            "state": UNKNOWN if c.value is None else FINE if c.is_fine else MEND,
            "limit": c.limit,
            "advice": None if c.value is None or c.is_fine else c.advice,
        }
        for c in checks
    ]
    return pd.DataFrame(rows)


def is_others(intent: str) -> bool:
    """Whether a short name says no reason: other, misc, general, unknown and the like, in any case."""
    words = intent.replace("_", " ")
    return len(words.split()) <= _MOST_WORDS and _OTHERS.search(words) is not None


def _contacts(mart: Mart, slice: Slice) -> pd.Series:
    frame = volume(mart, replace(slice, by=("intent",), grain=None))
    return pd.Series(frame["value"].to_numpy(dtype="int64"), index=frame["intent"].astype(str).to_numpy())


def _numbers(mart: Mart, counted: pd.Series) -> list[_Check]:
    named = [intent for intent in counted.index if intent != UNNAMED]
    unowned = [intent for intent in named if intent not in mart.decisions.owned]
    n = len(named) if len(counted) else None
    advice = "Split the largest intents." if len(named) < FEWEST else "Merge those that call for the same action."
    return [
        _Check("Intents", n, "intents", FEWEST <= len(named) <= MOST, f"{FEWEST} to {MOST}", advice),
        _Check(
            "Intents nobody owns",
            len(unowned) if len(counted) else None,
            "intents",
            not unowned,
            "none",
            "Give each an owner in Settings; most causes lie outside the service team.",
        ),
    ]


def _shares(counted: pd.Series) -> list[_Check]:
    total = int(counted.sum())
    named = counted.drop(UNNAMED, errors="ignore")
    others = named[[is_others(intent) for intent in named.index]]
    unnamed, vague, largest = (
        float(part / total) if total else None
        for part in (total - named.sum(), others.sum(), named.max() if len(named) else 0)
    )
    return [
        _Check(
            "Contacts without an intent",
            unnamed,
            "share",
            (unnamed or 0) <= MOST_UNNAMED,
            f"at most {MOST_UNNAMED * 100:.0f} %",
            "Map the column that holds the reason, or make it mandatory for agents.",
        ),
        _Check(
            "Contacts under names like 'other'",
            vague,
            "share",
            (vague or 0) <= MOST_OTHERS,
            f"at most {MOST_OTHERS * 100:.0f} %",
            "Read a hundred of them and name the reasons behind them.",
        ),
        _Check(
            "Contacts in the largest intent",
            largest,
            "share",
            (largest or 0) <= LARGEST,
            f"at most {LARGEST * 100:.0f} %",
            "Split it by what would have to change; often it is only the first in the agents' list.",
        ),
    ]


def _small(mart: Mart, slice: Slice) -> _Check:
    """Intents that a quarter up to the slice's end brings too few contacts to learn from."""
    known = known_days(mart.facts)
    n_small = None
    if known is not None:
        last = min(slice.to_on or known[1], known[1])
        first = last - timedelta(days=QUARTER_DAYS - 1)
        if first >= known[0]:
            counted = _contacts(mart, replace(slice, from_on=first, to_on=last)).drop(UNNAMED, errors="ignore")
            n_small = int((counted < FEW_CONTACTS).sum())
    return _Check(
        f"Intents with fewer than {FEW_CONTACTS} contacts a quarter",
        n_small,
        "intents",
        not n_small,
        "none",
        "Merge them into their neighbours: too few contacts to tell a change from chance.",
    )
