"""What contacts cost: handling and what follows from them, exact to the millionth of a millionth."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from cx_metrics.metrics.info import DEFINITIONS, MetricInfo
from cx_metrics.metrics.output import answer
from cx_metrics.metrics.selection import Params, Selection, select, with_iso_period
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, Rate
from cx_metrics.store.marts.mart import Mart

PICOS = 10**12
"""Parts of the unit of money that sums are counted in: millionths of a minute times millionths of a rate."""
MICROS = 10**6

COST_PARTS = (
    "direct",
    "downstream",
    "repeats",
    "assumed_contacts",
    "contacts",
    "unpriced_contacts",
    "downstream_assumed_contacts",
    "downstream_unstated_contacts",
)
_COUNTS = (
    "contacts",
    "priced",
    "assumed",
    "unpriced",
    "in_time",
    "repeat_contacts",
    "downstream_assumed",
    "downstream_unstated",
)
_AMOUNTS = ("direct_picos", "downstream_picos", "repeat_picos", "fixed_picos", "repeat_fixed_picos")
_CHANNELS = ("no_rate", "no_minutes")
_SUMMED = (
    "contacts",
    "measured",
    "unmeasured",
    "handle_micros",
    "direct_micros",
    "downstream_known",
    "downstream_micros",
)
_PRICED_SQL = f"""
    rates AS (
        SELECT unnest(CAST($rate_channel AS VARCHAR[])) AS of_channel,
            unnest(CAST($rate_number AS INTEGER[])) AS rate_number,
            unnest(CAST($per_minute AS HUGEINT[])) AS per_minute,
            unnest(CAST($per_contact AS HUGEINT[])) AS per_contact,
            unnest(CAST($assumed_minutes AS HUGEINT[])) AS assumed_minutes, true AS has_rate
    ), intents AS (
        SELECT unnest(CAST($stated_intent AS VARCHAR[])) AS of_intent,
            unnest(CAST($per_downstream AS HUGEINT[])) AS per_downstream
    ), matched AS (
        SELECT * REPLACE (coalesce(has_rate, false) AS has_rate), has_rate AND assumed_minutes IS NOT NULL AS assumes,
            per_downstream IS NOT NULL AS states, contacts - downstream_known AS downstream_open
        FROM counted LEFT JOIN rates USING (of_channel, rate_number) LEFT JOIN intents USING (of_intent)
    ), numbered AS (
        SELECT *, if(assumes, unmeasured, 0) AS assumed, if(has_rate, measured, 0) AS timed,
            measured + unmeasured - timed - assumed AS unpriced, contacts - unpriced AS priced,
            NOT has_rate AND unpriced > 0 AS no_rate, has_rate AND unpriced > 0 AS no_minutes,
            if(states, downstream_open, 0) AS downstream_assumed, downstream_open - downstream_assumed
                AS downstream_unstated
        FROM matched
    ), priced AS (
        SELECT *, if(takes_part, contacts, 0) AS in_time, if(is_repeat, contacts, 0) AS repeat_contacts,
            coalesce((timed + assumed) * per_contact, 0) * {MICROS} AS fixed_picos,
            direct_micros * {MICROS} + fixed_picos + if(has_rate, handle_micros * per_minute, 0)
                + if(assumes, assumed * assumed_minutes * per_minute, 0) AS direct_picos,
            (downstream_micros + coalesce(downstream_assumed * per_downstream, 0)) * {MICROS} AS downstream_picos,
            if(is_repeat, direct_picos + downstream_picos, 0) AS repeat_picos,
            if(is_repeat, fixed_picos, 0) AS repeat_fixed_picos
        FROM numbered
    )"""


def cost(mart: Mart, slice: Slice) -> pd.DataFrame:
    """What the slice's contacts cost, in money: handling (direct) and what follows from them (downstream).

    Returns:
        One row per group and period with contacts. ``value`` = ``direct`` + ``downstream``, a full count without an
        interval; n = contacts priced. ``repeats`` is the cost of those that repeat an earlier contact within their
        intent's window; missing where no contact of the row can be told. ``assumed_contacts`` have assumed minutes;
        ``unpriced_contacts`` have neither a cost nor a rate, and their handling is in no sum;
        ``downstream_assumed_contacts`` take the assumption of their intent; ``downstream_unstated_contacts`` have none
        and add nothing.
    """
    ledger = cost_ledger(mart, slice)
    keys = (*slice.by, *(("period",) if slice.grain else ()))
    unknown = (ledger["priced"] == 0) & (ledger["downstream_unstated"] == ledger["contacts"])
    why = [_why(*row) for row in zip(*(ledger[name] for name in ("contacts", *_CHANNELS)), strict=True)]
    frame = ledger[[*keys]].assign(
        value=in_money(ledger["direct_picos"] + ledger["downstream_picos"], unknown=unknown),
        n=ledger["priced"],
        reason=pd.Series(why, index=ledger.index, dtype=object).where(unknown, None),
        direct=in_money(ledger["direct_picos"], unknown=ledger["priced"] == 0),
        downstream=in_money(ledger["downstream_picos"], unknown=unknown),
        repeats=in_money(ledger["repeat_picos"], unknown=unknown | (ledger["in_time"] == 0)),
        assumed_contacts=ledger["assumed"],
        contacts=ledger["contacts"],
        unpriced_contacts=ledger["unpriced"],
        downstream_assumed_contacts=ledger["downstream_assumed"],
        downstream_unstated_contacts=ledger["downstream_unstated"],
    )
    return answer(frame, keys=keys, parts=COST_PARTS)


def cost_ledger(mart: Mart, slice: Slice, *, table: str = "daily", also: tuple[str, ...] = ()) -> pd.DataFrame:
    """What the slice's contacts cost, in whole picos (1e-12 of the unit of money), so that sums are exact.

    A contact's handling costs what the extract says, else its minutes times the rate of its channel and day, plus the
    rate's cost per contact; minutes that aren't known are those the rate assumes. What follows from it costs what the
    extract says, else what is assumed for its intent.

    Args:
        mart: Whose data and decisions.
        slice: What to count.
        table: Which contacts: all of ``daily``, or those of another table with the same amounts.
        also: Columns of that table to group by beside the slice's dimensions.

    Returns:
        One row per group and period with contacts, one row in all without dimensions and grain; sorted by its keys:
        the dimensions, ``period`` (ISO text) with a grain, then

        contacts             of them priced + unpriced, assumed among those priced
        in_time              with a customer id and not after the data cut-off
        repeat_contacts      those of them that follow another within their intent's window
        downstream_assumed   with the assumption of their intent
        downstream_unstated  with neither a downstream cost nor an assumption
        direct_picos, downstream_picos, repeat_picos   Python's integers; repeats are in the other two as well
        fixed_picos, repeat_fixed_picos   what of it rates take per contact, whatever its minutes; of repeats
        no_rate, no_minutes  channels whose contacts lack a rate, or minutes and an assumption about them
    """
    selection = select(mart, slice).keyed(also)
    decisions = mart.decisions
    starts = sorted({rate.from_on for rate in decisions.rates})
    params = selection.params | selection.windows | _rates(decisions, starts) | _downstream(decisions)
    frame = mart.query(_sql(selection, starts, params, table=table), params)
    for name in _COUNTS:
        frame[name] = frame[name].fillna(0).astype("int64")
    for name in _AMOUNTS:
        frame[name] = pd.Series([int(text or 0) for text in frame[name]], dtype=object)
    for name in _CHANNELS:
        frame[name] = pd.Series([_listed(channels) for channels in frame[name]], dtype=object)
    return with_iso_period(frame)


def in_money(picos: pd.Series, *, unknown: pd.Series | None = None) -> pd.Series:
    """Whole picos as amounts of money, each the nearest float; missing where it is unknown."""
    amounts = pd.Series([total / PICOS for total in picos], index=picos.index, dtype=float)
    return amounts if unknown is None else amounts.mask(unknown)


def micros(amount: Decimal) -> int:
    """An amount in whole millionths, rounded half up: no rate has more than six decimals."""
    return int((amount * MICROS).quantize(Decimal(1), ROUND_HALF_UP))


def _sql(selection: Selection, starts: list[date], params: Params, *, table: str) -> str:
    """Count per key, intent, channel, rate and whether it is a repeat, then price the few rows that are left."""
    sums = ", ".join(f"sum(d.{name}) AS {name}" for name in _SUMMED)
    counts = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in _COUNTS)
    amounts = ", ".join(f"CAST(sum({name}) AS VARCHAR) AS {name}" for name in _AMOUNTS)
    channels = ", ".join(f"list(DISTINCT of_channel) FILTER ({name}) AS {name}" for name in _CHANNELS)
    return f"""
        WITH counted AS (
            SELECT {selection.key_sql} c.intent AS of_intent, c.channel AS of_channel,
                {_rate_number(starts, params)} AS rate_number,
                d.identified AND d.before_cutoff AS takes_part,
                coalesce(takes_part AND d.repeat_within <= c.window_days, false) AS is_repeat, {sums}
            {selection.source_sql(table, with_window=True)} GROUP BY ALL
        ), {_PRICED_SQL}
        SELECT {selection.key_names} {counts}, {amounts}, {channels} FROM priced GROUP BY ALL {selection.order_sql}"""


def _rate_number(starts: list[date], params: Params) -> str:
    """How many of the days on which any rate begins have come by the day of a contact."""
    if not starts:
        return "0"
    params |= {f"rates_from_{i}": start for i, start in enumerate(starts)}
    whens = " ".join(f"WHEN d.day < $rates_from_{i} THEN {i}" for i in range(len(starts)))
    return f"CASE {whens} ELSE {len(starts)} END"


def _rates(decisions: Decisions, starts: list[date]) -> Params:
    """The rate of each channel between any two days on which rates begin, as columns."""
    held: dict[str, dict[date, Rate]] = {}
    for rate in decisions.rates:
        held.setdefault(rate.channel, {})[rate.from_on] = rate
    rows: list[tuple[str, int, int, int, int | None]] = []
    for channel, begins in held.items():
        rate_held = None
        for number, start in enumerate(starts, start=1):
            rate_held = begins.get(start, rate_held)
            if rate_held is not None:
                rows.append((channel, number, *_in_micros(rate_held)))
    names = ("rate_channel", "rate_number", "per_minute", "per_contact", "assumed_minutes")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _in_micros(rate: Rate) -> tuple[int, int, int | None]:
    assumed = None if rate.assumed_minutes is None else micros(rate.assumed_minutes)
    return micros(rate.per_minute), micros(rate.per_contact), assumed


def _downstream(decisions: Decisions) -> Params:
    """The downstream cost assumed for each intent that has one, as columns."""
    stated = {d.intent: micros(d.downstream_cost) for d in decisions.intents if d.downstream_cost is not None}
    return {"stated_intent": [*stated], "per_downstream": [*stated.values()]}


def _listed(channels: object) -> tuple[str, ...]:
    return tuple(sorted(map(str, channels))) if isinstance(channels, (list, np.ndarray)) else ()


def _why(contacts: int, no_rate: tuple[str, ...], no_minutes: tuple[str, ...]) -> str:
    """Why nothing is known of what the contacts of a row cost."""
    if not contacts:
        return "no contacts here"
    if no_rate:
        return f"no rate for {_channels(no_rate)} on these days, and no cost in the data"
    return f"no handle time in the data, and none assumed for {_channels(no_minutes)}"


def _channels(names: tuple[str, ...]) -> str:
    quoted = [f"'{name}'" for name in names]
    return f"channel{'s' * (len(quoted) > 1)} {', '.join(quoted)}"


INFO = (
    MetricInfo(
        name="cost",
        title="Cost",
        unit="money",
        definition="What contacts cost: handling them (direct) and the work, refunds or visits that follow "
        "(downstream), from the data, else from the rates and assumptions decided in Settings. Contacts without a "
        "cost and a rate are counted beside it.",
        formula="direct cost, else handle minutes x rate per minute + rate per contact; plus downstream cost, else the "
        "intent's assumption",
        source=DEFINITIONS,
        parts=COST_PARTS,
        compute=cost,
        windowed=True,
    ),
)
