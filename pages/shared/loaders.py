"""The aggregates that pages load, kept for as long as the data does not change; contact rows are not among them.

Answers are handed out as they are kept, not as copies: a page only reads them. That is why they rest in plain
least-recently-used caches; Streamlit's own would hash and unpickle them at every click.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from sqlalchemy import make_url
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cx_metrics.config import settings
from cx_metrics.errors import Busy
from cx_metrics.metrics import chart_data
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.reasons import movers as movers_
from cx_metrics.metrics.reasons import trend as trend_
from cx_metrics.metrics.reasons.forecasts import forecast_cost as cost_of_forecast
from cx_metrics.metrics.reasons.forecasts import open_forecasts
from cx_metrics.metrics.returning.customers import contacts_distribution
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.values import dimension_values as values_of
from cx_metrics.store.decided import deciding
from cx_metrics.store.home import Home
from cx_metrics.store.lake import intake
from cx_metrics.store.marts import forecasts as forecasts_
from cx_metrics.store.marts.freshness import bring_up_to_date, decided, is_stale
from cx_metrics.store.marts.mart import MANIFEST, Mart, MartFacts, open_mart
from pages.shared.kept import forget, kept

_ENTRIES = 2_000
_A_RUN = 60.0
"""Seconds for which a run of a page holds on to one state of data and decisions; each run looks anew."""
Answer = TypeVar("Answer")
_CHANGE = ("before", "change", "change_rate", "change_share", "beyond")


@st.cache_resource(show_spinner=False)
def home() -> Home:
    """The home of this installation, brought into order once per start."""
    opened = Home(settings())
    if opened.lake.contacts.files() and is_stale(opened):
        # A load that is running refreshes when it is done: nobody who reads waits for it.
        with contextlib.suppress(Busy):
            bring_up_to_date(opened, patience=0)
    return opened


def mart() -> Mart | None:
    """The mart as it now stands; None before anything was loaded."""
    return _now() if _version() else None


def metric(name: str, asked: Slice) -> pd.DataFrame:
    """A metric's rows, as the command line prints them."""
    return _metric(_version(), name, asked)


def ask(compute: Callable[..., Answer], *args: Hashable) -> Answer:
    """What a question to the mart answers, kept for as long as the data and the decisions don't change.

    Args:
        compute: A function of a module in ``cx_metrics`` whose first argument is the mart.
        args: What else it takes, by position: slices, names, numbers.
    """
    answered: Answer = _ask(_version(), compute, args)
    return answered


def trend(asked: Slice) -> pd.DataFrame:
    """Contacts per period with their expected band."""
    return _trend(_version(), asked)


def movers(now: Slice, before: Slice) -> pd.DataFrame:
    """How each intent changed against a comparison period."""
    return _movers(_version(), now, before)


def pareto(asked: Slice) -> pd.DataFrame:
    """The intents, heaviest first, with what they add up to."""
    return _pareto(_version(), asked)


def intent_table(now: Slice, before: Slice | None) -> pd.DataFrame:
    """The intents with change and sparkline in one table; without a comparison, nothing is said about change."""
    table = _intent_table(_version(), now, before or now.previous())
    return table if before else table.assign(**dict.fromkeys(_CHANGE, None))


def fcr_by_window(asked: Slice) -> pd.DataFrame:
    """First contact resolution for each window."""
    return _fcr_by_window(_version(), asked)


def distribution(asked: Slice) -> pd.DataFrame:
    """Customers by how many contacts they made."""
    return _distribution(_version(), asked)


def forecast(compute: Callable[..., Answer], *args: Hashable) -> Answer:
    """What a question to the forecast answers, kept for as long as it is the same forecast.

    Args:
        compute: A function of ``cx_metrics.metrics.reasons.forecasts`` whose first argument is the forecast.
        args: What else it takes, by position.
    """
    answered: Answer = _forecast(_forecast_version(), compute, args)
    return answered


def forecast_cost(intent: str | None) -> pd.DataFrame:
    """What the coming weeks cost, of an intent or of all together."""
    return _forecast_cost(_version(), _forecast_version(), intent)


def facts() -> MartFacts | None:
    """What the mart says about itself; None before anything was loaded."""
    opened = mart()
    return opened.facts if opened else None


def drawn(make: Callable[..., go.Figure], frame: pd.DataFrame, **options: object) -> go.Figure:
    """The picture a chart makes of a loaded frame; drawn once as long as the frame is kept.

    Args:
        make: The chart.
        frame: A frame from a loader.
        options: What else the chart takes; frames among them from a loader as well.
    """
    return _drawn(make, _Same(frame), tuple((name, _Same(value)) for name, value in sorted(options.items())))


def dimension_values(name: str) -> tuple[str, ...]:
    """The values a dimension has in the data, sorted."""
    return _dimension_values(_version(), name)


def demo_loads() -> tuple[int, ...]:
    """Numbers of the demo loads that still count."""
    return _demo_loads(_version())


def shown_setting(name: str) -> str:
    """A setting as it may be shown: an address of a database without its password."""
    value = getattr(home().settings, name)
    if name == "database_url" and value:
        return make_url(value).render_as_string(hide_password=True)
    return str(value)


def settle() -> None:
    """Take what is loaded by now out of the collector's sight: it lives as long as the server.

    A collection takes a few milliseconds then instead of a hundred. What was taken out before comes back first, or the
    sessions open at every earlier refresh would stay for ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def look_again() -> None:
    """Find out anew what the data and the decisions are: when a page begins, and after it changed something."""
    _SEEN.until = 0.0


def data_version() -> str:
    """What tells one mart from the next: its manifest is put in place as a new file each time. Empty: none yet."""
    try:
        found = (home().mart / MANIFEST).stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}"


class _Seen(threading.local):
    """The version a thread saw last: a run of a page asks for it once, however much it draws and however long."""

    until = 0.0
    version = ""


_SEEN = _Seen()


def _version() -> str:
    """What tells one state of data, decisions and currency from the next. Empty: no data yet."""
    now = time.monotonic()
    if now >= _SEEN.until:
        data = data_version()
        _SEEN.version = f"{data}|{_decisions_stamp()}|{home().settings.currency}" if data else ""
        _SEEN.until = now + (_A_RUN if get_script_run_ctx(suppress_warning=True) else 1.0)
    return _SEEN.version


def _decisions_stamp() -> str:
    with home().session() as session:
        return deciding.decisions_stamp(session)


def _now() -> Mart:
    return _decided(_version())


@lru_cache(maxsize=2)
def _decided(version: str) -> Mart:
    """The tables stay open where only decisions changed."""
    forget()
    data, stamp, _ = version.split("|")
    opened, present = _mart(home().mart, data), decided(home())
    _begin_again_if(present.stamp != stamp)
    return opened.under(present)


@st.cache_resource(show_spinner="Opening the data ...", max_entries=2)
def _mart(folder: Path, version: str) -> Mart:
    opened = open_mart(folder)
    _begin_again_if(data_version() != version)
    settle()
    return opened


def _begin_again_if(replaced: bool) -> None:
    """A page whose version was replaced before it could be opened begins anew: none mixes two."""
    if replaced and get_script_run_ctx(suppress_warning=True):
        look_again()
        st.rerun()


def _forecast_version() -> str:
    """What tells one forecast from the next: its file is put in place as a new one each time. Empty: none yet."""
    try:
        found = (home().forecast / forecasts_.FILE).stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}"


class _Same:
    """A value that equals itself only, or, where it can be hashed, what equals it."""

    def __init__(self, value: object) -> None:
        self.value = value
        self._key = id(value) if isinstance(value, pd.DataFrame) else value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@kept(200)
def _drawn(make: Callable[..., go.Figure], frame: _Same, options: tuple[tuple[str, _Same], ...]) -> go.Figure:
    return make(frame.value, **{name: option.value for name, option in options})


@kept(_ENTRIES)
def _ask(version: str, compute: Callable[..., Any], args: tuple[Hashable, ...]) -> Any:
    return compute(_now(), *args)


@lru_cache(maxsize=2)
def _forecasts(version: str) -> pd.DataFrame:
    return open_forecasts(home().forecast)


@kept(_ENTRIES)
def _forecast(version: str, compute: Callable[..., Any], args: tuple[Hashable, ...]) -> Any:
    return compute(_forecasts(version), *args)


@kept(_ENTRIES)
def _forecast_cost(version: str, forecast_version: str, intent: str | None) -> pd.DataFrame:
    return cost_of_forecast(_now(), _forecasts(forecast_version), intent)


@kept(_ENTRIES)
def _metric(version: str, name: str, asked: Slice) -> pd.DataFrame:
    return compute(_now(), name, asked)


@kept(_ENTRIES)
def _fcr_by_window(version: str, asked: Slice) -> pd.DataFrame:
    return chart_data.fcr_by_window(_now(), asked)


@kept(_ENTRIES)
def _trend(version: str, asked: Slice) -> pd.DataFrame:
    return trend_.trend(_now(), asked)


@kept(_ENTRIES)
def _movers(version: str, now: Slice, before: Slice) -> pd.DataFrame:
    return movers_.movers(_now(), now, before)


@kept(_ENTRIES)
def _pareto(version: str, asked: Slice) -> pd.DataFrame:
    return movers_.pareto(_now(), asked)


@kept(_ENTRIES)
def _intent_table(version: str, now: Slice, before: Slice) -> pd.DataFrame:
    return movers_.intent_table(_now(), now, before)


@kept(_ENTRIES)
def _distribution(version: str, asked: Slice) -> pd.DataFrame:
    return contacts_distribution(_now(), asked)


@kept(_ENTRIES)
def _dimension_values(version: str, name: str) -> tuple[str, ...]:
    return values_of(_now(), name)


@kept(_ENTRIES)
def _demo_loads(version: str) -> tuple[int, ...]:
    return intake.demo_loads(home())
