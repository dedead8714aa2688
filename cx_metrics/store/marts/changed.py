"""Which months of the mart a change of the lake, or of the data cut-off, can have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cx_metrics.contacts.schema import lake_columns
from cx_metrics.store.engines.engine import Engine, statement
from cx_metrics.store.lake.object_store import file_at
from cx_metrics.store.marts.mart import WINDOWS
from cx_metrics.store.marts.months import month_of, start_of

LONGEST = timedelta(days=max(WINDOWS))
BEFORE_ALL = datetime(1900, 1, 1)

_UNREAD = {"reopens", "transfers", "subject", "load"}
LAKE_COLUMNS = {name: kind for name, kind in lake_columns().items() if name not in _UNREAD}
"""The columns of the lake that the mart depends on, with their types."""


@dataclass(frozen=True)
class LakeState:
    """What a mart is built from.

    Attributes:
        files: Parquet files of one snapshot of the lake.
        watermark: The data cut-off T in UTC.
        data_start: First ``started_at`` of all contacts; None without contacts.
    """

    files: tuple[str, ...]
    watermark: datetime | None
    data_start: datetime | None

    @property
    def months(self) -> frozenset[int]:
        """The months that have contacts."""
        return frozenset(map(month_of, self.files))

    @property
    def cutoff(self) -> datetime:
        """The watermark, or a time before all contacts where there is none."""
        return self.watermark or BEFORE_ALL


def open_lake(engine: Engine, files: Sequence[str]) -> None:
    """Names files of the lake ``lake``, and its narrow rows ``contacts``."""
    engine.files("lake", files=files, columns=LAKE_COLUMNS)
    engine.view("contacts", statement("contacts"))


def changed_months(engine: Engine, *, old: LakeState, new: LakeState) -> frozenset[int]:
    """The months of the new lake whose part of the mart can differ from the old one's.

    These are the months of files that came or went, and those of contacts elsewhere that such rows, a moved
    cut-off or another start of the data reach: as neighbours of the same customer and intent, by what has
    matured, or by what can't be known to be first. All months, where a file that went can't be read any more or
    lies in the lake of another home, as after a copy.
    """
    gone = set(old.files) - set(new.files)
    differing = sorted(gone | (set(new.files) - set(old.files)))
    lake = {Path(file).parent.parent for file in new.files}
    readable = all(Path(file).parent.parent in lake and file_at(file).exists() for file in gone)
    if not readable or None in (old.watermark, new.watermark):
        return new.months
    months = {month_of(file) for file in differing}
    if differing or old.cutoff != new.cutoff:
        months |= _affected(engine, differing, old=old, new=new)
    if old.cutoff != new.cutoff:
        months |= _maturing(engine, old=old, new=new)
    if old.data_start != new.data_start:
        months |= _at_the_edge(old=old, new=new)
    return frozenset(months) & new.months


def _affected(engine: Engine, differing: Sequence[str], *, old: LakeState, new: LakeState) -> set[int]:
    earlier, later = sorted((old.cutoff, new.cutoff))
    open_lake(engine, differing)
    engine.table("changed_rows", statement("changed_rows", later_cutoff=later))
    open_lake(engine, new.files)
    engine.table("changes", statement("changes", earlier_cutoff=earlier, later_cutoff=later))
    ((first,),) = engine.rows("SELECT min(first_at) FROM changes")
    if first is None:
        return set()
    found = engine.rows(statement("affected_months", floor=first - LONGEST, later_cutoff=later))
    return {month for (month,) in found}


def _maturing(engine: Engine, *, old: LakeState, new: LakeState) -> set[int]:
    earlier, later = sorted((old.cutoff, new.cutoff))
    open_lake(engine, new.files)
    found = engine.rows(statement("maturing_months", floor=earlier - LONGEST, later_cutoff=later))
    return {month for (month,) in found}


def _at_the_edge(*, old: LakeState, new: LakeState) -> set[int]:
    starts = [start for start in (old.data_start, new.data_start) if start is not None]
    return {month for month in new.months if start_of(month) < max(starts) + LONGEST}
