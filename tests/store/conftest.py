"""A fresh home for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.store.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(Settings(home=tmp_path / "home", timezone="UTC", memory="500MB", lock_wait=2, user="tester"))
