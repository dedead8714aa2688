"""Lake to mart: rebuilds the months that can have changed, and makes them the mart at once or not at all.

New files get a folder of their own that nobody knows yet; then one rename of the manifest names them.
Whatever stops a refresh before that leaves the old mart whole, and the next one sweeps what was left behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.contacts.schema import DIMENSIONS
from cx_metrics.errors import StoreError
from cx_metrics.store import durable
from cx_metrics.store.engines.engine import Engine, statement
from cx_metrics.store.marts.building import write_months
from cx_metrics.store.marts.changed import LakeState, changed_months, open_lake
from cx_metrics.store.marts.dispersion import DAYS, first_day, write_dispersion
from cx_metrics.store.marts.mart import (
    FORMAT,
    MANIFEST,
    MONTHLY_TABLES,
    Files,
    Manifest,
    paths_of,
    read_manifest,
    write_manifest,
)
from cx_metrics.store.marts.months import label, month_at, month_of

KEEP = timedelta(hours=1)
"""How long files of earlier marts stay for those who still read them."""


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did.

    Attributes:
        version: Of the mart as it is now.
        months_rebuilt: As ``2024-01``, oldest first.
        full: Whether the whole mart was rebuilt, not only what could have changed.
        seconds: How long it took.
    """

    version: str
    months_rebuilt: tuple[str, ...]
    full: bool
    seconds: float


def refresh(
    mart_dir: Path,
    *,
    lake_files: Sequence[str],
    watermark: datetime | None,
    lagging: tuple[tuple[str, datetime], ...],
    timezone: str,
    engine: Engine,
    full: bool = False,
    progress: Progress = silent,
) -> RefreshReport:
    """Brings the mart up to date with a snapshot of the lake. One process at a time.

    Args:
        mart_dir: The mart's folder; made where it is missing.
        lake_files: Parquet files of the snapshot, in folders ``month=YYYY-MM``.
        watermark: The data cut-off T in UTC; None without contacts.
        lagging: Sources that lag, with the time until which they are complete.
        timezone: The business time zone, the engine's own.
        engine: What runs the SQL.
        full: Rebuild everything, whatever changed.
        progress: Told the steps.

    Raises:
        StoreError: Memory or disk did not suffice; the mart is as it was.
    """
    started = time.perf_counter()
    assert timezone == engine.timezone, f"the engine's days are days in {engine.timezone}, not in {timezone}"
    mart_dir.mkdir(parents=True, exist_ok=True)
    present = read_manifest(mart_dir)
    _sweep(mart_dir, present)
    progress("finding what changed", 0.0)
    new = LakeState(tuple(sorted(lake_files)), watermark, _data_start(engine, lake_files))
    old = None if full or present is None else _comparable(present, engine)
    months = new.months if old is None else changed_months(engine, old=old, new=new)
    manifest = present
    if present is None or old != new or months or present.lagging != lagging:
        try:
            manifest = _built(mart_dir, present, new, months, lagging=lagging, engine=engine, progress=progress)
            write_manifest(mart_dir, manifest)
        except OSError as error:
            raise StoreError(f"{mart_dir} can't be written: {error.strerror}. The mart is as it was.") from error
    assert manifest is not None
    progress("done", 1.0)
    rebuilt = tuple(label(month) for month in sorted(months))
    return RefreshReport(manifest.version, rebuilt, old is None, time.perf_counter() - started)


def _comparable(present: Manifest, engine: Engine) -> LakeState | None:
    """What the present mart was built from; None where its keys or days are not this engine's."""
    if (present.engine, present.timezone) != (engine.fingerprint, engine.timezone):
        return None
    return LakeState(present.lake_files, present.watermark, present.data_start)


def _data_start(engine: Engine, files: Sequence[str]) -> datetime | None:
    first = min(map(month_of, files), default=0)
    open_lake(engine, [file for file in files if month_of(file) == first])
    start: datetime | None = engine.rows("SELECT min(started_at) FROM lake")[0][0]
    return start


def _built(
    folder: Path,
    present: Manifest | None,
    lake: LakeState,
    months: frozenset[int],
    *,
    lagging: tuple[tuple[str, datetime], ...],
    engine: Engine,
    progress: Progress,
) -> Manifest:
    """The manifest of a mart whose other months are the present one's; its new files are written."""
    now = _now()
    version = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    new = write_months(engine, lake, months, folder=folder / version, progress=part(progress, 0.1, 0.85))
    files = _merged(folder, present, new, keep=lake.months - months)
    progress("adding up", 0.85)
    manifest = Manifest(
        version=version,
        watermark=lake.watermark,
        timezone=engine.timezone,
        lagging=lagging,
        built_at=now,
        format=FORMAT,
        engine=engine.fingerprint,
        data_start=lake.data_start,
        lake_files=lake.files,
        files=files,
        dispersion=_write_effects(engine.local, folder, f"{version}/dispersion.parquet", files=files, lake=lake),
        retired={},
        **_count(engine.local, folder, files),
    )
    _settle(folder / version)
    digests = _digests(folder, manifest, known=present.digests if present else {})
    return replace(manifest, retired=_retired(present, manifest), digests=digests)


def _write_effects(engine: Engine, folder: Path, file: str, *, files: Files, lake: LakeState) -> str:
    """Writes the table of design effects; the file, relative to the mart's folder."""
    _open_mart_files(engine, folder, files, since=month_at(lake.cutoff - timedelta(days=DAYS + 1)))
    write_dispersion(engine, folder / file, since=first_day(lake.cutoff, timezone=engine.timezone))
    return file


def _merged(folder: Path, present: Manifest | None, new: Files, *, keep: frozenset[int]) -> Files:
    """The new files, and the present ones of the months to keep; relative to the mart's folder."""
    merged: Files = {}
    for table in MONTHLY_TABLES:
        old = present.files[table] if present else {}
        merged[table] = {month: own for month, own in old.items() if month in keep}
        for month, own in new.get(table, {}).items():
            merged[table][month] = tuple(str(Path(file).relative_to(folder)) for file in own)
    return merged


def _open_mart_files(engine: Engine, folder: Path, files: Files, *, since: int = 0) -> None:
    for table, columns in MONTHLY_TABLES.items():
        engine.files(table, files=paths_of(folder, files[table], since=since), columns=columns)


def _count(engine: Engine, folder: Path, files: Files) -> dict[str, Any]:
    _open_mart_files(engine, folder, files)
    contacts, identified, data_from, data_to = engine.rows(statement("facts"))[0]
    used = engine.rows(statement("dimensions"))[0]
    return {
        "contacts": contacts,
        "identified": identified,
        "data_from": data_from,
        "data_to": data_to,
        "dimensions": tuple(name for name, holds in zip(DIMENSIONS, used, strict=True) if holds),
    }


def _settle(folder: Path) -> None:
    """Makes sure that files rest on disk before a manifest names them."""
    durable.settle([*folder.rglob("*"), folder])


def _digests(folder: Path, manifest: Manifest, *, known: Mapping[str, str]) -> dict[str, str]:
    return {name: known.get(name) or _digest(folder / name) for name in sorted(manifest.named())}


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _retired(present: Manifest | None, manifest: Manifest) -> dict[str, datetime]:
    if present is None:
        return {}
    now_unnamed = present.named() - manifest.named()
    return _still_kept(present) | dict.fromkeys(sorted(now_unnamed), manifest.built_at)


def _still_kept(manifest: Manifest) -> dict[str, datetime]:
    """A clock that was ahead when a file went out of use does not keep it longer."""
    now = _now()
    return {file: min(since, now) for file, since in manifest.retired.items() if now - since < KEEP}


def _sweep(folder: Path, present: Manifest | None) -> None:
    """Removes files that no mart names: those long out of use, and what a stopped refresh left behind."""
    needed = {MANIFEST} | (present.named() | set(_still_kept(present)) if present else set())
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif str(path.relative_to(folder)) not in needed:
            path.unlink()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
