"""What can be wrong with the records' database."""

from __future__ import annotations

from collections.abc import Iterator

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from cx_metrics.keeping.finding import CLI, RESTORE, Finding
from cx_metrics.store import database
from cx_metrics.store.home import Home
from cx_metrics.store.records import Base


def of_records(home: Home) -> Iterator[Finding]:
    """Whether the database answers, is whole, has this version's tables, and names no row that isn't there.

    It is asked as it stands: where it is of another version it is not migrated.
    """
    url = home.settings.records_url
    made = create_engine(url)
    where = made.url.render_as_string(hide_password=True)
    try:
        revision = database.revision(made)
        with made.connect() as connection:
            yield from _whole(connection, where)
            if revision == database.HEAD:
                yield from _shape(connection, where)
                yield from _foreign_keys(connection, where)
        if revision != database.HEAD:
            yield _of_another_version(revision, where)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        mend = f"start the database, check CX_DATABASE_URL; where its file is damaged: {RESTORE}"
        yield Finding("records", where, f"the database can't be read: {reason}", mend)
    finally:
        made.dispose()


def _whole(connection: Connection, where: str) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        for (said,) in connection.execute(text("PRAGMA integrity_check(20)")):
            if said != "ok":
                yield Finding("records", where, f"the file is damaged: {said}", RESTORE)


def _of_another_version(revision: str | None, where: str) -> Finding:
    if revision is None:
        return Finding("records", where, "there are no records yet", f"{CLI} loads, which makes them")
    if revision > database.HEAD:
        said = f"the records are of a newer version ({revision}, this is {database.HEAD})"
        return Finding("records", where, said, "install the newer CX Insight")
    said = f"the records are of an older version ({revision}, this is {database.HEAD})"
    return Finding("records", where, said, f"{CLI} loads, which brings them to this version")


def _shape(connection: Connection, where: str) -> Iterator[Finding]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    for difference in compare_metadata(context, Base.metadata):
        said = " ".join(str(getattr(part, "name", part)) for part in difference if part is not None)
        yield Finding("records", where, f"the tables are not those of version {database.HEAD}: {said}", RESTORE)


def _foreign_keys(connection: Connection, where: str) -> Iterator[Finding]:
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.alias("parent")
            known = select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent)
            asked = select(func.count()).where(key.parent.is_not(None), ~known.exists()).select_from(table)
            lost = connection.execute(asked).scalar_one()
            if lost:
                said = f"{lost} rows of {table.name} name a row of {key.column.table.name} that isn't there"
                yield Finding("records", f"{where} {table.name}.{key.parent.name}", said, RESTORE)
