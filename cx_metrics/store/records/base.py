"""What every record rests on: naming of keys, and exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, MetaData, Numeric, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every record; all times are UTC without an offset."""

    metadata = MetaData(naming_convention=_NAMES)


class Exact(TypeDecorator[Decimal]):
    """A number with up to six decimals that comes back as it was; SQLite, which has none, keeps its digits as text."""

    impl = Numeric(18, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in a database."""
        return dialect.type_descriptor(String(24) if dialect.name == "sqlite" else Numeric(18, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """The value as the database takes it."""
        return f"{value:f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002  SQLAlchemy's
        """The number, without zeros at its end."""
        return None if value is None else Decimal(f"{Decimal(value).normalize():f}")
