"""Every metric with its meaning, and the one door to compute it."""

from __future__ import annotations

import pandas as pd

from cx_metrics.errors import BadUse, did_you_mean
from cx_metrics.metrics.costs import chargeback, cost, cpx
from cx_metrics.metrics.heard import surveys
from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.reasons.volume import volume
from cx_metrics.metrics.returning.customers import contacts_per_customer
from cx_metrics.metrics.returning.repeats import recontact_rate, repeat_share
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved import kept
from cx_metrics.metrics.solved.resolution import FCR_PARTS, fcr
from cx_metrics.store.marts.mart import Mart

METRICS: dict[str, MetricInfo] = {
    info.name: info
    for info in (
        MetricInfo(
            name="volume",
            title="Contacts",
            unit="contacts",
            definition="How many times customers contacted us. Every contact counts on the business day it "
            "was opened, with or without a customer id, also after the data cut-off.",
            formula="contacts",
            source=DEFINITIONS,
            parts=(),
            grain_parts=("complete",),
            compute=volume,
        ),
        MetricInfo(
            name="recontact_rate",
            title="Recontact rate",
            unit="share",
            definition="After how many of 100 contacts the same customer came back for the same reason "
            "within the window. Left out are contacts without a customer id and those too young to know.",
            formula="contacts followed within the window / contacts older than it at the data cut-off",
            source=f"{DEFINITIONS}; interval: Wilson 1927 on n / design effect by customer",
            parts=("followed", "mature"),
            compute=recontact_rate,
            windowed=True,
        ),
        MetricInfo(
            name="repeat_share",
            title="Repeat share",
            unit="share",
            definition="How many of 100 contacts follow an earlier one of the same customer for the same "
            "reason within the window. Left out are contacts without a customer id and those after the "
            "data cut-off.",
            formula="repeats / contacts with a customer id",
            source=f"{DEFINITIONS}; interval: Wilson 1927 on n / design effect by customer",
            parts=("repeats",),
            compute=repeat_share,
            windowed=True,
        ),
        MetricInfo(
            name="fcr",
            title="First contact resolution",
            unit="share",
            definition="How many of 100 customers with a new issue did not have to come back for it within "
            "the window. Left out, and counted beside it, are contacts without a customer id, issues too "
            "young to know, and those of the data's first days, which may repeat contacts we don't have.",
            formula="eligible first contacts not followed within the window / eligible first contacts",
            source=f"{DEFINITIONS}; interval: Wilson 1927 on n / design effect by customer",
            parts=FCR_PARTS,
            compute=fcr,
            windowed=True,
        ),
        MetricInfo(
            name="contacts_per_customer",
            title="Contacts per customer",
            unit="contacts per customer",
            definition="How often the customers who contacted us did so on average in the period. Customers "
            "who never did and contacts without a customer id are left out.",
            formula="contacts with a customer id / distinct customers among them",
            source=DEFINITIONS,
            parts=("contacts", "customers", "no_customer_id"),
            compute=contacts_per_customer,
        ),
        *cost.INFO,
        *cpx.INFO,
        *chargeback.INFO,
        *surveys.INFO,
        *kept.INFO,
    )
}


def names() -> tuple[str, ...]:
    """The metrics' names, in the order of the catalogue."""
    return tuple(METRICS)


def metric(mart: Mart, name: str, slice: Slice) -> pd.DataFrame:
    """A metric's answer for a slice, the one frame that page, chart, CSV and command line show.

    Returns:
        The slice's dimensions, ``period`` with a grain (the ISO date of its first day), ``value``, ``low``,
        ``high``, ``n``, ``reason`` (why there is no value), then the metric's own parts; sorted by
        dimensions, then period.

    Raises:
        BadUse: There is no metric of that name, or the slice filters by a value that no contact has.
    """
    if name not in METRICS:
        raise BadUse(f"unknown metric '{name}': {did_you_mean(name, METRICS)}")
    return METRICS[name].compute(mart, slice)
