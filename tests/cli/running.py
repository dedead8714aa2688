"""Running a command of the product inside the test's own process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import main as cli


class Answer:
    """What a command left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def data(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


Command = Callable[..., Answer]


def command_on(home: Path, *, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs commands on a home, days in UTC, by Ada."""
    for name, value in {"HOME": str(home), "TIMEZONE": "UTC", "USER": "Ada", "MEMORY": "500MB"}.items():
        monkeypatch.setenv(f"CX_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["cx_metrics", *map(str, words)])
        status: Any = 0
        capsys.readouterr()
        try:
            cli.main()
        except SystemExit as end:
            status = end.code
        return Answer(int(status or 0), *capsys.readouterr())

    return run
