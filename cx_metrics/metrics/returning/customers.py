"""How many customers there are, and how often each of them makes contact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cx_metrics.metrics.output import answer, ratio, reasons
from cx_metrics.metrics.selection import select, with_iso_period
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.marts.mart import Mart

CLASSES = ("1", "2", "3", "4", "5-9", "10+")
CLASS_STARTS = (1, 2, 3, 4, 5, 10)


def contacts_per_customer(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Contacts with a customer id per distinct customer who made contact, whatever the intent.

    A customer of two groups or periods is counted in each of them.

    Returns:
        One row per group and period with contacts: value = ``contacts`` / ``customers``, at least 1, without
        an interval, as it is a full count; n = customers; ``no_customer_id`` counts the contacts left out.
    """
    selection = select(mart, slice)
    frame = with_iso_period(
        mart.query(
            f"""SELECT {selection.key_sql} count(DISTINCT d.customer_key) AS customers,
                count(d.customer_key) AS contacts, count(*) - count(d.customer_key) AS no_customer_id
            {selection.source_sql("touches")} GROUP BY ALL {selection.order_sql}""",
            selection.params,
        )
    )
    frame["value"], frame["n"] = ratio(frame["contacts"], frame["customers"]), frame["customers"]
    frame["reason"] = reasons(
        frame["value"],
        (frame["no_customer_id"] > 0, "no customer ids in this data"),
        (frame["no_customer_id"] == 0, "no contacts here"),
    )
    return answer(frame, keys=selection.keys, parts=("contacts", "customers", "no_customer_id"))


def contacts_distribution(mart: Mart, slice: Slice) -> pd.DataFrame:
    """Customers of the slice's days by how many contacts they made: 1, 2, 3, 4, 5-9, 10+.

    Returns:
        ``contacts`` (the class as text), ``customers`` and their ``share`` in 0..1; always six rows. Filters
        hold, dimensions and grain play no part.
    """
    selection = select(mart, replace(slice, by=(), grain=None))
    counted = mart.query(
        f"""SELECT n, count(*) AS customers FROM (
            SELECT count(*) AS n {selection.source_sql("touches")} AND d.customer_key IS NOT NULL
            GROUP BY d.customer_key
        ) GROUP BY n""",
        selection.params,
    )
    classes = np.searchsorted(CLASS_STARTS, counted["n"], side="right") - 1
    customers = np.bincount(classes, weights=counted["customers"], minlength=len(CLASSES)).astype(int)
    share = customers / max(customers.sum(), 1)
    return pd.DataFrame({"contacts": CLASSES, "customers": customers, "share": share})
