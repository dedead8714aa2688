"""What pages do: load, take back, save. Each goes through the same doors as the command line, if who acts may."""

from __future__ import annotations

from pathlib import Path

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.contacts.progress import Progress, part
from cx_metrics.store.lake import intake, mappings
from cx_metrics.store.lake.loading import LoadResult, load
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.people.access import Action
from pages.shared import who
from pages.shared.loaders import home, look_again


def bring_in(
    path: Path,
    *,
    source: str,
    mapping: Mapping,
    timezone: str | None,
    dry_run: bool,
    remove: tuple[int, ...],
    progress: Progress,
) -> LoadResult:
    """Load an extract, or try it; then take back the loads it replaces and refresh the mart.

    Raises:
        CxError: Nothing was loaded; the message says why.
    """
    opened, actor = home(), who.acting(Action.LOAD)
    if remove:
        who.acting(Action.WITHDRAW)
    result = load(
        opened,
        path,
        source=source,
        mapping=mapping,
        actor=actor,
        timezone=timezone,
        dry_run=dry_run,
        rejects_to=path.with_name("rejected-rows.csv") if dry_run else None,
        progress=part(progress, 0.0, 0.7),
    )
    if not dry_run:
        if result.receipt.accepted:
            for number in remove:
                intake.take_back(opened, number, actor=actor, progress=part(progress, 0.7, 0.75))
        bring_up_to_date(opened, progress=part(progress, 0.75, 1.0))
        look_again()
    return result


def take_back(number: int, *, progress: Progress) -> None:
    """Withdraw a load and refresh the mart."""
    actor = who.acting(Action.WITHDRAW)
    intake.take_back(home(), number, actor=actor, progress=part(progress, 0.0, 0.5))
    bring_up_to_date(home(), progress=part(progress, 0.5, 1.0))
    look_again()


def save_mapping(mapping: Mapping) -> None:
    """Keep a mapping under its name."""
    actor = who.acting(Action.SAVE_MAPPING)
    with home().session() as session:
        mappings.save(session, mapping, actor=actor)
