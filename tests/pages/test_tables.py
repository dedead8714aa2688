from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from cx_metrics.metrics.output import to_csv


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], str]]:
    """What the download buttons of a run hand out when they are clicked."""
    handed_out: list[Callable[[], str]] = []
    original = MediaFileManager.add_deferred

    def add_deferred(self: MediaFileManager, data: Any, *args: Any, **kwargs: Any) -> Any:
        handed_out.append(data)
        return original(self, data, *args, **kwargs)

    monkeypatch.setattr(MediaFileManager, "add_deferred", add_deferred)
    return handed_out


def intents() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "intent": ["=SUM(A1)", "<b>b</b>"],
            "contacts": [12345, 7],
            "before": [12000, 9],
            "change": [345, -2],
            "change_rate": [345 / 12000, -2 / 9],
            "beyond": pd.Series([True, None], dtype=object),
            "share": [0.9994, 0.0006],
            "weekly": [[1, 2, 3], [0, 0, 1]],
        }
    )


def intent_page(table: object) -> None:
    import pandas as pd

    from pages.shared.tables import intent_rows

    assert isinstance(table, pd.DataFrame)
    intent_rows(table, key="intents")


def test_the_csv_is_what_the_command_line_prints(files: list[Callable[[], str]]) -> None:
    app = AppTest.from_function(intent_page, args=(intents(),)).run()
    assert not app.exception
    (make,) = files
    assert make() == to_csv(intents())
    assert "'=SUM(A1)" in make()


def shown(table: Any) -> list[list[str]]:
    """Cells as the table shows them."""
    from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

    return (
        convert_arrow_bytes_to_pandas_df(table.proto.arrow_data.styler.display_values).astype(str).to_numpy().tolist()
    )


def test_rows_show_formatted_numbers_and_keep_the_numbers_to_sort_by() -> None:
    app = AppTest.from_function(intent_page, args=(intents(),)).run()
    (table,) = app.dataframe
    assert table.value["contacts"].tolist() == [12345, 7]
    assert list(table.value.columns) == [
        "intent",
        "contacts",
        "share",
        "weekly",
        "before",
        "change",
        "change_rate",
        "beyond",
    ]
    cells = [[cell.replace("\u202f", " ") for cell in row] for row in shown(table)]
    assert cells[0][:3] == ["=SUM(A1)", "12 345", "99.9 %"]
    assert cells[0][4:] == ["12 000", "+345", "+3 %", "more than chance"]
    assert cells[1][4:7] == ["9", "-2", "-22 %"]


def test_columns_without_any_value_are_left_out() -> None:
    bare = intents().assign(before=None, change=None, change_rate=None, beyond=None)
    (table,) = AppTest.from_function(intent_page, args=(bare,)).run().dataframe
    assert list(table.value.columns) == ["intent", "contacts", "share", "weekly"]


def contact_page(frame: object) -> None:
    import pandas as pd

    from pages.shared.tables import contact_table

    assert isinstance(frame, pd.DataFrame)
    contact_table(frame, total=5432, first=101, everything=lambda: "all of them", zone="Europe/Rome")


def test_contacts_show_times_in_the_zone_and_text_as_text(files: list[Callable[[], str]]) -> None:
    frame = pd.DataFrame(
        {
            "contact_id": ["a", "b"],
            "started_at": [pd.Timestamp("2025-11-03 23:10"), pd.NaT],
            "handle_minutes": [1.5, 3.0],
            "subject": ["<script>", None],
        }
    )
    app = AppTest.from_function(contact_page, args=(frame,)).run()
    assert not app.exception
    assert app.caption[0].value.replace("\u202f", " ") == r"101 to 102 of 5 432 contacts, times in Europe\/Rome"
    (table,) = app.dataframe
    assert list(table.value.iloc[0]) == ["a", "2025-11-04 00:10", 1.5, "<script>"]
    assert pd.isna(table.value.iloc[1]["started_at"])
    assert files[0]() == "all of them"


def test_no_contacts_are_said() -> None:
    app = AppTest.from_function(contact_page, args=(pd.DataFrame({"contact_id": []}),)).run()
    assert app.caption[0].value == "No contacts here."
    assert not app.dataframe
