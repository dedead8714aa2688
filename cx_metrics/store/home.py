"""A home: the folder and records one installation works on, and the lock that lets one process write at a time."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from cx_metrics.config import Settings
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.errors import Busy, StoreError
from cx_metrics.store import database
from cx_metrics.store.lake.tables import Lake
from cx_metrics.store.turns import DatabaseTurn, FolderTurn, Turn


@dataclass(frozen=True)
class Home:
    """Where one installation's data rests.

    Attributes:
        settings: The settings in force.
    """

    settings: Settings
    _turns: list[Turn] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """The folder, made when first asked for."""
        folder = self.settings.home
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The home {folder} can't be made: {error.strerror}. Set CX_HOME.") from error
        return folder

    @property
    def mart(self) -> Path:
        """The folder of the mart."""
        return self.folder / "mart"

    @property
    def forecast(self) -> Path:
        """The folder of the forecast."""
        return self.folder / "forecast"

    def rejects_file(self, load: int) -> Path:
        """Where the rejected rows of a load stand, as CSV; no file where none were."""
        return self.folder / "rejects" / f"load-{load}.csv"

    @cached_property
    def lake(self) -> Lake:
        """The contacts."""
        return Lake(self.settings.lake, self.check_turn)

    def session(self) -> AbstractContextManager[Session]:
        """A session on the records: commits when its block ends well."""
        self.folder  # noqa: B018  SQLite needs the folder to exist
        return database.session(self.settings.records_url)

    def upload_folder(self) -> Path:
        """A new folder for an uploaded file; removed by the next writer after this process has ended."""
        folder = self.folder / "work" / f"{os.getpid()}-{time.monotonic_ns()}"
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for temporary files, removed at the end whatever happens."""
        folder = self.upload_folder()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writing(self, what: str, *, progress: Progress = silent, patience: float | None = None) -> Iterator[None]:
        """Hold the home for writing; a process that has to wait says for whom.

        Args:
            what: What is being written, in words; shown to processes that wait.
            progress: Told ``waiting for ...`` while another process writes.
            patience: Seconds to wait for it; default: ``CX_LOCK_WAIT``.

        Raises:
            Busy: Another process did not finish in this time.
        """
        turns: list[Turn] = [FolderTurn(self.folder)]
        if self.is_shared:
            turns.insert(0, DatabaseTurn(self.settings.records_url))
        deadline = time.monotonic() + (self.settings.lock_wait if patience is None else patience)
        try:
            for turn in turns:
                while not turn.take(what, patience=min(1.0, max(deadline - time.monotonic(), 0))):
                    progress(f"waiting for {turn.holder()}", 0.0)
                    if time.monotonic() >= deadline:
                        raise Busy(
                            f"The home {self.folder} is being written by {turn.holder()}. "
                            "Nothing was changed; try again when it has finished."
                        )
            self._turns[:] = turns
            self._sweep()
            yield
        finally:
            if self._turns == turns:
                self._turns.clear()
            for turn in reversed(turns):
                turn.give_back()

    @property
    def is_shared(self) -> bool:
        """Whether homes on other machines may share its records and its lake."""
        return self.settings.records_url.startswith("postgresql")

    def check_turn(self) -> None:
        """Make sure that what is held for writing is still held.

        Raises:
            StoreError: The database that told whose turn it is was away; another process may be writing by now.
        """
        for turn in self._turns:
            turn.check()

    def _sweep(self) -> None:
        """Remove scratch folders of processes that are gone."""
        for folder in (self.folder / "work").glob("*-*"):
            pid = folder.name.partition("-")[0]
            if pid.isdigit() and not _alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
