"""Rows that arrive in any order rest by month, none is lost, and few are held back."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cx_metrics.store.engines import month_files
from cx_metrics.store.engines.month_files import MonthFiles


def rows(*pairs: tuple[int, int]) -> pa.Table:
    return pa.table({"n": [n for _, n in pairs], "month": pa.array([month for month, _ in pairs], pa.int32())})


def test_each_month_has_one_file_with_all_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_files, "ROW_GROUP", 3)
    folder = tmp_path / "touches"
    with MonthFiles(folder) as months:
        for start in range(0, 10, 2):
            months.add(rows((202401, start), (202402, start + 1), (202401, start + 100)))
        months.close()
        months.add(rows((202403, 7)))
        months.add(rows())
        months.close()
    assert months.files == [str(folder / f"month={month}" / "data.parquet") for month in (202401, 202402, 202403)]
    found = {file: sorted(pq.ParquetFile(file).read()["n"].to_pylist()) for file in months.files}
    assert list(found.values()) == [[0, 2, 4, 6, 8, 100, 102, 104, 106, 108], [1, 3, 5, 7, 9], [7]]
    assert pq.ParquetFile(months.files[0]).schema_arrow.names == ["n"]
    # Written as soon as there are enough: nothing waits for the end.
    assert pq.ParquetFile(months.files[0]).num_row_groups > 2


def test_no_rows_are_no_files(tmp_path: Path) -> None:
    with MonthFiles(tmp_path / "empty") as months:
        months.close()
    assert months.files == []
    assert list((tmp_path / "empty").iterdir()) == []
