"""Files that a power cut doesn't lose: on disk with their contents and their names before anything relies on them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def put(new: Path, target: Path) -> None:
    """Makes a new file take the place of another, at once or not at all; both lie in one folder."""
    _sync(new)
    os.replace(new, target)
    _sync(target.parent)


def settle(paths: Iterable[Path]) -> None:
    """Waits until files rest on disk, and the folders that name them."""
    files = list(paths)
    for path in files:
        _sync(path)
    for folder in sorted({path.parent for path in files}):
        _sync(folder)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
