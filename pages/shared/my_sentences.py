"""What an owner's page says: my share of the bill, my targets, what is assumed. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.reasons.my_intents import Owner
from cx_metrics.store.decided.statements import Statement, StatementLine
from pages.shared.chargeback_sentences import month_name
from pages.shared.format import UNKNOWN, count, is_known, likely, money, percent, plural
from pages.shared.text import amount, plain

OPEN_VERDICTS = ("too close to call", "too few", "too early")


@dataclass(frozen=True)
class MyBill:
    """An owner's part of a month's statement.

    Attributes:
        month: As ``2026-10``.
        cents: What the owner pays; None where nothing is known of it.
        share: Of the whole bill, 0..1; None where that is not known or nothing.
        currency: ISO 4217 code.
        is_whole: Whether the data knows the whole month.
    """

    month: str
    cents: int | None
    share: float | None
    currency: str
    is_whole: bool

    @property
    def when(self) -> str:
        """The month in words: ``October 2026 so far``."""
        return month_name(self.month) + ("" if self.is_whole else " so far")

    @property
    def amount(self) -> float | None:
        """What the owner pays, in money."""
        return None if self.cents is None else self.cents / 100


def my_bill(statement: Statement, owner: Owner, *, is_whole: bool) -> MyBill:
    """An owner's part of a month's statement."""
    mine = [line for line in statement.lines if _is_mine(line, owner)]
    known = any(line.is_known for line in mine) or not mine
    cents = sum(line.total_cents for line in mine) if known else None
    whole = statement.total_cents
    share = cents / whole if cents is not None and whole else None
    return MyBill(statement.month, cents, share, statement.currency, is_whole)


def answer(owner: Owner, mine: pd.DataFrame, bills: Sequence[MyBill]) -> str:
    """What the owner answers for, what that costs, and how the targets stand."""
    intents = f"*{plain(owner.name)}* answers for **{plural(len(mine), 'intent')}**"
    bill = bills[0]
    if bill.amount is None:
        parts = [f"{intents}. What they cost is not known: no rate says it."]
    else:
        cost = amount(money(bill.amount, bill.currency))
        share = f", **{percent(bill.share)} of the bill**" if is_known(bill.share) else ""
        parts = [f"{intents}, which cost **{cost}** in {bill.when}{share}."]
    parts.append(_targets(mine))
    return " ".join(parts)


def _targets(mine: pd.DataFrame) -> str:
    n_open = n_said(mine, *OPEN_VERDICTS)
    met, missed = n_said(mine, "met"), n_said(mine, "missed")
    if not met + missed + n_open:
        return "None of them has a target."
    begin = plural(met, "target is", "targets are") if met else "No target is"
    said = f"**{begin} met and {count(missed) if missed else 'none'} missed**"
    return f"{said}; {count(n_open)} can't be told yet." if n_open else f"{said}."


def notes(bills: Sequence[MyBill], mine: pd.DataFrame, heard: pd.DataFrame | None) -> str:
    """What the cards rest on, in one line."""
    shares = ["Bills as on the Chargeback page"] if bills[0].amount is not None else []
    n_open = n_said(mine, *OPEN_VERDICTS)
    told = [f"{plural(n_open, 'target')} can't be told yet"] if n_open else []
    if heard is not None and is_known(heard["value"].iloc[0]):
        row = heard.iloc[0]
        told.append(f"heard from: {likely(row['low'], row['high'], 1)}, n = {count(row['n'])}")
    return " · ".join([*shares, *told])


def moved(mine: pd.DataFrame) -> str:
    """How many of my intents moved by more than chance; not known where that can't be said of any."""
    judged = mine["beyond"].dropna()
    return f"{count(int(judged.astype(bool).sum()))} of {count(len(judged))}" if len(judged) else UNKNOWN


def n_said(mine: pd.DataFrame, *verdicts: str) -> int:
    """How many of my intents have one of the verdicts."""
    return int(mine["verdict"].isin(verdicts).sum())


def missed(row: pd.Series) -> str:
    """A missed target among the open items."""
    solved = f"{percent(row['value'])} solved at the first contact ({likely(row['low'], row['high'])})"
    return f"*{plain(row['intent'])}* misses its target: {solved} against {percent(row['target'])}."


def _is_mine(line: StatementLine, owner: Owner) -> bool:
    return line.owner is not None and line.payer_key[1] == owner.key
