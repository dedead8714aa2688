"""Tables of data, each with its own CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from cx_metrics.metrics.output import to_csv
from pages.shared import format as write
from pages.shared.text import plain
from pages.shared.view import is_print


@dataclass(frozen=True)
class Column:
    """How one column of a frame is shown.

    Attributes:
        name: Its name in the frame.
        title: Its heading.
        show: Turns a number or a time into text; rows still sort by the value itself. None for text as it is.
        line: Whether each cell is a series of numbers, drawn as a small line.
        pinned: Whether it stays in sight while the table is scrolled sideways.
        help: What it means, shown at the heading.
    """

    name: str
    title: str
    show: Callable[[Any], str] | None = None
    line: bool = False
    pinned: bool = False
    help: str | None = None


INTENT_COLUMNS = (
    Column("intent", "Intent", pinned=True),
    Column("contacts", "Contacts", write.count),
    Column("share", "Share", partial(write.percent, digits=1), help="Of all contacts in the period"),
    Column("weekly", "Last weeks", line=True, help="Contacts in each of the last full weeks, from Monday"),
    Column("before", "Before", write.count, help="Contacts in the comparison period"),
    Column("change", "Change", write.change),
    Column("change_rate", "Change in %", partial(write.percent, signed=True)),
    Column("beyond", "Is it chance?", help="Whether the change is more than chance lets expect"),
)


def data_table(
    frame: pd.DataFrame, columns: Sequence[Column], *, alt: str, key: str, select: bool = False
) -> int | None:
    """Some columns of a frame as a table; a column without any value is left out.

    Args:
        frame: The rows, in their order.
        columns: What to show, from left to right.
        alt: What the table is about, as plain text.
        key: Unique on the page.
        select: Whether a row can be chosen.

    Returns:
        The position of the row chosen, if any.
    """
    kept = [column for column in columns if column.name in frame and frame[column.name].notna().any()]
    shown = frame[[column.name for column in kept]].reset_index(drop=True)
    look: dict[str, Any] = {
        "hide_index": True,
        "column_config": {column.name: _config(column) for column in kept},
        "placeholder": "–",
        "alt": alt,
        "key": key,
    }
    shows: dict[Any, Any] = {column.name: column.show for column in kept if column.show}
    table = shown.style.format(shows, na_rep="") if shows else shown
    if not select:
        st.dataframe(table, **look)
        return None
    event = st.dataframe(table, on_select="rerun", selection_mode="single-row", **look)
    return next(iter(event.selection.rows), None)


def paper_table(frame: pd.DataFrame, columns: Sequence[Column]) -> None:
    """Some columns of a frame as a table with all its rows and nothing to click; texts from data stay text."""
    kept = [column for column in columns if column.name in frame and frame[column.name].notna().any()]
    shown = {
        column.title: ["–" if pd.isna(cell) else plain(column.show(cell) if column.show else cell) for cell in cells]
        for column in kept
        for cells in (frame[column.name],)
    }
    st.table(pd.DataFrame(shown, dtype=object), hide_index=True)


def intent_rows(table: pd.DataFrame, *, key: str) -> str | None:
    """The intents of a period as a table with sparklines, and as CSV.

    Args:
        table: As the intent table of the metrics gives it.
        key: Unique on the page, and the name of the CSV file.

    Returns:
        The intent of the row chosen, if any.
    """
    words = table.assign(beyond=in_words(table["beyond"]))
    chosen = data_table(words, INTENT_COLUMNS, alt="Intents and their contacts", key=key, select=True)
    csv_button(table, key=key)
    return None if chosen is None else str(table["intent"].iloc[chosen])


def in_words(beyond: pd.Series) -> pd.Series:
    """Whether changes are more than chance, in words; missing where nothing can be said."""
    words = ["more than chance" if cell else "may be chance" for cell in beyond]
    return pd.Series(words, index=beyond.index, dtype=object).where(beyond.notna(), None)


def stamps(times: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Points in time as text in a zone; missing where they are."""
    said = [None if pd.isna(at) else write.stamp(at, zone) for at in times]
    return pd.Series(said, index=times.index, dtype=object)


def contact_table(
    frame: pd.DataFrame, *, total: int, first: int, everything: Callable[[], str], zone: str = "UTC"
) -> None:
    """One page of contacts, and all of them as CSV.

    Args:
        frame: The contacts of this page, times in UTC.
        total: How many contacts there are on all pages.
        first: The position of this page's first contact, from 1.
        everything: Makes the CSV of all contacts; called when it is asked for.
        zone: The time zone in which times are shown.
    """
    if frame.empty:
        st.caption("No contacts here.")
        return
    place = f"{write.count(first)} to {write.count(first + len(frame) - 1)}"
    st.caption(f"{place} of {write.plural(total, 'contact')}, times in {plain(zone)}")
    columns = [
        Column(str(name), str(name).replace("_", " ").capitalize(), pinned=name == "contact_id") for name in frame
    ]
    data_table(_readable(frame, zone), columns, alt="Contacts, newest first", key="contacts")
    _download(f"CSV of all {write.count(total)}", everything, key="contacts")


def csv_button(frame: pd.DataFrame, *, key: str) -> None:
    """A small button that hands out the frame as the command line prints it, made when it is clicked; not on paper.

    Args:
        frame: The data, in full.
        key: Unique on the page, and the name of the file.
    """
    if is_print(st.query_params.get("print")):
        return
    _download("CSV", partial(to_csv, frame), key=key)


def download_csv(make: Callable[[], str], *, key: str) -> None:
    """A small button that hands out what ``make`` makes when it is clicked; ``key`` is the name of the file."""
    _download("CSV", make, key=key)


def _download(label: str, make: Callable[[], str], *, key: str) -> None:
    st.download_button(
        label,
        make,
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"csv_{key}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _readable(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The contacts with times as sortable text in a zone: as columns, since a page has thousands of cells."""
    stamps = frame.select_dtypes("datetime").columns
    local = {
        name: frame[name].dt.tz_localize("UTC").dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M") for name in stamps
    }
    return frame.assign(**local)


def _config(column: Column) -> Any:
    if column.line:
        return st.column_config.LineChartColumn(column.title, help=column.help, y_min=0, pinned=column.pinned)
    return st.column_config.Column(column.title, help=column.help, pinned=column.pinned)
