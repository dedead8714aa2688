"""The only door to contact rows: the contacts themselves, wishes to be called, evidence, rejected rows.

Each function asks what who is looking may see, and enters what it hands out in the audit trail. Nothing of it is kept
for anybody else.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.metrics.output import to_csv
from cx_metrics.metrics.slice import Slice
from cx_metrics.reviews.causes import Cause
from cx_metrics.reviews.evidence import ContactKey, recent_contacts
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.marts.mart import Mart, read_manifest
from cx_metrics.store.people import access
from cx_metrics.store.people.access import Action, Person
from cx_metrics.store.records import ReviewNote
from pages.shared import row_log, who
from pages.shared.loaders import data_version, dimension_values, home

MOST_REJECTS_SHOWN = 1000


def visible(asked: Slice) -> Slice | None:
    """The part of a slice whose contacts who is looking may see: an owner's own intents; None: no part of it."""
    return _part(asked, who.person(), Action.SEE_CONTACTS)


def contacts(asked: Slice, *, limit: int | None, offset: int) -> pd.DataFrame:
    """Contacts of a slice with both ends, newest first, as far as who is looking may see them.

    Raises:
        NotAllowed: They may see none of them.
    """
    asking = who.person()
    part = _needed(asked, asking, Action.SEE_CONTACTS)
    frame = _read(part, limit=limit, offset=offset)
    row_log.shown(asking, "contacts", rows=len(frame), about=row_log.of_slice(part) | {"after": offset})
    return frame


def contacts_csv(asked: Slice) -> Callable[[], str]:
    """What makes the CSV of all contacts of a slice, when it is clicked: it asks then who may have it."""
    visitor = who.visitor()

    def made() -> str:
        asking = who.person(visitor)
        part = _needed(asked, asking, Action.EXPORT_CONTACTS)
        frame = _read(part, limit=None, offset=0)
        row_log.handed_out(asking, "contacts", rows=len(frame), about=row_log.of_slice(part))
        return to_csv(frame)

    return made


def rows_csv(frame: pd.DataFrame, *, what: str, about: dict[str, Any], intent: str | None = None) -> Callable[[], str]:
    """What makes the CSV of contact rows on the screen, when it is clicked: it asks then who may have it.

    Args:
        frame: The rows.
        what: Which rows they are, as the audit trail calls them.
        about: Which of them.
        intent: The intent they are about; None: each row says its own.
    """
    visitor = who.visitor()

    def made() -> str:
        asking = who.person(visitor)
        for each in [intent] if intent is not None else dict.fromkeys(frame["intent"]):
            access.require(asking, Action.EXPORT_CONTACTS, intent=each)
        row_log.handed_out(asking, what, rows=len(frame), about=about)
        return to_csv(frame)

    return made


def follow_ups(asked: Slice, *, marked: Collection[ContactKey], done: bool, limit: int) -> pd.DataFrame:
    """Customers' wishes to be called in a slice with both ends, newest first, as far as who is looking may see them.

    Raises:
        NotAllowed: They may see none of them.
    """
    asking = who.person()
    part = _needed(asked, asking, Action.SEE_CONTACTS)
    assert part.from_on is not None
    assert part.to_on is not None
    frame = _drilldown(data_version()).follow_ups(
        where=part.where, from_on=part.from_on, to_on=part.to_on, marked=marked, done=done, limit=limit
    )
    row_log.shown(asking, "follow-up wishes", rows=len(frame), about=row_log.of_slice(part) | {"done": done})
    return frame


def kept_as_evidence(mart: Mart, intent: str) -> Sequence[ContactKey]:
    """The newest contacts of an intent, to be kept with a review when it is flagged.

    Raises:
        NotAllowed: Who is looking may not flag it.
    """
    who.acting(Action.FLAG, intent=intent)
    return recent_contacts(_drilldown(data_version()), mart, intent)


def of_evidence(kept: dict[str, Any], intent: str) -> dict[str, Any]:
    """The evidence of a review of an intent; to who may not see its contacts, only how many there are."""
    if who.may(Action.SEE_CONTACTS, intent=intent):
        about = {"intent": intent, "flagged at data": kept["data_version"]}
        row_log.shown(who.person(), "contacts kept as evidence", rows=len(kept["contacts"]), about=about)
        return kept
    return {**kept, "contacts": [None] * len(kept["contacts"])}


def of_causes(found: Sequence[Cause], intent: str) -> tuple[Cause, ...]:
    """The causes of a review of an intent; to who may not see its contacts, without them."""
    if who.may(Action.SEE_CONTACTS, intent=intent):
        return tuple(found)
    return tuple(replace(each, contact_ids=()) for each in found)


def of_voices(found: Sequence[ReviewNote], intent: str) -> Sequence[ReviewNote]:
    """What people say about an intent under review; to who may not see its contacts, not in which of them.

    Args:
        found: Notes of a session that has ended: what is left out here stays in the records.
        intent: Which.
    """
    if not who.may(Action.SEE_CONTACTS, intent=intent):
        for each in found:
            each.source = each.contact_id = None
    return found


def rejected_rows(file: Path) -> pd.DataFrame:
    """The first rejected rows of a load, as text.

    Raises:
        NotAllowed: Who is looking may not load, or not see contacts of every intent.
    """
    asking = who.person()
    _may_see_rejects(asking)
    frame = pd.read_csv(file, dtype=str, keep_default_na=False, nrows=MOST_REJECTS_SHOWN)
    row_log.shown(asking, "rejected rows", rows=len(frame), about={"file": file.name})
    return frame


def rejected_rows_csv(file: Path) -> Callable[[], bytes]:
    """What makes the file of a load's rejected rows, when it is clicked: it asks then who may have it."""
    visitor = who.visitor()

    def make() -> bytes:
        asking = who.person(visitor)
        _may_see_rejects(asking)
        access.require(asking, Action.EXPORT_CONTACTS)
        made = file.read_bytes()
        with file.open(newline="", encoding="utf-8") as rows:
            count = sum(1 for _ in csv.reader(rows)) - 1
        row_log.handed_out(asking, "rejected rows", rows=count, about={"file": file.name})
        return made

    return make


def _may_see_rejects(asking: Person) -> None:
    access.require(asking, Action.LOAD)
    access.require(asking, Action.SEE_CONTACTS)


def _read(asked: Slice, *, limit: int | None, offset: int) -> pd.DataFrame:
    assert asked.from_on is not None
    assert asked.to_on is not None
    return _drilldown(data_version()).contacts(
        where=asked.where, from_on=asked.from_on, to_on=asked.to_on, limit=limit, offset=offset
    )


def _needed(asked: Slice, asking: Person, action: Action) -> Slice:
    part = _part(asked, asking, action)
    if part is None:
        access.require(asking, action, intent=next(iter(dict(asked.where).get("intent", ())), None))
    assert part is not None
    return part


def _part(asked: Slice, asking: Person, action: Action) -> Slice | None:
    """The slice without the intents about which somebody may not do something."""
    if access.allowed(asking, action):
        return asked
    named = dict(asked.where).get("intent") or dimension_values("intent")
    own = tuple(sorted(each for each in named if access.allowed(asking, action, intent=each)))
    if not own:
        return None
    others = [(name, values) for name, values in asked.where if name != "intent"]
    return replace(asked, where=tuple(sorted([*others, ("intent", own)])))


@st.cache_resource(show_spinner=False, max_entries=2)
def _drilldown(version: str) -> Drilldown:
    """A connection to the lake's files; it keeps no rows."""
    manifest = read_manifest(home().mart)
    assert manifest is not None
    return Drilldown(manifest.lake_files, zone=home().settings.zone)
