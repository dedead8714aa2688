"""The part of the mart that tells some months, from the lake to Parquet files."""

from __future__ import annotations

from pathlib import Path

from cx_metrics.contacts.progress import Progress
from cx_metrics.store.engines.engine import Engine, statement
from cx_metrics.store.marts.changed import LAKE_COLUMNS, LONGEST, LakeState, open_lake
from cx_metrics.store.marts.mart import Files
from cx_metrics.store.marts.months import month_of, shifted, start_of

_AROUND = (-2, -1, 0, 1, 2)
_ADDED_UP = ("daily", "daily_any", "surveys", "self_help")


def write_months(engine: Engine, lake: LakeState, months: frozenset[int], *, folder: Path, progress: Progress) -> Files:
    """Writes the monthly tables of these months.

    Args:
        engine: What runs the SQL.
        lake: The snapshot they tell.
        months: Months that have contacts.
        folder: Where; a folder for each table is made in it.
        progress: Told the steps.

    Returns:
        Full paths of the files by table and month.
    """
    if not months or lake.data_start is None:
        return {}
    _open_lake_around(engine, lake, months)
    progress("following customers from contact to contact", 0.0)
    _link(engine, lake)
    progress("writing contacts", 0.5)
    open_lake(engine, [file for file in lake.files if month_of(file) in months])
    told = statement("touches", watermark=lake.cutoff, data_start=lake.data_start)
    touches = engine.write(told, folder=folder / "touches", named="touches")
    progress("writing counts", 0.8)
    tables = {name: engine.write(statement(name), folder=folder / name) for name in _ADDED_UP}
    tables["cells"] = engine.write(statement("cells"), folder=folder / "cells")
    return {name: _by_month(files) for name, files in (tables | {"touches": touches}).items()}


def _link(engine: Engine, lake: LakeState) -> None:
    """Makes the relations ``links`` and ``tied_links`` of all that is named ``lake``.

    An order by text costs much more than one by time, so it is kept for customers with contacts that start
    together.
    """
    engine.view("neighbours", statement("neighbours", watermark=lake.cutoff))
    engine.table("all_links", statement("links"))
    engine.table("tied", "SELECT DISTINCT customer_key FROM all_links WHERE tied")
    engine.view("links", "SELECT * FROM all_links ANTI JOIN tied USING (customer_key)")
    engine.view("neighbours", statement("neighbours_of_tied", watermark=lake.cutoff))
    engine.table("tied_links", statement("links"))


def _open_lake_around(engine: Engine, lake: LakeState, months: frozenset[int]) -> None:
    """Names as ``lake`` all that the months can depend on: see ``sql/long_lived.sql`` for why this is all."""
    near = {shifted(month, by) for month in months for by in _AROUND}
    open_lake(engine, lake.files)
    if lake.months <= near:
        return
    floor = start_of(min(months)) - LONGEST
    engine.table("long_lived", statement("long_lived", floor=floor))
    for name, inside in (("lake_near", True), ("lake_far", False)):
        files = [file for file in lake.files if (month_of(file) in near) == inside]
        engine.files(name, files=files, columns=LAKE_COLUMNS)
    engine.view("lake", statement("lake_around"))
    engine.view("contacts", statement("contacts"))


def _by_month(files: list[str]) -> dict[int, tuple[str, ...]]:
    months = sorted(set(map(month_of, files)))
    return {month: tuple(sorted(file for file in files if month_of(file) == month)) for month in months}
