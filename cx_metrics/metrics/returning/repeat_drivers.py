"""What goes with customers coming back: all attributes in one model, and what a change owes to rates and to mix."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from cx_metrics.metrics.returning.came_back import issues_came_back
from cx_metrics.metrics.returning.curves import cohort_change
from cx_metrics.metrics.returning.issues import ISSUE_SQL
from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.drivers import Drivers, Q, drivers
from cx_metrics.statistics.mix import split_mix
from cx_metrics.store.marts.mart import Mart

MOST_ISSUES = 60_000
"""Issues the model is fitted on; of more, whole customers are left out."""
CHANCE = 0.05
ATTRIBUTES = ("intent", "product", "channel", "segment", "region", "team")
"""In the order in which they come into the model; the category says nothing beyond the intent."""
DRIVER_COLUMNS = ("attribute", "level", "n", "came_back", "effect", "low", "high", "p", "q", "beyond")
SPLIT_COLUMNS = ("n", "came_back", "n_before", "came_back_before", "rate", "rate_before", "rate_effect", "mix_effect")


class RepeatDrivers(NamedTuple):
    """What goes with coming back, in one model.

    Attributes:
        effects: ``attribute`` (those that play a part first), ``level`` (most frequent first), ``n`` issues,
            ``came_back``, ``effect`` (what the level adds to the share that comes back against the most frequent one,
            -1..1) with its ends, ``p`` and ``q`` of the attribute, and ``beyond``, whether it plays a part at a false
            discovery rate of 5%.
        found: What the model says about itself, or why there is none.
        n_issues: Issues there are; the model may rest on fewer.
        one_in: One of so many customers is in the model; 1 for all of them.
    """

    effects: pd.DataFrame
    found: Drivers
    n_issues: int
    one_in: int


class RepeatSplit(NamedTuple):
    """What a change of the share that comes back owes to each level of a dimension.

    Attributes:
        levels: The dimension, ``n`` and ``came_back`` of both periods, ``rate`` and ``rate_before`` in 0..1, and the
            ``rate_effect`` and ``mix_effect`` in -1..1; largest effects first.
        total: The whole change, the sum of all effects; None where it can't be known.
        rate: The sum of the rate effects.
        mix: The sum of the mix effects.
        turned: Whether the rates all in all moved against the change (Simpson's paradox).
        against: Share of the issues in levels whose own rates moved against it; None where it can't be known.
        reason: Why there is none, in words.
    """

    levels: pd.DataFrame
    total: float | None
    rate: float | None
    mix: float | None
    turned: bool
    against: float | None
    reason: str | None

    @property
    def misleads(self) -> bool:
        """Whether the change says the opposite of what the levels did: all in all, or those of most issues."""
        return self.turned or (self.against is not None and self.against > 0.5)


class IntentChange(NamedTuple):
    """An intent and how its share that comes back differs, as `cohort_change` tells it."""

    intent: str
    change: pd.DataFrame


def repeat_drivers(mart: Mart, slice: Slice) -> RepeatDrivers:
    """Which attributes of issues go with the customer coming back within the window, all taken together.

    Of eligible issues (as in first contact resolution), with customers as clusters. Of more than 60,000 issues the
    model takes one in so many customers, the same at every call.
    """
    selection = select(mart, replace(slice, by=(), grain=None))
    params = selection.params | selection.windows
    names = [name for name in ATTRIBUTES if name in mart.facts.dimensions]
    source = (
        f"{selection.source_sql('touches', with_window=True)} AND d.mature_for >= c.window_days AND "
        f"{ISSUE_SQL.replace('d.identified', 'd.customer_key IS NOT NULL')}"
    )
    n_issues = int(mart.query(f"SELECT count(*) AS n {source}", params)["n"].iloc[0])
    one_in = max(1, -(-n_issues // MOST_ISSUES))
    frame = mart.query(
        f"""SELECT CAST(d.customer_key AS VARCHAR) AS customer,
            coalesce(d.followed_within <= c.window_days, false) AS back, {", ".join(f"c.{name}" for name in names)}
        {source} AND d.customer_key % {one_in} = 0""",
        params,
    )
    found = drivers(frame["back"], frame["customer"], {name: frame[name] for name in names})
    return RepeatDrivers(_effects(found), found, n_issues, one_in)


def driver_effects(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The rows of the model; see ``RepeatDrivers``."""
    return repeat_drivers(mart, slice).effects


def repeat_split(mart: Mart, now: Slice, before: Slice, by: str) -> RepeatSplit:
    """What the change of the share that comes back owes to each level's own rate and to the mix of levels.

    Exact: all effects sum to the change of the share of eligible issues that came back.

    Args:
        mart: Where to count.
        now: The period.
        before: The one it is compared with.
        by: The dimension whose levels share the change out.
    """
    sides = [_levels(mart, each, by) for each in (now, before)]
    levels = sides[0].merge(sides[1], how="outer", on=by, suffixes=("", "_before"), sort=True)
    counts = ["n", "came_back", "n_before", "came_back_before"]
    levels = levels.assign(**levels[counts].fillna(0).astype("int64"))
    if not (levels["n"].sum() and levels["n_before"].sum()):
        which = "this period" if not levels["n"].sum() else "the earlier period"
        reason = f"no issue of {which} is old enough to know"
        return RepeatSplit(levels.reindex(columns=[by, *SPLIT_COLUMNS]), None, None, None, False, None, reason)
    split = split_mix(
        n_before=levels["n_before"], rate_before=levels["rate_before"], n_now=levels["n"], rate_now=levels["rate"]
    )
    levels = levels.assign(rate_effect=split.rate, mix_effect=split.mix)
    order = (levels["rate_effect"].abs() + levels["mix_effect"].abs()).sort_values(ascending=False, kind="stable")
    levels = levels.loc[order.index, [by, *SPLIT_COLUMNS]].reset_index(drop=True)
    rate, mix = float(split.rate.sum()), float(split.mix.sum())
    return RepeatSplit(levels, split.total, rate, mix, split.turned, split.against, None)


def moved_most(mart: Mart, now: Slice, before: Slice) -> IntentChange | None:
    """The intent whose own rate brought most to the change between two periods; None where it may be chance.

    It counts as more than chance where its p-value is below 5% over the number of intents it was chosen from.
    """
    levels = repeat_split(mart, now, before, "intent").levels
    levels = levels[(levels["n"] > 0) & (levels["n_before"] > 0)]
    if levels.empty:
        return None
    intent = str(levels["intent"].iloc[int(levels["rate_effect"].abs().argmax())])
    only = [replace(each, where=with_intent(each, intent)) for each in (now, before)]
    change = cohort_change(mart, *only)
    is_sure = change["p"].iloc[0] < CHANCE / len(levels)
    return IntentChange(intent, change) if is_sure else None


def with_intent(slice: Slice, intent: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The slice's filters with this intent alone."""
    return tuple(sorted({**dict(slice.where), "intent": (intent,)}.items()))


def split_levels(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The split's rows against the days just before, by the slice's first dimension or by intent."""
    by = slice.by[0] if slice.by else "intent"
    return repeat_split(mart, slice, slice.previous(), by).levels


def _levels(mart: Mart, slice: Slice, by: str) -> pd.DataFrame:
    frame = issues_came_back(mart, replace(slice, by=(by,), grain=None))
    frame = frame[frame["n"] > 0]
    back = (frame["value"].astype(float) * frame["n"]).round().astype("int64")
    return pd.DataFrame({by: frame[by], "n": frame["n"], "came_back": back, "rate": frame["value"].astype(float)})


def _effects(found: Drivers) -> pd.DataFrame:
    tests = {attribute.name: attribute for attribute in found.attributes}
    rows = [
        (*effect, tests[effect.attribute].p, tests[effect.attribute].q, tests[effect.attribute].q <= Q)
        for effect in found.effects
    ]
    return pd.DataFrame(rows, columns=list(DRIVER_COLUMNS))
