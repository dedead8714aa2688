"""Whether the mart tells the present lake, and bringing it there."""

from __future__ import annotations

from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import StoreError
from cx_metrics.store import ledger
from cx_metrics.store.duckdb_engine import DuckDBEngine
from cx_metrics.store.home import Home
from cx_metrics.store.mart import Mart, open_mart, read_manifest
from cx_metrics.store.refresh import RefreshReport, refresh
from cx_metrics.store.repair import repair


def is_stale(home: Home) -> bool:
    """Whether the mart was built from something else than the present lake, ledger and settings."""
    manifest = read_manifest(home.mart)
    if manifest is None:
        return True
    cutoff = _cutoff(home)
    return (
        sorted(manifest.lake_files) != home.lake.contacts.files()
        or manifest.watermark != cutoff.watermark
        or tuple(manifest.lagging) != cutoff.lagging
        or manifest.timezone != home.settings.timezone
    )


def bring_up_to_date(home: Home, *, full: bool = False, progress: Progress = silent) -> RefreshReport:
    """Rebuild what changed in the mart; waits while another process writes.

    Raises:
        Busy: Another process kept the home for writing too long.
    """
    with home.writing("refresh of the mart", progress=progress), home.scratch() as folder:
        repair(home, progress=progress)
        cutoff = _cutoff(home)
        with DuckDBEngine(
            memory=home.settings.memory,
            threads=home.settings.threads,
            timezone=home.settings.timezone,
            scratch=folder,
        ) as engine:
            return refresh(
                home.mart,
                lake_files=home.lake.contacts.files(),
                watermark=cutoff.watermark,
                lagging=cutoff.lagging,
                timezone=home.settings.timezone,
                engine=engine,
                full=full,
                progress=progress,
            )


def fresh_mart(home: Home, *, progress: Progress = silent) -> Mart:
    """The mart of the present lake, rebuilt first where it is not.

    Raises:
        StoreError: Nothing has been loaded yet.
    """
    if not home.lake.contacts.files():
        raise StoreError("There is no data yet. Start with: python -m cx_metrics load FILE --source NAME")
    if is_stale(home):
        bring_up_to_date(home, progress=progress)
    return open_mart(home.mart)


def _cutoff(home: Home) -> ledger.Cutoff:
    with home.session() as session:
        return ledger.cutoff(session)
