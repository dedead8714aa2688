"""Whether a few customers make most of the contacts, beside what chance alone would bring about."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cx_metrics.metrics.selection import select
from cx_metrics.metrics.slice import Slice
from cx_metrics.statistics.alike import share_of_top, share_of_top_if_alike
from cx_metrics.store.marts.mart import Mart

TOPS = (0.01, 0.10)
CONCENTRATION_COLUMNS = ("top", "customers", "value", "expected", "n", "contacts", "reason")


def concentration(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Share of contacts that the busiest 1 % and 10 % of contacting customers make, beside the share by chance.

    By chance: each customer's contacts fall at random at one and the same rate (zero-truncated Poisson with the same
    mean, as customers who never ask aren't known).

    Returns:
        Two rows: ``top`` (0.01, 0.1), ``customers`` among them, ``value`` and ``expected`` in 0..1 without an
        interval, as it is a full count, ``n`` customers, ``contacts`` with a customer id and ``reason``, why a share
        can't be told. Filters hold, dimensions and grain play no part.
    """
    selection = select(mart, replace(slice, by=(), grain=None))
    sizes = mart.query(
        f"""SELECT made, count(*) AS customers FROM (
            SELECT count(*) AS made {selection.source_sql("touches")} AND d.customer_key IS NOT NULL
            GROUP BY d.customer_key
        ) GROUP BY made ORDER BY made""",
        selection.params,
    )
    n, contacts = int(sizes["customers"].sum()), int((sizes["made"] * sizes["customers"]).sum())
    rows = [_row(top, sizes, n, contacts) for top in TOPS]
    return pd.DataFrame(rows, columns=list(CONCENTRATION_COLUMNS)).astype({"reason": object})


def _row(top: float, sizes: pd.DataFrame, n: int, contacts: int) -> dict[str, object]:
    few = n * top
    value = expected = reason = None
    if n == 0:
        reason = "no customer ids here"
    elif few < 1:
        reason = f"fewer than {round(1 / top)} customers"
    else:
        value = share_of_top(sizes["made"], sizes["customers"], share=top)
        expected = share_of_top_if_alike(contacts / n, share=top)
    return dict(zip(CONCENTRATION_COLUMNS, (top, round(few), value, expected, n, contacts, reason), strict=True))
