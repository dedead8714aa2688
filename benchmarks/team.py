"""What a team runs: processes of the dashboard on one home and one database, behind nginx, all on this machine.

The commands, the proxy and their settings are those of the files in ``deploy``; only ports, folders and the certificate
are other ones.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tabs import Site

PROJECT = Path(__file__).resolve().parents[1]
DEPLOY = PROJECT / "deploy"
UNIT = DEPLOY / "cx-insight@.service"
PROXY = DEPLOY / "nginx.conf"
START_SECONDS = 120
_PYTHON = "/opt/cx-insight/.venv/bin/python"


class Missing(Exception):
    """A program that this machine doesn't have."""


@dataclass(frozen=True)
class Process:
    """One running process of the dashboard.

    Attributes:
        port: Where it listens on 127.0.0.1.
        started: The command that was started; it leads a group of its own.
    """

    port: int
    started: subprocess.Popen[bytes]

    def site(self) -> Site:
        """Where it answers without a proxy."""
        return Site(f"http://127.0.0.1:{self.port}")

    def memory_mb(self) -> float:
        """Resident memory of the command and of what it started, in MB."""
        return sum(_resident_mb(pid) for pid in _group(self.started.pid))

    def busy_seconds(self) -> float:
        """Processor time it has used so far."""
        return sum(_busy_seconds(pid) for pid in _group(self.started.pid))

    def open_files(self) -> int:
        """Files and connections it has open."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in _group(self.started.pid))

    def kill(self) -> None:
        """End it at once, as a crash would."""
        os.killpg(self.started.pid, signal.SIGKILL)
        self.started.wait()


@contextmanager
def processes(number: int, *, environment: Mapping[str, str], logs: Path) -> Iterator[list[Process]]:
    """So many processes with the unit's own command, healthy when the block starts and gone when it ends.

    Args:
        number: How many.
        environment: Settings, the same for all.
        logs: Folder for what they print.
    """
    with ExitStack() as running:
        made = [running.enter_context(_process(environment, logs=logs)) for _ in range(number)]
        for process in made:
            _wait_for(f"{process.site().address}/_stcore/health", process.started, logs / f"{process.port}.log")
        yield made


@contextmanager
def _process(environment: Mapping[str, str], *, logs: Path) -> Iterator[Process]:
    port = free_port()
    line = re.search(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert line
    command = shlex.split(line[1].replace(_PYTHON, shlex.quote(sys.executable)).replace("%i", str(port)))
    with (logs / f"{port}.log").open("wb") as log:
        started = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, "STREAMLIT_SERVER_HEADLESS": "true", **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        process = Process(port, started)
        try:
            yield process
        finally:
            if _group(started.pid):
                process.kill()


@dataclass(frozen=True)
class Proxy:
    """A running nginx.

    Attributes:
        site: Where it answers.
        log: What it wrote about each request.
    """

    site: Site
    log: Path

    def seats(self) -> dict[str, list[str]]:
        """The addresses of the processes that answered each seat, in order, each once while it stays the same."""
        found: dict[str, list[str]] = {}
        for seat, process in re.findall(r"seat=(\S+) process=(\S+(?:, \S+)*)$", self.log.read_text(), re.MULTILINE):
            last = process.split(", ")[-1]
            kept = found.setdefault(seat, [])
            if kept[-1:] != [last]:
                kept.append(last)
        return found


@contextmanager
def proxy(ports: Sequence[int], *, folder: Path) -> Iterator[Proxy]:
    """nginx with the team's own configuration in front of processes on these ports.

    Args:
        ports: Where the processes listen.
        folder: For its configuration, its certificate and its log.

    Raises:
        Missing: nginx or openssl is not installed.
    """
    nginx = _program("nginx", "/usr/sbin/nginx")
    _certificate(folder)
    port, plain = free_port(), free_port()
    (folder / "site.conf").write_text(_on_loopback(PROXY.read_text(), ports, port=port, plain=plain, folder=folder))
    (folder / "nginx.conf").write_text(_around(folder))
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with (folder / "nginx.out").open("wb") as out:
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            site = Site(f"https://127.0.0.1:{port}", str(folder / "certificate.pem"))
            _wait_for(f"http://127.0.0.1:{plain}/", started, folder / "error.log", site=site)
            yield Proxy(site, folder / "access.log")
        finally:
            started.terminate()
            started.wait()


def _on_loopback(text: str, ports: Sequence[int], *, port: int, plain: int, folder: Path) -> str:
    """The team's configuration with this machine's ports, folders and certificate."""
    servers = "\n".join(f"    server 127.0.0.1:{each} max_fails=1 fail_timeout=5s;" for each in ports)
    for old, new in (
        ("    server 127.0.0.1:8501 max_fails=1 fail_timeout=5s;\n", f"{servers}\n"),
        ("    server 127.0.0.1:8502 max_fails=1 fail_timeout=5s;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("https://$host$request_uri", f"https://127.0.0.1:{port}$request_uri"),
        ("/etc/ssl/cx-insight/fullchain.pem", f"{folder}/certificate.pem"),
        ("/etc/ssl/cx-insight/privkey.pem", f"{folder}/key.pem"),
        ("/var/log/nginx/cx-insight.log", f"{folder}/access.log"),
    ):
        assert text.count(old) == 1, f"{PROXY.name} no longer has {old!r} once"
        text = text.replace(old, new)
    return text


def _around(folder: Path) -> str:
    """What Debian's nginx.conf is to a file in conf.d, for one that runs as whoever tests."""
    user = "user root;\n" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\n{places}\n    include {folder}/site.conf;\n}}\n"
    )


def _certificate(folder: Path) -> None:
    key, made = str(folder / "key.pem"), str(folder / "certificate.pem")
    command = [_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    options = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *options, "-keyout", key, "-out", made], check=True, capture_output=True)


def _program(name: str, *places: str) -> str:
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    if found is None:
        raise Missing(f"{name} is not installed")
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, started: subprocess.Popen[bytes], log: Path, *, site: Site | None = None) -> None:
    tls = urllib.request.HTTPSHandler(context=site.tls() if site else None)
    web = urllib.request.build_opener(tls)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        try:
            with web.open(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not start: {log.read_text()[-2000:] if log.exists() else ''}")


def _group(leader: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state != "Z":
            found.append(int(folder.name))
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _busy_seconds(pid: int) -> float:
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
