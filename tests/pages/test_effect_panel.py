"""The panel that tells whether a fix helped: before, too early, and as a verdict that is recorded and verifies."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from cx_metrics.cli.main import app as cli
from cx_metrics.config import Settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.judging import Kind
from cx_metrics.reviews.workflow import Review, Severity, State
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from pages.shared.effect_sentences import ICONS
from tests.browser.homes import ZONE, desk_home

pytestmark = pytest.mark.xdist_group("pages")

PROJECT = Path(__file__).resolve().parents[2]
FIRST, FIXED, N_DAYS = date(2026, 1, 5), date(2026, 4, 20), 140
HALVED = "Halved *by* <b>us</b>"
INTENTS = (HALVED, "Idle", *(f"untouched {n}" for n in range(13)))


def rows() -> Iterator[tuple[str, ...]]:
    """Every intent has 8, 10 or 12 contacts a day; the halved one half of them from the fix on."""
    number = 0
    for back in range(N_DAYS):
        day = FIRST + timedelta(days=back)
        for place, intent in enumerate(INTENTS):
            each = 8 + 2 * ((5 * back + place + back // 7) % 3)
            for n in range(each // 2 if intent == HALVED and day >= FIXED else each):
                number += 1
                yield (str(number), f"c{number}", f"{day}T08:{n:02}:00Z", intent, "phone")
    yield ("last", "c0", f"{FIRST + timedelta(days=N_DAYS - 1)}T21:59:30Z", "Other", "phone")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_TIMEZONE", ZONE)
    monkeypatch.setenv("CX_USER", "tester")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_home(tmp_path_factory.mktemp("effect") / "home", list(rows()))


def reviewed(folder: Path, intent: str, fixed_on: date | None, *states: State) -> Review:
    """A review of the intent in these states, fixed on that day."""
    home = Home(Settings(home=folder, timezone=ZONE))
    mart = fresh_mart(home)
    with home.session() as session:
        review = workflow.flag(
            session,
            mart=mart,
            intent=intent,
            severity=Severity.NOTIFY,
            reason="too many",
            acknowledge_by=datetime(2026, 6, 1),
            decide_by=datetime(2026, 6, 2),
            actor="tester",
        )
        for state in states:
            on = fixed_on if state == State.FIXING else None
            review = workflow.step(
                session, review.id, to=state, note="go", actor="tester", version=review.version, fixed_on=on
            )
    return review


FIXING = (State.ACKNOWLEDGED, State.INVESTIGATING, State.FIXING, State.RESUMED)


def panel(monkeypatch: pytest.MonkeyPatch, folder: Path, review: Review) -> AppTest:
    def script(number: int) -> None:
        from pages.act.effect_panel import effect_panel
        from pages.shared import reviewing

        effect_panel(reviewing.one(number)[0])

    monkeypatch.setenv("CX_HOME", str(folder))
    shown = AppTest.from_function(script, args=(review.id,), default_timeout=60).run()
    assert not shown.exception
    return shown


def said(shown: AppTest) -> str:
    return "\n".join(part.value for part in (*shown.markdown, *shown.caption)).replace("\u202f", " ").replace("\\", "")


def test_a_fix_that_worked_is_recorded_and_verifies(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    review = reviewed(folder, HALVED, FIXED, *FIXING)
    shown = panel(monkeypatch, folder, review)
    assert ":material/check_circle: **It worked. Since the fix on 20 Apr 2026 contacts run 50 % below" in said(shown)
    cards = {metric.label: metric.value.replace("\u202f", " ") for metric in shown.metric}
    # 28 days judged after the washout of 7, of 5 instead of 10.
    assert cards == {
        "Against untouched intents": "-50 %",
        "Contacts avoided": "140",
        "Money avoided": "not known",
        "Full days judged": "28",
        "Untouched intents": "14",
    }
    assert "A fake fix 28 days earlier shows no effect, as it must." in said(shown)
    assert "Recorded" not in said(shown)
    shown.button(key="record_effect").click().run()
    assert not shown.exception
    assert "**Recorded: worked** (tester, " in said(shown)
    home = Home(Settings(home=folder, timezone=ZONE))
    with home.session() as session:
        step = workflow.step(
            session, review.id, to=State.VERIFIED, note="proven", actor="tester", version=review.version
        )
    assert step.state == State.VERIFIED


def test_a_fix_that_did_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    shown = panel(monkeypatch, folder, reviewed(folder, "Idle", FIXED, *FIXING))
    assert ":material/do_not_disturb_on: **No effect can be shown: since the fix on 20 Apr 2026" in said(shown)
    assert {m.value for m in shown.metric if "avoided" in m.label} == {"not claimed"}


def test_too_early_and_nothing_yet(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    fixed = reviewed(folder, "untouched 1", FIRST + timedelta(days=N_DAYS - 8), *FIXING)
    shown = panel(monkeypatch, folder, fixed)
    assert ":material/schedule: **Too early: 1 full day after the 7 days" in said(shown)
    assert {metric.value for metric in shown.metric} >= {"not known", "not claimed", "1"}
    nothing = panel(monkeypatch, folder, reviewed(folder, "untouched 2", None))
    assert nothing.caption[0].value.startswith("Nothing is paused or fixed yet.")
    assert not nothing.metric


def test_the_command_says_the_same(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("CX_HOME", str(folder))
    review = reviewed(folder, "untouched 3", FIXED, *FIXING)
    plain = CliRunner().invoke(cli, ["review", "effect", str(review.id), "--record"])
    assert plain.exit_code == 0, plain.output
    assert plain.output.startswith("No effect can be shown: since the fix on 20 Apr 2026")
    assert f"Recorded with review {review.id}." in plain.output
    days = CliRunner().invoke(cli, ["review", "effect", str(review.id), "--csv"])
    found = list(csv.DictReader(io.StringIO(days.output)))
    assert (found[0]["day"], found[0]["phase"], found[-1]["phase"]) == ("2026-02-23", "before", "after")
    assert len(found) == 56 + 7 + 28
    nothing = CliRunner().invoke(cli, ["review", "effect", str(reviewed(folder, "untouched 4", None).id)])
    assert nothing.exit_code == 2 or "nothing to judge" in str(nothing.exception)


def test_every_verdict_has_its_icon() -> None:
    assert set(ICONS) == set(Kind)
