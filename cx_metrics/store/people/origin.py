"""From where somebody acts: a command line, a browser, a program; the audit trail keeps it beside who and when."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_CHARACTERS = 200

_ORIGIN: ContextVar[str | None] = ContextVar("cx_origin", default=None)


def origin() -> str:
    """From where the present work is done; a program on this host, where nobody said."""
    return _ORIGIN.get() or f"program on {socket.gethostname()}"[:MOST_CHARACTERS]


def act_from(text: str) -> None:
    """Say from where all that follows in this thread is done, until somebody says otherwise."""
    _ORIGIN.set(text[:MOST_CHARACTERS])


@contextmanager
def acting_from(text: str) -> Iterator[None]:
    """Say from where the work inside the block is done.

    Args:
        text: For people, e.g. ``browser at 10.0.0.7``.
    """
    before = _ORIGIN.set(text[:MOST_CHARACTERS])
    try:
        yield
    finally:
        _ORIGIN.reset(before)
