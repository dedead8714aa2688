"""What those who answered would say if they were like everybody, and whether they behave like everybody.

Known of everybody, answered or not, are channel, intent, segment, whether the contact is a repeat, and whether the
customer came back. The first four make the weights; the last one tests them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_metrics.metrics.outcomes import CLASS_SQL, FOLLOWED, ISSUE, LEFT_EDGE, QUIET, REPEAT
from cx_metrics.metrics.output import Floats, ratio
from cx_metrics.metrics.selection import Selection, group_rows, select, with_iso_period
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.nonresponse import Silence, silence_test
from cx_metrics.statistics.raking import rake
from cx_metrics.statistics.scores import mean_design_effect
from cx_metrics.store.marts.mart import Mart

LEAST_ANSWERS = 10
_MARGINS = ("channel", "intent", "segment")
_FOLLOWED = [role + FOLLOWED for role in (REPEAT, LEFT_EDGE, ISSUE)]
_MATURE = [*_FOLLOWED, *(role + QUIET for role in (REPEAT, LEFT_EDGE, ISSUE))]
_CUSTOMERS = ("clusters", "n", "total", "squares", "sum_nn", "sum_ns", "sum_ss")


@dataclass(frozen=True, eq=False)
class Weighted:
    """What weighting found, one entry per group with 10 answers or more.

    Attributes:
        groups: The keys of the groups, sorted; one row without columns where there are no keys.
        n: Answers.
        sums: Weighted sums of the answers, by column.
        kish: Design effect of the weights.
        customers: Design effect of customers who answered more than once.
        converged: Whether the margins were met.
        covered: Share of contacts, at least, in levels that anybody answered from.
        answered_rate: Weighted recontact rate of those who answered.
        all_rate: Recontact rate of everybody.
        silence: The test of one against the other.
    """

    groups: pd.DataFrame
    n: Floats
    sums: dict[str, Floats]
    kish: Floats
    customers: Floats
    converged: NDArray[np.bool_]
    covered: Floats
    answered_rate: Floats
    all_rate: Floats
    silence: Silence


def weigh(mart: Mart, slice: Slice, *, n: str, sums: tuple[str, ...], by_customer: pd.DataFrame) -> Weighted:
    """Weights each group's answers to its own contacts' channel, intent, segment and repeats.

    Args:
        mart: Where to count.
        slice: What to count; its window, or else each intent's own, tells repeats and who came back.
        n: The column of the surveys table that counts the answers.
        sums: Columns to add up with weights.
        by_customer: As ``customers_effect`` gives it, for the same slice.
    """
    selection = select(mart, slice)
    cells = _enough(mart.query(_sql(selection, n, sums), selection.params | selection.windows), selection.keys)
    groups, rows = group_rows(cells, selection.keys)
    size = len(groups) if len(cells) else 0
    groups = with_iso_period(groups.iloc[:size])
    margins = [pd.factorize(cells[f"of_{name}"])[0] for name in _MARGINS] + [_repeat(cells["class"])]
    asked, everybody = (cells[name].to_numpy(dtype=float) for name in ("n", "contacts"))
    raked = rake(asked, everybody, margins, groups=rows)
    customers = _customers_of(groups, by_customer, selection.keys)
    answered_rate, all_rate, silence = _silence(cells, margins, rows, customers)
    return Weighted(
        groups=groups,
        n=_summed(rows, asked, size),
        sums={name: _summed(rows, raked.weights * cells[name].to_numpy(), size) for name in sums},
        kish=raked.deff[:size],
        customers=customers,
        converged=raked.converged[:size],
        covered=raked.covered[:size],
        answered_rate=answered_rate,
        all_rate=all_rate,
        silence=silence,
    )


def _silence(
    cells: pd.DataFrame, margins: list[NDArray[np.intp]], rows: NDArray[np.intp], customers: Floats
) -> tuple[Floats, Floats, Silence]:
    """Recontact rates of those who answered, weighted to everybody, and of everybody, and their difference.

    Both are of mature contacts only, so the weights are made anew for these.
    """
    size = customers.size
    is_mature, is_back = (cells["class"].isin(classes).to_numpy() for classes in (_MATURE, _FOLLOWED))
    asked, everybody = (cells[name].to_numpy(dtype=float) * is_mature for name in ("n", "contacts"))
    raked = rake(asked, everybody, margins, groups=rows)
    n, n_all = (_summed(rows, part, size) for part in (asked, everybody))
    answered_rate = ratio(_summed(rows, raked.weights * asked * is_back, size), n)
    all_rate = ratio(_summed(rows, everybody * is_back, size), n_all)
    deff = np.nan_to_num(raked.deff[:size], nan=1.0) * customers
    return answered_rate, all_rate, silence_test(answered_rate, all_rate, n=n, n_all=n_all, deff=deff)


def customers_effect(mart: Mart, slice: Slice, *, answer_sql: str) -> pd.DataFrame:
    """How much answers of one customer are alike: the keys and ``deff``, at least 1, per group with answers.

    An answer without a customer id counts as a customer of its own.

    Args:
        mart: Where to look: one contact at a time, of those that answered.
        slice: What to count.
        answer_sql: The answer as a number, over the touches as ``d``.
    """
    selection = select(mart, slice)
    group = f"GROUP BY {', '.join(selection.keys)}" if selection.keys else ""
    alone = "customer_key IS NULL"
    frame = mart.query(
        f"""
        SELECT {selection.key_names}
            sum(CASE WHEN {alone} THEN n ELSE 1 END) AS clusters, sum(n) AS n, sum(s) AS total, sum(q) AS squares,
            sum(CASE WHEN {alone} THEN n ELSE n * n END) AS sum_nn,
            sum(CASE WHEN {alone} THEN s ELSE n * s END) AS sum_ns,
            sum(CASE WHEN {alone} THEN q ELSE s * s END) AS sum_ss
        FROM (
            SELECT {selection.key_sql} d.customer_key, CAST(count(*) AS BIGINT) AS n,
                CAST(sum({answer_sql}) AS BIGINT) AS s, CAST(sum(({answer_sql}) * ({answer_sql})) AS BIGINT) AS q
            {selection.source_sql("touches")} AND ({answer_sql}) IS NOT NULL
            GROUP BY ALL
        ) {group} {selection.order_sql}""",
        selection.params,
    )
    frame = with_iso_period(frame)
    arrays: Mapping[str, Floats] = {name: frame[name].fillna(0).to_numpy(dtype=float) for name in _CUSTOMERS}
    return frame[[*selection.keys]].assign(deff=mean_design_effect(**arrays))


def _sql(selection: Selection, n: str, sums: tuple[str, ...]) -> str:
    """Everybody and the answers per key, margin and class, in the order of the keys."""
    margins = ", ".join(f"c.{name} AS of_{name}" for name in _MARGINS)
    names = ", ".join(f"of_{name}" for name in _MARGINS)
    added = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in ("contacts", "n", *sums))
    begin = f"SELECT {selection.key_sql} {margins}, {CLASS_SQL} AS class"
    nothing = "".join(f", 0 AS {name}" for name in ("n", *sums))
    said = "".join(f", d.{name}" for name in sums)
    return (
        f"SELECT {selection.key_names} {names}, class, {added} FROM ("
        f"{begin}, d.contacts {nothing} {selection.source_sql('daily', with_window=True)} UNION ALL "
        f"{begin}, 0 AS contacts, d.{n} AS n {said} {selection.source_sql('surveys', with_window=True)}"
        f") GROUP BY ALL ORDER BY {selection.key_names} {names}, class"
    )


def _enough(cells: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """The cells of groups with 10 answers or more."""
    groups, rows = group_rows(cells, keys)
    n = np.bincount(rows, cells["n"], len(groups))
    return cells[n[rows] >= LEAST_ANSWERS].reset_index(drop=True)


def _repeat(classes: pd.Series) -> NDArray[np.intp]:
    """Whether a contact is a repeat: 0 it isn't, 1 it is, 2 nobody knows."""
    return np.select([classes < REPEAT, classes < LEFT_EDGE], [2, 1], 0).astype(np.intp)


def _summed(rows: NDArray[np.intp], values: Floats, size: int) -> Floats:
    return np.bincount(rows, values, size).astype(float)


def _customers_of(groups: pd.DataFrame, by_customer: pd.DataFrame, keys: tuple[str, ...]) -> Floats:
    """The customers' design effect of each group."""
    if not keys:
        return by_customer["deff"].to_numpy(dtype=float)[: len(groups)]
    found = groups.merge(by_customer, how="left", on=[*keys])["deff"]
    return found.fillna(1.0).to_numpy(dtype=float)
