"""What the Audit page reads: the audit trail, for those who may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.output import to_csv
from cx_metrics.store.people import access, audit_trail
from cx_metrics.store.people.access import Action
from cx_metrics.store.people.audit_trail import Asked
from pages.shared import who
from pages.shared.loaders import home


@dataclass(frozen=True)
class Trail:
    """A part of the audit trail.

    Attributes:
        total: How many entries are asked for.
        frame: Those of one page, newest first.
    """

    total: int
    frame: pd.DataFrame


@dataclass(frozen=True)
class Known:
    """What can be asked for.

    Attributes:
        actors: Everybody in the trail.
        actions: Everything that was done.
    """

    actors: tuple[str, ...]
    actions: tuple[str, ...]


def known() -> Known:
    """Who and what the trail knows.

    Raises:
        NotAllowed: Who is looking may not read it.
    """
    who.acting(Action.READ_AUDIT)
    with home().session() as session:
        return Known(audit_trail.actors(session), audit_trail.actions(session))


def entries(asked: Asked, *, limit: int, offset: int) -> Trail:
    """One page of the entries asked for.

    Raises:
        NotAllowed: Who is looking may not read it.
    """
    who.acting(Action.READ_AUDIT)
    with home().session() as session:
        found = audit_trail.entries(session, asked, limit=limit, offset=offset)
        return Trail(audit_trail.count(session, asked), audit_trail.frame(found))


def entries_csv(asked: Asked) -> Callable[[], str]:
    """What makes the CSV of all entries asked for, when it is clicked: it asks then who may have it."""
    visitor = who.visitor()

    def make() -> str:
        access.require(who.person(visitor), Action.READ_AUDIT)
        with home().session() as session:
            return to_csv(audit_trail.frame(audit_trail.entries(session, asked)))

    return make
