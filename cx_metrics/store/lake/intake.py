"""Loading and taking back as people ask for it: by names of mappings and numbers of loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cx_metrics.contacts.fit import suggest_mapping
from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.presets import fitting, load_preset
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.contacts.staging import first_rows
from cx_metrics.contacts.tables import open_table
from cx_metrics.errors import BadMapping
from cx_metrics.store import ledger
from cx_metrics.store.engines.workbench import workbench
from cx_metrics.store.home import Home
from cx_metrics.store.lake import mappings
from cx_metrics.store.lake.loading import LoadResult, load
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.lake.withdrawing import withdraw
from cx_metrics.store.records import Load, LoadState
from cx_metrics.store.trouble import told


def take_in(
    home: Home,
    path: Path,
    *,
    source: str,
    mapping: str | None = None,
    timezone: str | None = None,
    complete_until: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> LoadResult:
    """Load one extract with a mapping by its name, or with the one that fits.

    Without a name it is the mapping this source was loaded with last, else the preset whose columns the extract has,
    else the extract's columns under the names of a contact's.

    Raises:
        BadInput: The extract or the mapping can't be used; nothing was changed.
    """
    with home.session() as session:
        name = mapping or mappings.last_used(session, source)
        chosen = mappings.find(session, name) if name else None
    return load(
        home,
        path,
        source=source,
        mapping=chosen or fitting_mapping(home, path),
        actor=home.settings.actor,
        timezone=timezone,
        complete_until=_naive_utc(complete_until),
        dry_run=dry_run,
        progress=progress,
    )


@dataclass(frozen=True)
class Preview:
    """An extract before it is mapped.

    Attributes:
        headers: Its columns, as a mapping addresses them.
        rows: Its first rows, cell texts by header.
        read_as: Format, encoding and delimiter found out, in words.
        presets: The presets that fit, best first.
        suggested: Its columns under the names of a contact's.
    """

    headers: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    read_as: str
    presets: tuple[str, ...]
    suggested: Mapping


def look_at(home: Home, path: Path, *, mapping: Mapping | None = None) -> Preview:
    """The first rows of an extract and what would fit it, without reading it as a whole where that can be had.

    Raises:
        BadExtract: The file is no readable table.
    """
    with home.scratch() as folder, workbench(home.settings, folder, files=[path]) as connection:
        told = {name: getattr(mapping, name) for name in ("format", "encoding", "sheet")} if mapping else {}
        most = home.settings.max_unpacked_mb * 1_000_000
        table = open_table(path, connection=connection, workdir=folder, most_bytes=most, **told)
        rows = first_rows(table, connection=connection, n=20)
    found = [table.format, table.encoding, f"columns parted by {table.delimiter!r}" if table.delimiter else None]
    return Preview(
        headers=table.headers,
        rows=tuple(rows),
        read_as=", ".join(word for word in found if word),
        presets=tuple(fitting(table.headers)),
        suggested=suggest_mapping(table.headers),
    )


def fitting_mapping(home: Home, path: Path) -> Mapping:
    """The preset whose columns an extract has, else its columns under the names of a contact's.

    Raises:
        BadMapping: No preset fits and the extract has no columns ``contact_id`` and ``started_at``.
    """
    seen = look_at(home, path)
    if seen.presets:
        return load_preset(seen.presets[0])
    if not {"contact_id", "started_at"} <= seen.suggested.columns.keys():
        raise BadMapping(
            f"No mapping was named and none fits {path.name}. Its columns are: {', '.join(seen.headers)}. "
            "Name one with --mapping, or write a TOML file that says which columns hold contact_id and started_at."
        )
    return seen.suggested


def take_back(home: Home, load_number: int, *, actor: str | None = None, progress: Progress = silent) -> None:
    """Withdraw a load by its number; waits while another process writes.

    What the demo company decided goes with the last of its loads, except what somebody has changed since.
    """
    actor = actor or home.settings.actor
    what = f"withdrawal of load {load_number}"
    with told(f"The {what}", folder=home.folder), home.writing(what, progress=progress):
        repair(home, progress=progress)
        withdraw(home, load_number, actor=actor, progress=progress)


def demo_loads(home: Home) -> tuple[int, ...]:
    """Numbers of the loads that brought demo data and still count, newest first."""
    with home.session() as session:
        rows = ledger.loads(session)
        return tuple(row.id for row in rows if row.demo and row.state == LoadState.LOADED)


def is_empty(home: Home) -> bool:
    """Whether nothing was ever loaded here."""
    with home.session() as session:
        return session.query(Load.id).first() is None


def _naive_utc(stamp: datetime | None) -> datetime | None:
    return stamp.astimezone(UTC).replace(tzinfo=None) if stamp and stamp.tzinfo else stamp
