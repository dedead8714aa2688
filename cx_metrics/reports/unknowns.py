"""What a brief can't say, and why: each a sentence of its own, never a 0."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.numbers import count, percent
from cx_metrics.metrics.solved.standing import Standing
from cx_metrics.reports.phrases import Part, has, plural, quoted, strong, words
from cx_metrics.statistics.verdict import Verdict

Parts = tuple[Part, ...]

_LEFT = {
    "unpriced_contacts": "have no price: no rate says what handling them costs, so it is in no sum.",
    "assumed_contacts": "have assumed minutes, not measured ones.",
    "downstream_assumed_contacts": "have an assumed downstream cost, not a known one.",
    "downstream_unstated_contacts": "add nothing downstream: nobody stated what follows from them.",
}
_OPEN = (Verdict.TOO_CLOSE, Verdict.TOO_FEW, Verdict.TOO_EARLY)


def unknowns(stands: Standing) -> tuple[Parts, ...]:
    """What is not known of a period, what is assumed in it, and what nobody has decided yet."""
    return tuple(parts for told in (_no_comparison, _cost, _missing, _left_out, _undecided) for parts in told(stands))


def _no_comparison(stands: Standing) -> list[Parts]:
    if stands.compare is None:
        return [(words("There is no earlier period to compare with."),)]
    if stands.intents["change"].isna().all():
        return [(words("What changed by intent is not known: one of the two periods is not known in full."),)]
    return []


def _cost(stands: Standing) -> list[Parts]:
    """Why there is no cost, or else what it leaves out and what it assumes."""
    row = stands.cost.now.iloc[0]
    if not has(row["value"]):
        return [(words("What contacts cost is not known: "), quoted(row["reason"]), words("."))]
    return [_of_contacts(row, column, what) for column, what in _LEFT.items() if row[column]]


def _of_contacts(row: pd.Series, column: str, what: str) -> Parts:
    n, of = row[column], row["contacts"]
    return strong(plural(n, "contact")), words(f" of {count(of)} ({percent(n / of)}) {what}")


def _missing(stands: Standing) -> list[Parts]:
    """Why a metric has no value."""
    told = {
        "Contacts per unit are not known: ": stands.cpx,
        "How often one contact is enough is not known: ": stands.fcr,
        "What customers say is not known: ": stands.reach,
    }
    rows = {begin: answer.now.iloc[0] for begin, answer in told.items()}
    return [(words(begin), quoted(row["reason"]), words(".")) for begin, row in rows.items() if not has(row["value"])]


def _left_out(stands: Standing) -> list[Parts]:
    """Whose return can't be seen, or not yet."""
    row = stands.fcr.now.iloc[0]
    if not has(row["value"]):
        return []
    found: list[Parts] = []
    young, nobody = int(row["immature"]), int(row["no_customer_id"])
    if young:
        told = words(" are too young to tell whether the customer comes back.")
        found.append((strong(plural(young, "first contact")), told))
    if nobody:
        share = percent(nobody / stands.volume.now["value"].iloc[0])
        told = words(f" ({share}) have no customer id: whether these customers came back is not known.")
        found.append((strong(plural(nobody, "contact")), told))
    return found


def _undecided(stands: Standing) -> list[Parts]:
    """Targets that can't be told, and what nobody has decided."""
    counts = {said.value: int((stands.intents["verdict"] == said.value).sum()) for said in _OPEN}
    said = ", ".join(f"{count(n)} {'is' if n == 1 else 'are'} {word}" for word, n in counts.items() if n)
    found: list[Parts] = []
    if not stands.has_targets:
        found.append((words("No intent has a target yet, so none is met or missed."),))
    elif said:
        found.append((words(f"Of the targets that can't be told, {said}."),))
    if not stands.has_owners:
        found.append((words("Nobody owns any intent yet."),))
    return found
