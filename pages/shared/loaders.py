"""Everything pages load, kept for as long as the data does not change. The only place that caches.

Answers are handed out as they are kept, not as copies: a page only reads them. That is why they rest in plain
least-recently-used caches; Streamlit's own would hash and unpickle them at every click.
"""

from __future__ import annotations

import contextlib
import gc
import io
import shutil
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from sqlalchemy import make_url
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cx_metrics.config import settings
from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.presets import PRESETS
from cx_metrics.errors import Busy
from cx_metrics.metrics import chart_data
from cx_metrics.metrics import movers as movers_
from cx_metrics.metrics import trend as trend_
from cx_metrics.metrics.catalogue import metric as compute
from cx_metrics.metrics.customers import contacts_distribution
from cx_metrics.metrics.forecasts import forecast_cost as cost_of_forecast
from cx_metrics.metrics.forecasts import open_forecasts
from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.values import dimension_values as values_of
from cx_metrics.store import deciding, intake, mappings
from cx_metrics.store import forecasts as forecasts_
from cx_metrics.store import ledger as ledger_
from cx_metrics.store.drilldown import Drilldown
from cx_metrics.store.freshness import bring_up_to_date, decided, is_stale
from cx_metrics.store.home import Home
from cx_metrics.store.mart import MANIFEST, Mart, MartFacts, open_mart, read_manifest
from cx_metrics.store.records import Load

_ENTRIES = 2_000
Answer = TypeVar("Answer")
_CHANGE = ("before", "change", "change_rate", "change_share", "beyond")


@st.cache_resource(show_spinner=False)
def home() -> Home:
    """The home of this installation, brought into order once per start."""
    opened = Home(settings())
    if opened.lake.contacts.files() and is_stale(opened):
        # A load that is running refreshes when it is done.
        with contextlib.suppress(Busy):
            bring_up_to_date(opened)
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
        compute: A function of ``cx_metrics.metrics.forecasts`` whose first argument is the forecast.
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


def contacts(asked: Slice, *, limit: int | None, offset: int) -> pd.DataFrame:
    """Contacts of a slice with both ends, newest first; not cached, as raw rows are not kept."""
    assert asked.from_on is not None
    assert asked.to_on is not None
    return drilldown().contacts(where=asked.where, from_on=asked.from_on, to_on=asked.to_on, limit=limit, offset=offset)


def contacts_csv(asked: Slice) -> str:
    """All contacts of a slice as CSV."""
    return to_csv(contacts(asked, limit=None, offset=0))


def drilldown() -> Drilldown:
    """The contacts themselves, of the data as it now stands."""
    return _drilldown(_data_version())


def demo_loads() -> tuple[int, ...]:
    """Numbers of the demo loads that still count."""
    return _demo_loads(_version())


def ledger() -> Sequence[Load]:
    """Every load, newest first."""
    with home().session() as session:
        return ledger_.loads(session)


def keep_upload(file: UploadedFile) -> Path:
    """Put an uploaded file where loads can read it, under its own name; once per upload."""
    return _kept(file.file_id, Path(file.name).name or "extract", file)


def preview(path: Path) -> intake.Preview:
    """The first rows of an extract and what fits it."""
    return _preview(path)


def saved_mappings() -> tuple[str, ...]:
    """Names of the mappings people saved."""
    with home().session() as session:
        return mappings.saved(session)


def other_presets(but: tuple[str, ...]) -> tuple[str, ...]:
    """The presets other than those named."""
    return tuple(name for name in PRESETS if name not in but)


def mapping_named(name: str) -> Mapping:
    """A saved mapping or preset."""
    with home().session() as session:
        return mappings.find(session, name)


def rejects_head(rejects: bytes) -> pd.DataFrame:
    """The first rejected rows, as text."""
    return pd.read_csv(io.BytesIO(rejects), dtype=str, keep_default_na=False, nrows=1000)


def time_zones() -> list[str]:
    """Every time zone there is."""
    return sorted(available_timezones())


def shown_setting(name: str) -> str:
    """A setting as it may be shown: an address of a database without its password."""
    value = getattr(home().settings, name)
    if name == "database_url" and value:
        return make_url(value).render_as_string(hide_password=True)
    return str(value)


def look_again() -> None:
    """Find out anew what the data and the decisions are: when a page begins, and after it changed something."""
    _SEEN.until = 0.0


class _Seen(threading.local):
    """The version a thread saw last: a run of a page asks for it once, however much it draws."""

    until = 0.0
    version = ""


_SEEN = _Seen()


def _version() -> str:
    """What tells one state of data, decisions and currency from the next. Empty: no data yet."""
    now = time.monotonic()
    if now >= _SEEN.until:
        data = _data_version()
        _SEEN.version = f"{data}|{_decisions_stamp()}|{home().settings.currency}" if data else ""
        _SEEN.until = now + 1.0
    return _SEEN.version


def _data_version() -> str:
    """What tells one mart from the next: its manifest is put in place as a new file each time. Empty: none yet."""
    try:
        found = (home().mart / MANIFEST).stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}"


def _decisions_stamp() -> str:
    with home().session() as session:
        return deciding.decisions_stamp(session)


def _now() -> Mart:
    return _decided(_version())


@lru_cache(maxsize=2)
def _decided(version: str) -> Mart:
    """The tables stay open where only decisions changed."""
    return _mart(home().mart, version.partition("|")[0]).under(decided(home()))


@st.cache_resource(show_spinner="Opening the data ...", max_entries=2)
def _mart(folder: Path, version: str) -> Mart:
    opened = open_mart(folder)
    # What is loaded by now lives as long as the server. Out of the collector's sight, the collection that
    # Streamlit runs after every rerun takes a few milliseconds instead of a hundred.
    gc.collect()
    gc.freeze()
    return opened


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


@lru_cache(maxsize=200)
def _drawn(make: Callable[..., go.Figure], frame: _Same, options: tuple[tuple[str, _Same], ...]) -> go.Figure:
    return make(frame.value, **{name: option.value for name, option in options})


@lru_cache(maxsize=_ENTRIES)
def _ask(version: str, compute: Callable[..., Any], args: tuple[Hashable, ...]) -> Any:
    return compute(_now(), *args)


@lru_cache(maxsize=2)
def _forecasts(version: str) -> pd.DataFrame:
    return open_forecasts(home().forecast)


@lru_cache(maxsize=_ENTRIES)
def _forecast(version: str, compute: Callable[..., Any], args: tuple[Hashable, ...]) -> Any:
    return compute(_forecasts(version), *args)


@lru_cache(maxsize=_ENTRIES)
def _forecast_cost(version: str, forecast_version: str, intent: str | None) -> pd.DataFrame:
    return cost_of_forecast(_now(), _forecasts(forecast_version), intent)


@lru_cache(maxsize=_ENTRIES)
def _metric(version: str, name: str, asked: Slice) -> pd.DataFrame:
    return compute(_now(), name, asked)


@lru_cache(maxsize=_ENTRIES)
def _fcr_by_window(version: str, asked: Slice) -> pd.DataFrame:
    return chart_data.fcr_by_window(_now(), asked)


@lru_cache(maxsize=_ENTRIES)
def _trend(version: str, asked: Slice) -> pd.DataFrame:
    return trend_.trend(_now(), asked)


@lru_cache(maxsize=_ENTRIES)
def _movers(version: str, now: Slice, before: Slice) -> pd.DataFrame:
    return movers_.movers(_now(), now, before)


@lru_cache(maxsize=_ENTRIES)
def _pareto(version: str, asked: Slice) -> pd.DataFrame:
    return movers_.pareto(_now(), asked)


@lru_cache(maxsize=_ENTRIES)
def _intent_table(version: str, now: Slice, before: Slice) -> pd.DataFrame:
    return movers_.intent_table(_now(), now, before)


@lru_cache(maxsize=_ENTRIES)
def _distribution(version: str, asked: Slice) -> pd.DataFrame:
    return contacts_distribution(_now(), asked)


@st.cache_resource(show_spinner=False, max_entries=20, scope="session")
def _kept(file_id: str, name: str, _file: UploadedFile) -> Path:
    folder = home().upload_folder()
    target = folder / name
    with target.open("wb") as copy:
        shutil.copyfileobj(_file, copy)
    return target


@st.cache_data(show_spinner="Looking at the file ...", max_entries=20)
def _preview(path: Path) -> intake.Preview:
    return intake.look_at(home(), path)


@lru_cache(maxsize=_ENTRIES)
def _dimension_values(version: str, name: str) -> tuple[str, ...]:
    return values_of(_now(), name)


@st.cache_resource(show_spinner=False, max_entries=2)
def _drilldown(version: str) -> Drilldown:
    manifest = read_manifest(home().mart)
    assert manifest is not None
    return Drilldown(manifest.lake_files, zone=home().settings.zone)


@lru_cache(maxsize=_ENTRIES)
def _demo_loads(version: str) -> tuple[int, ...]:
    return intake.demo_loads(home())
