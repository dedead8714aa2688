"""Alerts in the records: checked, audited, exchanged as files, and their customers' contacts counted in the lake."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cx_metrics.errors import BadInput, BadUse
from cx_metrics.store.decided import alerts, deciding, records_file
from cx_metrics.store.decided.alerts import Contacted
from cx_metrics.store.decided.decisions import Alert, Decisions, IntentDecision
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.records import AlertCustomer, Audit
from tests.store.extracts import bring_in, row

MAIL = Alert(
    name='New "prices"',
    intent="Billing",
    sent_at=datetime(2026, 2, 24, 9, 30),
    n_sent=1000,
    trigger="Prices rise",
    within_days=14,
    audience="Everybody, by mail",
    n_held_out=100,
    contacted_sent=48,
    contacted_held_out=4,
)
TOML = """\
[[alerts]]
name = "New \\"prices\\""
intent = "Billing"
trigger = "Prices rise"
sent_at = 2026-02-24T09:30:00Z
within_days = 14
audience = "Everybody, by mail"
n_sent = 1000
n_held_out = 100
contacted_sent = 48
contacted_held_out = 4
"""
CSV = (
    "Name;intent;sent_at;n_sent;n_held_out;trigger\n"
    "Outage;Billing;2026-03-01T08:00:00+01:00;20;;Storm\n\nSecond;Billing;2026-03-02T08:00Z;7;3;\n"
)


def note(home: Home, *entries: Alert, actor: str = "ana") -> deciding.Saved:
    with home.session() as session:
        return deciding.save_alerts(session, entries, actor=actor)


def take_in(home: Home, text: str) -> deciding.Saved:
    with home.session() as session:
        return records_file.import_records(session, text, origin="alerts.csv", actor="ana")


def present(home: Home) -> Decisions:
    with home.session() as session:
        return deciding.decisions(session, currency="EUR")


def trail(home: Home) -> list[tuple[str, str, str]]:
    with home.session() as session:
        return [(row.actor, row.action, row.subject) for row in session.scalars(select(Audit).order_by(Audit.id))]


def test_what_is_noted_comes_back_and_every_change_is_audited(home: Home) -> None:
    assert note(home, MAIL).added == 1
    assert present(home).alerts == (MAIL,)
    before = present(home).stamp
    assert note(home, MAIL).unchanged == 1
    assert present(home).stamp == before
    assert note(home, replace(MAIL, n_sent=1200, trigger=None), actor="ben").changed == 1
    assert present(home).stamp != before
    with home.session() as session:
        alerts.remove_alert(session, MAIL.name, actor="cem")
    assert present(home).alerts == ()
    assert trail(home) == [(who, "note alert", MAIL.name) for who in ("ana", "ben", "cem")]


def test_files_go_in_and_out(home: Home) -> None:
    assert take_in(home, TOML).added == 1
    assert present(home).alerts == (MAIL,)
    assert records_file.to_toml(present(home)).strip() == TOML.strip()
    assert take_in(home, CSV).added == 2
    found = {alert.name: alert for alert in present(home).alerts}
    assert found["Outage"] == Alert("Outage", "Billing", datetime(2026, 3, 1, 7), 20, trigger="Storm")
    assert found["Second"] == Alert("Second", "Billing", datetime(2026, 3, 2, 8), 7, n_held_out=3)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A,,2026-03-01T08:00Z,5", "lacks 'intent'"),
        (",Billing,2026-03-01T08:00Z,5", "lacks 'name'"),
        ("A,Billing,,5", "lacks 'sent_at'"),
        ("A,Billing,2026-03-01T08:00Z,", "lacks 'n_sent'"),
        ("A,Billing,2026-03-01 08:00,5", "sent_at: must be a time with its offset such as 2026-01-31T08:00+01:00"),
        ("A,Billing,yesterday,5", "sent_at: must be a time"),
        ("A,Billing,2026-03-01T08:00Z,5.5", "n_sent: must be a whole number from 0 to 1000000000, not 5.5"),
        ("A,Billing,2026-03-01T08:00Z,-1", "n_sent: must be a whole number"),
        ("A,Billing,2026-03-01T08:00Z,many", "n_sent: must be a whole number"),
        ("A,Billing,2026-03-01T08:00Z", "must have 4 cells, not 3"),
    ],
)
def test_a_wrong_line_is_refused_whole(home: Home, line: str, problem: str) -> None:
    with pytest.raises(BadInput) as raised:
        take_in(home, f"name,intent,sent_at,n_sent\nGood,Billing,2026-03-01T08:00Z,5\n{line}\n")
    assert problem in str(raised.value)
    assert "line 3" in str(raised.value)
    assert present(home).alerts == ()


def test_more_customers_who_asked_than_there_are_is_refused(home: Home) -> None:
    for wrong in (replace(MAIL, contacted_sent=1001), replace(MAIL, n_held_out=None)):
        with pytest.raises(BadInput, match="count customers once"):
            note(home, wrong)


def test_an_unknown_alert_is_a_sentence(home: Home) -> None:
    note(home, MAIL)
    with home.session() as session, pytest.raises(BadUse, match="there is no alert 'New price'"):
        alerts.remove_alert(session, "New price", actor="ana")


def file_of(groups: dict[str, str]) -> str:
    return "customer_id,group\n" + "".join(f"{customer},{group}\n" for customer, group in groups.items())


@pytest.fixture
def told(home: Home) -> Home:
    """Contacts around an alert that counts for three days, from twenty customers and some without a name."""
    chance = random.Random(5)
    sent = datetime(2026, 3, 10, 8)
    moments = [sent + timedelta(hours=h) for h in (-1, 0, 1, 40, 72)] + [sent + timedelta(hours=72, seconds=1)]
    rows = [
        row(
            str(n),
            str(chance.choice(moments)),
            customer_id=chance.choice([*(f"c{k}" for k in range(20)), ""]),
            intent=chance.choice(["Billing", "Other"]),
        )
        for n in range(60)
    ]
    bring_in(home, rows)
    note(home, replace(MAIL, sent_at=sent, within_days=3, contacted_sent=None, contacted_held_out=None))
    return home


def counted_plainly(home: Home, groups: dict[str, str], sent: datetime, days: int) -> Contacted:
    import duckdb

    with duckdb.connect() as connection:
        sql = f"SELECT customer_id, intent, started_at FROM {home.lake.contacts.relation()}"
        contacts = connection.execute(sql).fetchall()
    until = sent + timedelta(days=days)
    asked = {customer for customer, intent, at in contacts if intent == "Billing" and sent <= at <= until}
    sizes = [sum(g == group for g in groups.values()) for group in ("sent", "held out")]
    hits = [len(asked & {c for c, g in groups.items() if g == group}) for group in ("sent", "held out")]
    return Contacted(*sizes, *hits)


def test_customers_on_file_are_counted_in_the_lake_and_again_at_every_refresh(told: Home) -> None:
    groups = {f"c{k}": "held out" if k % 3 == 0 else "sent" for k in range(18)} | {"stranger": "sent"}
    sent = datetime(2026, 3, 10, 8)
    counted = alerts.take_customers(told, MAIL.name, file_of(groups), origin="who.csv", actor="ben")
    assert counted == counted_plainly(told, groups, sent, 3)
    assert counted.contacted_sent > 2
    assert counted.contacted_held_out > 0
    (alert,) = present(told).alerts
    assert (alert.n_sent, alert.n_held_out) == (13, 6)
    assert (alert.contacted_sent, alert.contacted_held_out) == (counted.contacted_sent, counted.contacted_held_out)
    assert ("ben", "alert customers", MAIL.name) in trail(told)
    # Another contact within its days: the next refresh counts it.
    bring_in(told, [row("x1", "2026-03-11 12:00:00", customer_id="stranger")], source="other")
    bring_up_to_date(told)
    (again,) = present(told).alerts
    assert again.contacted_sent == counted.contacted_sent + 1
    stamp = present(told).stamp
    bring_up_to_date(told)
    assert present(told).stamp == stamp


def test_others_write_to_the_records_while_customers_are_counted(told: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    count = alerts.count_contacted

    def while_somebody_decides(*args: Any, **options: Any) -> Contacted:
        with told.session() as session:
            deciding.save_intents(session, [IntentDecision("Billing", owner="Dana")], actor="dana")
        return count(*args, **options)

    monkeypatch.setattr(alerts, "count_contacted", while_somebody_decides)
    counted = alerts.take_customers(told, MAIL.name, file_of({"c1": "sent", "c2": "sent"}), origin="a", actor="ben")
    alerts.recount(told)
    decided = present(told)
    assert decided.by_intent["Billing"].owner == "Dana"
    assert decided.alerts[0].n_sent == counted.n_sent == 2


def test_without_days_of_its_own_the_window_of_its_intent_counts(told: Home) -> None:
    (alert,) = present(told).alerts
    note(told, replace(alert, within_days=None))
    with told.session() as session:
        deciding.save_intents(session, [IntentDecision("Billing", window_days=1)], actor="ana")
    groups = {f"c{k}": "sent" for k in range(20)}
    counted = alerts.take_customers(told, MAIL.name, file_of(groups), origin="who.csv", actor="ben")
    assert counted == counted_plainly(told, groups, datetime(2026, 3, 10, 8), 1)
    assert present(told).alerts[0].n_held_out is None


def test_another_file_takes_the_place_of_the_first_and_goes_with_its_alert(told: Home) -> None:
    alerts.take_customers(told, MAIL.name, file_of({"c1": "sent", "c2": "held out"}), origin="a", actor="ana")
    alerts.take_customers(told, MAIL.name, file_of({"c3": "Sent"}), origin="b", actor="ana")
    with told.session() as session:
        assert alerts.with_customers(session) == {MAIL.name: 1}
        alerts.remove_alert(session, MAIL.name, actor="ana")
        session.flush()
        assert session.scalars(select(AlertCustomer)).all() == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("customer,group\nc1,sent\n", "the columns must be customer_id and group, not customer, group"),
        ("", "the columns must be"),
        ("customer_id,group\n", "names no customer"),
        ("customer_id;group\nc1;maybe\n", "line 2: must be a customer and sent or held out"),
        ("customer_id,group\n,sent\n", "line 2: must be a customer"),
        ("customer_id,group\nc1,sent\nc1,held out\n", "line 3: customer 'c1' is in both groups"),
    ],
    ids=["columns", "empty", "nobody", "group", "nameless", "both"],
)
def test_a_file_of_customers_that_can_not_be_meant_is_refused(told: Home, text: str, problem: str) -> None:
    before = present(told).stamp
    with pytest.raises(BadInput) as raised:
        alerts.take_customers(told, MAIL.name, text, origin="who.csv", actor="ana")
    assert problem in str(raised.value)
    assert present(told).stamp == before


def test_the_demo_alerts_go_with_the_demo(home: Home) -> None:
    note(home, MAIL, actor=deciding.DEMO)
    note(home, replace(MAIL, name="Mine"))
    with home.session() as session:
        deciding.remove_demo(session, actor="ana")
    assert [alert.name for alert in present(home).alerts] == ["Mine"]
