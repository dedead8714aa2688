"""A mapping that is still being written, changed field by field."""

from __future__ import annotations

import tomllib

import pytest

from cx_metrics.contacts.draft import draft_rules, renamed, with_rule
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.contacts.schema import MAPPED

TEXT = """name = "mine"  # kept
[columns]
contact_id = "ID"
started_at = { column = "Opened", format = "iso" }
intent = { columns = ["a", "b"], join = " / " }
channel = { constant = "phone" }
"""


def rule(text: str, field: str) -> tuple[str | None, str | None, str | None, str]:
    found = next(r for r in draft_rules(text) if r.field == field)
    return found.column, found.format, found.unit, found.rest


def test_every_field_has_a_rule() -> None:
    assert [r.field for r in draft_rules(TEXT)] == [field.name for field in MAPPED]
    assert rule(TEXT, "contact_id") == ("ID", None, None, "")
    assert rule(TEXT, "started_at") == ("Opened", "iso", None, "")
    assert rule(TEXT, "region") == (None, None, None, "")
    assert "join" in rule(TEXT, "intent")[3]


def test_parts_change_one_by_one_and_comments_stay() -> None:
    text = with_rule(TEXT, field="contact_id", changes={"column": "No."})
    text = with_rule(text, field="handle_minutes", changes={"column": "Work"})
    text = with_rule(text, field="handle_minutes", changes={"unit": "s"})
    text = with_rule(text, field="started_at", changes={"format": None})
    assert "# kept" in text
    columns = tomllib.loads(text)["columns"]
    assert columns["contact_id"] == "No."
    assert columns["handle_minutes"] == {"column": "Work", "unit": "s"}
    assert columns["started_at"] == "Opened"
    assert parse_mapping(text, origin="x").columns["handle_minutes"].unit == "s"


def test_a_column_takes_the_place_of_a_join_or_constant() -> None:
    for field in ("intent", "channel"):
        text = with_rule(TEXT, field=field, changes={"column": "Why"})
        assert tomllib.loads(text)["columns"][field] == "Why"


def test_a_field_without_a_column_is_left_out() -> None:
    text = with_rule(TEXT, field="started_at", changes={"column": None})
    assert "started_at" not in tomllib.loads(text)["columns"]


def test_an_empty_draft_can_be_filled() -> None:
    text = with_rule('name = "new"', field="contact_id", changes={"column": "ID"})
    assert tomllib.loads(text) == {"name": "new", "columns": {"contact_id": "ID"}}
    assert tomllib.loads(renamed(text, "other"))["name"] == "other"


def test_a_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Invalid|invalid|Unexpected"):
        draft_rules("= nothing")
