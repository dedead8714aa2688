from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.demo import simulate
from tests.demo.written import Demo, written_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The full-size demo company, written once and read back."""
    return written_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def truth() -> pd.DataFrame:
    """A fifth of the demo company with what no extract knows."""
    return simulate(7, scale=0.2)
