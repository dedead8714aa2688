"""What fewer contacts of one intent would save: contacts, and the money that really falls away with them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pandas as pd

from cx_metrics.errors import BadUse
from cx_metrics.metrics.costs.cost import PICOS, cost_ledger
from cx_metrics.metrics.costs.cost_frames import cost_table
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.store.marts.mart import Mart

FEWER_RATE, FCR_POINTS = 0.2, 5.0
_COLUMNS = ("step", "contacts", "money", "reason")


def what_if(
    mart: Mart, slice: Slice, intent: str, fewer_rate: float = FEWER_RATE, fcr_points: float = FCR_POINTS
) -> pd.DataFrame:
    """What the period would have had less of an intent, in contacts and in money at marginal cost.

    Fewer contacts: that share of the intent's contacts, first ones and repeats alike. More of them solved the first
    time: of those that remain, repeats fall as the share of first contacts that are followed does,
    ``repeats x points / (1 - FCR)``, as chains that don't begin have no later contacts; at most all repeats.
    Marginal cost: the minutes that fall away times the rate per minute, a cost the data states, and what follows from a
    contact; what a rate takes per contact stays, as it does not fall with contacts.

    Args:
        mart: Whose data and decisions.
        slice: The period and the filters.
        intent: Whose contacts would be fewer.
        fewer_rate: Share of its contacts that don't come, 0..1.
        fcr_points: By how many points more of its first contacts are solved, 0..100.

    Returns:
        Three rows: ``step`` (fewer, solved, both), ``contacts`` and ``money`` saved; missing with a ``reason``.

    Raises:
        BadUse: A share is out of its range, or no contact has the intent.
    """
    if not 0 <= fewer_rate <= 1 or not 0 <= fcr_points <= 100:
        raise BadUse(f"a share must lie in 0..1 and points in 0..100: not {fewer_rate} and {fcr_points}")
    others = tuple((name, values) for name, values in slice.where if name != "intent")
    asked = replace(slice, by=(), grain=None, where=tuple(sorted([*others, ("intent", (intent,))])))
    row = cost_ledger(mart, asked).iloc[0]
    solved = fcr(mart, asked).iloc[0]
    fewer, less = Fraction(str(fewer_rate)), _fewer_repeats(solved["value"], fcr_points)
    saved = {
        "fewer": (fewer * int(row["contacts"]), fewer * _marginal(row, "")),
        "solved": None if less is None else _of_repeats(row, less),
        "both": None if less is None else _of_repeats(row, less * (1 - fewer)),
    }
    first, both = saved["fewer"], saved["both"]
    if first is not None and both is not None:
        saved["both"] = (first[0] + both[0], first[1] + both[1])
    is_priced = int(row["priced"]) > 0 or row["downstream_picos"] > 0
    why = None if is_priced else "what these contacts cost is not known"
    return pd.DataFrame(
        [
            (step, None, None, solved["reason"] or "every first contact was solved")
            if amounts is None
            else (step, float(amounts[0]), float(amounts[1] / PICOS) if is_priced else None, why)
            for step, amounts in saved.items()
        ],
        columns=[*_COLUMNS],
    )


def what_if_dearest(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The same with its usual wishes for the intent a slice is about, else the dearest; no rows without contacts."""
    only = dict(slice.where).get("intent", ())
    intents = only if len(only) == 1 else tuple(cost_table(mart, slice)["intent"])
    return what_if(mart, slice, intents[0]) if intents else pd.DataFrame(columns=[*_COLUMNS])


def _fewer_repeats(value: float | None, points: float) -> Fraction | None:
    """Share of the repeats that don't come where so many points more are solved the first time."""
    if value is None or pd.isna(value) or value >= 1:
        return None
    return min(Fraction(str(points)) / 100 / (1 - Fraction(value)), Fraction(1))


def _of_repeats(row: pd.Series, share: Fraction) -> tuple[Fraction, Fraction]:
    return share * int(row["repeat_contacts"]), share * _marginal(row, "repeat_")


def _marginal(row: pd.Series, of: str) -> int:
    """What falls away with the contacts of a row, in picos: all but what rates take per contact."""
    total = row["repeat_picos"] if of else row["direct_picos"] + row["downstream_picos"]
    return int(total) - int(row[f"{of}fixed_picos"])
