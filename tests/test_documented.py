"""What a person can set or ask for stands in README."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.cli.main import app
from cx_metrics.config import Settings, settings
from cx_metrics.contacts.presets import PRESETS
from cx_metrics.errors import BadInput
from pages.shared.registry import PAGES

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_documented() -> None:
    assert {name for name in Settings.model_fields if f"`CX_{name.upper()}`" not in README} == set()
    assert all(field.description for field in Settings.model_fields.values())


def test_every_command_page_and_preset_is_documented() -> None:
    commands = {command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback}
    assert {name for name in commands if name not in README} == set()
    assert {info.title for info in PAGES if f"| {info.title} |" not in README} == set()
    assert {name for name in PRESETS if f"`{name}`" not in README} == set()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CX_TIMEZONE", "Europe/Berln", "CX_TIMEZONE: 'Europe/Berln' is no time zone; did you mean 'Europe/Berlin'"),
        ("CX_CURRENCY", "EURO", "CX_CURRENCY: 'EURO' is no currency; did you mean 'EUR'"),
        ("CX_CURRENCY", "eur", "CX_CURRENCY: 'eur' is no currency; did you mean 'EUR'"),
        ("CX_MEMORY", "lots", "CX_MEMORY: 'lots' is no size; write for example 1500MB or 4GB"),
        ("CX_THREADS", "0", "CX_THREADS: Input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match=said.replace("(", r"\(")):
        settings()
