"""The brief: how things stand, in sentences that a leader can read out, each with what is not sure about it.

The sentences come from templates over computed values; nothing in them is said that no metric says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from cx_metrics.charts.numbers import count, likely, money, number, percent
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.standing import Answer, Standing, standing
from cx_metrics.reports.phrases import (
    Part,
    has,
    in_comparison,
    in_period,
    name,
    of_100,
    per_units,
    plural,
    strong,
    words,
)
from cx_metrics.reports.unknowns import unknowns
from cx_metrics.statistics.verdict import Verdict
from cx_metrics.store.marts.mart import Mart

Topic = Literal["cost", "mover", "parts", "cpx", "fcr", "targets", "reach", "owners", "unknown"]
LEAST_SHARE = 0.2
"""Of a change, below which it is no one intent's doing."""

Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Sentence:
    """One thing that can be said.

    Attributes:
        topic: What it is about.
        parts: Its words from left to right, with names and strong numbers marked.
    """

    topic: Topic
    parts: Parts

    def __str__(self) -> str:
        """The sentence as plain text."""
        return "".join(part.text for part in self.parts)


def brief(mart: Mart, slice: Slice, compare: Slice | None) -> tuple[Sentence, ...]:
    """How a period stands against another, in sentences: the money first, what can't be known last.

    Args:
        mart: Whose data and decisions.
        slice: The period, with both ends.
        compare: The comparison period of the same length; None for none.

    Raises:
        BadUse: A period has an open end, or their lengths differ.
    """
    return sentences(standing(mart, slice, compare))


def sentences(stands: Standing) -> tuple[Sentence, ...]:
    """What can be said of how things stand; what can't be known, and why, comes last."""
    if not _value(stands.volume.now):
        return (Sentence("unknown", (words(f"There were no contacts {in_period(stands.slice)} with these filters."),)),)
    topics: dict[Topic, Callable[[Standing], Parts]] = {
        "cost": _headline,
        "mover": _mover,
        "parts": _parts,
        "cpx": _cpx,
        "fcr": _fcr,
        "targets": _targets,
        "reach": _reach,
        "owners": _owners,
    }
    said = [Sentence(topic, parts) for topic, tell in topics.items() if (parts := tell(stands))]
    return (*said, *(Sentence("unknown", parts) for parts in unknowns(stands)))


def _headline(stands: Standing) -> Parts:
    """What contacts cost, or else how many there were, and how that changed."""
    cost = _value(stands.cost.now)
    over = words(f" {in_period(stands.slice)}")
    if cost is None:
        times = strong(f"{count(_value(stands.volume.now))} times")
        against = _against(stands, stands.volume, count, as_before="as often as", ways=("more", "fewer"))
        return words("Customers contacted us "), times, over, *against, words(".")
    against = _against(stands, stands.cost, _money(stands), as_before="as much as", ways=("more", "less"))
    return words("Contacts cost "), strong(money(cost, stands.currency)), over, *against, words(".")


def _against(
    stands: Standing, told: Answer, show: Callable[[float], str], *, as_before: str, ways: tuple[str, str]
) -> Parts:
    now, before = _value(told.now), _value(told.before)
    if now is None or before is None or stands.compare is None:
        return ()
    then = in_comparison(stands.slice, stands.compare)
    if show(abs(now - before)) == show(0):
        return (words(f", {as_before} {then}"),)
    return words(", "), strong(f"{show(abs(now - before))} {ways[now < before]}"), words(f" than {then}")


def _mover(stands: Standing) -> Parts:
    """How much of the change is one intent, whether that is chance, and how often customers come back about it."""
    mover = stands.mover
    if mover is None:
        return ()
    row = stands.intents[stands.intents["intent"] == mover].iloc[0]
    column = "cost_change" if has(row["cost_change"]) else "change"
    total = float(stands.intents[column].astype(float).sum())
    share = float(row[column]) / total
    if share < LEAST_SHARE:
        return ()
    rise = "rise" if total > 0 else "fall"
    begin: Parts = (strong(f"{percent(share)} of the {rise}"), words(" is one intent: "), name(mover))
    if share > 1:
        begin = words("One intent alone brought "), strong(f"more than the whole {rise}"), words(": "), name(mover)
    changed = abs(float(row[column]))
    amount = money(changed, stands.currency) if column == "cost_change" else plural(changed, "contact")
    way = "more" if total > 0 else "less" if column == "cost_change" else "fewer"
    return (*begin, words(f", {amount} {way}{_chance(row)}.{_again(stands)}"))


def _chance(row: pd.Series) -> str:
    if pd.isna(row["beyond"]):
        return ""
    return ", and its contacts moved more than chance lets expect" if row["beyond"] else "; that may be chance"


def _again(stands: Standing) -> str:
    """How often customers come back about the intent that changed most."""
    if stands.again is None or _value(stands.again) is None:
        return ""
    row = stands.again.iloc[0]
    spread = likely(row["low"], row["high"])
    return f" After {of_100(row['value'])} contacts about it, customers came back ({spread})."


def _parts(stands: Standing) -> Parts:
    """Direct and downstream, and what repeats cost."""
    row = stands.cost.now.iloc[0]
    show = _money(stands)
    if not has(row["value"]):
        return ()
    begin: Parts = (words("All of it is what follows from contacts (downstream)"),)
    if has(row["direct"]):
        handling, following = strong(show(row["direct"])), strong(show(row["downstream"]))
        begin = handling, words(" is handling (direct), "), following, words(" what follows from it (downstream)")
    if not has(row["repeats"]) or not row["value"]:
        return (*begin, words("."))
    share = percent(row["repeats"] / row["value"])
    return (*begin, words("; repeats make up "), strong(show(row["repeats"])), words(f" ({share}) of the cost."))


def _cpx(stands: Standing) -> Parts:
    """Contacts per unit, with how units and contacts per unit moved."""
    row = stands.cpx.now.iloc[0]
    if not has(row["value"]):
        return ()
    times, per = per_units(row["value"])
    spread = likely(row["low"] * times, row["high"] * times, 1, unit="")
    asked = stands.cpx.asked
    month = "" if asked == stands.slice or asked.from_on is None else f" in {asked.from_on:%B %Y}"
    contacts = strong(f"{number(row['value'] * times, 1)} contacts")
    begin = words(f"Per {per} "), name(row["unit"]), words(" there were "), contacts, words(f"{month} ({spread})")
    before = None if stands.cpx.before is None else stands.cpx.before.iloc[0]
    if before is None or not has(before["value"]):
        return (*begin, words("."))
    grown, more = _grew(row["units"] / before["units"] - 1), _grew(row["value"] / before["value"] - 1)
    against = words(f", against {number(before['value'] * times, 1)} before: ")
    return (*begin, against, name(row["unit"]), words(f" {grown}, contacts per unit {more}."))


def _grew(rate: float) -> str:
    shown = percent(abs(rate), 1)
    if shown == percent(0.0, 1):
        return "stayed the same"
    return f"{'grew' if rate > 0 else 'fell'} {shown}"


def _fcr(stands: Standing) -> Parts:
    row = stands.fcr.now.iloc[0]
    if not has(row["value"]):
        return ()
    within = "the intent's own window" if row["window"] is None else plural(row["window"], "day")
    return (
        words("Of 100 issues, "),
        strong(f"{number(row['value'] * 100)} were solved at the first contact"),
        words(f" ({likely(row['low'], row['high'])}): no other contact about it within {within}."),
    )


def _targets(stands: Standing) -> Parts:
    """Targets met, missed and open, and the worst miss in customers."""
    verdicts = stands.intents["verdict"].dropna()
    if verdicts.empty:
        return ()
    met, missed = (int((verdicts == said.value).sum()) for said in (Verdict.MET, Verdict.MISSED))
    n_open = len(verdicts) - met - missed
    begin = (
        words(f"Of {plural(len(verdicts), 'intent')} with a target, "),
        strong(f"{count(met)} met it and {count(missed)} missed it"),
        words(f"; for {count(n_open)} it can't be told." if n_open else "."),
    )
    worst = stands.attention.dropna(subset=["short"]).sort_values(["short", "intent"], ascending=[False, True])
    if worst.empty:
        return begin
    row = worst.iloc[0]
    solved = f"{percent(row['value'])} solved ({likely(row['low'], row['high'])}) against {percent(row['target'])}"
    return (
        *begin,
        words(" Furthest behind is "),
        name(row["intent"]),
        words(f": {solved}, so "),
        strong(f"about {count(row['short'])} more customers"),
        words(" had to come back in four weeks than its target allows."),
    )


def _reach(stands: Standing) -> Parts:
    row = stands.reach.now.iloc[0]
    if not has(row["value"]):
        return ()
    spread = likely(row["low"], row["high"], 1)
    heard = strong(f"{of_100(row['value'])} contacts")
    return words("We heard from "), heard, words(f" ({spread}); what the others think is not known.")


def _owners(stands: Standing) -> Parts:
    """What is nobody's: the cost of the intents without an owner, or else their contacts."""
    if not stands.has_owners:
        return ()
    unowned = stands.intents[stands.intents["owner"].isna() & (stands.intents["contacts"] > 0)]
    if unowned.empty:
        return (words("Every intent has an owner."),)
    intents = f"{plural(len(unowned), 'intent')} that nobody owns"
    cost, total = float(unowned["cost"].sum()), _value(stands.cost.now)
    if total and unowned["cost"].notna().any():
        share = percent(cost / total)
        return strong(money(cost, stands.currency)), words(f" ({share} of the cost) came from {intents}.")
    return strong(plural(int(unowned["contacts"].sum()), "contact")), words(f" came from {intents}.")


def _money(stands: Standing) -> Callable[[float], str]:
    return lambda amount: money(amount, stands.currency)


def _value(frame: pd.DataFrame | None) -> float | None:
    value: Any = None if frame is None or frame.empty else frame["value"].iloc[0]
    return float(value) if has(value) else None
