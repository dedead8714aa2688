"""A Spark cluster on this machine, from the pyspark package: a master, workers, and a server of Spark Connect.

Everything listens on 127.0.0.1 and ends with the context. Each worker and its executors are one process group, so that
killing it is what losing a machine is.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOWEST_JAVA = 17
_PATIENCE = 120
_DAEMON = "192m"
Start = Callable[..., subprocess.Popen[bytes]]
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


class CantStart(Exception):
    """Why there is no cluster, in words."""


@dataclass(frozen=True)
class Memory:
    """What the processes get, as Java writes sizes.

    Attributes:
        driver: The server of Spark Connect, which plans and passes results on.
        executor: Each worker's executor.
    """

    driver: str = "640m"
    executor: str = "640m"


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        url: Where clients connect, ``sc://127.0.0.1:PORT``.
        ui: Web address of the server's REST API.
        server: The server of Spark Connect.
        workers: The workers.
        folder: Where logs and shuffled data lie.
    """

    url: str
    ui: str
    server: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]
    folder: Path


@contextmanager
def spark_cluster(
    *,
    workers: int = 2,
    memory: Memory | None = None,
    conf: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """A standalone cluster with one core a worker.

    Args:
        workers: How many.
        memory: What the processes get.
        conf: More settings of the server, as ``name=value``.
        environment: More variables of all processes.

    Raises:
        CantStart: Java or the package is missing, or a process ended.
    """
    memory = memory or Memory()
    folder = Path(tempfile.mkdtemp(prefix="cx-spark-"))
    started: list[subprocess.Popen[bytes]] = []
    variables = _environment(folder) | dict(environment or {})

    def start(name: str, *command: object, heap: str = _DAEMON) -> subprocess.Popen[bytes]:
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=variables | {"SPARK_DAEMON_MEMORY": heap},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    try:
        yield _started(start, folder, Path(variables["SPARK_HOME"]) / "bin", workers=workers, memory=memory, conf=conf)
    finally:
        for process in reversed(started):
            end(process)
        shutil.rmtree(folder, ignore_errors=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process and all it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def java_home() -> Path:
    """Home of a Java that Spark runs on.

    Raises:
        CantStart: There is none.
    """
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    found = shutil.which("java")
    if found:
        homes.append(Path(found).resolve().parent.parent)
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    for home in homes:
        if (home / "bin" / "java").exists() and _version(home) >= LOWEST_JAVA:
            return home
    raise CantStart(f"Java {LOWEST_JAVA} or newer was not found: set JAVA_HOME, or install openjdk-17-jre-headless")


def _version(home: Path) -> int:
    told = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


def _environment(folder: Path) -> dict[str, str]:
    try:
        import pyspark
    except ImportError:
        raise CantStart("pyspark is not installed: pip install -r requirements-scale.txt") from None
    own = {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "JAVA_HOME": str(java_home()),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_CONNECT_MODE": "0",
        "SPARK_CONF_DIR": str(folder),
    }
    return os.environ | own


def _started(
    start: Start, folder: Path, programs: Path, *, workers: int, memory: Memory, conf: Sequence[str]
) -> Cluster:
    master_port, master_ui, connect_port, ui_port = _free_ports(4)
    master = f"spark://127.0.0.1:{master_port}"
    begin = (programs / "spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1")
    first = start("master", *begin, "--port", master_port, "--webui-port", master_ui)
    _await(first, master_port, log=folder / "master.log")
    hands = []
    for number in range(workers):
        worker = (programs / "spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1")
        size = ("--cores", 1, "--memory", memory.executor, "--webui-port", _free_ports(1)[0])
        hands.append(start(f"worker-{number}", *worker, *size, "--work-dir", folder / f"work-{number}", master))
    settings = (
        "spark.connect.grpc.binding.address=127.0.0.1",
        f"spark.connect.grpc.binding.port={connect_port}",
        f"spark.ui.port={ui_port}",
        *conf,
    )
    given = [part for setting in settings for part in ("--conf", setting)]
    sizes = ("--driver-memory", memory.driver, "--executor-memory", memory.executor)
    submit = (programs / "spark-submit", "--class", _CONNECT, "--master", master)
    server = start("connect", *submit, *sizes, *given, "spark-internal", heap=memory.driver)
    _await(server, connect_port, log=folder / "connect.log")
    return Cluster(f"sc://127.0.0.1:{connect_port}", f"http://127.0.0.1:{ui_port}", server, tuple(hands), folder)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _await(process: subprocess.Popen[bytes], port: int, *, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    said = [line for line in log.read_text(errors="replace").splitlines() if line.strip() and not line.startswith("\t")]
    raise CantStart(f"Spark can't be started: {log.stem} does not answer; its log ends with: {''.join(said[-1:])}")
