"""How much of the contacts the busiest customers make, and how much they would if all customers were alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def share_of_top(contacts: ArrayLike, customers: ArrayLike, *, share: float) -> float:
    """Share of all contacts that the busiest customers make, 0..1; NaN without contacts.

    Args:
        contacts: Classes of customers by how many contacts each of them made.
        customers: How many (or what part of all) there are in each class.
        share: Part of the customers that counts as the busiest, 0..1; a class is cut where it has to be.
    """
    n, weight = np.asarray(contacts, dtype=float), np.asarray(customers, dtype=float)
    total = float(n @ weight)
    if not total:
        return float("nan")
    order = np.argsort(-n, kind="stable")
    before = np.cumsum(weight[order]) - weight[order]
    taken = np.clip(share * weight.sum() - before, 0.0, weight[order])
    return float(n[order] @ taken) / total


def share_of_top_if_alike(mean: float, *, share: float) -> float:
    """The same if each customer's contacts fell at random at one rate: a Poisson number, 0 left out.

    Customers who never made contact aren't known, so the distribution is the zero-truncated one with the same mean.

    Args:
        mean: Contacts per customer who made any, 1 or more.
        share: Part of the customers that counts as the busiest, 0..1.

    Raises:
        ValueError: The mean is below 1.

    Source:
        Zero-truncated Poisson: mean ``m = r / (1 - exp(-r))`` (David & Johnson 1952, Biometrics 8:275-285).
    """
    from scipy.optimize import brentq
    from scipy.stats import poisson

    if not mean >= 1:
        raise ValueError(f"customers who made contact have a mean of at least 1, not {mean}")
    if mean == 1:
        return share
    # The mean lies between rate and rate + 1.
    rate = brentq(lambda r: r / -np.expm1(-r) - mean, max(mean - 1, 1e-12), mean, xtol=1e-14)
    counts = np.arange(1, int(poisson.isf(1e-15, rate)) + 2)
    return share_of_top(counts, poisson.pmf(counts, rate), share=share)
