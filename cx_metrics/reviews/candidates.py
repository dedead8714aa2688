"""What the data offers for a fishbone: attributes that go with customers coming back, and what moved their share.

Each candidate is an association. Whether it is a cause is for people to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.charts.numbers import likely, points
from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.returning.repeat_drivers import (
    ATTRIBUTES,
    driver_effects,
    repeat_drivers,
    repeat_split,
    with_intent,
)
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.states import Review
from cx_metrics.statistics.differences import difference_p, newcombe
from cx_metrics.statistics.drivers import Q
from cx_metrics.statistics.many import false_discovery_rate
from cx_metrics.store.marts.mart import Mart

CANDIDATE_COLUMNS = ("attribute", "level", "points", "low", "high", "contacts", "kind", "sentence")
MOST = 12
LEAST = 0.005
"""What adds less to the share that comes back is not offered."""
ASSOCIATION, RATE, MIX = "association", "rate", "mix"


def candidates(mart: Mart, intent: str, now: Slice, before: Slice) -> pd.DataFrame:
    """What may have led to more customers of an intent coming back, the largest share first.

    Args:
        mart: Where to look.
        intent: Its name, as contacts have it.
        now: The period of the trouble.
        before: The one it is compared with.

    Returns:
        At most 12 rows of ``attribute``, ``level``, ``points`` (what it adds to the share that comes back, 0..1) with
        its 95% ends ``low`` and ``high``, ``contacts`` (first contacts it is about), ``kind``: ``association`` (in one
        model of all attributes, in the period), ``rate`` (the
        level's own share rose by more than that of all) or ``mix`` (the
        level's share of first contacts changed), and a ``sentence``. Only what is above 0 by its whole interval, at a
        false discovery rate of 5% among all levels whose change was tested.
    """
    asked, earlier = _of(intent, now), _of(intent, before)
    tested = [each for name in _names(mart) for each in _changes(mart, asked, earlier, name)]
    sure = false_discovery_rate([p for p, _ in tested]) <= Q
    changed = [made for (_, made), kept in zip(tested, sure, strict=True) if made is not None and kept]
    found = [*_associations(mart, asked), *changed]
    frame = pd.DataFrame(found, columns=list(CANDIDATE_COLUMNS))
    return frame.sort_values("points", ascending=False, kind="stable", ignore_index=True).head(MOST)


def why_thin(mart: Mart, intent: str, now: Slice, before: Slice) -> tuple[str, ...]:
    """Why candidates can't be looked for, in words: the model's reason and the comparison's; empty where they can."""
    asked, earlier = _of(intent, now), _of(intent, before)
    model = repeat_drivers(mart, asked).found.reason
    names = _names(mart)
    split = repeat_split(mart, asked, earlier, names[0]).reason if names else "contacts have no attribute but intents"
    told = (f"No model of all attributes: {model}." if model else None, f"No comparison: {split}." if split else None)
    return tuple(each for each in told if each)


def periods(review: Review, kept: Mapping[str, Any]) -> tuple[Slice, Slice] | None:
    """The days of the trouble and as many before: the signal's, else those of the evidence kept; None without any."""
    signal = review.signal or {}
    first, last = signal.get("since_on") or kept["from_on"], signal.get("on") or kept["to_on"]
    if first is None or last is None:
        return None
    now = Slice(from_on=date.fromisoformat(first), to_on=date.fromisoformat(last))
    return now, now.previous()


def _of(intent: str, asked: Slice) -> Slice:
    return replace(asked, where=with_intent(asked, intent), by=(), grain=None)


def _names(mart: Mart) -> list[str]:
    return [name for name in ATTRIBUTES[1:] if name in mart.facts.dimensions]


def _associations(mart: Mart, asked: Slice) -> Iterator[dict[str, Any]]:
    effects = driver_effects(mart, asked)
    for name, levels in effects[effects["beyond"].astype(bool)].groupby("attribute", sort=False):
        usual, more = levels.iloc[0], levels[levels["low"] > 0]
        for row in more.to_dict("records"):
            yield _association(row, name=str(name), level=row["level"], n=row["n"], against=usual["level"])
        less = levels[levels["high"] < 0]
        if more.empty and not less.empty:
            # The most frequent level is the one with which more come back: the others are told against it.
            other = less.iloc[0]
            made = {"effect": -other["effect"], "low": -other["high"], "high": -other["low"]}
            yield _association(made, name=str(name), level=usual["level"], n=usual["n"], against=other["level"])


def _association(made: dict[Any, Any], *, name: str, level: str, n: int, against: str) -> dict[str, Any]:
    added = f"{points(made['effect'], 1)} ({likely(made['low'], made['high'], 1)}), all else alike"
    said = f"With {name} {level} customers come back more often than with {against}: {added}"
    return _candidate(made, name=name, level=level, n=n, kind=ASSOCIATION, said=said)


def _changes(mart: Mart, asked: Slice, earlier: Slice, name: str) -> Iterator[tuple[float, dict[str, Any] | None]]:
    """What the levels' own rates and their shares brought to the change: each test's p, and what it offers."""
    split = repeat_split(mart, asked, earlier, name)
    levels = split.levels
    if split.reason is not None or levels.empty:
        return
    deff = float(count_outcomes(mart, asked, counts=("eligible",), n="eligible", unit="issue").frame["deff"].iloc[0])
    n, n_before = (levels[column].to_numpy(dtype=float) for column in ("n", "n_before"))
    weight = (n / n.sum() + n_before / n_before.sum()) / 2
    own = newcombe(levels["came_back"], n, levels["came_back_before"], n_before, deff=deff)
    # A level that rises as all of them do says nothing about what is behind it.
    stands_out = own[0] > max(split.total or 0.0, 0.0)
    rate = _scaled(own, weight)
    # The mix effect is the change of the level's share times how far its rate is from the mean of all.
    moved = n / n.sum() - n_before / n_before.sum()
    apart = np.divide(levels["mix_effect"].to_numpy(dtype=float), moved, out=np.zeros(len(levels)), where=moved != 0)
    mix = _scaled(newcombe(n, n.sum(), n_before, n_before.sum(), deff=deff), apart)
    everywhere = np.ones(len(levels), dtype=bool)
    rate_p = difference_p(levels["came_back"], n, levels["came_back_before"], n_before, deff=deff)
    mix_p = difference_p(n, n.sum(), n_before, n_before.sum(), deff=deff)
    kinds = ((RATE, "rate_effect", rate, stands_out, rate_p), (MIX, "mix_effect", mix, everywhere, mix_p))
    for kind, effect, ends, counts, p in kinds:
        for at, row in enumerate(levels.to_dict("records")):
            made = {"effect": row[effect], "low": ends[0][at], "high": ends[1][at]}
            offered = None
            if made["low"] > 0 and made["effect"] >= LEAST and counts[at]:
                said = _said(kind, name, row, made)
                offered = _candidate(made, name=name, level=row[name], n=row["n"], kind=kind, said=said)
            yield float(p[at]), offered


def _said(kind: str, name: str, row: dict[Any, Any], made: dict[str, Any]) -> str:
    spread = likely(made["low"], made["high"], 1)
    if kind == RATE:
        what = f"With {name} {row[name]} the share that comes back rose by more than elsewhere"
    else:
        what = f"There are more issues than before with {name} {row[name]}, where more customers come back"
        if row["n"] < row["n_before"]:
            what = f"There are fewer issues than before with {name} {row[name]}, where fewer customers come back"
    return f"{what}: {points(made['effect'], 1)} of the change ({spread})"


def _scaled(ends: tuple[np.ndarray, np.ndarray], by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = np.sort(np.stack(ends) * by, axis=0)
    return both[0], both[1]


def _candidate(made: dict[Any, Any], *, name: str, level: str, n: int, kind: str, said: str) -> dict[str, Any]:
    return {
        "attribute": name,
        "level": level,
        "points": made["effect"],
        "low": made["low"],
        "high": made["high"],
        "contacts": int(n),
        "kind": kind,
        "sentence": f"{said}. An association, not a cause.",
    }
