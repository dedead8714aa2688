"""What a contact is: its columns, their types, ranges and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "timestamp", "decimal", "bool", "int", "score"]

NONE = "(none)"
"""The value a dimension shows where a contact has none."""

DIMENSIONS = ("intent", "category", "channel", "segment", "product", "region", "team")
"""The columns one can slice by."""

MOST_MONEY = 1_000_000_000
"""What one contact can cost at most; more is a slip, and would not add up in whole millionths."""

_SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "decimal": "DECIMAL(18,6)",
    "bool": "BOOLEAN",
    "int": "INTEGER",
    "score": "INTEGER",
}

_ARROW_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DECIMAL(18,6)": pa.decimal128(18, 6),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
}


@dataclass(frozen=True)
class Field:
    """One column of a contact.

    Attributes:
        name: The column's name, as mappings and the lake write it.
        kind: What its values are; a ``score`` is a whole number inside a scale.
        required: Whether a contact without it is rejected.
        low: Smallest value allowed, or None.
        high: Largest value allowed, or None.
        meaning: What the value says, in words for people.
    """

    name: str
    kind: Kind
    required: bool
    low: float | None
    high: float | None
    meaning: str

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column; timestamps are UTC without an offset."""
        return _SQL_TYPES[self.kind]


def _text(name: str, meaning: str, *, required: bool = False) -> Field:
    return Field(name, "text", required, None, None, meaning)


def _stamp(name: str, meaning: str, *, required: bool = False) -> Field:
    return Field(name, "timestamp", required, None, None, meaning)


def _number(name: str, kind: Kind, low: float, high: float | None, meaning: str) -> Field:
    return Field(name, kind, False, low, high, meaning)


def _bool(name: str, meaning: str) -> Field:
    return Field(name, "bool", False, None, None, meaning)


FIELDS: tuple[Field, ...] = (
    _text("source", "which system the contact came from; given with the load", required=True),
    _text("contact_id", "the contact's own number; unique within its source", required=True),
    _text("customer_id", "who asked; missing stays missing"),
    _stamp("started_at", "when the contact was opened", required=True),
    _stamp("ended_at", "when it was resolved or closed"),
    _text("intent", "the customer's reason for contacting us"),
    _text("category", "the group the reason belongs to"),
    _text("channel", "phone, chat, e-mail, ..."),
    _text("segment", "the kind of customer"),
    _text("product", "the product it was about"),
    _text("region", "where the customer is"),
    _text("team", "who handled it"),
    _number("handle_minutes", "decimal", 0, 7 * 24 * 60, "agent work on this contact, in minutes"),
    _number("direct_cost", "decimal", 0, MOST_MONEY, "what handling it cost"),
    _number("downstream_cost", "decimal", 0, MOST_MONEY, "work, refunds and visits after the contact"),
    _bool("resolved", "whether the agent claimed it was solved"),
    _number("reopens", "int", 0, None, "how often it was opened again"),
    _number("transfers", "int", 0, None, "how often it was handed on"),
    _text("urgency", "how urgent it was"),
    _text("self_help", "the article or flow tried before contacting us"),
    _stamp("survey_offered_at", "when a survey was offered"),
    _stamp("survey_answered_at", "when the survey was answered"),
    _number("csat", "score", 1, 5, "satisfaction, 5 = best"),
    _number("nps", "score", 0, 10, "likelihood to recommend"),
    _number("ces", "score", 1, 7, "effort, 7 = easy"),
    _number("outcome", "score", 1, 5, "was it solved? 5 = fully"),
    _number("feeling", "score", 1, 5, "how did I feel? 5 = best"),
    _bool("confirmed", "whether the customer confirmed it was solved"),
    _bool("follow_up", "whether the customer asked for a call back"),
    _text("subject", "the contact's subject line, shown as plain text"),
)
"""Every column of a contact, in the order of the lake."""

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
"""The fields by their name."""

MAPPED: tuple[Field, ...] = tuple(field for field in FIELDS if field.name != "source")
"""The fields a mapping can fill: all but the source, which the load names."""


def lake_columns() -> dict[str, str]:
    """The lake's columns and their DuckDB types, in order.

    Returns:
        Every field, then ``load`` (number of the load that brought the row) and ``month``
        (``YYYY-MM`` of ``started_at`` in UTC, the partition).
    """
    return {field.name: field.sql_type for field in FIELDS} | {"load": "BIGINT", "month": "VARCHAR"}


def arrow_schema() -> pa.Schema:
    """The lake's columns as an Arrow schema, in the order of `lake_columns`."""
    return pa.schema([(name, _ARROW_TYPES[sql_type]) for name, sql_type in lake_columns().items()])
