"""What a machine refuses, as a sentence: no room on the disk, no right to write, no memory, a database that is gone."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from deltalake.exceptions import DeltaError
from pyarrow import ArrowException

from cx_metrics.errors import StoreError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("no space left", "disk is full", "quota exceeded", "file too large", "not enough space")
_REFUSED = (OSError, DeltaError, ArrowException, duckdb.IOException, duckdb.OutOfMemoryException)


@contextmanager
def told(what: str, *, folder: Path) -> Iterator[None]:
    """Tells what a machine refused in the middle of some work.

    Args:
        what: The work, as the beginning of a sentence.
        folder: The home, whose disk may be full.

    Raises:
        StoreError: In place of what the libraries raise.
    """
    try:
        yield
    except _REFUSED as error:
        raise StoreError(f"{what} stopped: {trouble(error, folder=folder)}. {_AFTER}") from error


_AFTER = "Nothing is left half done: the next load or refresh undoes or finishes it. Try again then."


def trouble(error: Exception, *, folder: Path) -> str:
    """What went wrong and what to do, as half a sentence.

    Args:
        error: What a library raised.
        folder: Where it wanted to write.
    """
    if is_full(error):
        return f"there is no room left where {folder} lies ({_free(folder)} free); make room"
    words = getattr(error, "strerror", None) or (str(error).strip().splitlines() or [type(error).__name__])[0]
    named = getattr(error, "filename", None)
    return f"{words} ({named})" if named else str(words).rstrip(".")


def records_trouble(error: Exception) -> str:
    """What went wrong with the records, as the beginning of a sentence."""
    first = (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    if is_full(error):
        return f"There is no room left where the records lie ({first}): make room"
    return f"The records' database does not answer ({first})"


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disk is full."""
    text = str(error).lower()
    return getattr(error, "errno", None) in _FULL or any(words in text for words in _FULL_WORDS)


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.0f} MB"
    except OSError:
        return "nothing"
