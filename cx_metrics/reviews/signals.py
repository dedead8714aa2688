"""Which intents ask for a look, a review or a stop, and why; kept beside the mart from refresh to refresh."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from cx_metrics.metrics.selection import check_filters
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.signal import Kind, Level, Signal
from cx_metrics.reviews.signal_courses import cost_signals, fcr_signals, reach_signals
from cx_metrics.reviews.signal_series import STATE_COLUMNS, daily_series
from cx_metrics.reviews.signal_volume import prices, volume_signals
from cx_metrics.store.home import Home
from cx_metrics.store.marts.mart import Mart

__all__ = ["STATE_COLUMNS", "Kind", "Level", "Signal", "current", "signal_frame", "signals", "state_of", "states"]

METHOD = 1
"""Version of how signals are found; those of another one are found anew."""
SIGNAL_COLUMNS = tuple(field.name for field in fields(Signal))
_FILE = "signals.json"
_LOUDEST_FIRST = tuple(reversed(Level))


@dataclass(frozen=True)
class _Kept:
    """What was found, and of what."""

    of: str
    signals: tuple[Signal, ...]
    states: tuple[tuple[str, str, str, str | None], ...]


_AS_JSON = TypeAdapter(_Kept)


def signals(mart: Mart) -> tuple[Signal, ...]:
    """The signals as of the last full day: the loudest first, among those alike the dearest."""
    series = daily_series(mart)
    if not series.days.size:
        return ()
    priced = prices(mart, series)
    volume = volume_signals(mart, series, priced)
    loud = [signal for signal in volume if signal.level is not Level.WATCH and not signal.is_about_everything]
    rows = [series.names.index((signal.intent, signal.category)) for signal in loud]
    risen = {intent for row in rows for intent in series.members(row)}
    # Where everything rises, so does its cost: that is one signal.
    cost = [] if any(signal.is_about_everything for signal in volume) else cost_signals(mart, but=risen)
    found = [*volume, *fcr_signals(mart, priced), *cost, *reach_signals(mart)]
    return tuple(sorted(found, key=_order))


def state_of(mart: Mart) -> pd.DataFrame:
    """Whether the contacts of each intent can be judged.

    Returns:
        One row per intent of the last 278 full days, sorted: ``intent``, ``category``, ``state`` (judged, learning,
        too small) and ``reason``, why it isn't judged.
    """
    return daily_series(mart).states


def current(home: Home, mart: Mart) -> tuple[Signal, ...]:
    """The signals of this mart under its decisions, as they were kept; found and kept first where they were not."""
    return _kept(home, mart).signals


def states(home: Home, mart: Mart) -> pd.DataFrame:
    """As `state_of`, from what is kept."""
    return pd.DataFrame(_kept(home, mart).states, columns=list(STATE_COLUMNS), dtype=object)


def found_of(home: Home) -> str | None:
    """Version of the mart whose signals are kept; None where there are none of this method."""
    kept = _read(home.folder / "signals" / _FILE)
    method, version, *_ = json.loads(kept.of) if kept else (None, None)
    return str(version) if method == METHOD else None


def signal_frame(mart: Mart, slice: Slice) -> pd.DataFrame:
    """The signals about the intents a slice lets through, a row each, in the order of `signals`.

    Args:
        mart: Whose data.
        slice: Its filters by intent and category count; signals are always as of the last full day.

    Returns:
        The attributes of `Signal` as columns.
    """
    check_filters(mart, slice)
    where = dict(slice.where)
    found = [signal for signal in signals(mart) if _is_in(signal, where, state_of(mart))]
    return to_frame(found)


def to_frame(found: list[Signal] | tuple[Signal, ...]) -> pd.DataFrame:
    """Signals as rows: levels and days as texts."""
    rows = [asdict(signal) | {"since_on": str(signal.since_on), "on": str(signal.on)} for signal in found]
    frame = pd.DataFrame(rows, columns=list(SIGNAL_COLUMNS))
    return frame.assign(level=[signal.level.value for signal in found])


def _is_in(signal: Signal, where: dict[str, tuple[str, ...]], known: pd.DataFrame) -> bool:
    categories = dict(zip(known["intent"], known["category"], strict=True))
    category = signal.category or categories.get(signal.intent or "")
    return ("intent" not in where or signal.intent in where["intent"]) and (
        "category" not in where or category in where["category"]
    )


def _order(signal: Signal) -> tuple[int, float, str, str]:
    return (
        _LOUDEST_FIRST.index(signal.level),
        -(signal.per_week_money or 0.0),
        signal.intent or "",
        signal.kind,
    )


def _kept(home: Home, mart: Mart) -> _Kept:
    of = json.dumps([METHOD, mart.facts.version, mart.decisions.stamp, mart.decisions.currency])
    folder = home.folder / "signals"
    found = _read(folder / _FILE)
    if found is not None and found.of == of:
        return found
    found = _Kept(of, signals(mart), tuple(tuple(row) for row in state_of(mart).itertuples(index=False)))
    # They are found anew where they can't be kept.
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        new = folder / f"{_FILE}.{os.getpid()}"
        new.write_bytes(_AS_JSON.dump_json(found))
        os.replace(new, folder / _FILE)
    return found


def _read(file: Path) -> _Kept | None:
    try:
        return _AS_JSON.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
