"""Whether the mart tells the present lake, and bringing it there."""

from __future__ import annotations

from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.errors import StoreError
from cx_metrics.store import ledger
from cx_metrics.store.decided import alerts
from cx_metrics.store.decided.deciding import decisions
from cx_metrics.store.decided.decisions import Decisions
from cx_metrics.store.engines.choosing import opened_engine
from cx_metrics.store.engines.engine import Engine
from cx_metrics.store.home import Home
from cx_metrics.store.lake.repair import repair
from cx_metrics.store.marts.forecasts import is_made_from, write_forecasts
from cx_metrics.store.marts.mart import Manifest, Mart, open_mart, read_manifest
from cx_metrics.store.marts.refresh import RefreshReport, refresh
from cx_metrics.store.trouble import told


def is_stale(home: Home) -> bool:
    """Whether the mart or its forecast was built from something else than the present lake, ledger and settings."""
    manifest = read_manifest(home.mart)
    if manifest is None:
        return True
    return why_stale(home, manifest) is not None or not is_made_from(home.forecast, manifest.version)


def why_stale(home: Home, manifest: Manifest) -> str | None:
    """What a mart was built from that is not so at present, as a sentence; None where it is up to date."""
    cutoff = _cutoff(home)
    if sorted(manifest.lake_files) != home.lake.contacts.files():
        return "it was built from other files than those of the present lake"
    if (manifest.watermark, tuple(manifest.lagging)) != (cutoff.watermark, cutoff.lagging):
        return f"it was built for data complete to {manifest.watermark} UTC; the ledger says {cutoff.watermark}"
    if manifest.timezone != home.settings.timezone:
        return f"its days are days in {manifest.timezone}; the setting is {home.settings.timezone}"
    return None


def bring_up_to_date(
    home: Home, *, full: bool = False, progress: Progress = silent, patience: float | None = None
) -> RefreshReport:
    """Rebuild what changed in the mart, then its forecast; waits while another process writes.

    Args:
        home: Whose mart.
        full: Rebuild everything, whatever changed.
        progress: Told the steps.
        patience: Seconds to wait for another process; default: ``CX_LOCK_WAIT``.

    Raises:
        Busy: Another process kept the home for writing too long.
    """
    with (
        told("The refresh", folder=home.folder),
        home.writing("refresh of the mart", progress=progress, patience=patience),
        home.scratch() as folder,
    ):
        repair(home, progress=progress)
        # Before the mart: what a crash leaves undone is done again as long as the mart is stale.
        alerts.recount(home)
        cutoff = _cutoff(home)
        with opened_engine(home, scratch=folder) as engine:
            report = refresh(
                home.mart,
                lake_files=home.lake.contacts.files(),
                watermark=cutoff.watermark,
                lagging=cutoff.lagging,
                timezone=home.settings.timezone,
                engine=engine,
                full=full,
                progress=part(progress, 0.0, 0.95),
            )
            _forecast(home, engine.local, progress=part(progress, 0.95, 1.0))
            return report


def fresh_mart(home: Home, *, progress: Progress = silent) -> Mart:
    """The mart of the present lake, rebuilt first where it is not, under what is decided at present.

    Raises:
        StoreError: Nothing has been loaded yet.
    """
    if not home.lake.contacts.files():
        raise StoreError("There is no data yet. Start with: python -m cx_metrics load FILE --source NAME")
    if is_stale(home):
        bring_up_to_date(home, progress=progress)
    return open_mart(home.mart, decisions=decided(home))


def decided(home: Home) -> Decisions:
    """What is decided at present."""
    with home.session() as session:
        return decisions(session, currency=home.settings.currency)


def _forecast(home: Home, engine: Engine, *, progress: Progress) -> None:
    manifest = read_manifest(home.mart)
    assert manifest is not None
    write_forecasts(engine, manifest, mart=home.mart, folder=home.forecast, progress=progress)


def _cutoff(home: Home) -> ledger.Cutoff:
    with home.session() as session:
        return ledger.cutoff(session)
