"""Answers that are kept: the least recently used go first, and what many ask for at once is computed once.

After a refresh everybody asks for the same few answers; without taking turns, twenty people would have the server
compute each of them twenty times.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Computed = TypeVar("Computed", bound=Callable[..., Any])

_CLEAR: list[Callable[[], None]] = []


def kept(entries: int) -> Callable[[Computed], Computed]:
    """Keeps a function's latest answers, by its arguments' positions; who asks for one being computed waits for it.

    Args:
        entries: How many answers are kept at most.
    """

    def keep(compute: Computed) -> Computed:
        answers = lru_cache(maxsize=entries)(compute)
        turns: WeakValueDictionary[tuple[object, ...], Any] = WeakValueDictionary()
        door = Lock()

        @wraps(compute)
        def answer(*asked: Any) -> Any:
            with door:
                turn = turns.setdefault(asked, Lock())
            with turn:
                return answers(*asked)

        _CLEAR.append(answers.cache_clear)
        return answer  # type: ignore[return-value]

    return keep


def forget() -> None:
    """Drop every answer: those of data or decisions that were replaced are never asked for again."""
    for clear in _CLEAR:
        clear()
