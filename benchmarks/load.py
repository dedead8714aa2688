"""``make bench-load``: 50 people at work for 10 minutes, on one process and on two behind nginx; prints a table.

Records rest in a PostgreSQL of the benchmark's own, contacts in one home of a million; in the middle a nightly load of
50,000 more is refreshed into the mart. Every answer is looked at: its page, its filters, its days, and that two people
who look at the same data see the same numbers.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.data import write_csv
from benchmarks.measure import measured
from benchmarks.people import Click, Person, crowd, key
from benchmarks.sessions import walk
from benchmarks.tabs import Site
from benchmarks.team import Process, processes, proxy
from benchmarks.witness import Witness
from pages.shared.registry import PAGES
from tests.store.postgres import postgres_server

NIGHTLY = 50_000
BUSY = 0.6
"""Share of a core that may be busy: beyond it people begin to wait for each other."""
ONE, TWO = "one process", "two behind nginx"


@dataclass(frozen=True)
class Wish:
    """What to measure.

    Attributes:
        people: How many at once.
        minutes: For how long.
        think: Seconds between two clicks of a person, on average.
        contacts: Contacts in the home.
        setups: What they work on.
    """

    people: int
    minutes: float
    think: float
    contacts: int
    setups: tuple[str, ...]


@dataclass(frozen=True)
class Night:
    """The load and refresh in the middle.

    Attributes:
        begin: On the clock of ``time.monotonic``.
        end: The same.
    """

    begin: float
    end: float


@dataclass(frozen=True)
class Outcome:
    """What came of one setup.

    Attributes:
        setup: Which one.
        people: The people, with what they clicked.
        seconds: How long they worked.
        night: The load in the middle.
        busy: Processor time of all processes meanwhile, in seconds.
        before: Memory of each process in MB, warm.
        after: The same when the people have gone.
    """

    setup: str
    people: Sequence[Person]
    seconds: float
    night: Night
    busy: float
    before: Sequence[float]
    after: Sequence[float]

    def rows(self) -> Iterator[tuple[str, str]]:
        """The lines of the table: what, and its figure."""
        clicks = [click for person in self.people for click in person.clicks]
        during = [each for each in clicks if self.night.begin <= each.at <= self.night.end]
        yield "answers", f"{len(clicks):,}"
        yield "answers a second", f"{len(clicks) / self.seconds:.1f}"
        yield "median", _milliseconds(clicks, 50)
        yield "95 % within", _milliseconds(clicks, 95)
        yield "slowest", _milliseconds(clicks, 100)
        yield "errors and wrong answers", str(sum(bool(click.problem) for click in clicks))
        yield "connections lost", str(sum(person.moved for person in self.people))
        yield "load and refresh in the middle", f"{self.night.end - self.night.begin:.0f} s"
        yield "median and 95 % meanwhile", f"{_milliseconds(during, 50)}, {_milliseconds(during, 95)}"
        yield "processor time of an answer", f"{self.busy / max(len(clicks), 1) * 1000:.0f} ms"
        carried = [each * BUSY * len(clicks) / self.busy for each in (10, 30)]
        yield (
            f"people a core carries at {BUSY:.0%}, a click every 10 s or 30 s",
            " or ".join(f"{n:.0f}" for n in carried),
        )
        yield "memory at the start", _megabytes(self.before)
        yield "memory at the end", _megabytes(self.after)


def main() -> None:
    """Measure, print the table as Markdown, and write it to a file."""
    wish, file = _wish()
    with tempfile.TemporaryDirectory(prefix="cx-load-") as name, _home(Path(name), wish) as environment:
        outcomes = [_measure(setup, wish, Path(name), environment, number=at) for at, setup in enumerate(wish.setups)]
    told = table(wish, outcomes)
    print(told)
    file.write_text(told + "\n")
    problems = [click for outcome in outcomes for person in outcome.people for click in person.clicks if click.problem]
    for click in problems[:20]:
        print(f"{key(click.view.page) or 'overview'}, {click.view.period}, {click.view.channel}: {click.problem}")
    raise SystemExit(1 if problems else 0)


def table(wish: Wish, outcomes: Sequence[Outcome]) -> str:
    """The table as Markdown, a column for each setup."""
    what = f"{wish.people} people, {wish.minutes:g} minutes, a click every {wish.think:g} s, {wish.contacts:,} contacts"
    columns = [dict(outcome.rows()) for outcome in outcomes]
    lines = [f"| {what} | {' | '.join(each.setup for each in outcomes)} |", "|---" * (len(outcomes) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]]
    return "\n".join(lines)


def _wish() -> tuple[Wish, Path]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="People at work on the dashboard.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--think", type=float, default=10, help="seconds between two clicks of a person, on average")
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("one", "two"), help="one process, or two behind nginx; without it both")
    parser.add_argument("--write", type=Path, default=Path("bench-load.md"), help="file for the table")
    given = parser.parse_args()
    setups = {"one": (ONE,), "two": (TWO,), None: (ONE, TWO)}[given.only]
    return Wish(given.people, given.minutes, given.think, given.contacts, setups), given.write


@contextmanager
def _home(folder: Path, wish: Wish) -> Iterator[dict[str, str]]:
    """A home with so many contacts, its records in PostgreSQL; yields the settings of who works on it."""
    with postgres_server() as url:
        settings = {"CX_HOME": str(folder / "home"), "CX_TIMEZONE": "Europe/Berlin"}
        settings["CX_DATABASE_URL"] = url.format("postgres")
        os.environ.update(settings)
        measured("make_home", folder / "home")
        of = wish.contacts + NIGHTLY * len(wish.setups)
        measured("load_csv", write_csv(folder / "history.csv", contacts=wish.contacts, first=0, of=of), folder / "home")
        measured("refresh", folder / "home", "full")
        yield settings


def _measure(setup: str, wish: Wish, folder: Path, environment: dict[str, str], *, number: int) -> Outcome:
    """People at work on one setup, a nightly load in the middle."""
    logs = folder / f"setup-{number}"
    logs.mkdir()
    first, of = wish.contacts + NIGHTLY * number, wish.contacts + NIGHTLY * len(wish.setups)
    new = write_csv(logs / "new.csv", contacts=NIGHTLY, first=first, of=of)
    with (
        processes(1 if setup == ONE else 2, environment=environment, logs=logs) as running,
        _door(running, logs) as site,
    ):
        for process in running:
            walk(process.port, [(key(info), "") for info in PAGES] * 2)
        before = [process.memory_mb() for process in running]
        started, nights, idle = time.monotonic(), list[Night](), sum(process.busy_seconds() for process in running)
        night = threading.Timer(wish.minutes * 30, lambda: nights.append(_night(new, folder / "home")))
        night.start()
        witness = Witness(folder / "home")
        people = crowd(site, wish.people, think=wish.think, seconds=wish.minutes * 60, check=witness)
        seconds = time.monotonic() - started
        busy = sum(process.busy_seconds() for process in running) - idle
        night.join()
        return Outcome(setup, people, seconds, nights[0], busy, before, [process.memory_mb() for process in running])


@contextmanager
def _door(running: Sequence[Process], folder: Path) -> Iterator[Site]:
    """Where people come in: the process itself, or nginx in front of several."""
    if len(running) == 1:
        yield running[0].site()
        return
    with proxy([process.port for process in running], folder=folder) as made:
        yield made.site


def _night(new: Path, home: Path) -> Night:
    begin = time.monotonic()
    measured("load_csv", new, home)
    measured("refresh", home)
    return Night(begin, time.monotonic())


def _milliseconds(clicks: Sequence[Click], percent: int) -> str:
    return f"{np.percentile([click.seconds for click in clicks], percent) * 1000:,.0f} ms" if clicks else "no click"


def _megabytes(memory: Sequence[float]) -> str:
    return " + ".join(f"{each:,.0f} MB" for each in memory)


if __name__ == "__main__":
    main()
