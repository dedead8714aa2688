"""The nine presets on a small made-up extract each, in the vendor's own header and date format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cx_metrics.contacts.mapping import parse_mapping, to_toml
from cx_metrics.contacts.presets import PRESETS, fitting, load_preset
from cx_metrics.contacts.schema import NONE
from cx_metrics.contacts.staging import Staged, stage
from cx_metrics.contacts.tables import open_table
from cx_metrics.errors import BadMapping
from tests.contacts.preset_cases import CASES, EXTRACTS, at


def staged_extract(path: Path, *, preset: str, workdir: Path, timezone: str | None) -> Staged:
    """The extract staged under the preset, on a connection of its own."""
    return stage(
        path,
        mapping=load_preset(preset),
        source=preset,
        connection=duckdb.connect(),
        workdir=workdir,
        timezone=timezone,
    )


@pytest.fixture(scope="module", params=PRESETS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Staged]:
    """Each preset with its own extract, staged once."""
    preset: str = request.param
    case = CASES[preset]
    workdir = tmp_path_factory.mktemp(preset)
    return preset, staged_extract(EXTRACTS / case.file, preset=preset, workdir=workdir, timezone=case.timezone)


def contacts_of(staged: Staged) -> dict[str, dict[str, Any]]:
    """The staged contacts by their id, without the row number."""
    found = staged.connection.execute(f"SELECT * EXCLUDE (row_number) FROM {staged.table}")
    names = [column[0] for column in found.description]
    contacts = (dict(zip(names, row, strict=True)) for row in found.fetchall())
    return {contact["contact_id"]: contact for contact in contacts}


def disguised(path: Path, *, folder: Path) -> Path:
    """A copy of the extract whose headers are in capitals, those of a CSV also padded with spaces."""
    text = path.read_text(encoding="utf-8-sig")
    copy = folder / path.name
    if path.suffix == ".jsonl":
        copy.write_text("".join(json.dumps(_capitals(json.loads(line))) + "\n" for line in text.splitlines()))
        return copy
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    with copy.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[f"  {name.upper()} " for name in header], *rows])
    return copy


def _capitals(value: object) -> object:
    if isinstance(value, dict):
        return {key.upper(): _capitals(inner) for key, inner in value.items()}
    return [_capitals(inner) for inner in value] if isinstance(value, list) else value


def test_nine_presets_ship_and_each_has_an_extract() -> None:
    assert set(PRESETS) == set(CASES)
    assert len(PRESETS) == 9
    assert {path.stem for path in EXTRACTS.iterdir()} == set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_a_valid_mapping_that_goes_by_its_own_name(preset: str) -> None:
    mapping = load_preset(preset)

    assert mapping.name == preset
    assert parse_mapping(to_toml(mapping), origin=preset) == mapping


def test_unknown_preset_offers_the_nearest() -> None:
    with pytest.raises(BadMapping, match="no preset called 'zendeks'; did you mean 'zendesk'"):
        load_preset("zendeks")


def test_contacts_come_out_as_worked_out_by_hand(loaded: tuple[str, Staged]) -> None:
    preset, staged = loaded
    found = contacts_of(staged)

    for contact_id, expected in CASES[preset].contacts.items():
        assert {"contact_id", *expected} == set(load_preset(preset).columns)
        assert {name: found[contact_id][name] for name in expected} == expected
        assert found[contact_id]["source"] == preset


def test_receipt_and_rejected_rows(loaded: tuple[str, Staged]) -> None:
    preset, staged = loaded
    receipt = staged.receipt
    rejects = staged.connection.execute(f'SELECT "column", value FROM {staged.rejects}').fetchall()

    figures = (receipt.read, receipt.accepted, receipt.merged, receipt.dropped, receipt.rejected)
    assert figures == CASES[preset].receipt
    assert {(column, value or None) for column, value in rejects} == CASES[preset].rejected
    assert len(contacts_of(staged)) == receipt.accepted


def test_every_mapped_column_is_in_the_vendors_header(loaded: tuple[str, Staged]) -> None:
    preset, staged = loaded

    assert {use.field for use in staged.uses if use.header} - {None} == set(load_preset(preset).columns)


def test_headers_in_capitals_and_spaces_give_the_same_contacts(loaded: tuple[str, Staged], tmp_path: Path) -> None:
    preset, plain = loaded
    case = CASES[preset]
    copy = disguised(EXTRACTS / case.file, folder=tmp_path)
    other = staged_extract(copy, preset=preset, workdir=tmp_path, timezone=case.timezone)

    assert contacts_of(other) == contacts_of(plain)
    assert other.receipt == plain.receipt


@pytest.mark.parametrize("preset", [name for name in PRESETS if CASES[name].timezone])
def test_stamps_without_an_offset_ask_for_their_zone(preset: str, tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="zone"):
        staged_extract(EXTRACTS / CASES[preset].file, preset=preset, workdir=tmp_path, timezone=None)


@pytest.mark.parametrize("preset", PRESETS)
def test_own_preset_fits_best(preset: str, tmp_path: Path) -> None:
    table = open_table(EXTRACTS / CASES[preset].file, connection=duckdb.connect(), workdir=tmp_path)

    assert fitting(table.headers)[0] == preset


def test_preset_fits_only_where_id_and_start_are_there() -> None:
    assert fitting(["Id", "Subject", "Requester id", "Status"]) == []
    assert fitting([]) == []


def test_fitting_puts_the_larger_share_of_known_columns_first() -> None:
    zendesk_and_a_little_jira = ["Id", "Created at", "Via", "Group", "Issue key", "Created", "Summary"]
    jira_and_a_little_zendesk = ["ISSUE KEY", " created ", "Resolved", "Priority", "Id", "Created at"]

    assert fitting(zendesk_and_a_little_jira) == ["zendesk", "jira-service-management"]
    assert fitting(jira_and_a_little_zendesk) == ["jira-service-management", "zendesk"]


def test_servicenow_event_log_keeps_the_event_with_the_highest_count(tmp_path: Path) -> None:
    path = tmp_path / "incident_event_log.csv"
    path.write_text(
        "number,incident_state,reassignment_count,reopen_count,sys_mod_count,caller_id,opened_at,"
        "contact_type,category,urgency,assignment_group,resolved_at\n"
        "INC1,Closed,2,1,10,Caller 7,29/2/2016 01:16,Phone,Category 40,1 - High,Group 70,1/3/2016 09:52\n"
        "INC1,New,0,0,2,?,29/2/2016 01:16,Phone,Category 55,1 - High,?,?\n"
        "INC1,Active,1,0,9,Caller 7,29/2/2016 01:16,Phone,Category 40,1 - High,Group 56,?\n"
        "INC2,Awaiting User Info,0,0,0,?,1/3/2016 23:59,Email,?,3 - Low,Group 24,?\n"
    )
    staged = staged_extract(path, preset="servicenow", workdir=tmp_path, timezone=None)
    found = contacts_of(staged)

    assert (staged.receipt.read, staged.receipt.accepted, staged.receipt.merged) == (4, 2, 2)
    assert found["INC1"]["started_at"] == at("2016-02-29 01:16")
    assert found["INC1"]["ended_at"] == at("2016-03-01 09:52")
    assert (found["INC1"]["intent"], found["INC1"]["team"]) == ("Category 40", "Group 70")
    assert (found["INC1"]["resolved"], found["INC1"]["reopens"], found["INC1"]["transfers"]) == (True, 1, 2)
    assert found["INC2"]["started_at"] == at("2016-03-01 23:59")
    assert (found["INC2"]["customer_id"], found["INC2"]["intent"]) == (None, NONE)
    assert (found["INC2"]["resolved"], found["INC2"]["ended_at"]) == (None, None)
