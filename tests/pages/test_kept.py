"""Answers that many sessions ask for at once, and what is left of sessions that went."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from pages.shared import loaders
from pages.shared.kept import forget, kept

ASKING = 8


class _Session:
    """Something that only a collection frees: it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_many_ask_for_at_once_is_computed_once() -> None:
    computed: list[str] = []
    together, guard = Barrier(ASKING), Lock()

    @kept(10)
    def answer(asked: str) -> str:
        with guard:
            computed.append(asked)
        return asked.upper()

    def ask(asked: str) -> str:
        together.wait()
        return answer(asked)

    with ThreadPoolExecutor(ASKING) as people:
        told = list(people.map(ask, ["overview", "cost"] * (ASKING // 2)))
    assert told == ["OVERVIEW", "COST"] * (ASKING // 2)
    assert sorted(computed) == ["cost", "overview"]
    forget()
    assert answer("cost") == "COST"
    assert sorted(computed) == ["cost", "cost", "overview"]


def test_only_the_latest_answers_are_kept() -> None:
    computed: list[int] = []

    @kept(2)
    def answer(asked: int) -> int:
        computed.append(asked)
        return asked

    assert [answer(asked) for asked in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert computed == [1, 2, 3, 2]


def test_an_answer_that_failed_is_asked_for_again() -> None:
    tries: list[int] = []

    @kept(2)
    def answer() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "yes"

    with pytest.raises(ValueError, match="not yet"):
        answer()
    assert answer() == "yes"


def test_a_session_open_at_a_refresh_is_freed_at_the_next_one() -> None:
    session = _Session()
    gone = weakref.ref(session)
    loaders.settle()
    del session
    assert gone() is not None
    loaders.settle()
    assert gone() is None
    gc.unfreeze()
