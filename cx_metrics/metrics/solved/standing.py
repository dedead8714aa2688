"""How things stand in a period, asked once: everything that the executive's page and brief are told from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from cx_metrics.errors import BadUse
from cx_metrics.metrics.costs.cost import cost
from cx_metrics.metrics.costs.cpx import cpx, trend_grain, whole_period
from cx_metrics.metrics.costs.intents_by_cost import intents_by_cost
from cx_metrics.metrics.heard.surveys import reach
from cx_metrics.metrics.periods import as_date, last_full_day
from cx_metrics.metrics.reasons.attention import needing_decision
from cx_metrics.metrics.reasons.trend import full_week_days
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.returning.repeats import recontact_rate
from cx_metrics.metrics.slice import Grain, Slice
from cx_metrics.metrics.solved.fcr_weeks import fcr_weeks
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.store.marts.mart import Mart, MartFacts

USUAL_WEEKS = 4
LINE_WEEKS = 26
LEAST_LINE = 3
"""Points below which a line says nothing."""


@dataclass(frozen=True, eq=False)
class Answer:
    """A metric over a period and over what it is compared with, one row each.

    Attributes:
        name: The metric's.
        asked: The period.
        now: Its row.
        before: The row of the comparison period; None without one.
        line: The values of whole weeks (months, where only these are known) up to the period's end, oldest first;
            none where they are too few.
    """

    name: str
    asked: Slice
    now: pd.DataFrame
    before: pd.DataFrame | None
    line: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Standing:
    """How things stand.

    Attributes:
        slice: The period, with both ends.
        compare: What it is compared with; None for nothing.
        currency: ISO 4217 code of all amounts.
        volume: Contacts.
        cost: What they cost.
        cpx: Contacts per unit of the first X; over the last whole month where units are known by months only.
        fcr: First contact resolution.
        reach: Share of contacts we heard from.
        intents: One row per intent, as `intents_by_cost` has them.
        attention: The intents that need a decision, as `attention` has them.
        again: The recontact rate of the intent whose cost, or else number of contacts, changed most in the direction
            of all; None where none did.
        has_owners: Whether any intent has an owner.
        has_targets: Whether any intent of the data has a target.
    """

    slice: Slice
    compare: Slice | None
    currency: str
    volume: Answer
    cost: Answer
    cpx: Answer
    fcr: Answer
    reach: Answer
    intents: pd.DataFrame
    attention: pd.DataFrame
    again: pd.DataFrame | None
    has_owners: bool
    has_targets: bool

    @property
    def mover(self) -> str | None:
        """The intent whose cost, or else number of contacts, changed most in the direction of all together."""
        return _mover(self.intents)


def standing(mart: Mart, slice: Slice, compare: Slice | None) -> Standing:
    """How things stand in a period, against another of the same length.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    if slice.from_on is None or slice.to_on is None:
        raise BadUse("how things stand is told of a period with a first and a last day")
    slice = replace(slice, by=(), grain=None)
    intents = intents_by_cost(mart, slice, compare)
    owned = bool(mart.decisions.owned)
    mover = _mover(intents)
    return Standing(
        slice=slice,
        compare=compare,
        currency=mart.decisions.currency,
        **{name: _answer(mart, name, slice, compare) for name in ("volume", "cost", "fcr", "reach")},
        cpx=_contacts_per_x(mart, slice, compare),
        intents=intents,
        attention=needing_decision(intents, owned=owned),
        again=None if mover is None else recontact_rate(mart, _only(slice, mover)),
        has_owners=owned,
        has_targets=bool(intents["target"].notna().any()),
    )


def usual_period(facts: MartFacts) -> Slice:
    """The last four weeks that the data knows in full, or as many of their days as there are; open without data."""
    last = last_full_day(facts)
    if facts.data_from is None or facts.data_to is None or last is None:
        return Slice()
    last = last if last >= facts.data_from else max(facts.data_to, facts.data_from)
    return Slice(from_on=max(facts.data_from, last - timedelta(days=7 * USUAL_WEEKS - 1)), to_on=last)


def days_before(facts: MartFacts, slice: Slice) -> Slice | None:
    """The same number of days just before a period; None where the data does not reach back so far."""
    before = slice.previous()
    is_known = facts.data_from is not None and before.from_on is not None and before.from_on >= facts.data_from
    return before if is_known else None


_METRICS = {"volume": volume, "cost": cost, "fcr": fcr, "reach": reach, "cpx": cpx}


def _answer(mart: Mart, name: str, slice: Slice, compare: Slice | None, *, grain: Grain = "week") -> Answer:
    compute = _METRICS[name]
    return Answer(
        name=name,
        asked=slice,
        now=compute(mart, slice),
        before=None if compare is None else compute(mart, replace(compare, by=(), grain=None)),
        line=_line(mart, name, slice, grain),
    )


def _line(mart: Mart, name: str, slice: Slice, grain: Grain) -> tuple[float, ...]:
    weeks = full_week_days(mart.facts, slice, weeks=LINE_WEEKS)
    if not weeks.size:
        return ()
    first = as_date(weeks[0]).replace(day=1) if grain == "month" else as_date(weeks[0])
    asked = replace(slice, from_on=first, to_on=as_date(weeks[-1]), grain=grain)
    # Of the last weeks, FCR is half-known: their early answers look better than the whole will.
    frame = fcr_weeks(mart, slice).iloc[-LINE_WEEKS:] if name == "fcr" else _METRICS[name](mart, asked)
    values = frame["value"].dropna()
    return tuple(float(value) for value in values) if len(values) >= LEAST_LINE else ()


def _contacts_per_x(mart: Mart, slice: Slice, compare: Slice | None) -> Answer:
    """Contacts per unit over the period, or over the last whole month where units are known by months."""
    asked, before = whole_period(mart, slice, compare)
    return _answer(mart, "cpx", asked, before, grain=trend_grain(mart, slice))


def _mover(intents: pd.DataFrame) -> str | None:
    """The intent that changed most in the direction in which all changed together."""
    changes = intents["cost_change"] if intents["cost_change"].notna().any() else intents["change"]
    changes = changes.astype(float)
    total = changes.sum()
    if not total:
        return None
    at = int((changes if total > 0 else -changes).fillna(float("-inf")).to_numpy().argmax())
    return str(intents["intent"].iloc[at])


def _only(slice: Slice, intent: str) -> Slice:
    others = [(name, values) for name, values in slice.where if name != "intent"]
    return replace(slice, where=tuple(sorted([*others, ("intent", (intent,))])))
