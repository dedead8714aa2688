"""``make bench``: what loads, refreshes and pages take, as a table of ratios taken in one run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import write_csv
from benchmarks.measure import Measured, measured
from benchmarks.sessions import median, walk
from pages.shared.registry import HOME, PAGES

MILLION = 1_000_000
HISTORY = 10 * MILLION
NEW = 200_000
QUERIES = ("", "channel=channel+1", "period=Last+13+weeks", "period=All+data&segment=segment+2")
SESSIONS = 16


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    limit: str


def main() -> None:
    """Measure everything and print the table as Markdown."""
    with tempfile.TemporaryDirectory(prefix="cx-bench-") as name:
        folder = Path(name)
        rows = [*_load_a_million(folder), *_ten_million(folder)]
    print("\n| what | measured | limit |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.limit} |")


def _load_a_million(folder: Path) -> Iterator[Row]:
    csv = write_csv(folder / "million.csv", contacts=MILLION, first=0, of=MILLION)
    ratios = []
    for turn in range(3):
        home = folder / f"million-{turn}"
        measured("make_home", home)
        plain = _told("DuckDB, CSV to Parquet, 1 million", measured("csv_to_parquet", csv, folder))
        ours = _told("load, 1 million", measured("load_csv", csv, home))
        ratios.append(ours.seconds / plain.seconds)
        shutil.rmtree(home)
    middle = sorted(ratios)[1]
    yield Row("Load 1 million rows, against DuckDB's CSV to Parquet (median of 3)", f"{middle:.1f} x", "3 x")


def _ten_million(folder: Path) -> Iterator[Row]:
    of = HISTORY + NEW
    home = folder / "home"
    measured("make_home", home)
    csv = write_csv(folder / "history.csv", contacts=HISTORY, first=0, of=of)
    load = _told("load, 10 million", measured("load_csv", csv, home))
    csv.unlink()
    yield Row("Load 10 million rows: memory", f"{load.peak_gb:.1f} GB, {load.seconds:.0f} s", "3 GB")
    full = [_told("full refresh", measured("refresh", home, "full")) for _ in range(2)]
    sorts = [_told("bare sort", measured("bare_sort", home)) for _ in range(2)]
    best = min(full, key=lambda run: run.seconds)
    ratio = best.seconds / min(run.seconds for run in sorts)
    yield Row("Full refresh of 10 million, against a bare sort", f"{ratio:.1f} x", "8 x, aim 4 x")
    yield Row("Full refresh of 10 million: memory", f"{max(run.peak_gb for run in full):.1f} GB", "4 GB")
    new = write_csv(folder / "new.csv", contacts=NEW, first=HISTORY, of=of)
    more = _told("load, 200,000 more", measured("load_csv", new, home))
    again = _told("refresh after them", measured("refresh", home))
    share = (more.seconds + again.seconds) / (load.seconds + best.seconds)
    yield Row("Load and refresh 200,000 more, against all of it", f"{share:.1%}", "10 %")
    yield from _pages(home)


def _pages(home: Path) -> Iterator[Row]:
    with _serving(home) as port:
        first = walk(port, [("", "")])[0][0]
        yield Row("First page after the start", f"{first:.1f} s", "3 s")
        keys = ["" if info is HOME else info.key for info in PAGES]
        requests = [(key, query) for query in QUERIES for key in keys]
        walk(port, requests)
        for key, info in zip(keys, PAGES, strict=True):
            own = [request for request in requests if request[0] == key]
            yield Row(f"{info.title}, warm, 10 million (median)", f"{median(walk(port, own * 5)):.0f} ms", "100 ms")
        many = median(walk(port, requests, sessions=SESSIONS))
        yield Row(f"{SESSIONS} sessions clicking at once (median)", f"{many:.0f} ms", "300 ms")


@contextmanager
def _serving(home: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    environment = os.environ | {"CX_HOME": str(home), "CX_TIMEZONE": "Europe/Berlin"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait()


def _told(what: str, run: Measured) -> Measured:
    print(f"{what}: {run.seconds:.1f} s, {run.peak_gb:.2f} GB", file=sys.stderr)
    return run


if __name__ == "__main__":
    main()
