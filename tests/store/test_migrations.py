"""Every migration, up and down, with rows in the tables: what a table still holds stays as it was."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.records import Base
from cx_metrics.store.records.base import Exact

REVISIONS = sorted(
    file.name.partition("_")[0] for file in Path(database.__file__).parent.glob("migrations/versions/[0-9]*.py")
)
_VALUES: dict[type, Any] = {
    bool: True,
    int: 7,
    float: 0.75,
    datetime: datetime(2026, 1, 2, 3, 4, 5, 678901),
    date: date(2026, 1, 2),
    sa.JSON: {"of": [1, "ü", None]},
}

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def filled(new_home: Home) -> sa.Engine:
    """Records of the newest shape with a row in each table."""
    new_home.folder.mkdir(exist_ok=True)
    made = database.engine(new_home.settings.records_url)
    with made.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(sa.insert(table).values({column.name: _value(column) for column in table.columns}))
    return made


def _value(column: sa.Column[Any]) -> Any:
    """A value of the column's type, the same wherever another table points to it."""
    for key in column.foreign_keys:
        return _value(key.column)
    if isinstance(column.type, sa.String):
        return f"{column.name} 'ü' {column.table.name}"[: column.type.length]
    if isinstance(column.type, Exact):
        return Decimal("12.345678")
    return _VALUES[sa.JSON if isinstance(column.type, sa.JSON) else column.type.python_type]


def _rows(made: sa.Engine) -> Rows:
    """Every row of every table as the database has it."""
    seen = sa.MetaData()
    seen.reflect(made)
    with made.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in seen.sorted_tables
            if table.name != "alembic_version"
        }


def _check_kept(before: Rows, after: Rows) -> None:
    for table in before.keys() & after.keys():
        assert len(before[table]) == len(after[table]), table
        if before[table]:
            columns = sorted(before[table][0].keys() & after[table][0].keys())
            assert columns, table
            assert _only(before[table], columns) == _only(after[table], columns), table


def _only(rows: list[dict[str, Any]], columns: list[str]) -> list[list[str]]:
    return sorted([repr(row[name]) for name in columns] for row in rows)


def test_the_chain_is_whole() -> None:
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert REVISIONS[-1] == database.HEAD


def test_rows_stay_on_the_way_down_and_up_step_by_step(filled: sa.Engine) -> None:
    newest = _rows(filled)
    assert newest.keys() == Base.metadata.tables.keys()
    for older in reversed(REVISIONS[:-1]):
        before = _rows(filled)
        database.migrate(filled, to=older)
        assert database.revision(filled) == older
        after = _rows(filled)
        assert after.keys() <= before.keys()
        _check_kept(before, after)
    assert {"loads", "operations", "audit"} <= _rows(filled).keys()
    for newer in REVISIONS[1:]:
        before = _rows(filled)
        database.migrate(filled, to=newer)
        assert database.revision(filled) == newer
        _check_kept(before, {name: rows for name, rows in _rows(filled).items() if name in before})
    with filled.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("older", REVISIONS[:-1])
def test_rows_of_any_older_version_stay_when_it_is_brought_up(filled: sa.Engine, older: str) -> None:
    database.migrate(filled, to=older)
    before = _rows(filled)
    database.migrate(filled)
    after = _rows(filled)
    assert before.keys() <= after.keys() == Base.metadata.tables.keys()
    _check_kept(before, {name: after[name] for name in before})
    with filled.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in before:
                connection.execute(sa.insert(table).values({each.name: _value(each) for each in table.columns}))
