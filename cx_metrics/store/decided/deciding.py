"""Deciding: what people decided is read, checked, written and audited here, and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session

from cx_metrics.contacts.mapping_checks import Problems
from cx_metrics.errors import BadInput, StoreError
from cx_metrics.store import ledger
from cx_metrics.store.decided.decision_rules import (
    RULES,
    Table,
    check_alert,
    check_owners,
    check_rate,
    check_units,
    read_fields,
)
from cx_metrics.store.decided.decisions import Alert, Decisions, IntentDecision, Rate, XUnits
from cx_metrics.store.decided.fixes import fixes
from cx_metrics.store.records import AlertRow, Audit, Base, ChannelRate, Intent, Revision, UnitsOfX

Key = tuple[str | date, ...]
Fields = dict[str, Any]

DEMO = "demo"
"""Who decided what belongs to the demo company."""

ACTIONS: Mapping[Table, str] = {
    "intents": "decide intent",
    "rates": "decide rate",
    "x_units": "decide units",
    "alerts": "note alert",
}
"""What the audit trail calls a decision of each kind."""

_ROWS: Mapping[Table, type[Base]] = {
    "intents": Intent,
    "rates": ChannelRate,
    "x_units": UnitsOfX,
    "alerts": AlertRow,
}
_NAME = "decisions"


@dataclass(frozen=True)
class Draft:
    """One decision as it was handed in.

    Attributes:
        table: Its kind.
        given: Its values by the name they have in files; what is absent stays as it was.
        where: What a problem with it begins with.
    """

    table: Table
    given: Mapping[str, object]
    where: str


@dataclass(frozen=True)
class Saved:
    """What became of the decisions handed in, in numbers."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Edit:
    """One change of a decision, as the audit trail has it: values before and after, None where there was none."""

    audit: Audit
    table: Table

    @property
    def key(self) -> Key:
        """What the decision is about."""
        return _key(self.table, self.audit.after or self.audit.before or {})


def decisions(session: Session, *, currency: str) -> Decisions:
    """All that is decided at present.

    Args:
        session: On the records.
        currency: ISO 4217 code of all amounts.
    """
    stamp = None
    while stamp != (stamp := decisions_stamp(session)):
        present, fixed = _present(session), fixes(session)
    return Decisions(
        stamp=stamp or "",
        intents=tuple(IntentDecision(**fields) for _, fields in sorted(present["intents"].items())),
        rates=tuple(Rate(**fields) for _, fields in sorted(present["rates"].items())),
        x_units=tuple(XUnits(**fields) for _, fields in sorted(present["x_units"].items())),
        currency=currency,
        fixes=fixed,
        alerts=tuple(Alert(**fields) for _, fields in sorted(present["alerts"].items())),
    )


def decisions_stamp(session: Session) -> str:
    """What tells the present decisions from those of any other moment; empty where nothing was ever decided."""
    return session.scalar(select(Revision.stamp).where(Revision.name == _NAME)) or ""


def hold(session: Session) -> None:
    """Keep everybody else from deciding until the session ends."""
    session.execute(update(Revision).where(Revision.name == _NAME).values(stamp=Revision.stamp))


def renew_stamp(session: Session) -> None:
    """Tell the present decisions from those before: what was computed under them is computed anew."""
    session.execute(update(Revision).where(Revision.name == _NAME).values(stamp=uuid4().hex))


def save_intents(session: Session, entries: Iterable[IntentDecision], *, actor: str) -> Saved:
    """Decide about intents: each takes the place of what was decided about it before. As `save`."""
    return save(session, [draft("intents", entry) for entry in entries], actor=actor)


def save_rates(session: Session, entries: Iterable[Rate], *, actor: str) -> Saved:
    """Decide rates: each takes the place of the channel's earlier one from that day on. As `save`."""
    return save(session, [draft("rates", entry) for entry in entries], actor=actor)


def save_alerts(session: Session, entries: Iterable[Alert], *, actor: str) -> Saved:
    """Note messages that were sent before customers asked: each takes the place of the one of that name. As `save`."""
    return save(session, [draft("alerts", entry) for entry in entries], actor=actor)


def save_x_units(session: Session, entries: Iterable[XUnits], *, actor: str) -> Saved:
    """Decide units of X: each takes the place of those of that day. As `save`."""
    return save(session, [draft("x_units", entry) for entry in entries], actor=actor)


def save(
    session: Session,
    drafts: Sequence[Draft],
    *,
    actor: str,
    gone: Collection[tuple[Table, Key]] = (),
    since: str | None = None,
    what: str = "What was decided",
    problems: Problems | None = None,
) -> Saved:
    """Put decisions in force and take some away, all or none; each change leaves an audit row, anything else none.

    Args:
        session: On the records; nobody else can decide until it ends.
        drafts: What is decided, at most one for each key.
        actor: Who decides.
        gone: Decisions to take away, by kind and key.
        since: Stamp of the decisions that were looked at; None if that doesn't matter.
        what: How an error calls what was handed in.
        problems: What was wrong with it before it became drafts.

    Raises:
        BadInput: Something isn't allowed; the message lists every problem.
        StoreError: Somebody decided something else since.
    """
    hold(session)
    if since is not None and since != decisions_stamp(session):
        raise StoreError(
            "Somebody else changed the records since you opened them; nothing was saved. "
            "Reload to see what they say now, and make your changes again."
        )
    problems = problems or Problems()
    before = _present(session)
    after = _merged(before, drafts, problems=problems)
    for table, key in gone:
        after[table].pop(key, None)
    check_owners((fields for _, fields in sorted(after["intents"].items())), problems=problems)
    if problems.found:
        count = len(problems.found)
        lines = "".join(f"\n  - {problem}" for problem in problems.found)
        raise BadInput(f"{what} has {count} problem{'s' * (count > 1)}; nothing was saved:{lines}")
    return _write(session, before, after, drafts=len(drafts), actor=actor)


def draft(table: Table, entry: IntentDecision | Rate | XUnits | Alert) -> Draft:
    """A decision as something to save: what it does not say is decided no longer."""
    values = {name: _with_offset(value) for name, value in asdict(entry).items()}
    key = ", ".join(str(part) for part in _key(table, values))
    return Draft(table, {rule.title: values[rule.name] for rule in RULES[table]}, f"{table} '{key}'")


def _with_offset(value: object) -> object:
    """A time of the records, which is UTC, as it may be handed in."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def edits(session: Session, *, of: Table | None = None, limit: int | None = None) -> list[Edit]:
    """Who decided what and when, newest first; of one kind, or of all."""
    tables = {action: table for table, action in ACTIONS.items() if of in (None, table)}
    found = select(Audit).where(Audit.action.in_(tables)).order_by(Audit.id.desc()).limit(limit)
    return [Edit(row, tables[row.action]) for row in session.scalars(found)]


def remove_demo(session: Session, *, actor: str) -> Saved:
    """Take away what the demo company decided, except what somebody has changed since."""
    newest: dict[tuple[Table, Key], Edit] = {}
    for edit in edits(session):
        newest.setdefault((edit.table, edit.key), edit)
    gone = [at for at, edit in newest.items() if edit.audit.actor == DEMO and edit.audit.after is not None]
    return save(session, (), actor=actor, gone=gone)


def _present(session: Session) -> dict[Table, dict[Key, Fields]]:
    found: dict[Table, dict[Key, Fields]] = {}
    for table, row in _ROWS.items():
        names = [rule.name for rule in RULES[table]]
        lines = session.execute(select(*(getattr(row, name) for name in names)))
        entries = (dict(zip(names, line, strict=True)) for line in lines)
        found[table] = {_key(table, entry): entry for entry in entries}
    return found


def _merged(
    before: Mapping[Table, Mapping[Key, Fields]], drafts: Iterable[Draft], *, problems: Problems
) -> dict[Table, dict[Key, Fields]]:
    after = {table: dict(entries) for table, entries in before.items()}
    seen: dict[tuple[Table, Key], str] = {}
    for each in drafts:
        so_far = len(problems.found)
        found = read_fields(each.table, each.given, where=each.where, problems=problems)
        if any(rule.key and rule.name not in found for rule in RULES[each.table]):
            continue
        key = _key(each.table, found)
        first = seen.setdefault((each.table, key), each.where)
        if first is not each.where:
            problems.add(each.where, f"says the same again as {first}; keep one of them")
        empty = dict.fromkeys(rule.name for rule in RULES[each.table])
        entry = {**empty, **after[each.table].get(key, {}), **found}
        if each.table == "rates" and len(problems.found) == so_far:
            check_rate(entry, where=each.where, problems=problems)
            entry |= {name: entry[name] or Decimal(0) for name in ("per_minute", "per_contact")}
        elif each.table == "x_units" and len(problems.found) == so_far:
            check_units(entry, where=each.where, problems=problems)
        elif each.table == "alerts" and len(problems.found) == so_far:
            check_alert(entry, where=each.where, problems=problems)
        after[each.table][key] = entry
        if len(problems.found) > so_far:
            # Nothing will be written; a half-read entry would only raise doubts about the others.
            del after[each.table][key]
    return after


def _write(
    session: Session,
    before: Mapping[Table, Mapping[Key, Fields]],
    after: Mapping[Table, Mapping[Key, Fields]],
    *,
    drafts: int,
    actor: str,
) -> Saved:
    added = changed = removed = 0
    for table, row in _ROWS.items():
        old, new = before[table], after[table]
        fresh = [key for key in new if key not in old]
        other = [key for key in new if key in old and new[key] != old[key]]
        gone = [key for key in old if key not in new]
        if fresh:
            session.execute(insert(row), [new[key] for key in fresh])
        for key in other:
            session.execute(update(row).where(_is(table, key)).values(**new[key]))
        for key in gone:
            session.execute(delete(row).where(_is(table, key)))
        for key in (*fresh, *other, *gone):
            _audit(session, table, key, before=old.get(key), after=new.get(key), actor=actor)
        added, changed, removed = added + len(fresh), changed + len(other), removed + len(gone)
    if added or changed or removed:
        renew_stamp(session)
    return Saved(added=added, changed=changed, unchanged=drafts - added - changed, removed=removed)


def _audit(
    session: Session, table: Table, key: Key, *, before: Fields | None, after: Fields | None, actor: str
) -> None:
    ledger.audit(
        session,
        actor=actor,
        action=ACTIONS[table],
        subject=" from ".join(str(part) for part in key) if table == "rates" else " on ".join(str(p) for p in key),
        before=_as_json(before),
        after=_as_json(after),
    )


def _as_json(fields: Fields | None) -> Fields | None:
    if fields is None:
        return None
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value
        for name, value in fields.items()
        if value is not None
    }


def _key(table: Table, fields: Mapping[str, Any]) -> Key:
    return tuple(rule.parse(fields[rule.name]) for rule in RULES[table] if rule.key)


def _is(table: Table, key: Key) -> Any:
    row = _ROWS[table]
    names = [rule.name for rule in RULES[table] if rule.key]
    return and_(*(getattr(row, name) == part for name, part in zip(names, key, strict=True)))
