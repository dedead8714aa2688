"""Every story planted in the demo company can be seen in its raw rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cx_metrics
from cx_metrics.demo import COMPANY, END_ON, OUTAGES_ON, START_ON, STORIES, Story
from tests.demo.written import Demo

ROOT = Path(cx_metrics.__file__).parents[1]
STORY = {story.key: story for story in STORIES}


def _per_day(demo: Demo, intent: str, first: date, last: date) -> float:
    started = demo.contacts.loc[demo.contacts["intent"] == intent, "started"].dt.date
    return float(started.between(first, last).sum()) / ((last - first).days + 1)


def _against_others(demo: Demo, story: Story, *, days: int) -> float:
    """Contacts after the story began over those before, against the same of the intents without a story."""
    begin = pd.Timestamp(story.start_on)
    near = demo.contacts[(demo.contacts["started"] - begin).abs() < pd.Timedelta(days=days)]
    after = near["started"] >= begin
    own = near["intent"] == story.intent
    others = ~near["intent"].isin([other.intent for other in STORIES])
    return float((own & after).sum() / (own & ~after).sum() / ((others & after).sum() / (others & ~after).sum()))


def _fcr(demo: Demo, intent: str, first: date, last: date, *, window_days: int = 7) -> float:
    """FCR by counting in plain loops: same customer and intent, days counted from the end of a contact."""
    window = window_days * 86_400
    contacts = demo.contacts.sort_values(["started", "id"])
    contacts = contacts[(contacts["intent"] == intent) & contacts["customer"].notna()]
    started, ended = (_seconds(contacts[name]) for name in ("started", "ended"))
    chains: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for customer, opened, closed in zip(contacts["customer"], started, ended, strict=True):
        chains[customer].append((opened, max(opened, closed)))
    everything = _seconds(demo.contacts["started"])
    left_edge, watermark = min(everything) + window, max(everything)
    begin, end = (_seconds(pd.Series([pd.Timestamp(on)]))[0] for on in (first, last + timedelta(days=1)))
    n_first = n_followed = 0
    for chain in chains.values():
        for place, (opened, anchor) in enumerate(chain):
            repeat = place > 0 and opened <= chain[place - 1][1] + window
            known = opened >= left_edge and anchor + window <= watermark
            if known and not repeat and begin <= opened < end:
                n_first += 1
                n_followed += place + 1 < len(chain) and chain[place + 1][0] <= anchor + window
    return 1 - n_followed / n_first


def _seconds(stamps: pd.Series[pd.Timestamp]) -> list[int]:
    """Seconds since 1970; a missing time is long ago."""
    return stamps.to_numpy().astype("datetime64[s]").astype(np.int64).tolist()


def _days_before(on: date, days: int) -> date:
    return on - timedelta(days=days)


def test_stories_are_told_in_the_readme() -> None:
    readme = " ".join((ROOT / "data" / "README.md").read_text(encoding="utf-8").split())
    assert COMPANY in readme
    assert len(STORIES) == 7
    for story in STORIES:
        assert f"| {story.key} | {story.intent} | " in readme
        assert " ".join(story.shows.split()) in readme


def test_bad_firmware(demo: Demo) -> None:
    story = STORY["bad-firmware"]
    assert story.end_on == date(2026, 10, 4)
    usual = _per_day(demo, story.intent, _days_before(story.start_on, 56), _days_before(story.start_on, 1))
    assert 2.3 < _per_day(demo, story.intent, story.start_on, story.end_on) / usual < 2.8
    assert _per_day(demo, story.intent, date(2026, 10, 19), date(2026, 10, 30)) / usual < 1.25
    assert 0.72 < _fcr(demo, story.intent, date(2026, 3, 1), _days_before(story.start_on, 7)) < 0.82
    assert 0.48 < _fcr(demo, story.intent, story.start_on, story.end_on) < 0.60


def test_billing_change(demo: Demo) -> None:
    story = STORY["billing-change"]
    assert _against_others(demo, story, days=59) == pytest.approx(1.6, abs=0.12)
    assert _against_others(demo, story, days=240) == pytest.approx(1.6, abs=0.12)
    before = _fcr(demo, story.intent, START_ON, _days_before(story.start_on, 1), window_days=14)
    after = _fcr(demo, story.intent, story.start_on, END_ON, window_days=14)
    assert (before, after) == pytest.approx((0.81, 0.81), abs=0.02)


def test_closed_but_not_solved(demo: Demo) -> None:
    story = STORY["closed-not-solved"]
    own = demo.contacts[demo.contacts["intent"] == story.intent]
    assert own["resolved"].dropna().astype(float).mean() == pytest.approx(0.95, abs=0.01)
    assert _fcr(demo, story.intent, START_ON, END_ON) == pytest.approx(0.56, abs=0.02)


def test_fine_scores_and_almost_no_answers(demo: Demo) -> None:
    own = demo.contacts[demo.contacts["intent"] == STORY["nobody-asked"].intent]
    assert own["offered"].notna().mean() == pytest.approx(0.07, abs=0.015)
    assert 0.01 < own["answered"].notna().mean() < 0.02
    assert (own["csat"].dropna() >= 4).mean() > 0.9
    assert own["answered"].notna().sum() > 100


def test_unasked_customers_are_not_that_happy(truth: pd.DataFrame) -> None:
    own = truth[truth["intent"] == STORY["nobody-asked"].intent]
    assert (own["felt"] >= 4).mean() < 0.75


def test_fix_that_worked(demo: Demo) -> None:
    story = STORY["fix-that-worked"]
    assert _against_others(demo, story, days=56) == pytest.approx(0.5, abs=0.05)
    assert _against_others(demo, story, days=138) == pytest.approx(0.5, abs=0.05)


def test_fix_that_did_nothing(demo: Demo) -> None:
    story = STORY["fix-that-did-nothing"]
    assert _against_others(demo, story, days=56) == pytest.approx(1.0, abs=0.05)
    before = _fcr(demo, story.intent, date(2026, 3, 1), _days_before(story.start_on, 1))
    assert _fcr(demo, story.intent, story.start_on, END_ON) == pytest.approx(before, abs=0.03)


def test_outage_alert(demo: Demo) -> None:
    story = STORY["outage-alert"]
    extra: dict[bool, list[float]] = {False: [], True: []}
    for on in OUTAGES_ON:
        usual = _per_day(demo, story.intent, _days_before(on, 21), _days_before(on, 1))
        extra[on >= story.start_on].append(_per_day(demo, story.intent, on, on) / usual - 1)
    assert (len(extra[False]), len(extra[True])) == (10, 6)
    assert np.mean(extra[False]) == pytest.approx(6.3, abs=1.0)
    assert 0.4 < np.mean(extra[True]) / np.mean(extra[False]) < 0.6
