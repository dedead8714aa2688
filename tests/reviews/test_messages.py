"""Who hears of what and when: each thing once, failures again later, and nothing unless it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import make_transient

from cx_metrics.cli.main import main
from cx_metrics.config import Settings
from cx_metrics.reviews import workflow
from cx_metrics.reviews.messages import WAITS, notify, outbox, undelivered
from cx_metrics.reviews.states import Review, Severity, State
from cx_metrics.store import ledger
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decisions import IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.records import Base, Message, MessageState, ReviewVerdict
from tests.browser.homes import ZONE, desk_home, desk_rows
from tests.reviews.endpoints import Hook, Mailbox, mail_server, web_hook

DANA = "dana@example.com"
SECRET = "hunter2hunter2"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Forty contacts about billing, and the mart that tells of them."""
    folder = desk_home(tmp_path_factory.mktemp("loaded") / "home", desk_rows(40, prefix="a"))
    return Home(Settings(home=folder, timezone=ZONE, user="ada"))


@pytest.fixture
def plain_home(loaded: Home, home: Home) -> Home:
    """The same contacts, with records of the test's own in which Dana owns billing."""
    with loaded.session() as session:
        loads = ledger.loads(session)
        session.expunge_all()
    mine = Home(loaded.settings.model_copy(update={"database_url": home.settings.records_url}))
    home.folder.mkdir(exist_ok=True)
    with mine.session() as session:
        for load in loads:
            make_transient(load)
        session.add_all(loads)
        deciding.save_intents(session, [IntentDecision("Billing", owner="Dana", owner_email=DANA)], actor="ada")
    return mine


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as endpoint:
        yield endpoint


def telling(home: Home, *urls: str) -> Home:
    """The same home with addresses and a public address."""
    told = {"notify_urls": SecretStr(",".join(urls)), "public_url": "https://cx.example.com"}
    return Home(home.settings.model_copy(update=told))


def by_mail(box: Mailbox) -> str:
    return f"mailto://127.0.0.1:{box.port}?from=cx@example.com&to={{owner}}&mode=insecure"


def by_hook(hook: Hook) -> str:
    return f"json://me:{SECRET}@127.0.0.1:{hook.port}"


def flagged(home: Home, *, acknowledge: timedelta = timedelta(days=3), decide: timedelta = timedelta(days=9)) -> Review:
    now = ledger.utc_now()
    with home.session() as session:
        return workflow.flag(
            session,
            mart=fresh_mart(home),
            intent="Billing",
            severity=Severity.PAUSE,
            paused_what="the new bill",
            reason="Calls about bills doubled.",
            acknowledge_by=now + acknowledge,
            decide_by=now + decide,
            actor="ada",
        )


def titles(home: Home, number: int) -> list[str]:
    with home.session() as session:
        return [row.title for row in reversed(outbox(session, number))]


def test_nothing_is_sent_by_default(plain_home: Home) -> None:
    made = flagged(plain_home)
    told = notify(plain_home)
    assert (told.queued, told.sent, told.failed, told.given_up, told.waiting) == (0, 0, 0, 0, 0)
    assert titles(plain_home, made.id) == []


def test_a_flag_reaches_the_owner_and_the_hook_once(plain_home: Home, box: Mailbox, hook: Hook) -> None:
    home = telling(plain_home, by_mail(box), by_hook(hook))
    made = flagged(home)
    told = notify(home)
    assert (told.queued, told.sent, told.waiting) == (2, 2, 0)
    assert box.to == [[DANA]]
    assert box.got[0]["Subject"] == "Billing: flagged, pause"
    text = hook.got[0]["message"]
    assert "ada flagged this intent. Calls about bills doubled. To be paused: the new bill." in text
    assert f"https://cx.example.com/review?review={made.id}" in text
    again = notify(home)
    assert (again.queued, again.sent) == (0, 0)
    assert (len(box.got), len(hook.got)) == (1, 1)


def test_a_clock_is_told_once_before_and_once_after(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    made = flagged(home)
    notify(home)
    for later in (made.acknowledge_by - timedelta(hours=25), made.acknowledge_by - timedelta(hours=23)):
        notify(home, now=later)
        notify(home, now=later + timedelta(minutes=5))
    assert [body["title"].rpartition(" by ")[0] for body in hook.got[1:]] == ["Billing: acknowledge"]
    late = made.acknowledge_by + timedelta(minutes=1)
    notify(home, now=late)
    notify(home, now=late + timedelta(hours=1))
    assert [body["title"] for body in hook.got[2:]] == ["Billing: overdue, acknowledge"]


def test_a_clock_that_was_met_is_not_told(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    made = flagged(home)
    with home.session() as session:
        workflow.step(session, made.id, to=State.DISMISSED, note="No harm.", actor="dana", version=1)
    notify(home, now=made.decide_by + timedelta(days=1))
    assert hook.got == []


def test_a_short_clock_does_not_remind_at_once(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    made = flagged(home, acknowledge=timedelta(hours=4))
    notify(home)
    assert len(hook.got) == 1
    notify(home, now=made.flagged_at + timedelta(hours=2, minutes=1))
    assert len(hook.got) == 2


def test_a_verdict_is_told_with_its_sentence(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    made = flagged(home)
    notify(home)
    with home.session() as session:
        session.add(
            ReviewVerdict(
                review_id=made.id,
                review_version=1,
                kind="worked",
                judged_on=date(2026, 2, 1),
                data={"sentence": "Contacts fell by 31 %, likely 22 - 39 %."},
                data_version="v",
                actor="dana",
                at=ledger.utc_now(),
            )
        )
    notify(home)
    assert hook.got[1]["title"] == "Billing: worked"
    assert "Contacts fell by 31 %, likely 22 - 39 %. (asked for by dana)" in hook.got[1]["message"]


def test_old_flags_are_not_told_to_a_new_address(plain_home: Home, hook: Hook) -> None:
    made = flagged(plain_home, acknowledge=timedelta(days=30), decide=timedelta(days=30))
    notify(telling(plain_home, by_hook(hook)), now=made.flagged_at + timedelta(days=3))
    assert hook.got == []


def test_a_failure_is_kept_and_tried_again_later(plain_home: Home, box: Mailbox, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook), by_mail(box))
    made = flagged(home)
    start, hook.status, box.refuses = ledger.utc_now(), 500, True
    told = notify(home, now=start)
    assert (told.sent, told.failed, told.waiting) == (0, 2, 2)
    with home.session() as session:
        kept = {row.service: row for row in undelivered(session)}
    assert "500" in str(kept["JSON"].error)
    assert kept["E-Mail"].error
    assert SECRET not in str(kept["JSON"].error)
    assert {row.next_try_at for row in kept.values()} == {start + WAITS[0]}
    hook.status, box.refuses = 200, False
    assert notify(home, now=start + WAITS[0] / 2).sent == 0
    told = notify(home, now=start + WAITS[0])
    assert (told.sent, told.waiting) == (2, 0)
    assert (len(box.got), len(hook.got)) == (1, 1)
    with home.session() as session:
        assert {(row.state, row.n_tries, row.error) for row in outbox(session, made.id)} == {("sent", 2, None)}


def test_waits_grow_until_it_is_given_up(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    made = flagged(home, acknowledge=timedelta(days=30), decide=timedelta(days=30))
    hook.status, now, waits = 503, ledger.utc_now(), []
    for _ in range(len(WAITS)):
        notify(home, now=now)
        with home.session() as session:
            (row,) = outbox(session, made.id)
        assert row.next_try_at is not None
        waits.append(row.next_try_at - now)
        now = row.next_try_at
    assert waits == list(WAITS)
    assert notify(home, now=now).given_up == 1
    assert notify(home, now=now + timedelta(days=9)).failed == 0
    assert hook.n_requests == len(WAITS) + 1


def test_an_owner_without_an_address_is_a_reason(plain_home: Home, box: Mailbox) -> None:
    home = telling(plain_home, by_mail(box))
    with home.session() as session:
        deciding.save_intents(session, [IntentDecision("Billing", owner="Dana")], actor="ada")
    made = flagged(home)
    assert notify(home).given_up == 1
    with home.session() as session:
        assert "no owner with an e-mail address" in str(outbox(session, made.id)[0].error)
    assert box.got == []


def test_an_address_that_is_gone_is_a_reason(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    flagged(home)
    hook.status, start = 500, ledger.utc_now()
    notify(home, now=start)
    assert notify(telling(plain_home, "json://127.0.0.1:9"), now=start + WAITS[0]).given_up == 1


def test_two_processes_send_a_message_once(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    flagged(home)
    now = ledger.utc_now()
    hook.status = 500
    notify(home, now=now)
    with home.session() as session:
        row = session.scalars(select(Message)).one()
        row.next_try_at = now + timedelta(minutes=10)  # as another process that is sending leaves it
        assert row.state == MessageState.WAITING
    assert notify(home, now=now + timedelta(minutes=5)).failed == 0
    assert hook.n_requests == 1


def test_no_secret_is_kept(plain_home: Home, hook: Hook) -> None:
    home = telling(plain_home, by_hook(hook))
    flagged(home)
    notify(home)
    with home.session() as session:
        for table in Base.metadata.sorted_tables:
            assert SECRET not in str(session.execute(select(table)).all())
        assert hook.n_requests == 1


def test_the_command_sends_and_tells_failures(
    plain_home: Home, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"HOME": str(plain_home.folder), "DATABASE_URL": plain_home.settings.records_url}
    for name, value in {**own, "TIMEZONE": ZONE, "USER": "ada"}.items():
        monkeypatch.setenv(f"CX_{name}", value)
    monkeypatch.setattr("sys.argv", ["cx", "notify"])
    with pytest.raises(SystemExit):
        main()
    assert "Nobody is told: CX_NOTIFY_URLS names no address." in capsys.readouterr().out
    monkeypatch.setenv("CX_NOTIFY_URLS", by_hook(hook))
    made = flagged(plain_home)
    hook.status = 500
    monkeypatch.setattr("sys.argv", ["cx", "notify", "--json"])
    with pytest.raises(SystemExit):
        main()
    told = json.loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("queued", "sent", "failed")} == {"queued": 1, "sent": 0, "failed": 1}
    (problem,) = told["undelivered"]
    assert (problem["review"], problem["through"], problem["tries"]) == (made.id, "JSON", 1)
    assert SECRET not in json.dumps(told)
