"""The demo company's contacts, simulated: who asks what and when, and who has to ask again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.demo.company import (
    CATEGORIES,
    CATEGORY_OF,
    CHANNELS,
    DATA,
    DAY,
    END,
    END_ON,
    HOUR,
    INTENTS,
    N_DAYS,
    NAMES,
    PHONE,
    PRODUCTS,
    START_ON,
    STORIES,
    Floats,
    Ints,
    clock,
    day_of,
    growth,
    intent_column,
    look_up,
    stamps,
    with_stories,
)
from cx_metrics.demo.outcomes import outcomes


def simulate(seed: int, *, scale: float = 1.0) -> pd.DataFrame:
    """All contacts of the demo company, one row each, oldest first; about 300,000 at scale 1.

    Args:
        seed: Of the random numbers; the same seed and scale give the same rows.
        scale: Share of the contacts and of the customers to make; rates and shapes stay as they are.

    Returns:
        The columns of a contact (money in EUR, times local and without offset, ``customer`` missing for
        anonymous contacts, answers as floats that may be missing) and what no extract knows: ``step``, how
        many contacts of its chain came before; ``again``, whether another follows; ``solved``, whether it
        really was; ``felt``, the satisfaction (1 to 5) of everybody, asked or not.
    """
    rng = np.random.default_rng(seed)
    customers = _customers(rng, scale=scale)
    first = _first_contacts(rng, customers, scale=scale)
    contacts = _chains(rng, first, customers["eagerness"].to_numpy())
    who = customers.iloc[contacts["customer"]].reset_index(drop=True)
    contacts = outcomes(rng, contacts.assign(segment=who["segment"]))
    anonymous = look_up("channels", "anonymous", contacts["channel"].to_numpy())
    known = rng.uniform(size=len(contacts)) >= anonymous
    return contacts.assign(
        customer=who["number"].where(known).astype("Int64"),
        started_at=stamps(contacts["started"].to_numpy()),
        ended_at=stamps(contacts["ended"].to_numpy()),
        survey_offered_at=stamps(contacts["offered"].to_numpy()),
        survey_answered_at=stamps(contacts["answered"].to_numpy()),
        category=_labels(CATEGORY_OF[contacts["intent"]], CATEGORIES),
        intent=_labels(contacts["intent"], NAMES),
        channel=_labels(contacts["channel"], CHANNELS),
        product=_labels(who["product"], PRODUCTS),
        segment=_labels(who["segment"], list(DATA["segments"])),
        region=_labels(who["region"], list(DATA["regions"])),
    ).drop(columns=["started", "ended", "offered", "answered"])


def _labels(codes: Ints | pd.Series[int], names: list[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), pd.Index(names))


def _customers(rng: np.random.Generator, *, scale: float) -> pd.DataFrame:
    n = max(200, round(DATA["customers"] * scale))
    shares, eager = np.array(list(DATA["segments"].values())).T
    segment = rng.choice(len(shares), size=n, p=shares)
    joined = N_DAYS + 365 * np.log(rng.uniform(size=n)) / np.log(DATA["growth"])
    customers = pd.DataFrame(
        {
            "number": 100_000 + rng.permutation(n),
            "product": rng.choice(len(PRODUCTS), size=n, p=list(DATA["products"].values())),
            "segment": segment,
            "region": rng.choice(len(DATA["regions"]), size=n, p=list(DATA["regions"].values())),
            "eagerness": rng.gamma(DATA["alike"], 1 / DATA["alike"], size=n) * eager[segment],
            "joined": np.maximum(0, joined.astype(np.int64)),
        }
    )
    return customers.sort_values(["product", "joined", "number"], ignore_index=True)


def _busy_days() -> Floats:
    factor = np.array(DATA["weekdays"])[(np.arange(N_DAYS) + START_ON.weekday()) % 7]
    for on, share in DATA["quiet_days"]:
        factor[day_of(on)] = share
    return factor


def _seasons() -> Floats:
    month = (pd.date_range(START_ON, END_ON).day_of_year.to_numpy() - 15) / 30.44 + 1
    swing, peak = (intent_column(name)[:, None] for name in ("swing", "peak"))
    return np.asarray(1 + swing * np.cos((month - peak) * np.pi / 6))


def _luck(rng: np.random.Generator) -> Floats:
    shocks = rng.normal(size=(len(NAMES), N_DAYS)) * DATA["luck"]
    for on in range(1, N_DAYS):
        shocks[:, on] = 0.6 * shocks[:, on - 1] + 0.8 * shocks[:, on]
    return np.asarray(np.exp(shocks + rng.normal(size=N_DAYS) * DATA["weather"]))


def _story_factors() -> Floats:
    factor = with_stories(np.ones(len(NAMES)), "first_contacts")
    left = with_stories(np.ones(len(NAMES)), "spikes")
    outage = next(NAMES.index(story.intent) for story in STORIES if story.spikes is not None)
    for on, lift in DATA["outages"]:
        extra = lift * left[outage, day_of(on)]
        factor[outage, day_of(on) : day_of(on) + 2] += extra * np.array([1.0, 0.25])
    return factor


def _first_contacts(rng: np.random.Generator, customers: pd.DataFrame, *, scale: float) -> pd.DataFrame:
    usual = intent_column("ask")[:, None] * (growth() * _busy_days() * _seasons())
    usual *= DATA["first_contacts"] * scale / usual.sum()
    counts = rng.poisson(usual * _story_factors() * _luck(rng))
    intent, on = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    channel = _one_of(rng, look_up("categories", "split", CATEGORY_OF[intent]))
    started = clock(on * DAY + _time_of_day(rng, channel))
    customer = _askers(rng, customers, intent, on)
    first = pd.DataFrame({"intent": intent, "customer": customer, "channel": channel, "started": started})
    return first.assign(step=0)


def _one_of(rng: np.random.Generator, weights: Floats) -> Ints:
    edges = weights.cumsum(axis=1)
    return np.asarray((rng.uniform(size=(len(edges), 1)) * edges[:, -1:] >= edges).sum(axis=1))


def _askers(rng: np.random.Generator, customers: pd.DataFrame, intent: Ints, on: Ints) -> Ints:
    """Who asks: first the line of business, then one of its customers of that day, by how eager each is."""
    edges = np.concatenate([[0.0], customers["eagerness"].cumsum()])
    begin = np.searchsorted(customers["product"], np.arange(len(PRODUCTS)))
    joined = [group.to_numpy() for _, group in customers.groupby("product")["joined"]]
    counts = np.stack([np.searchsorted(days, np.arange(N_DAYS), side="right") for days in joined])
    low, high = edges[begin], edges[begin[:, None] + counts]
    mobile = np.array(PRODUCTS) == "Mobile"
    lines = {"all": mobile | ~mobile, "fixed": ~mobile, "mobile": mobile}
    may_ask = np.stack([lines[name] for name in INTENTS["lines"]])
    line = _one_of(rng, may_ask[intent] * (high[:, on].T - low))
    target = low[line] + rng.uniform(size=len(on)) * (high[line, on] - low[line])
    return np.asarray(np.searchsorted(edges, target, side="right") - 1)


def _time_of_day(rng: np.random.Generator, channel: Ints) -> Ints:
    hour = _one_of(rng, look_up("channels", "hours", channel))
    return np.asarray(hour * HOUR + rng.integers(0, HOUR, size=len(channel)))


def _chains(rng: np.random.Generator, first: pd.DataFrame, eagerness: Floats) -> pd.DataFrame:
    chance = with_stories(intent_column("again"), "recontact")
    tilt = np.clip(eagerness**0.15, 0.7, 1.2)
    waves, wave = [], first[first["started"] < END]
    while len(wave):
        likely = chance[wave["intent"], wave["started"] // DAY] * tilt[wave["customer"]]
        again = rng.uniform(size=len(wave)) < likely
        waves.append(wave.assign(again=again))
        back = wave[again]
        by_phone = rng.uniform(size=len(back)) < DATA["return_by_phone"]
        channel = np.where(by_phone, PHONE, back["channel"])
        started = _return_time(rng, back["started"].to_numpy(), channel)
        wave = back.assign(channel=channel, started=started, step=back["step"] + 1)
        wave = wave[wave["started"] < END]
    order = ["started", "customer", "intent", "channel", "step"]
    return pd.concat(waves).sort_values(order, ignore_index=True)


def _return_time(rng: np.random.Generator, before: Ints, channel: Ints) -> Ints:
    wait = rng.exponential(DATA["return_days"] * DAY, size=len(before)).astype(np.int64)
    on = np.minimum((before + 2 * HOUR + wait) // DAY, N_DAYS)
    on += rng.uniform(size=len(before)) > np.append(_busy_days(), 1.0)[on]
    later = on * DAY + _time_of_day(rng, channel)
    return clock(np.where(later < before + 2 * HOUR, later + DAY, later))
