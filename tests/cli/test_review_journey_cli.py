"""The andon cord by command line, on the demo's fixes: the one that worked is verified, the useless one is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli.main import main
from cx_metrics.config import Settings
from cx_metrics.demo.filling import fill
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date
from tests.browser.homes import ZONE
from tests.reviews.endpoints import web_hook


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company."""
    opened = Home(Settings(home=tmp_path_factory.mktemp("journey") / "home", timezone=ZONE))
    assert fill(opened, scale=1.0)
    bring_up_to_date(opened)
    return opened.folder


def test_from_the_flag_to_the_proven_fix(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int | str | None, Any, str]:
        monkeypatch.setattr("sys.argv", ["cx", *words, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, json.loads(told.out) if told.out else None, told.err

    def steps(number: int, fixed_on: str) -> None:
        number_, because = str(number), ("--note", "because")
        for state in ("acknowledged", "paused", "investigating"):
            assert run("review", "step", number_, state, *because)[1]["state"] == state
        noted = run(
            "review", "cause", number_, "process", "Codes came late", "--state", "confirmed", "--why", "a queue"
        )
        assert noted[0] == 0
        assert run("review", "step", number_, "fixing", *because)[1]["state"] == "fixing"
        assert run("review", "step", number_, "resumed", *because, "--fixed-on", fixed_on)[1]["state"] == "resumed"

    for name, value in {"HOME": str(home), "TIMEZONE": ZONE, "USER": "ada"}.items():
        monkeypatch.setenv(f"CX_{name}", value)
    with web_hook() as hook:
        monkeypatch.setenv("CX_NOTIFY_URLS", f"json://127.0.0.1:{hook.port}")
        numbers = {}
        for intent, fixed_on in (("Reset my password", "2026-06-15"), ("Slow speed", "2026-07-01")):
            made = run("review", "flag", intent, "--reason", "Too many.", "--pause", "the new page")[1]
            numbers[intent] = str(made["id"])
            steps(made["id"], fixed_on)
        code, _, said = run("review", "step", numbers["Reset my password"], "verified", "--note", "done")
        assert code == 2
        assert "becomes verified by a measured effect only" in said
        worked = run("review", "effect", numbers["Reset my password"], "--record")[1]
        assert worked["kind"] == "worked"
        assert 0.35 < worked["ratio"] < 0.65
        verified = run("review", "step", numbers["Reset my password"], "verified", "--note", "done")[1]
        assert verified["state"] == "verified"
        useless = run("review", "effect", numbers["Slow speed"], "--record")[1]
        assert useless["kind"] == "no effect"
        assert run("review", "step", numbers["Slow speed"], "verified", "--note", "done")[0] == 2
        told = run("notify")[1]
        assert (told["sent"], told["failed"]) == (4, 0)
        assert {body["title"] for body in hook.got} == {
            "Reset my password: flagged, pause",
            "Reset my password: worked",
            "Slow speed: flagged, pause",
            "Slow speed: no effect",
        }
