"""Which mapping an extract is read with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.contacts.mapping import Mapping
from cx_metrics.errors import BadMapping, BadUse
from cx_metrics.store.home import Home
from cx_metrics.store.lake import mappings
from cx_metrics.store.lake.intake import fitting_mapping, look_at, take_in
from cx_metrics.store.records import Audit
from tests.store.extracts import PLAIN, row, write

MINE = Mapping(name="mine", timezone="UTC", columns=PLAIN.columns)


def test_a_saved_mapping_comes_back_and_is_audited(home: Home) -> None:
    with home.session() as session:
        mappings.save(session, MINE, actor="ana")
        mappings.save(session, Mapping(name="mine", timezone="Europe/Rome", columns=PLAIN.columns), actor="ben")
    with home.session() as session:
        assert mappings.saved(session) == ("mine",)
        assert mappings.find(session, "mine").timezone == "Europe/Rome"
        first, second = session.query(Audit).order_by(Audit.id)
        assert (first.actor, first.before, second.actor) == ("ana", None, "ben")
        assert second.before == first.after


@pytest.mark.parametrize("name", ["zendesk", " "])
def test_a_mapping_needs_a_name_of_its_own(home: Home, name: str) -> None:
    with home.session() as session, pytest.raises(BadUse, match="name of its own"):
        mappings.save(session, Mapping(name=name, columns=PLAIN.columns), actor="ana")


def test_presets_and_files_are_found_by_name(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[columns]\ncontact_id = 'a'\nstarted_at = 'b'", encoding="utf-8")
    with home.session() as session:
        assert mappings.find(session, "zendesk").name == "zendesk"
        assert mappings.find(session, str(file)).name == "own"
        with pytest.raises(BadMapping, match="did you mean 'zendesk'"):
            mappings.find(session, "zendsk")


def test_a_source_is_read_as_the_last_time(home: Home) -> None:
    with home.session() as session:
        mappings.save(session, MINE, actor="ana")
    path = write(home.folder / "a.csv", [row("1", "2026-01-05 10:00:00")])
    take_in(home, path, source="desk", mapping="mine")
    with home.session() as session:
        assert mappings.last_used(session, "desk") == "mine"
        assert mappings.last_used(session, "other") is None
    assert take_in(home, path, source="desk").unchanged == 1


def test_without_a_mapping_columns_under_a_contacts_names_will_do(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path / "plain.csv", [row("1", "2026-01-05 10:00:00")])
    assert {"contact_id", "started_at", "channel"} <= fitting_mapping(home, path).columns.keys()
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(BadMapping, match=r"none fits other\.csv. Its columns are: a, b"):
        fitting_mapping(home, other)


def test_a_preview_shows_cells_as_they_stand(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path / "plain.csv", [row(f"<b>{n}</b>", "2026-01-05 10:00:00") for n in range(30)])
    seen = look_at(home, path)
    assert seen.read_as.startswith("csv, utf-8")
    assert [cells["contact_id"] for cells in seen.rows] == [f"<b>{n}</b>" for n in range(20)]
