"""The weekly verdicts: every intent against its FCR target, judged anew once a week.

A verdict that is looked at every day while its data grows is wrong sooner or later: with the truth exactly on the
target, daily looks for 60 days call "met" or "missed" at least once in 53 of 100 cases. So verdicts rest on the
last four full ISO weeks that were known in full when the present week began, and on nothing that came after.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cx_metrics.metrics.output import Floats, ratio, reasons
from cx_metrics.metrics.periods import as_date, day_range, last_full_day
from cx_metrics.metrics.selection import Params, select
from cx_metrics.metrics.slice import DEFAULT_WINDOW, Slice
from cx_metrics.statistics.clusters import design_effect
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.many import below_target_p, false_discovery_rate
from cx_metrics.statistics.verdict import LEAST_CUSTOMERS, Verdict, n_needed, verdict
from cx_metrics.store.marts.mart import Mart, MartFacts

WEEKS = 4
VERDICT_COLUMNS = (
    *("intent", "owner", "target", "value", "low", "high", "n", "verdict", "window", "n_needed", "from", "to"),
    *("reason", "followed", "customers", "immature", "no_customer_id", "contacts", "p_value", "q_value"),
)
_JUDGED = (Verdict.MET, Verdict.MISSED, Verdict.TOO_CLOSE)
_ORDER = (Verdict.MISSED, Verdict.TOO_CLOSE, Verdict.TOO_FEW, Verdict.TOO_EARLY, Verdict.MET, None)
Where = tuple[tuple[str, tuple[str, ...]], ...]


def verdict_weeks(mart: Mart, *, window: int | None = None) -> Slice:
    """The four ISO weeks that verdicts rest on: the last ones known in full when the present week began.

    Args:
        mart: Whose data.
        window: Days that must have passed since; None for the longest window in use.

    Returns:
        A slice from a Monday to a Sunday; without ends while there is no data.
    """
    monday = _judged_on(mart.facts)
    if monday is None:
        return Slice()
    days = window or max((DEFAULT_WINDOW, *mart.decisions.windows.values()))
    last_known = monday - timedelta(days=days + 1)
    sunday = last_known - timedelta(days=last_known.isoweekday() % 7)
    return Slice(from_on=sunday - timedelta(days=7 * WEEKS - 1), to_on=sunday)


def verdicts(mart: Mart, where: Where = ()) -> pd.DataFrame:
    """Every intent's FCR in the verdict weeks of its own window, against its target; worst first.

    An issue counts if it could be known in full when the present week began, so that nothing changes before the
    next one, and if it began on or after the day of the intent's last fix before that. The interval rests on these
    issues' own design effect by customer.

    Args:
        mart: Whose data and decisions.
        where: Filters as those of a slice.

    Returns:
        One row per intent that the data has: ``owner`` (None: unowned), ``target`` and ``verdict`` (None without
        one), ``value``, ``low``, ``high`` in 0..1 with ``n`` issues of ``customers``, ``followed`` by another
        contact within ``window`` days; ``n_needed`` issues in all to tell the value from the target, where that is
        more than n and the verdict is too close or too few; ``from`` and ``to``, the first and last day; ``reason``
        why there is no value; ``immature`` issues left out as they were too young, ``no_customer_id`` and
        ``contacts``; for those judged ``p_value`` (of so low a share at the target) and ``q_value`` (share of false
        ones expected among it and all that look worse). Missed ones come first, most customers short of the target
        first.
    """
    frame = _with_rate(_counts(mart, where))
    frame = _with_verdict(_with_decisions(frame, mart))
    short = (frame["target"].astype(float) - frame["value"]) * frame["n"]
    place = [_ORDER.index(said) for said in frame["verdict"]]
    missed = frame["verdict"] == Verdict.MISSED.value
    frame = frame.assign(_place=place, _short=-short.where(missed, 0.0))
    frame = frame.sort_values(["_place", "_short", "intent"], ignore_index=True)
    return frame.reindex(columns=list(VERDICT_COLUMNS))


def last_fixes(mart: Mart) -> dict[str, date]:
    """The last day before the present week on which a fix of each intent went live.

    What came before it is another process: no rate may rest on issues of both.
    """
    monday = _judged_on(mart.facts)
    return {intent: on for intent, on in sorted(mart.decisions.fixes) if monday is not None and on < monday}


def _judged_on(facts: MartFacts) -> date | None:
    """The Monday on which the present verdicts were fixed."""
    last = last_full_day(facts)
    return None if last is None else last + timedelta(days=1) - timedelta(days=(last + timedelta(days=1)).weekday())


def _counts(mart: Mart, where: Where) -> pd.DataFrame:
    """Per intent the issues of its verdict weeks, with the sums over customers that its design effect needs."""
    windows = {intent: mart.decisions.windows.get(intent, DEFAULT_WINDOW) for intent in _intents(mart, where)}
    weeks = {days: verdict_weeks(mart, window=days) for days in sorted(set(windows.values()))}
    base = pd.DataFrame({"intent": list(windows), "window": list(windows.values())}, dtype=object)
    for end, name in (("from_on", "from"), ("to_on", "to")):
        base[name] = [str(getattr(weeks[days], end)) for days in base["window"]]
    fixed = last_fixes(mart)
    base["from"] = [max(first, str(fixed.get(name, first))) for name, first in zip(windows, base["from"], strict=True)]
    if base.empty:
        return base.reindex(columns=[*base, *_SUMS]).astype(dict.fromkeys(_SUMS, "int64"))
    found = _sums(mart, where, weeks)
    counts = found.set_index("intent").reindex(base["intent"]).fillna(0).astype("int64").reset_index(drop=True)
    return pd.concat([base, counts], axis=1)


_SUMS = {
    "contacts": "sum(contacts)",
    "no_customer_id": "sum(contacts) FILTER (customer_key IS NULL)",
    "issues": "sum(issues)",
    "left_edge": "sum(left_edge)",
    "n": "sum(n)",
    "followed": "sum(followed)",
    "customers": "count(*) FILTER (n > 0)",
    "sum_nn": "sum(n * n)",
    "sum_ny": "sum(n * (n - followed))",
    "sum_yy": "sum((n - followed) * (n - followed))",
}
# What the present week's Monday could know of a contact: it had started a window before, and had ended by then.
_PARTS_SQL = """
    SELECT
        intent, customer_key, count(*) AS contacts,
        count(*) FILTER (takes_part AND is_first AND is_edge) AS left_edge,
        count(*) FILTER (takes_part AND is_first AND NOT is_edge) AS issues,
        count(*) FILTER (takes_part AND is_first AND NOT is_edge AND is_known) AS n,
        count(*) FILTER (takes_part AND is_first AND NOT is_edge AND is_known AND is_followed) AS followed
    FROM (
        SELECT
            intent, customer_key, customer_key IS NOT NULL AND before_cutoff AS takes_part,
            coalesce(repeat_within > window_days, true) AS is_first,
            coalesce(left_edge_below <= window_days, false) AS is_edge,
            coalesce(followed_within <= window_days, false) AS is_followed,
            coalesce(ended_after_s, 0) <= most_s AS is_known
        FROM asked JOIN known USING (window_days, day) LEFT JOIN fixed USING (intent)
        WHERE fixed_on IS NULL OR day >= fixed_on
    )
    GROUP BY intent, customer_key"""


def _sums(mart: Mart, where: Where, weeks: dict[int, Slice]) -> pd.DataFrame:
    ends = [day for asked in weeks.values() for day in (asked.from_on, asked.to_on) if day]
    selection = select(mart, Slice(from_on=min(ends), to_on=max(ends), where=where))
    sums = ", ".join(f"CAST(coalesce({sql}, 0) AS BIGINT) AS {name}" for name, sql in _SUMS.items())
    sql = (
        "WITH known AS (SELECT unnest($windows) AS window_days, unnest($days) AS day, unnest($limits) AS most_s), "
        "fixed AS (SELECT unnest(CAST($fixed AS VARCHAR[])) AS intent, unnest(CAST($fixed_on AS DATE[])) AS fixed_on), "
        f"asked AS (SELECT c.intent, c.window_days, d.* {selection.source_sql('touches', with_window=True)}), "
        f"parts AS ({_PARTS_SQL}) SELECT intent, {sums} FROM parts GROUP BY intent"
    )
    fixed = last_fixes(mart)
    params: Params = {"fixed": list(fixed), "fixed_on": list(fixed.values())} | _known(mart.facts, weeks)
    return mart.query(sql, selection.params | selection.windows | params)


def _known(facts: MartFacts, weeks: dict[int, Slice]) -> Params:
    """Per window and day the seconds a contact may have lasted to be known in full when the week began."""
    zone, monday = ZoneInfo(facts.timezone), _judged_on(facts)
    found: dict[str, list[Any]] = {"windows": [], "days": [], "limits": []}
    for window, asked in weeks.items():
        if monday is None or asked.from_on is None or asked.to_on is None:
            continue
        for day in map(as_date, day_range(asked.from_on, asked.to_on)):
            room = _midnight(monday, zone) - _midnight(day + timedelta(days=1), zone) - timedelta(days=window)
            found["windows"].append(window)
            found["days"].append(day)
            found["limits"].append(int(room.total_seconds()))
    return dict(found)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


def _intents(mart: Mart, where: Where) -> list[str]:
    selection = select(mart, Slice(where=where))
    found = mart.query(
        f"SELECT DISTINCT c.intent FROM cells AS c WHERE {selection.where_sql} ORDER BY c.intent", selection.params
    )
    return [str(intent) for intent in found["intent"]]


def _with_rate(frame: pd.DataFrame) -> pd.DataFrame:
    n, solved = frame["n"], frame["n"] - frame["followed"]
    deff = design_effect(
        clusters=frame["customers"],
        n=n,
        successes=solved,
        sum_nn=frame["sum_nn"],
        sum_ny=frame["sum_ny"],
        sum_yy=frame["sum_yy"],
    )
    low, high = wilson(solved, n, deff=deff)
    frame = frame.assign(value=ratio(solved, n), low=low, high=high, deff=deff, immature=frame["issues"] - n)
    reason = reasons(
        frame["value"],
        (frame["contacts"].eq(0) & (frame["from"] > frame["to"]), "too early: the fix is younger than these weeks"),
        (frame["contacts"] == 0, "no contacts in these weeks"),
        (frame["contacts"] == frame["no_customer_id"], "no customer ids in these weeks"),
        (frame["immature"] > 0, "too early: no first contact of these weeks was known in full when this week began"),
        (frame["left_edge"] > 0, "too early in the data: no contact has a window of data before it"),
        (frame["contacts"] > 0, "no first contacts in these weeks: every contact follows another"),
    )
    return frame.assign(reason=reason)


def _with_decisions(frame: pd.DataFrame, mart: Mart) -> pd.DataFrame:
    decided = mart.decisions
    return frame.assign(
        owner=pd.Series([decided.owned.get(intent) for intent in frame["intent"]], dtype=object),
        target=pd.Series([decided.targets.get(intent) for intent in frame["intent"]], dtype=object),
    )


def _with_verdict(frame: pd.DataFrame) -> pd.DataFrame:
    names = ("value", "low", "high", "n", "deff", "customers", "target")
    rows = list(zip(*(frame[name].tolist() for name in names), strict=True))
    said = [
        verdict(value=value, low=low, high=high, n=n, n_eff=min(n / deff, customers), target=target)
        for value, low, high, n, deff, customers, target in rows
    ]
    needed = [_needed(word, row) for word, row in zip(said, rows, strict=True)]
    p = below_target_p(*_family(frame, said))
    return frame.assign(
        verdict=pd.Series([None if word is None else word.value for word in said], dtype=object),
        n_needed=pd.Series(needed, dtype=object),
        p_value=p,
        q_value=false_discovery_rate(p),
    )


def _needed(said: Verdict | None, row: tuple[Any, ...]) -> int | None:
    """Issues in all until the verdict could be given, where n is too small for it."""
    value, _, _, n, deff, _, target = row
    if said not in (Verdict.TOO_CLOSE, Verdict.TOO_FEW):
        return None
    needed = n_needed(value, target, deff)
    if needed is not None and said is Verdict.TOO_FEW:
        needed = max(needed, int(np.ceil(LEAST_CUSTOMERS * deff)))
    return needed if needed is not None and needed > n else None


def _family(frame: pd.DataFrame, said: list[Verdict | None]) -> tuple[Floats, Floats, Floats]:
    """Value, target and effective n of the intents judged; NaN for the others."""
    judged = np.array([word in _JUDGED for word in said], dtype=bool)
    value, target = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("value", "target"))
    return np.where(judged, value, np.nan), np.where(judged, target, np.nan), (frame["n"] / frame["deff"]).to_numpy()
