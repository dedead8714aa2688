"""Whatever changes the records leaves an entry in the audit trail: every write is done once, and tables compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from cx_metrics.cli.main import app
from cx_metrics.metrics.costs.chargeback import statement
from cx_metrics.metrics.periods import last_full_day
from cx_metrics.reviews import causes, voices, workflow
from cx_metrics.reviews.effect import effect, record_verdict
from cx_metrics.reviews.states import State
from cx_metrics.store.decided import alerts, closing, deciding, disputes, follow_ups, records_file
from cx_metrics.store.decided.decisions import Alert, IntentDecision, Rate, XUnits
from cx_metrics.store.home import Home
from cx_metrics.store.lake import mappings
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.people import roles
from cx_metrics.store.people.origin import acting_from
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.records import Audit, Base
from tests.reviews.flagging import flagged
from tests.store.extracts import PLAIN, bring_in, row

Write = Callable[[Home], object]
WHERE = "test at a desk"
NOT_COMPARED = {"audit", "operations", "revisions", "messages"}
"""The trail itself; numbers of writes, of which the trail tells the writes; stamps; and what was told to whom, which is
a log of its own that says when and through what."""


def write(work: Callable[..., object], *args: object, **options: object) -> Write:
    """Work on a session of the records."""

    def done(home: Home) -> object:
        with home.session() as session:
            return work(session, *args, **options)

    return done


def load(home: Home) -> None:
    contacts = [
        row(str(n), str(datetime(2026, 1, 1, 9) + timedelta(hours=7 * n)), customer_id=f"c{n % 9}", channel="phone")
        | {"intent": ("Billing", "Visit")[n % 2]}
        for n in range(200)
    ]
    bring_in(home, [*contacts, row("bad", "never")])
    bring_up_to_date(home)


def load_more(home: Home) -> None:
    bring_in(home, [row("1", "2026-03-05 10:00:00", customer_id="c1")])


def close(home: Home) -> None:
    with fresh_mart(home) as mart, home.session() as session:
        closing.close_month(session, statement(mart, "2026-01"), complete_to=last_full_day(mart.facts), actor="ana")


def dispute(home: Home) -> None:
    with fresh_mart(home) as mart, home.session() as session:
        disputes.dispute(session, statement(mart, "2026-02"), "Visit", reason="not ours", actor="ana")


def flag(home: Home) -> None:
    with fresh_mart(home) as mart, home.session() as session:
        flagged(session, mart, "Billing", contact_ids=[("desk", "4")])


def verdict(home: Home) -> None:
    with fresh_mart(home) as mart, home.session() as session:
        record_verdict(session, 1, effect(mart, "Billing", on=date(2026, 2, 10)), actor="ana")


def customers(home: Home) -> None:
    alerts.take_customers(home, "Mail", "customer_id,group\nc1,sent\nc2,held out\n", origin="x.csv", actor="ana")


def recount(home: Home) -> None:
    bring_in(home, [row("new", "2026-01-05 10:00:00", customer_id="c2", intent="Billing")])
    bring_up_to_date(home)


def change_cause(session: Any) -> None:
    (cause,) = causes.fishbone(session, 1)
    given: dict[str, Any] = {
        "bone": "people",
        "state": "confirmed",
        "contacts": 1,
        "contact_ids": cause.contact_ids,
        "whys": ["why"],
    }
    causes.change_cause(session, cause.id, version=1, actor="ana", text="another word", **given)


MAIL = Alert("Mail", "Billing", sent_at=datetime(2026, 1, 4), n_sent=2, within_days=14)
TOML = '[[intents]]\nintent = "Visit"\nowner = "Dana"\nowner_email = "d@example.com"\n'
VOICE = {"voice": "customer", "said": "too dear", "actor": "ana", "contact": ("desk", "4")}
WRITES: Mapping[str, Write] = {
    "load": load,
    "load that corrects": load_more,
    "save mapping": write(mappings.save, PLAIN, actor="ana"),
    "decide intent": write(deciding.save_intents, [IntentDecision("Billing", owner="Bo")], actor="ana"),
    "decide rate": write(
        deciding.save_rates, [Rate("phone", date(2026, 1, 1), Decimal("1.1"), Decimal(1), Decimal(5))], actor="ana"
    ),
    "decide units": write(deciding.save_x_units, [XUnits("orders", date(2026, 1, 1), Decimal(9))], actor="ana"),
    "records import": write(records_file.import_records, TOML, origin="x.toml", actor="ana"),
    "give role": write(roles.give, kind="email", value="ana@example.com", role="admin", actor="ana"),
    "take role away": write(roles.take_away, kind="email", value="ana@example.com", actor="ana", lasting=["bo"]),
    "give it again": write(roles.give, kind="group", value="cx", role="viewer", actor="ana"),
    "close month": close,
    "dispute": dispute,
    "settle": write(disputes.answer_dispute, 1, state="rejected", note="it is", actor="bob"),
    "flag": flag,
    "step": write(workflow.step, 1, to=State.ACKNOWLEDGED, note="mine", actor="bob", version=1),
    "add cause": write(
        causes.add_cause, 1, bone="people", text="a word", actor="ana", contact_ids=[("desk", "4"), ("desk", "5")]
    ),
    "change cause": write(change_cause),
    "add voice": write(voices.add_voice, 1, **VOICE),
    "record verdict": verdict,
    "note alert": write(deciding.save_alerts, [MAIL], actor="ana"),
    "alert customers": customers,
    "recount": recount,
    "follow-up done": write(follow_ups.mark_done, ("desk", "4"), actor="ana"),
    "follow-up reopened": write(follow_ups.undo, ("desk", "4"), actor="ana"),
    "follow-up done again": write(follow_ups.mark_done, ("desk", "4"), actor="ana"),
    "withdraw": lambda home: take_back(home, 2),
    "erase": lambda home: privacy.erase_customer(home, "c4", actor="dpo"),
    "forget": lambda home: privacy.forget(home, months=1, actor="dpo"),
    "remove alert": write(alerts.remove_alert, "Mail", actor="ana"),
}
"""Every way to change the records, in an order in which each changes something."""

COMMANDS = {
    "load": "load",
    "withdraw": "withdraw",
    "records import": "records import",
    "statement": "close month",
    "dispute": "dispute",
    "settle": "settle",
    "alerts import": "note alert",
    "alerts customers": "alert customers",
    "alerts remove": "remove alert",
    "review flag": "flag",
    "review step": "step",
    "review cause": "change cause",
    "review effect": "record verdict",
    "erase-customer": "erase",
    "forget": "forget",
    "refresh": "recount",
    "demo": "load",
    "doctor": "load",
}
"""Commands that change the records, and the write above that each of them does."""
ELSEWHERE = {"restore", "backup"}
"""Commands whose entries are tested where they are."""
READ_ONLY = {
    *("loads", "metric", "chart", "brief", "forecast", "metrics", "signals", "disputes", "audit", "serve", "notify"),
    *("records export", "alerts list", "review list", "review show", "review causes", "review candidates"),
}
"""Commands that change nothing but messages, which are a log of their own."""


def state(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, row by row."""
    with home.session() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
            for table in Base.metadata.sorted_tables
        }


def test_every_write_leaves_an_entry(home: Home) -> None:
    keyed = Home(home.settings.model_copy(update={"pseudonym_key": SecretStr("a key of this very home")}))
    touched: set[str] = set()
    for name, work in WRITES.items():
        before = state(keyed)
        with acting_from(WHERE):
            work(keyed)
        after = state(keyed)
        changed = {table for table in after if after[table] != before[table]} - NOT_COMPARED
        assert changed, f"{name} changed nothing"
        with keyed.session() as session:
            entries = session.scalars(select(Audit).where(Audit.id > len(before["audit"]))).all()
        assert entries, f"{name} left no entry"
        assert all(entry.actor and entry.at and entry.origin == WHERE for entry in entries), name
        touched |= changed
    assert touched == set(Base.metadata.tables) - NOT_COMPARED, "a table that nothing here writes to"


def test_every_command_is_known_to_write_or_not_to() -> None:
    """A new command has to be entered here, with the write it does."""
    found = {each.name or each.callback.__name__.replace("_", "-") for each in app.registered_commands if each.callback}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for each in group.typer_instance.registered_commands:
            assert each.callback is not None
            found.add(f"{group.name} {each.name or each.callback.__name__.replace('_', '-')}")
    assert found == COMMANDS.keys() | ELSEWHERE | READ_ONLY
    assert set(COMMANDS.values()) <= WRITES.keys()


def test_no_table_is_written_to_without_the_trail() -> None:
    """Modules that add, change or remove records also write to the trail, or are those that hold it up."""
    rooms = Path(privacy.__file__).parents[2]
    writers = {
        path.relative_to(rooms).as_posix()
        for path in rooms.rglob("*.py")
        if "migrations" not in path.parts
        and any(each in path.read_text() for each in ("session.add(", "session.delete("))
    }
    told = {name for name in writers if "audit(" in (rooms / name).read_text()}
    assert writers - told == {"reviews/messages.py", "store/privacy/redacting.py"}
