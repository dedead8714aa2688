"""Proactive alerts: whether customers who were told beforehand had to ask less, with and without a control group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cx_metrics.metrics.costs.cost import PICOS, cost_ledger
from cx_metrics.metrics.reasons.spikes import spikes
from cx_metrics.metrics.slice import DEFAULT_WINDOW, Slice
from cx_metrics.statistics.differences import LEAST_EVENTS, newcombe, size_change
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.marts.days import local_day
from cx_metrics.store.marts.mart import Mart

TOLD_DAYS = 3
"""Days before a spike within which an alert counts as one about it."""
HELD_OUT, BEFORE_AFTER = "hold-out", "before and after, no control group"
FEWER, MORE, OPEN = "fewer contacts", "more contacts", "can't tell"

_GAINED = ("avoided", "avoided_low", "avoided_high", "money", "money_low", "money_high")
_FLOATS = dict.fromkeys(("rate_sent", "rate_held_out", "value", "low", "high", *_GAINED), float)
ALERT_COLUMNS = (
    *("name", "intent", "trigger", "sent_on", "audience", "within_days", "design"),
    *("n_sent", "contacted_sent", "rate_sent", "n_held_out", "contacted_held_out", "rate_held_out"),
    *("value", "low", "high", "verdict", *_GAINED, "reason"),
)
EFFECT_COLUMNS = (
    *("intent", "design", "events_with", "events_without", "alerts_without_spike", "lift_with", "lift_without"),
    *("value", "low", "high", "verdict", *_GAINED, "reason"),
)
EVENT_COLUMNS = ("intent", "day", "contacts", "usual", "extra", "lift", "alert")


def alerts(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The alerts sent in a period, and by how much the share of customers who contacted us differs from the held-out.

    Returns:
        One row per alert, latest first. With a group held out: ``rate_sent`` and ``rate_held_out`` in 0..1, ``value``
        = the first less the second with its 95% interval, ``verdict`` in words, ``avoided``: customers who did not have
        to contact us (negative: who only did because of it), and ``money`` at the marginal cost of a contact; a
        ``reason`` where there is none. ``design`` names how the effect is measured.

    Source:
        Newcombe 1998, method 10, for the interval.
    """
    prices = marginal_prices(mart, slice)
    rows = [_alert(mart, alert, prices.get(alert.intent)) for alert in _asked(mart, slice)]
    frame = pd.DataFrame(rows, columns=list(ALERT_COLUMNS), dtype=object).astype(_FLOATS)
    return frame.sort_values(["sent_on", "name"], ascending=[False, True], ignore_index=True)


def alert_effects(mart: Mart, slice: Slice) -> pd.DataFrame:
    """By how much smaller spikes are that customers were told of beforehand: before and after, no control group.

    Over all the data, whatever the slice's days, for each intent that has an alert without a hold-out. The size of a
    spike is its extra contacts on its heaviest day, in multiples of a usual day.

    Returns:
        One row per intent: spikes with and without an alert, their mean sizes ``lift_with`` and ``lift_without``,
        ``value`` = how the usual size changes (-0.5: halved) with its 95% interval, and what that avoided on the
        heaviest days of the spikes with an alert; a ``reason`` where it can't be known.
    """
    prices = marginal_prices(mart, replace(slice, from_on=None, to_on=None))
    events = alert_events(mart, slice)
    alerted = _without_control(mart, slice)
    rows = [_effect(intent, events[events["intent"] == intent], own, prices.get(intent)) for intent, own in alerted]
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def alert_events(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The spikes of every intent that has an alert without a hold-out, oldest first, over all the data.

    Returns:
        ``intent``, the heaviest ``day`` of the spike, its ``contacts``, those of a ``usual`` day, the ``extra`` ones,
        ``lift`` = extra / usual, and the ``alert`` sent on that day or up to three days before; None without.
    """
    found = []
    for intent, own in _without_control(mart, slice):
        sent = [(_sent_on(mart, alert), alert.name) for alert in own]
        for spike in spikes(mart, slice, intent):
            names = [name for on, name in sent if spike.first_on - timedelta(TOLD_DAYS) <= on <= spike.on]
            row = (str(spike.on), spike.contacts, spike.usual, spike.extra, spike.lift, min(names, default=None))
            found.append((intent, *row))
    return pd.DataFrame(found, columns=list(EVENT_COLUMNS))


def marginal_prices(mart: Mart, slice: Slice) -> dict[str, float]:
    """Money that falls away with one contact of each intent: all but what rates take per contact, whatever happens."""
    ledger = cost_ledger(mart, replace(slice, by=("intent",), grain=None, where=_intent_only(slice)))
    falls = ledger["direct_picos"] + ledger["downstream_picos"] - ledger["fixed_picos"]
    return {
        intent: int(total) / int(priced) / PICOS
        for intent, total, priced in zip(ledger["intent"], falls, ledger["priced"], strict=True)
        if priced
    }


def _asked(mart: Mart, slice: Slice) -> list[Alert]:
    """The alerts sent on the days of a slice, for the intents it names."""
    first, last = slice.from_on or date.min, slice.to_on or date.max
    return [alert for alert in _of_intents(mart, slice) if first <= _sent_on(mart, alert) <= last]


def _of_intents(mart: Mart, slice: Slice) -> list[Alert]:
    names = dict(slice.where).get("intent")
    return [alert for alert in mart.decisions.alerts if names is None or alert.intent in names]


def _without_control(mart: Mart, slice: Slice) -> list[tuple[str, list[Alert]]]:
    """The alerts without a hold-out by intent, whenever they were sent."""
    own: dict[str, list[Alert]] = {}
    for alert in _of_intents(mart, slice):
        if not alert.n_held_out:
            own.setdefault(alert.intent, []).append(alert)
    return sorted(own.items())


def _intent_only(slice: Slice) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, values) for name, values in slice.where if name == "intent")


def _sent_on(mart: Mart, alert: Alert) -> date:
    return local_day(alert.sent_at, timezone=mart.facts.timezone)


def within_days(mart: Mart, alert: Alert) -> int:
    """Days after an alert within which contacts count: its own, else those of its intent, else the usual ones."""
    return alert.within_days or mart.decisions.windows.get(alert.intent, DEFAULT_WINDOW)


def _alert(mart: Mart, alert: Alert, price: float | None) -> dict[str, object]:
    row: dict[str, object] = {
        "name": alert.name,
        "intent": alert.intent,
        "trigger": alert.trigger,
        "sent_on": str(_sent_on(mart, alert)),
        "audience": alert.audience,
        "within_days": within_days(mart, alert),
        "design": HELD_OUT if alert.n_held_out else BEFORE_AFTER,
        "n_sent": alert.n_sent,
        "contacted_sent": alert.contacted_sent,
        "rate_sent": _share(alert.contacted_sent, alert.n_sent),
        "n_held_out": alert.n_held_out,
        "contacted_held_out": alert.contacted_held_out,
        "rate_held_out": _share(alert.contacted_held_out, alert.n_held_out),
        "reason": _why_not(mart, alert),
    }
    return row if row["reason"] else row | _held_out_effect(alert, price)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if whole and part is not None else None


def _why_not(mart: Mart, alert: Alert) -> str | None:
    if not alert.n_held_out:
        return "nobody was held out: see before and after"
    if not alert.n_sent:
        return "it was sent to nobody"
    over = alert.sent_at + timedelta(days=within_days(mart, alert))
    if mart.facts.watermark is None or mart.facts.watermark < over:
        return f"too early: contacts count until {local_day(over, timezone=mart.facts.timezone)}"
    if alert.contacted_sent is None or alert.contacted_held_out is None:
        return "who contacted us afterwards was not counted"
    return None


def _held_out_effect(alert: Alert, price: float | None) -> dict[str, object]:
    assert alert.contacted_sent is not None
    assert alert.contacted_held_out is not None
    assert alert.n_held_out
    low, high = newcombe(alert.contacted_sent, alert.n_sent, alert.contacted_held_out, alert.n_held_out)
    value = alert.contacted_sent / alert.n_sent - alert.contacted_held_out / alert.n_held_out
    avoided = [-alert.n_sent * end for end in (value, float(high), float(low))]
    return _judged(value, float(low), float(high)) | _gained(avoided, price)


def _judged(value: float, low: float, high: float) -> dict[str, object]:
    verdict = FEWER if high < 0 else MORE if low > 0 else OPEN
    return {"value": value, "low": low, "high": high, "verdict": verdict}


def _gained(avoided: list[float], price: float | None) -> dict[str, object]:
    money = [None if price is None else each * price for each in avoided]
    return dict(zip(_GAINED, (*avoided, *money), strict=True))


def _effect(intent: str, events: pd.DataFrame, own: list[Alert], price: float | None) -> dict[str, object]:
    has_alert = events["alert"].notna()
    told, untold = events[has_alert], events[~has_alert]
    row: dict[str, object] = {
        "intent": intent,
        "design": BEFORE_AFTER,
        "events_with": len(told),
        "events_without": len(untold),
        "alerts_without_spike": len({alert.name for alert in own} - set(told["alert"])),
        "lift_with": _mean(told["lift"]),
        "lift_without": _mean(untold["lift"]),
    }
    found = size_change(told["lift"].tolist(), untold["lift"].tolist())
    if found is None:
        few = min(len(told), len(untold)) < LEAST_EVENTS
        why = f"fewer than {LEAST_EVENTS} spikes with or without an alert" if few else "all spikes are of one size"
        return row | {"reason": why}
    extra = float(told["extra"].sum())
    ends = (found.change, found.high, found.low)
    return row | _judged(*found) | _gained([extra / (1 + end) - extra for end in ends], price)


def _mean(lifts: pd.Series) -> float | None:
    return float(np.mean(lifts)) if len(lifts) else None
