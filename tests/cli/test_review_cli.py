"""Reviews on the command line: flagged, seen, taken step by step to the end."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import reviews as review_cli
from cx_metrics.config import settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.signal import Level, Signal
from cx_metrics.store.home import Home
from tests.cli.running import Command, command_on
from tests.reviews.flagging import judged

RECORDS = """
[[intents]]
intent = "Visit"
owner = "Dana Okafor"
owner_email = "dana@example.com"
"""


@pytest.fixture
def cx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs a command on a home with 40 days of two visits and one bill a day."""
    run = command_on(tmp_path / "home", monkeypatch=monkeypatch, capsys=capsys)

    lines = ["contact_id,customer_id,started_at,intent"]
    for day in range(40):
        on = date(2026, 9, 1) + timedelta(days=day)
        lines += [f"{day}-{n},c{day}-{n},{on}T1{n}:00:00Z,{('Visit', 'Visit', 'Bill')[n]}" for n in range(3)]
    extract = tmp_path / "desk.csv"
    extract.write_text("\n".join(lines), encoding="utf-8")
    assert run("load", extract, "--source", "desk").status == 0
    records = tmp_path / "records.toml"
    records.write_text(RECORDS, encoding="utf-8")
    assert run("records", "import", records).status == 0
    return run


def flag(cx: Command, *words: str) -> Any:
    return cx("review", "flag", "Visit", "--reason", "visits are missed", *words, "--json").data


def test_a_review_from_its_flag_to_verified(cx: Command) -> None:
    made = flag(cx, "--pause", "the autumn mailing", "--resume-when", "fewer than 2 a day")
    assert (made["id"], made["state"], made["severity"], made["version"]) == (1, "flagged", "pause", 1)
    assert (made["owner"], made["flagged_by"], made["paused_what"]) == ("Dana Okafor", "Ada", "the autumn mailing")
    steps = (["acknowledged"], ["paused"], ["investigating"], ["fixing", "--fixed-on", "2026-10-01"], ["resumed"])
    for words in steps:
        assert cx("review", "step", "1", *words, "--note", "as agreed").status == 0
    refused = cx("review", "step", "1", "verified", "--note", "it helped")
    assert refused.status == 2
    assert "becomes verified by a measured effect only" in refused.err
    with Home(settings()).session() as session:
        judged(session, workflow.review(session, 1), "worked")
    assert cx("review", "step", "1", "verified", "--note", "it helped", "--json").data["state"] == "verified"

    shown = cx("review", "show", "1", "--json").data
    assert [step["state"] for step in shown["history"]] == [
        *("flagged", "acknowledged", "paused", "investigating", "fixing", "resumed", "verified")
    ]
    assert {step["actor"] for step in shown["history"]} == {"Ada"}
    assert (shown["fixed_on"], shown["next_states"]) == ("2026-10-01", ["investigating"])
    assert [verdict["verdict"] for verdict in shown["verdicts"]] == ["worked"]
    assert shown["evidence"]["numbers"][0]["metric"] == "volume"
    assert shown["evidence"]["numbers"][0]["value"] == 56
    assert shown["evidence"]["contacts"][0] == ["desk", "39-1"]
    assert len(shown["evidence"]["contacts"]) == 58
    said = cx("review", "show", "1").out
    assert "state: verified" in said
    assert "58 contacts are kept as evidence." in said
    assert "next: investigating; no clock runs" in said


def test_a_flag_without_a_pause_is_notify_only(cx: Command) -> None:
    made = flag(cx, "--acknowledge-by", "2026-10-12T10:00:00", "--decide-by", "2026-10-13")
    assert (made["severity"], made["paused_what"]) == ("notify only", None)
    assert (made["acknowledge_by"], made["decide_by"]) == ("2026-10-12T10:00:00", "2026-10-13T00:00:00")
    listed = cx("review", "list").out
    assert "notify only" in listed
    assert re.search(r"to be acknowledged, overdue by [0-9]+ (day|hour)", listed) or "left" in listed


SIGNAL = Signal(
    intent="Visit",
    kind="volume",
    level=Level.INVESTIGATE,
    since_on=date(2026, 10, 8),
    on=date(2026, 10, 9),
    expected=2.0,
    low=1.0,
    high=4.0,
    observed=9.0,
    per_week_money=None,
    sentence="Visit had 9 contacts instead of 2.",
    false_rate=0.1,
    owner="Dana Okafor",
)


def test_a_signal_is_kept_with_the_review(cx: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    none = cx("review", "flag", "Visit", "--signal")
    assert none.status == 2
    assert "there is no signal about 'Visit' now" in none.err
    monkeypatch.setattr(review_cli, "current", lambda home, mart: (replace(SIGNAL, intent=None), SIGNAL))
    made = cx("review", "flag", "Visit", "--signal", "--json").data
    assert made["reason"] == "Visit had 9 contacts instead of 2."
    assert made["signal"] == {
        name: str(value) if isinstance(value, date) else value for name, value in asdict(SIGNAL).items()
    }


def test_an_unknown_intent_is_one_sentence(cx: Command) -> None:
    refused = cx("review", "flag", "Visits", "--reason", "missed")
    assert refused.status == 2
    assert "no contact has the intent 'Visits': did you mean 'Visit'?" in refused.err


def test_reviews_are_listed_by_state_and_owner(cx: Command) -> None:
    assert cx("review", "list").out.strip() == "No review yet. Flag an intent with: review flag INTENT --reason TEXT"
    flag(cx)
    assert cx("review", "flag", "Bill", "--reason", "unclear bills").status == 0
    assert cx("review", "step", "2", "dismissed", "--note", "a holiday").status == 0

    def listed(*words: str) -> list[int]:
        return [each["id"] for each in cx("review", "list", *words, "--json").data]

    assert listed() == [2, 1]
    assert listed("--state", "open") == [1]
    assert listed("--state", "dismissed") == [2]
    assert listed("--owner", "dana@example.com") == [1]
    wrong = cx("review", "list", "--state", "resolved")
    assert wrong.status == 2
    assert "unknown state 'resolved'" in wrong.err


def test_a_step_on_an_older_version_is_refused_and_says_who_was_first(cx: Command) -> None:
    flag(cx)
    assert cx("review", "step", "1", "acknowledged", "--note", "mine", "--version", "1").status == 0
    late = cx("review", "step", "1", "dismissed", "--note", "no", "--version", "1")
    assert late.status == 1
    assert "review 1 was changed by Ada at" in late.err
    assert cx("review", "show", "1", "--json").data["state"] == "acknowledged"
