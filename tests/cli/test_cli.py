"""The command line as an analyst's job meets it: what it prints, where, and with which exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import main as cli
from cx_metrics.metrics.catalogue import METRICS
from tests.browser.homes import ZONE, desk_rows, write_csv

RECEIPT = ["load", "read", "accepted", "merged", "dropped", "rejected", "rejects_file"]
ESTIMATE = ["value", "low", "high", "n", "reason"]
BAD_DATE = ("bad", "c1", "2026-02-31T10:00:00Z", "Billing", "phone")


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What ``--json`` printed."""
        assert self.status == 0, self.err
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def cx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs a command on a home of the test's own."""
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    monkeypatch.setenv("CX_USER", "tester")
    monkeypatch.setenv("CX_MEMORY", "500MB")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["cx_metrics", *map(str, words)])
        status: Any = 0
        capsys.readouterr()
        try:
            cli.main()
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return Answer(int(status or 0), out, err)

    return run


@pytest.fixture
def desk(cx: Command, tmp_path: Path) -> Command:
    """The same, with twenty contacts of seven customers loaded: one a day, all about billing."""
    extract = write_csv(tmp_path / "desk.csv", desk_rows(20, prefix="a"))
    assert cx("load", extract, "--source", "desk", "--json").status == 0
    return cx


def one_sentence(answer: Answer, *, status: int) -> str:
    """The sentence on standard error, which is all the command said."""
    assert (answer.status, answer.out) == (status, "")
    assert "Traceback" not in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    return answer.err.strip()


def test_the_receipt_has_its_fields_in_their_order_and_adds_up(cx: Command, tmp_path: Path) -> None:
    rows = [*desk_rows(6, prefix="a"), desk_rows(1, prefix="a")[0], BAD_DATE]
    receipt = cx("load", write_csv(tmp_path / "x.csv", rows), "--source", "desk", "--json").data
    assert list(receipt)[: len(RECEIPT)] == RECEIPT
    assert list(receipt)[len(RECEIPT) :] == ["added", "replaced", "unchanged"]
    assert [receipt[name] for name in RECEIPT[:6]] == [1, 8, 6, 1, 0, 1]
    assert (receipt["added"], receipt["replaced"], receipt["unchanged"]) == (6, 0, 0)
    with Path(receipt["rejects_file"]).open(encoding="utf-8") as file:
        rejected = list(csv.DictReader(file))
    assert len(rejected) == 1
    assert "2026-02-31T10:00:00Z" in rejected[0].values()


def test_loading_the_same_again_changes_nothing(desk: Command, tmp_path: Path) -> None:
    before = desk("metric", "volume", "--by", "intent", "--json").data
    receipt = desk("load", tmp_path / "desk.csv", "--source", "desk", "--json").data
    assert (receipt["added"], receipt["replaced"], receipt["unchanged"]) == (0, 0, 20)
    assert receipt["rejects_file"] is None
    assert desk("metric", "volume", "--by", "intent", "--json").data == before


def test_a_dry_run_writes_nothing(cx: Command, tmp_path: Path) -> None:
    extract = write_csv(tmp_path / "x.csv", desk_rows(3, prefix="a"))
    receipt = cx("load", extract, "--source", "desk", "--dry-run", "--json").data
    assert (receipt["load"], receipt["accepted"]) == (None, 3)
    assert cx("loads", "--json").data == []


def test_people_read_the_receipt_as_text(cx: Command, tmp_path: Path) -> None:
    extract = write_csv(tmp_path / "x.csv", [*desk_rows(3, prefix="a"), BAD_DATE])
    answer = cx("load", extract, "--source", "desk")
    assert answer.status == 0
    assert "Load 1: x.csv" in answer.out
    assert "4 read = 3 accepted + 0 merged + 0 dropped + 1 rejected" in answer.out
    assert "rejected rows with reasons: " in answer.out


def test_a_second_file_that_is_bad_keeps_the_first_and_refreshes(cx: Command, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", desk_rows(3, prefix="a"))
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"")
    answer = cx("load", good, bad, "--source", "desk", "--json")
    assert answer.status == 1
    assert json.loads(answer.out)["accepted"] == 3
    assert "bad.csv" in answer.err
    assert cx("metric", "volume", "--json").data[0]["value"] == 3
    assert cx("refresh", "--json").data["months"] == []


def test_an_extract_without_one_good_row_is_a_failure(cx: Command, tmp_path: Path) -> None:
    answer = cx("load", write_csv(tmp_path / "x.csv", [BAD_DATE]), "--source", "desk", "--json")
    assert answer.status == 1
    assert json.loads(answer.out)["rejected"] == 1


def test_what_is_not_a_file_of_rows_gets_a_sentence(cx: Command, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 no more")
    for path in (folder, picture, broken, tmp_path / "missing.csv"):
        said = one_sentence(cx("load", path, "--source", "desk", "--json"), status=1)
        assert path.name in said
    assert cx("loads", "--json").data == []


def test_a_mapping_with_a_typo_gets_a_sentence(cx: Command, tmp_path: Path) -> None:
    extract = write_csv(tmp_path / "x.csv", desk_rows(2, prefix="a"))
    typo = tmp_path / "typo.toml"
    typo.write_text("name = 'typo'\n[columns]\ncontact_id = 'contact_id'\nstarted_at = 'started_at'\nintnet = 'intent'")
    answer = cx("load", extract, "--source", "desk", "--mapping", typo, "--json")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.splitlines() == [
        "The mapping typo.toml has 1 problem:",
        "  - columns.intnet: unknown field 'intnet'; did you mean 'intent'?",
    ]
    said = one_sentence(cx("load", extract, "--source", "desk", "--mapping", "servicenwo", "--json"), status=1)
    assert "did you mean 'servicenow'?" in said


def test_metric_rows_are_keys_then_the_estimate_then_parts(desk: Command) -> None:
    found = desk("metric", "recontact_rate", "--by", "intent,channel", "--window", "14", "--json").data
    assert [list(row) for row in found] == [["intent", "channel", *ESTIMATE, "followed", "mature"]]
    # Each customer comes every seventh day, so those older than the window, six of twenty, were all followed.
    row = found[0]
    assert (row["intent"], row["channel"], row["reason"]) == ("Billing", "phone", None)
    assert (row["value"], row["followed"], row["mature"]) == (1, 6, 6)


def test_metric_by_grain_counts_each_period(desk: Command) -> None:
    weeks = desk("metric", "volume", "--grain", "week", "--json").data
    assert [(row["period"], row["value"]) for row in weeks] == [
        ("2026-01-26", 1),
        ("2026-02-02", 7),
        ("2026-02-09", 7),
        ("2026-02-16", 5),
    ]
    some = desk("metric", "volume", "--from", "2026-02-10", "--to", "2026-02-12", "--where", "channel=phone", "--json")
    assert some.data[0]["value"] == 3


def test_csv_json_and_text_are_the_same_rows(desk: Command) -> None:
    asked = ("metric", "recontact_rate", "--by", "intent")
    as_json = desk(*asked, "--json").data
    as_csv = list(csv.DictReader(io.StringIO(desk(*asked, "--csv").out)))
    assert [list(row) for row in as_csv] == [list(row) for row in as_json]
    assert [float(row["low"]) for row in as_csv] == [row["low"] for row in as_json]
    assert "Billing" in desk(*asked).out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["recontact_rat"], "did you mean 'recontact_rate'?"),
        (["volume", "--by", "intnet"], "did you mean 'intent'?"),
        (["volume", "--from", "2026-02-31"], "2026-02-31"),
        (["volume", "--from", "31.12.2026"], "31.12.2026"),
        (["volume", "--from", "2026-02-02", "--to", "2026-02-01"], "swap"),
        (["volume", "--where", "channel"], "channel"),
        (["volume", "--where", "chanel=phone"], "did you mean 'channel'?"),
        (["volume", "--where", "channel=fone"], "did you mean 'phone'?"),
        (["volume", "--grain", "year"], "day, week, month"),
        (["fcr", "--window", "8"], "1, 3, 7, 14, 30"),
        (["fcr", "--window", "x"], "x"),
    ],
)
def test_a_malformed_question_is_one_sentence_and_status_2(desk: Command, words: list[str], says: str) -> None:
    assert says in one_sentence(desk("metric", *words, "--json"), status=2)


def test_a_home_without_data_says_what_to_do(cx: Command) -> None:
    assert "load" in one_sentence(cx("metric", "volume", "--json"), status=1)
    assert "python -m cx_metrics load" in cx("loads").out


def test_the_ledger_and_taking_a_load_back(desk: Command, tmp_path: Path) -> None:
    second = write_csv(tmp_path / "second.csv", desk_rows(5, prefix="b", intent="Outage"))
    assert desk("load", second, "--source", "desk", "--json").data["load"] == 2
    newest, oldest = desk("loads", "--json").data
    assert (newest["load"], newest["file"], newest["source"], newest["by"]) == (2, "second.csv", "desk", "tester")
    assert (oldest["load"], oldest["read"], oldest["accepted"], oldest["rejected"]) == (1, 20, 20, 0)
    assert desk("metric", "volume", "--json").data[0]["value"] == 25

    assert desk("withdraw", "2", "--json").data == {"withdrawn": 2}
    assert desk("metric", "volume", "--json").data[0]["value"] == 20
    assert [row["state"] for row in desk("loads", "--json").data] == ["withdrawn", "loaded"]
    assert "99" in one_sentence(desk("withdraw", "99", "--json"), status=2)


def test_refresh_says_what_it_rebuilt(desk: Command) -> None:
    assert desk("refresh").out == "Nothing had changed.\n"
    full = desk("refresh", "--full", "--json").data
    assert full["full"] is True
    assert full["months"]


def test_the_catalogue_is_printed(cx: Command) -> None:
    found = cx("metrics", "--json").data
    assert [row["name"] for row in found] == list(METRICS)
    assert all(list(row) == ["name", "unit", "definition"] for row in found)
    assert all(cell for row in found for cell in row.values())


def test_the_demo_leaves_a_home_with_loads_alone(desk: Command) -> None:
    before = desk("loads", "--json").data
    assert desk("demo").out == "The home already has loads; the demo company was not added.\n"
    assert desk("demo", "--json").data == {"loaded": False}
    assert desk("loads", "--json").data == before


def test_a_wrong_setting_is_a_sentence(cx: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TIMEZONE", "Europe/Berlni")
    said = one_sentence(cx("loads", "--json"), status=1)
    assert "CX_TIMEZONE" in said
    assert "Europe/Berlin" in said


def test_the_module_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    project = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "CX_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "cx_metrics", "load", str(tmp_path / "missing.csv"), "--source", "desk"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "missing.csv" in done.stderr
    assert "Traceback" not in done.stderr
