"""What the Upload page reads: the extract that was handed in, the mappings there are, and the loads so far."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import available_timezones

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.naming import file_name
from cx_metrics.contacts.presets import PRESETS
from cx_metrics.store import ledger as ledger_
from cx_metrics.store.lake import intake, mappings
from cx_metrics.store.people.access import Action
from cx_metrics.store.records import Load
from pages.shared import who
from pages.shared.loaders import home


def keep_upload(file: UploadedFile) -> Path:
    """Put an uploaded file where loads can read it, under its own name; once per upload.

    Raises:
        NotAllowed: Who is looking may not load.
    """
    who.acting(Action.LOAD)
    return _kept(file.file_id, file_name(file.name), file)


def preview(path: Path) -> intake.Preview:
    """The first rows of an extract and what fits it.

    Raises:
        NotAllowed: Who is looking may not load.
    """
    who.acting(Action.LOAD)
    return _preview(path)


def ledger() -> Sequence[Load]:
    """Every load, newest first."""
    with home().session() as session:
        return ledger_.loads(session)


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


def time_zones() -> list[str]:
    """Every time zone there is."""
    return sorted(available_timezones())


def _removed(kept: Path) -> None:
    """An extract waits no longer than the session that handed it in."""
    shutil.rmtree(kept.parent, ignore_errors=True)


@st.cache_resource(show_spinner=False, max_entries=20, scope="session", on_release=_removed)
def _kept(file_id: str, name: str, _file: UploadedFile) -> Path:
    folder = home().upload_folder()
    target = folder / name
    with target.open("wb") as copy:
        shutil.copyfileobj(_file, copy)
    return target


@st.cache_data(show_spinner="Looking at the file ...", max_entries=20, scope="session")
def _preview(path: Path) -> intake.Preview:
    return intake.look_at(home(), path)
