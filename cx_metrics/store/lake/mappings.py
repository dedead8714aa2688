"""Which mapping an extract is read with: an analyst's own, kept in the records, or a shipped preset."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.contacts.mapping import Mapping, parse_mapping, read_mapping, to_toml
from cx_metrics.contacts.presets import PRESETS, load_preset
from cx_metrics.errors import BadMapping, BadUse, did_you_mean
from cx_metrics.store import ledger
from cx_metrics.store.records import Load, LoadState, SavedMapping


def saved(session: Session) -> tuple[str, ...]:
    """Names of the saved mappings, sorted."""
    return tuple(session.scalars(select(SavedMapping.name).order_by(SavedMapping.name)))


def save(session: Session, mapping: Mapping, *, actor: str) -> None:
    """Keep a mapping under its name; one of the same name is replaced.

    Raises:
        BadUse: The name is empty or belongs to a preset.
    """
    name = mapping.name.strip()
    if not name or name in PRESETS:
        raise BadUse(f"A mapping can't be saved as '{name}': give it a name of its own, other than a preset's.")
    old = session.get(SavedMapping, name)
    text = to_toml(mapping)
    ledger.audit(
        session,
        actor=actor,
        action="save mapping",
        subject=name,
        before={"toml": old.toml} if old else None,
        after={"toml": text},
    )
    session.merge(SavedMapping(name=name, toml=text))


def find(session: Session, name: str) -> Mapping:
    """The mapping of that name: a saved one, a preset, or a TOML file.

    Raises:
        BadMapping: There is none, or the file is no mapping.
    """
    if (own := session.get(SavedMapping, name)) is not None:
        return parse_mapping(own.toml, origin=name)
    if name in PRESETS:
        return load_preset(name)
    if name.endswith(".toml") or _is_file(name):
        return read_mapping(Path(name))
    known = (*saved(session), *PRESETS)
    raise BadMapping(f"There is no mapping '{name}'; {did_you_mean(name, known)} A TOML file works as well.")


def last_used(session: Session, source: str) -> str | None:
    """Name of the mapping with which a source was loaded last, where it can be had again."""
    name = session.scalars(
        select(Load.mapping)
        .where(Load.source == source, Load.state == LoadState.LOADED)
        .order_by(Load.id.desc())
        .limit(1)
    ).first()
    return name if name in (*saved(session), *PRESETS) else None


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False
