from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit.config

from cx_metrics.charts import palette
from pages.shared.theme import DARK, LIGHT, Theme

FILE = Path(__file__).parents[2] / ".streamlit" / "config.toml"
CONFIG = tomllib.loads(FILE.read_text(encoding="utf-8"))
THEMES = {"light": LIGHT, "dark": DARK}
MARKS = {palette.MET, palette.MISSED, palette.UNSURE, palette.OURS, *palette.CATEGORIES}

each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


LEAST_TEXT_CONTRAST = 4.5
LEAST_MARK_CONTRAST = 3.0


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1..21, as WCAG 2.2 defines it (relative luminance).

    Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def options(part: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Every option's dotted name."""
    for name, value in part.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_contrast_has_the_published_values() -> None:
    # https://webaim.org/resources/contrastchecker/ : white on black, #777777 and #767676 on white
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("name", THEMES)
def test_the_configuration_file_says_what_the_theme_says(name: str) -> None:
    assert CONFIG["theme"][name] == THEMES[name].options()


@pytest.mark.parametrize("name", list(options(CONFIG)))
def test_every_option_is_one_that_streamlit_knows(name: str) -> None:
    known = streamlit.config.get_config_options()
    assert name in known
    assert not known[name].deprecated


def test_streamlit_takes_the_file_without_a_complaint() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"],
        cwd=FILE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not run.stderr
    assert re.search(r"^maxUploadSize = 1024$", run.stdout, re.M)
    assert re.search(r'^address = "127.0.0.1"$', run.stdout, re.M)


def test_settings_that_keep_data_in_and_strangers_out() -> None:
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["server"]["enableCORS"] is True
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["showErrorLinks"] is False
    assert CONFIG["client"]["toolbarMode"] == "minimal"
    assert "//" not in str(CONFIG)


@each_theme
def test_text_is_readable(theme: Theme) -> None:
    for background in (theme.page, theme.raised):
        assert contrast(theme.text, background) >= 7
        for tint in (theme.missed, theme.met, theme.ours, theme.unsure):
            assert contrast(tint.text, background) >= LEAST_TEXT_CONTRAST
    for tint in (theme.missed, theme.met, theme.ours, theme.unsure):
        assert contrast(tint.text, tint.background) >= LEAST_TEXT_CONTRAST


@each_theme
def test_white_words_stand_out_on_buttons_and_buttons_on_the_page(theme: Theme) -> None:
    assert contrast("#FFFFFF", theme.primary) >= LEAST_TEXT_CONTRAST
    assert contrast(theme.primary, theme.page) >= LEAST_MARK_CONTRAST


@each_theme
@pytest.mark.parametrize("mark", sorted(MARKS))
def test_marks_are_seen_on_both_pages(theme: Theme, mark: str) -> None:
    assert contrast(mark, theme.page) >= LEAST_MARK_CONTRAST


def test_one_colour_has_one_meaning() -> None:
    assert len({palette.MET, palette.MISSED, palette.UNSURE, palette.OURS}) == 4
    assert len(set(palette.CATEGORIES)) == 6
    assert not {palette.MET, palette.MISSED, palette.UNSURE} & set(palette.CATEGORIES)


def test_a_pale_colour_is_the_same_colour_seen_through() -> None:
    assert palette.pale("#0CA678") == "rgba(12,166,120,0.16)"
