"""Fill an empty home with the demo company, through the same doors as any other extract and records file."""

from __future__ import annotations

from pathlib import Path

from cx_metrics.contacts.mapping import read_mapping
from cx_metrics.contacts.progress import Progress, part, silent
from cx_metrics.demo.files import write_demo
from cx_metrics.store.decided import deciding, records_file
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import is_empty
from cx_metrics.store.lake.loading import load


def fill(home: Home, *, scale: float = 1.0, progress: Progress = silent) -> bool:
    """Write the demo company's files, load its extracts and decide what it decided; the mart is not refreshed.

    Where something is decided already, that stands, and nothing of the demo's is added.

    Args:
        home: Where to.
        scale: Share of the demo's contacts, for tests.
        progress: Told each step and the share done.

    Returns:
        False where the home already has loads: then nothing is done.
    """
    if not is_empty(home):
        return False
    with home.scratch() as folder:
        extracts = write_demo(folder, scale=scale, progress=part(progress, 0.0, 0.3))
        _decide(home, folder / "records.toml")
        step = 0.7 / len(extracts)
        for number, extract in enumerate(extracts):
            start = 0.3 + number * step
            load(
                home,
                extract.path,
                source=extract.source,
                mapping=read_mapping(extract.mapping),
                actor=home.settings.actor,
                demo=True,
                progress=part(progress, start, start + step),
            )
    return True


def _decide(home: Home, file: Path) -> None:
    with home.session() as session:
        if not deciding.decisions_stamp(session):
            records_file.import_records(session, records_file.read_text(file), origin=file.name, actor=deciding.DEMO)
