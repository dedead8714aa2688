"""The causes of a review on the command line: noted, changed, listed, and what the data offers."""

from __future__ import annotations

from tests.cli.running import Command
from tests.cli.test_review_cli import cx, flag

__all__ = ["cx"]


def test_a_cause_is_noted_changed_and_listed(cx: Command) -> None:
    flag(cx)
    made = cx("review", "cause", "1", "weather", "storms", "--contacts", "12", "--why", "autumn", "--json").data
    assert (made["cause"], made["bone"], made["state"], made["version"]) == (1, "weather", "suspected", 1)
    said = cx("review", "cause", "1", "people", "too few technicians").out
    assert said.strip() == "Cause 2 of review 1 is suspected."
    changed = cx(
        "review", "cause", "1", "weather", "heavy storms", "--change", "1", "--state", "confirmed", "--json"
    ).data
    assert (changed["text"], changed["state"], changed["contacts"]) == ("heavy storms", "confirmed", 12)
    assert (changed["whys"], changed["version"], changed["changed_by"]) == (["autumn"], 2, "Ada")
    listed = cx("review", "causes", "1", "--json").data
    assert [(row["cause"], row["bone"]) for row in listed["causes"]] == [(2, "people"), (1, "weather")]
    assert listed["voices"] == []
    assert "heavy storms" in cx("review", "causes", "1").out


def test_a_change_from_an_older_view_and_a_foreign_cause_are_refused(cx: Command) -> None:
    flag(cx)
    words = ("review", "cause", "1", "weather", "storms")
    assert cx(*words).status == 0
    assert cx(*words, "--change", "1", "--version", "1").status == 0
    late = cx(*words, "--change", "1", "--version", "1")
    assert late.status == 1
    assert "cause 1 was changed by Ada" in late.err
    foreign = cx(*words, "--change", "7")
    assert foreign.status == 2
    assert "review 1 has no cause 7" in foreign.err
    assert cx("review", "causes", "9").status == 2


def test_nothing_noted_and_nothing_offered_say_so(cx: Command) -> None:
    flag(cx)
    assert "No cause yet. Note one with: review cause 1 BONE TEXT" in cx("review", "causes", "1").out
    offered = cx("review", "candidates", "1", "--json").data
    assert offered["candidates"] == []
    assert any("No model of all attributes" in reason for reason in offered["reasons"])
    assert "No model of all attributes" in cx("review", "candidates", "1").out
