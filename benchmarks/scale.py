"""``make bench-scale``: DuckDB in one process against Spark on two workers, on the same files; prints tables.

python -m benchmarks.scale [MILLIONS...]      10 and 100 where none are given
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.cluster import Cluster, Memory, spark_cluster
from benchmarks.data import write_lake
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.engines.engine import Engine
from cx_metrics.store.engines.spark_engine import SparkEngine
from cx_metrics.store.marts.refresh import refresh

MILLION = 1_000_000
SIZES = (10, 100)
WATERMARK = datetime(2025, 12, 30)
TIMEZONE = "Europe/Berlin"
MEMORY = "1500MB"
CLUSTER = Memory(driver="1g", executor="1500m")


@dataclass(frozen=True)
class Run:
    """A full refresh.

    Attributes:
        seconds: How long it took.
        peak_gb: Largest resident memory of each process, in GB, by what it is.
        mart_gb: Size of the mart's files.
    """

    seconds: float
    peak_gb: dict[str, float]
    mart_gb: float


def main() -> None:
    """Measure all sizes and print the tables as Markdown."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with tempfile.TemporaryDirectory(prefix="cx-scale-") as name:
        for size in sizes:
            folder = Path(name) / str(size)
            files = write_lake(folder / "lake", contacts=size * MILLION)
            print(f"\n{size} million contacts, {_gb(map(Path, files)):.2f} GB of lake in {len(files)} files")
            print("\n| | seconds | mart, GB | largest memory of each process, GB |\n|---|---|---|---|")
            _print("DuckDB, one process", _measured(folder, "duckdb"))
            with spark_cluster(memory=CLUSTER) as cluster:
                run = _measured(folder, cluster.url)
                peaks = run.peak_gb | _peaks(cluster)
                _print("Spark, two workers of one core", Run(run.seconds, peaks, run.mart_gb))
                print("\n| shuffled by | GB |\n|---|---|")
                for key, size_gb in _shuffled(cluster):
                    print(f"| {key} | {size_gb:.3f} |")


def work(folder: Path, url: str) -> None:
    """One full refresh in this process; prints what it took as JSON."""
    files = sorted(map(str, (folder / "lake").rglob("*.parquet")))
    mart = folder / f"mart-{'spark' if url != 'duckdb' else url}"
    started = time.perf_counter()
    with _engine(folder, url) as engine:
        refresh(mart, lake_files=files, watermark=WATERMARK, lagging=(), timezone=TIMEZONE, engine=engine)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "peak_gb": {"client": peak}, "mart_gb": _gb(mart.rglob("*.parquet"))}))


@contextmanager
def _engine(folder: Path, url: str) -> Iterator[Engine]:
    with DuckDBEngine(
        memory=MEMORY, threads=2, timezone=TIMEZONE, scratch=folder / "scratch", folders=[folder]
    ) as here:
        if url == "duckdb":
            yield here
            return
        with SparkEngine(url, local=here) as cluster:
            yield cluster


def _measured(folder: Path, url: str) -> Run:
    command = [sys.executable, "-m", "benchmarks.scale", "--refresh", str(folder), url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _print(what: str, run: Run) -> None:
    peaks = ", ".join(f"{name} {peak:.2f}" for name, peak in run.peak_gb.items())
    print(f"| {what} | {run.seconds:.0f} | {run.mart_gb:.2f} | {peaks} |")


def _peaks(cluster: Cluster) -> dict[str, float]:
    """The largest resident memory that the cluster's processes had."""
    found = {"connect server": _peak(cluster.server.pid)}
    for number, worker in enumerate(cluster.workers, start=1):
        for pid in _group(worker.pid):
            name = f"executor {number}" if pid != worker.pid else f"worker {number}"
            found[name] = max(found.get(name, 0.0), _peak(pid))
    return found


def _group(leader: int) -> list[int]:
    """The processes of a group."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid="], check=True, capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return [pid for pid, group in pairs if group == leader]


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1e6 if found else 0.0


def _shuffled(cluster: Cluster) -> list[tuple[str, float]]:
    """Bytes that went between workers by the key they were sent by, largest first."""
    (application,) = _asked(f"{cluster.ui}/api/v1/applications")
    base = f"{cluster.ui}/api/v1/applications/{application['id']}"
    sums: dict[str, float] = {}
    for query in _asked(f"{base}/sql?details=true&planDescription=true&length=10000"):
        keys = _keys(query["planDescription"])
        sent = [node for node in query["nodes"] if node["nodeName"] == "Exchange"]
        for node, key in zip(reversed(sent), keys, strict=False):
            sums[key] = sums.get(key, 0.0) + _bytes(node)
    return sorted(((key, size / 1e9) for key, size in sums.items()), key=lambda pair: -pair[1])


def _keys(plan: str) -> list[str]:
    """What each exchange of a plan sends rows by, from the leaves on."""
    found = re.findall(r"Arguments: (\w+)[pP]artition(?:ing)?(?:\(([^)]*)\))?", plan)
    return [_key(kind, re.findall(r"(\w+)#\d+", columns)) for kind, columns in found]


def _key(kind: str, columns: list[str]) -> str:
    return ", ".join(columns) if columns else f"({kind.lower()})"


def _bytes(node: dict[str, Any]) -> float:
    told = [metric["value"] for metric in node["metrics"] if metric["name"] == "shuffle bytes written"]
    found = re.match(r"([\d.]+) ([KMGT]?)i?B", told[0].splitlines()[-1]) if told else None
    return float(found[1]) * 1024 ** " KMGT".index(found[2] or " ") if found else 0.0


def _asked(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


def _gb(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e9


if __name__ == "__main__":
    if sys.argv[1:2] == ["--refresh"]:
        work(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
