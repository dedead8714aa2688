"""The watermark: earliest end over the sources still in use."""

from __future__ import annotations

from datetime import datetime, timedelta

from cx_metrics.store import ledger
from cx_metrics.store.home import Home
from cx_metrics.store.records import Load, LoadState

END = datetime(2026, 10, 31, 22, 0)
COUNTS = dict.fromkeys(("read", "accepted", "merged", "dropped", "rejected", "added", "replaced", "unchanged"), 0)


def add(home: Home, source: str, until: datetime | None, state: LoadState = LoadState.LOADED) -> None:
    with home.session() as session:
        session.add(
            Load(source=source, file="f", mapping="m", actor="a", at=END, state=state, complete_until=until, **COUNTS)
        )


def cutoff(home: Home) -> ledger.Cutoff:
    with home.session() as session:
        return ledger.cutoff(session)


def test_no_loads(home: Home) -> None:
    assert cutoff(home) == ledger.Cutoff(None, (), ())


def test_newest_load_of_a_source_counts_and_the_earliest_source_decides(home: Home) -> None:
    add(home, "calls", END - timedelta(days=60))
    add(home, "calls", END - timedelta(days=3))
    add(home, "tickets", END)
    assert cutoff(home) == ledger.Cutoff(END - timedelta(days=3), (("calls", END - timedelta(days=3)),), ())


def test_a_source_that_ended_long_ago_is_retired(home: Home) -> None:
    """Exactly 30 days before is still in use, a second more is not."""
    add(home, "tickets", END)
    add(home, "old", END - timedelta(days=30))
    assert cutoff(home).watermark == END - timedelta(days=30)
    add(home, "older", END - timedelta(days=30, seconds=1))
    assert cutoff(home).watermark == END - timedelta(days=30)
    assert cutoff(home).retired == (("older", END - timedelta(days=30, seconds=1)),)


def test_withdrawn_failed_and_running_loads_do_not_count(home: Home) -> None:
    add(home, "tickets", END)
    for state in (LoadState.WITHDRAWN, LoadState.FAILED, LoadState.LOADING):
        add(home, "tickets", END + timedelta(days=9), state)
    add(home, "tickets", None)
    assert cutoff(home).watermark == END
