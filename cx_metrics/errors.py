"""Everything that can go wrong in a way a person can mend.

    CxError
    ├── BadUse            the question is malformed: unknown metric, dimension, date, filter (exit status 2)
    ├── BadInput          what was handed in can't be used (exit status 1)
    │   ├── BadMapping    a mapping file or a mapping's fit to an extract
    │   └── BadExtract    a file that is not a readable table
    ├── NotAllowed        who asks may not do that (exit status 1)
    └── StoreError        the home (lake, mart, records) can't do what was asked (exit status 1)
        └── Busy          another process holds the home for writing

A message names what, the value, what is allowed and what to do; it is shown to people as it stands.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CxError(Exception):
    """Base of every error whose text is meant for people."""

    exit_status = 1


class BadUse(CxError):
    """The question itself is malformed."""

    exit_status = 2


class BadInput(CxError):
    """Something handed in can't be used."""


class BadMapping(BadInput):
    """A mapping is wrong, or does not fit the extract."""


class BadExtract(BadInput):
    """A file is not a readable table."""


class NotAllowed(CxError):
    """Who asks has no role that allows it."""


class StoreError(CxError):
    """The home can't do what was asked."""


class Busy(StoreError):
    """Another process holds the home for writing, and waiting took too long."""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """A half sentence that offers the nearest allowed words, or lists them all.

    Returns:
        ``did you mean 'x'?`` where something is close, else ``allowed: a, b, c``.
    """
    choices = list(allowed)
    near = difflib.get_close_matches(word.lower(), [c.lower() for c in choices], n=1, cutoff=0.6)
    if near:
        return f"did you mean '{next(c for c in choices if c.lower() == near[0])}'?"
    return f"allowed: {', '.join(choices) or 'nothing'}"
