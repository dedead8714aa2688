"""Run a step in a process of its own; say how long it took and how much memory it held at most."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a step took.

    Attributes:
        seconds: Wall time of the work itself, start of the interpreter apart.
        peak_gb: Largest resident memory of its process, in GB.
    """

    seconds: float
    peak_gb: float


def measured(step: str, *arguments: object) -> Measured:
    """Run ``python -m benchmarks.steps STEP ARGUMENT...`` and read what it prints last."""
    command = [sys.executable, "-m", "benchmarks.steps", step, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))
