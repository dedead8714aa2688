"""Who pays for contacts: every contact's cost goes to exactly one owner, or is nobody's yet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cx_metrics.metrics.costs.bills import Row, payer_rows
from cx_metrics.metrics.costs.cost import PICOS, cost_ledger
from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.output import answer
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.allocation import largest_remainder
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.decided.statements import Statement, StatementLine, in_order, month_days
from cx_metrics.store.marts.mart import Mart

CHARGEBACK_PARTS = (
    "owner",
    "owner_email",
    "department",
    "direct",
    "downstream",
    "repeats",
    "assumed_contacts",
    "unpriced_contacts",
    "share",
)
PICOS_A_CENT = PICOS // 100
_PARTS = ("direct", "downstream")
_COUNTS = {
    "contacts": "contacts",
    "assumed": "assumed_contacts",
    "downstream_assumed": "downstream_assumed_contacts",
    "downstream_unstated": "downstream_unstated_contacts",
    "unpriced": "unpriced_contacts",
}
_NOT_KNOWN = "no cost in the data, and no rate or assumption that says what these contacts cost"

Entry = dict[str, Any]
"""A row of the ledger of costs, with ``direct_cents`` and ``downstream_cents`` once they are given out."""


def chargeback(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What each owner pays for the slice's contacts, in money rounded to cents.

    Cents are given out by largest remainder over intents, so that the rows of a period add up to its whole cost,
    and a month's rows are its statement.

    Returns:
        One row per group, period and owner, the largest bill first and ``(unowned)`` last: ``value`` =
        ``direct`` + ``downstream``, without an interval; n = contacts, each of them counted once. ``share`` is
        the owner's part of the period's cost in 0..1.
    """
    keys = (*slice.by, *(("period",) if slice.grain else ()))
    by = slice.by if "intent" in slice.by else (*slice.by, "intent")
    rows: list[Row] = []
    for period in _grouped(_entries(cost_ledger(mart, replace(slice, by=by))), lambda entry: entry.get("period")):
        total = _give_out_cents(period, names=by)
        for group in _grouped(period, lambda entry: tuple(entry[key] for key in keys)):
            lines = in_order([_line(entry, mart.decisions) for entry in group])
            rows += [{key: group[0][key] for key in keys} | _answered(row) for row in payer_rows(lines, of=total)]
    if not rows and not keys:
        rows = [{"n": 0, "reason": "no contacts here"}]
    rows.sort(key=lambda row: [row[key] for key in keys])
    return answer(pd.DataFrame(rows), keys=keys, parts=CHARGEBACK_PARTS)


def statement(mart: Mart, month: str) -> Statement:
    """What the contacts of a business month cost, one line an intent, exact to the cent.

    The lines' cents add up to the month's whole cost, rounded half up. A contact is billed where it landed: to
    the owner of its own intent. As repeats follow contacts of the same intent, that is also where its issue
    started.

    Raises:
        BadUse: It is no month.
    """
    first, last = month_days(month)
    ledger = cost_ledger(mart, Slice(from_on=first, to_on=last, by=("intent", "category")))
    entries = [_whole(entries) for entries in _grouped(_entries(ledger), lambda entry: entry["intent"])]
    total = _give_out_cents(entries, names=("intent",))
    made = Statement(
        month=month,
        currency=mart.decisions.currency,
        cutoff_at=mart.facts.watermark,
        lines=in_order([_line(entry, mart.decisions) for entry in entries]),
        data_version=mart.facts.version,
        decisions_stamp=mart.decisions.stamp,
    )
    assert (made.total_cents, made.contacts) == (total, int(ledger["contacts"].sum()))
    return made


def not_ended(mart: Mart, month: str) -> int | None:
    """Contacts of a business month that have no end yet; None where the data tells of no ends."""
    first, last = month_days(month)
    counts = mart.query(
        "SELECT CAST(coalesce(sum(contacts - ended) FILTER (day BETWEEN $first AND $last), 0) AS BIGINT) AS running, "
        "CAST(coalesce(sum(ended), 0) AS BIGINT) AS ever FROM daily",
        {"first": first, "last": last},
    ).iloc[0]
    return int(counts["running"]) if counts["ever"] else None


def cents(picos: int) -> int:
    """An amount that is not negative, in whole cents, rounded half up."""
    return (2 * picos + PICOS_A_CENT) // (2 * PICOS_A_CENT)


def _entries(ledger: pd.DataFrame) -> list[Entry]:
    return [{str(name): cell for name, cell in row.items()} for row in ledger.to_dict("records")]


def _answered(row: Row) -> Row:
    """A payer's row as one of the metric."""
    reason = _NOT_KNOWN if row["total"] is None else None
    return row | {"value": row["total"], "n": row["contacts"], "reason": reason}


def _grouped(entries: Iterable[Entry], key: Callable[[Entry], Hashable]) -> list[list[Entry]]:
    """The entries in groups of one key each, in the order in which keys first appear."""
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return list(groups.values())


def _give_out_cents(entries: Sequence[Entry], *, names: tuple[str, ...]) -> int:
    """Rounds what the entries cost together and gives the cents out to them; the total.

    Args:
        entries: Of one period; they get their ``direct_cents`` and ``downstream_cents``.
        names: Columns that tell them apart.
    """
    exact = [entry[f"{part}_picos"] for entry in entries for part in _PARTS]
    keys = [(*(entry[name] for name in names), part) for entry in entries for part in _PARTS]
    total = cents(sum(exact))
    parts = largest_remainder(total, exact, keys=keys) if any(exact) else (0,) * len(exact)
    for entry, direct, downstream in zip(entries, parts[::2], parts[1::2], strict=True):
        entry["direct_cents"], entry["downstream_cents"] = direct, downstream
    return total


def _whole(entries: Sequence[Entry]) -> Entry:
    """One intent's entries as one; its category is the one that most of its contacts have."""
    names = (*_COUNTS, "in_time", "direct_picos", "downstream_picos", "repeat_picos")
    sums = {name: sum(int(entry[name]) for entry in entries) for name in names}
    main = min(entries, key=lambda entry: (-entry["contacts"], entry["category"]))
    return {"intent": main["intent"], "category": main["category"], **sums}


def _line(entry: Entry, decisions: Decisions) -> StatementLine:
    decided = decisions.by_intent.get(entry["intent"]) or IntentDecision(entry["intent"])
    is_owned = decided.owner is not None
    billed = entry["direct_cents"] + entry["downstream_cents"]
    return StatementLine(
        intent=entry["intent"],
        category=decided.category or entry.get("category", ""),
        owner=decided.owner,
        owner_email=decided.owner_email if is_owned else None,
        department=decided.department if is_owned else None,
        direct_cents=entry["direct_cents"],
        downstream_cents=entry["downstream_cents"],
        repeats_cents=min(cents(entry["repeat_picos"]), billed) if entry["in_time"] else None,
        **{name: int(entry[column]) for column, name in _COUNTS.items()},
    )


INFO = (
    MetricInfo(
        name="chargeback",
        title="Chargeback",
        unit="money",
        definition="What each owner pays for the contacts of their intents, each contact billed once, to the owner of "
        "the intent it came in with. What nobody owns stands as (unowned).",
        formula="cost of the contacts of the owner's intents, in cents by largest remainder, so that the rows of a "
        "period add up to its cost",
        source=f"{DEFINITIONS}; rounding: Hamilton's method of largest remainders",
        parts=CHARGEBACK_PARTS,
        compute=chargeback,
        windowed=True,
    ),
)
