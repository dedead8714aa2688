"""The dashboard as a server."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open the dashboard."""
    script = Path(__file__).resolve().parents[2] / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", f"--server.address={address}"]
    # Models are small: more threads than processors would only wait for each other.
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    os.chdir(script.parent)
    # The server takes this process's place: a parent that only waits would hold memory for nothing.
    os.execve(sys.executable, [*command, *options], environment)
