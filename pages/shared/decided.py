"""What people decided, for the Settings page: read, saved and exchanged as a file, as on the command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cx_metrics.contacts.mapping_checks import Problems
from cx_metrics.store.decided import deciding, records_file
from cx_metrics.store.decided.deciding import Draft, Edit, Key, Saved
from cx_metrics.store.decided.decision_rules import Table
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.marts import freshness
from cx_metrics.store.people.access import Action
from pages.shared import who
from pages.shared.loaders import home, look_again


def present() -> Decisions:
    """All that is decided at present, also where no data was loaded yet."""
    return freshness.decided(home())


def edits(limit: int, *, of: Table) -> list[Edit]:
    """Who decided what of one kind and when, newest first.

    Raises:
        NotAllowed: Who is looking may not read the audit trail.
    """
    who.acting(Action.READ_AUDIT)
    with home().session() as session:
        return deciding.edits(session, of=of, limit=limit)


def save(drafts: Sequence[Draft], *, gone: Collection[tuple[Table, Key]], since: str) -> Saved:
    """Put decisions in force, all or none, unless somebody else decided something since."""
    actor = who.acting(Action.DECIDE)
    with home().session() as session:
        saved = deciding.save(session, drafts, actor=actor, gone=gone, since=since)
    look_again()
    return saved


def take_in(raw: bytes, *, name: str) -> Saved:
    """Decide what a records file, or a CSV with units of X or alerts, says; who may note alerts may take those in."""
    text = records_file.decoded(raw, origin=name)
    drafts = records_file.read_drafts(text, origin=name, problems=Problems())
    only_alerts = bool(drafts) and all(each.table == "alerts" for each in drafts)
    actor = who.acting(Action.NOTE_ALERT if only_alerts else Action.DECIDE)
    with home().session() as session:
        saved = records_file.import_records(session, text, origin=name, actor=actor)
    look_again()
    return saved


def as_file(decisions: Decisions) -> str:
    """The decisions as a records file."""
    return records_file.to_toml(decisions)
