"""The dashboard: ``streamlit run app.py``, or ``python -m cx_metrics serve``.

The server runs a script in a room of its own and not this file, because Streamlit takes a folder ``pages`` beside the
script it runs for pages of an old kind: the first link into a page of a server just started would say "Page not found".
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import statsmodels.stats.proportion  # noqa: F401  takes seconds: better before the first page than during it
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cx_metrics.config import settings
from pages.shared.navigation import draw
from pages.shared.server import doors
from pages.shared.signing import stop_if_refused

# Tables on pages have some hundred texts: those of Python are formatted and sent faster than those of Arrow.
pd.options.mode.string_storage = "python"

if get_script_run_ctx(suppress_warning=True) is None:
    stop_if_refused()
    app = st.App(Path(__file__).resolve().parent / "pages" / "shared" / "script.py", middleware=doors(settings()))
else:
    draw()
