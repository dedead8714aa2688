"""Runs pieces of work that are killed, or find the disk full, at the n-th thing they do to a home.

``python -m tests.store.killing`` imports everything once, then forks a child for each line of JSON it reads, and
answers with a line of JSON: how the child ended, how many deeds it did, what it said. ``killer.c`` says what a deed is.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.missing import missing

ROOT = Path(__file__).parents[2]
_LONGEST = 120


@dataclass(frozen=True)
class End:
    """How a piece of work ended.

    Attributes:
        killed: Whether it was killed.
        deeds: How many it did where it was not.
        error: What it raised, as ``StoreError: ...``; empty where it ended well.
        told: What it was doing when it was killed.
    """

    killed: bool
    deeds: int
    error: str
    told: str


class Killing:
    """A process with everything imported, that runs works in children of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, work: str, *args: str, below: Path, at: int = 0, fills: bool = False, turns: int = 0) -> End:
        """Run a function named ``module:function`` with text arguments.

        Args:
            work: The function.
            args: Its arguments.
            below: The folder whose files count.
            at: The deed at which it is killed; 0 for none.
            fills: Not killed there; instead the disk is full from there on.
            turns: 1: only renames, links and commits count; 2: each message to a database server besides.
        """
        job = {"work": work, "args": args, "below": str(below), "at": at, "fills": fills, "turns": turns}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return End(**json.loads(self._process.stdout.readline()))


@contextmanager
def killing(*, clock: int = 0) -> Iterator[Killing]:
    """A process to run works in.

    Args:
        clock: Seconds by which its clock is wrong.
    """
    environment = os.environ | {
        "LD_PRELOAD": str(library()),
        "CX_TEST_CLOCK": str(clock),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.store.killing"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Killing(process)
    finally:
        process.kill()
        process.wait()


@cache
def library() -> Path:
    """The compiled ``killer.c``; where there is no compiler the test can't be run."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        missing("no C compiler for a library that kills a process at its n-th write (apt-get install gcc libc6-dev)")
    folder = Path(tempfile.mkdtemp(prefix="cx-killer-"))
    target = folder / "killer.so"
    source = Path(__file__).with_name("killer.c")
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl", "-lpthread"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        missing(f"killer.c could not be compiled: {done.stderr.strip().splitlines()[-1:]}")
    return target


def _child(job: dict[str, Any], pipe: int, shim: ctypes.CDLL) -> None:
    module, _, function = job["work"].partition(":")
    work = getattr(sys.modules[module], function)
    signal.alarm(_LONGEST)
    error = ""
    shim.killer_arm(job["below"].encode(), job["at"], job["fills"], job["turns"])
    try:
        work(*job["args"])
    except BaseException as raised:
        error = f"{type(raised).__name__}: {raised}"
    shim.killer_disarm()
    said = {"deeds": shim.killer_seen(), "error": error, "told": shim.killer_told().decode()}
    os.write(pipe, json.dumps(said).encode())
    os._exit(0)


def _ran(job: dict[str, Any], shim: ctypes.CDLL) -> End:
    read, write = os.pipe()
    log_read, log_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(log_write, 2)
        _child(job, write, shim)
    os.close(write)
    os.close(log_write)
    said, log = _all_of((read, log_read))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGKILL:
        return End(True, job["at"], "", log.strip().splitlines()[-1])
    if status or not said:
        return End(False, 0, f"ended with {status}: {log[-500:]}", "")
    return End(killed=False, **json.loads(said))


def _all_of(pipes: Sequence[int]) -> list[str]:
    texts = []
    for pipe in pipes:
        with os.fdopen(pipe, "rb") as opened:
            texts.append(opened.read().decode(errors="replace"))
    return texts


def main() -> None:
    """Answer jobs until there are no more."""
    import tests.store.works  # noqa: F401  imported here, so that children need not

    shim = ctypes.CDLL(None)
    shim.killer_told.restype = ctypes.c_char_p
    shim.killer_seen.restype = ctypes.c_long
    shim.killer_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int]
    for line in sys.stdin:
        print(json.dumps(vars(_ran(json.loads(line), shim))), flush=True)


if __name__ == "__main__":
    main()
