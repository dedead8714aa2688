"""A backup on disk: a folder, or one ZIP file, with a list of its files and their checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from pydantic import TypeAdapter, ValidationError

from cx_metrics.errors import BadUse, StoreError
from cx_metrics.store import durable

FORMAT = 1
"""Version of a backup's layout."""

CONTENTS = "backup.json"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A file of a backup.

    Attributes:
        size: Bytes.
        sha256: Checksum.
    """

    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a backup says about itself.

    Attributes:
        format: Version of its layout.
        made_at: When, UTC.
        program: Version of the records' tables.
        timezone: Business time zone of the home.
        currency: Of all amounts of the home.
        loads: How many loads count.
        contacts: How many contacts there are.
        files: The others of its files by their names.
    """

    format: int
    made_at: datetime
    program: str
    timezone: str
    currency: str
    loads: int
    contacts: int
    files: dict[str, Kept] = field(default_factory=dict)


_AS_JSON = TypeAdapter(Contents)


class Place(Protocol):
    """A file or folder of a backup: as of `pathlib.Path` and `zipfile.Path`."""

    def joinpath(self, *parts: str) -> Place: ...
    def open(self, mode: str = "r") -> IO[bytes]: ...
    def exists(self) -> bool: ...


class Writer:
    """A backup that is being written, under a name of its own until it is whole.

    Args:
        target: A folder that is not there yet, or a file whose name ends in ``.zip``.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.files: dict[str, Kept] = {}
        self._draft = target.with_name(f"{target.name}.part")
        _remove(self._draft)
        self._zip = zipfile.ZipFile(self._draft, "w") if _is_zip(target) else None

    @contextmanager
    def adding(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write into."""
        with self._opened(name) as opened:
            counted = _Counted(opened)
            yield counted  # type: ignore[misc]
        self.files[name] = Kept(counted.size, counted.digest.hexdigest())

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Add what another file holds."""
        with self.adding(name) as target:
            shutil.copyfileobj(source, target, _BLOCK)

    def finish(self, contents: Contents) -> None:
        """Add the list of files, read everything again, and give the backup its name."""
        with self._opened(CONTENTS) as opened:
            opened.write(_AS_JSON.dump_json(contents, indent=1))
        if self._zip:
            self._zip.close()
        verify(root_of(self._draft), contents)
        durable.settle([path for path in (self._draft, *self._draft.rglob("*")) if path.exists()])
        os.replace(self._draft, self.target)
        durable.settle([self.target])

    def discard(self) -> None:
        """Leave nothing of a backup that did not become whole."""
        if self._zip:
            self._zip.close()
        _remove(self._draft)

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if self._zip:
            with self._zip.open(
                zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), "w", force_zip64=True
            ) as opened:
                yield opened
            return
        path = self._draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as opened:
            yield opened


class _Counted:
    """A file that counts and hashes what is written into it."""

    def __init__(self, opened: IO[bytes]) -> None:
        self.size, self.digest, self._opened = 0, hashlib.sha256(), opened

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.digest.update(data)
        return self._opened.write(data)


def root_of(backup: Path) -> Place:
    """The root of a backup's files.

    Raises:
        StoreError: It is no backup.
    """
    try:
        root: Place = zipfile.Path(backup) if backup.is_file() else backup  # type: ignore[assignment]
    except (OSError, zipfile.BadZipFile) as error:
        raise StoreError(f"{backup} is no backup: {error}.") from error
    return root


def read_contents(backup: Path) -> Contents:
    """What a backup says about itself.

    Raises:
        StoreError: It is no backup, or one of another layout.
    """
    try:
        with root_of(backup).joinpath(CONTENTS).open("rb") as opened:
            contents = _AS_JSON.validate_json(opened.read())
    except (OSError, KeyError, ValidationError, zipfile.BadZipFile) as error:
        raise StoreError(f"{backup} is no backup: its list of files, {CONTENTS}, can't be read.") from error
    if contents.format != FORMAT:
        raise StoreError(f"{backup} is a backup of format {contents.format}; this program reads format {FORMAT}.")
    return contents


def verify(root: Place, contents: Contents) -> None:
    """Read every file of a backup and compare it with the list.

    Raises:
        StoreError: A file is missing or not what was written.
    """
    for name, kept in contents.files.items():
        try:
            with root.joinpath(name).open("rb") as opened:
                digest, size = hashlib.sha256(), 0
                while block := opened.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
        except (OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreError(f"The backup is damaged: {name} can't be read. Use another one.") from error
        if (size, digest.hexdigest()) != (kept.size, kept.sha256):
            raise StoreError(f"The backup is damaged: {name} is not what was written. Use another one.")


def check_free(target: Path) -> None:
    """Refuse to write over something.

    Raises:
        BadUse: The target is there already, or its folder isn't.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise BadUse(f"{target} is there already: name a folder or .zip file that isn't there yet.")
    if not target.absolute().parent.is_dir():
        raise BadUse(f"There is no folder {target.absolute().parent} to write {target.name} into.")


def _is_zip(target: Path) -> bool:
    return target.suffix.lower() == ".zip"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
