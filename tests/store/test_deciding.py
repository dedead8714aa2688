"""What people decide: checked, all or nothing, exact to the last digit, and audited; in SQLite and in PostgreSQL."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from cx_metrics.errors import BadInput, StoreError
from cx_metrics.store import database
from cx_metrics.store.decided import deciding
from cx_metrics.store.decided.decision_rules import RULES
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate, XUnits
from cx_metrics.store.home import Home
from cx_metrics.store.records import Audit

DANA = IntentDecision(
    "Where is my technician?",
    category="Visits",
    owner="Dana Okafor",
    owner_email="dana@x.com",
    department="Dispatch",
    fcr_target=0.78,
    window_days=7,
    downstream_cost=Decimal("12.5"),
    expected_hours=24.0,
    value_to_customer="low",
    value_to_company="high",
)
PHONE = Rate("phone", date(2026, 1, 1), Decimal("1.1"), Decimal("0.5"), Decimal(6))
ORDERS = XUnits("orders", date(2026, 1, 1), Decimal(1200))


SHARE = "must be a share above 0 and up to 1, such as 0.75"
ONE = "one owner has one name and one department"


def present(home: Home, currency: str = "EUR") -> Decisions:
    with home.session() as session:
        return deciding.decisions(session, currency=currency)


def decide(home: Home, *entries: IntentDecision | Rate | XUnits, actor: str = "ana") -> deciding.Saved:
    with home.session() as session:
        return deciding.save(session, [deciding.draft(kind_of(entry), entry) for entry in entries], actor=actor)


def kind_of(entry: IntentDecision | Rate | XUnits) -> Any:
    return {IntentDecision: "intents", Rate: "rates", XUnits: "x_units"}[type(entry)]


def problems(home: Home, *entries: tuple[str, dict[str, object]]) -> list[str]:
    """What is wrong with some entries; makes sure that nothing was saved."""
    before = present(home).stamp
    drafts = [deciding.Draft(table, given, f"{table} {n}") for n, (table, given) in enumerate(entries, 1)]  # type: ignore[arg-type]
    with pytest.raises(BadInput) as raised, home.session() as session:
        deciding.save(session, drafts, actor="ana")
    assert present(home).stamp == before
    head, *lines = str(raised.value).splitlines()
    assert head == f"What was decided has {len(lines)} problem{'s' * (len(lines) > 1)}; nothing was saved:"
    return [line.removeprefix("  - ") for line in lines]


def test_nothing_decided_has_an_empty_stamp(home: Home) -> None:
    found = present(home, currency="CHF")
    assert (found.stamp, found.intents, found.rates, found.x_units, found.currency) == ("", (), (), (), "CHF")


def test_decisions_come_back_as_they_were_made(home: Home) -> None:
    with home.session() as session:
        intents = deciding.save_intents(session, [DANA, IntentDecision("Bill")], actor="ana")
        rates = deciding.save_rates(session, [replace(PHONE, from_on=date(2025, 5, 1)), PHONE], actor="ana")
        units = deciding.save_x_units(session, [ORDERS], actor="ana")
    assert [saved.added for saved in (intents, rates, units)] == [2, 2, 1]
    found = present(home)
    assert found.intents == (IntentDecision("Bill"), DANA)
    assert found.rates == (replace(PHONE, from_on=date(2025, 5, 1)), PHONE)
    assert found.x_units == (ORDERS,)
    assert found.owned == {"Where is my technician?": "Dana Okafor"}


@pytest.mark.parametrize("digits", ["0", "0.000001", "0.1", "1E+3", "999999999999.999999", "123456789012.345678"])
def test_numbers_are_exact_to_six_decimals(home: Home, digits: str) -> None:
    decide(home, XUnits("orders", date(2026, 1, 1), Decimal(digits)))
    assert present(home).x_units[0].units == Decimal(digits)
    assert "E" not in str(present(home).x_units[0].units)


def test_decisions_are_migrated_down_and_up_again(home: Home) -> None:
    decide(home, DANA)
    made = database.engine(home.settings.records_url)
    database.migrate(made, to="0001")
    assert not {"intents", "rates", "x_units", "revisions"} & set(inspect(made).get_table_names())
    assert inspect(made).has_table("loads")
    database.migrate(made)
    assert present(home).intents == ()
    assert decide(home, DANA).added == 1


def test_every_write_has_a_stamp_of_its_own_and_doing_nothing_keeps_it(home: Home) -> None:
    stamps = [present(home).stamp]
    for entry in (DANA, replace(DANA, owner="Dana O."), DANA):
        decide(home, entry)
        stamps.append(present(home).stamp)
        saved = decide(home, entry)
        assert (saved.added, saved.changed, saved.unchanged) == (0, 0, 1)
        assert present(home).stamp == stamps[-1]
    assert len(set(stamps)) == 4
    with home.session() as session:
        assert deciding.decisions_stamp(session) == stamps[-1]


def test_what_changed_is_audited_with_before_and_after_and_nothing_else(home: Home) -> None:
    decide(home, DANA, PHONE, ORDERS)
    decide(home, replace(DANA, fcr_target=0.8), PHONE, ORDERS, actor="ben")
    with home.session() as session:
        newest, *first = deciding.edits(session)
        assert session.query(Audit).count() == 4
    assert (newest.audit.actor, newest.audit.action, newest.audit.subject) == ("ben", "decide intent", DANA.intent)
    before, after = newest.audit.before, newest.audit.after
    assert before is not None
    assert after == before | {"fcr_target": 0.8}
    assert before["downstream_cost"] == "12.5"
    assert {edit.audit.subject for edit in first} == {DANA.intent, "phone from 2026-01-01", "orders on 2026-01-01"}
    assert {edit.key for edit in first} == {(DANA.intent,), ("phone", date(2026, 1, 1)), ("orders", date(2026, 1, 1))}
    assert all(edit.audit.before is None for edit in first)


def test_what_is_taken_away_is_audited(home: Home) -> None:
    decide(home, DANA, PHONE)
    with home.session() as session:
        gone: Any = [("rates", ("phone", date(2026, 1, 1))), ("rates", ("phone", date(2020, 1, 1)))]
        assert deciding.save(session, (), actor="ben", gone=gone).removed == 1
    assert (present(home).rates, present(home).intents) == ((), (DANA,))
    with home.session() as session:
        edit = deciding.edits(session, limit=1)[0]
    assert (edit.audit.actor, edit.audit.after, edit.table) == ("ben", None, "rates")


def test_what_is_not_given_stays_and_an_empty_text_takes_back(home: Home) -> None:
    decide(home, DANA, PHONE)
    with home.session() as session:
        drafts = [
            deciding.Draft("intents", {"intent": DANA.intent, "fcr_target": 1, "owner_email": " DANA@X.com "}, "1"),
            deciding.Draft("intents", {"intent": "Bill", "category": "", "window_days": None}, "2"),
            deciding.Draft("rates", {"channel": "phone", "from": "2026-01-01", "assumed_minutes": ""}, "3"),
            deciding.Draft("rates", {"channel": "chat", "from": date(2026, 1, 1), "per_contact": 2}, "4"),
        ]
        deciding.save(session, drafts, actor="ana")
    found = present(home)
    assert found.by_intent[DANA.intent] == replace(DANA, fcr_target=1.0)
    assert found.by_intent["Bill"] == IntentDecision("Bill")
    assert found.rates == (
        Rate("chat", date(2026, 1, 1), Decimal(0), Decimal(2)),
        replace(PHONE, assumed_minutes=None),
    )


@pytest.mark.parametrize(
    ("table", "field", "value", "says"),
    [
        ("intents", "intent", "a\nb", "must not contain line breaks or control characters: 'a\\nb'"),
        ("intents", "intent", "x" * 501, "must have at most 500 characters, not 501"),
        ("intents", "owner", 7, "must be a text, not 7"),
        ("intents", "owner_email", "dana", "must be an address such as dana@example.com, not 'dana'"),
        ("intents", "fcr_target", 75, f"{SHARE}, not 75; for 75 per cent write 0.75"),
        ("intents", "fcr_target", 0, f"{SHARE}, not 0"),
        ("intents", "fcr_target", float("nan"), f"{SHARE}, not nan"),
        ("intents", "fcr_target", True, f"{SHARE}, not true"),
        ("intents", "window_days", 8, "must be one of 1, 3, 7, 14, 30 days, not 8"),
        ("intents", "downstream_cost", Decimal("-1"), "must be an amount of money from 0 to 1000000000, not -1"),
        ("intents", "downstream_cost", Decimal("0.0000001"), "must have at most 6 decimals, not 0.0000001"),
        ("intents", "expected_hours", -1, "must be hours above 0 and up to 10000, not -1"),
        ("intents", "value_to_company", "medium", "must be low or high, not 'medium'"),
        ("rates", "from", "2026-02-30", "must be a day of the calendar such as 2026-01-31, not '2026-02-30'"),
        ("rates", "from", "20260131", "must be a day of the calendar such as 2026-01-31, not '20260131'"),
        ("rates", "from", date(26, 1, 1), "must be a day of the calendar such as 2026-01-31, not 0026-01-01"),
        ("rates", "per_minute", "1.10", "must be an amount of money from 0 to 1000000000, not '1.10'"),
        ("rates", "assumed_minutes", 100_001, "must be minutes from 0 to 100000, not 100001"),
        ("x_units", "units", -1, "must be a number from 0 to 1000000000000, not -1"),
        ("x_units", "units", Decimal("Infinity"), "must be a number from 0 to 1000000000000, not Infinity"),
    ],
)
def test_a_value_that_is_not_allowed_is_one_sentence(
    home: Home, table: str, field: str, value: object, says: str
) -> None:
    good: dict[str, dict[str, object]] = {
        "intents": {"intent": "Bill"},
        "rates": {"channel": "phone", "from": date(2026, 1, 1), "per_minute": 1},
        "x_units": {"name": "orders", "on": date(2026, 1, 1), "units": 1},
    }
    assert (
        problems(home, (table, good[table] | {field: value})) == [f"{table} 1, {field}: {says}"]
        or says in (problems(home, (table, good[table] | {field: value}))[0])
    )


def test_all_problems_are_said_at_once(home: Home) -> None:
    decide(home, DANA)
    assert problems(
        home,
        ("intents", {"intent": "Bill", "ownr": "x", "window_days": 2}),
        ("intents", {"category": "Visits"}),
        ("rates", {"channel": "phone", "from": "2026-01-01"}),
        ("x_units", {"name": "orders", "on": "2026-01-01"}),
        ("x_units", {"name": "orders", "on": "2026-01-02", "units": 1}),
        ("x_units", {"name": "orders", "on": date(2026, 1, 2), "units": 1}),
        ("intents", {"intent": "Fine"}),
    ) == [
        "intents 1: unknown key 'ownr'; did you mean 'owner'?",
        "intents 1, window_days: must be one of 1, 3, 7, 14, 30 days, not 2",
        "intents 2: lacks 'intent'",
        "rates 3: lacks 'per_minute' and 'per_contact'; name at least one of them",
        "x_units 4: lacks 'units'",
        "x_units 6: says the same again as x_units 5; keep one of them",
    ]


def test_an_owner_has_one_name_and_one_department(home: Home) -> None:
    decide(home, DANA)
    same = {"owner_email": "Dana@x.com", "department": "Dispatch"}
    assert problems(home, ("intents", {"intent": "A", "owner": "Dana O.", **same})) == [
        f"intent '{DANA.intent}': dana@x.com is Dana Okafor (Dispatch), but Dana O. (Dispatch) in 'A'; {ONE}"
    ]
    assert problems(home, ("intents", {"intent": "X", "owner": "Dana Okafor", **same, "department": "Network"})) == [
        f"intent 'X': dana@x.com is Dana Okafor (Network), but Dana Okafor (Dispatch) in '{DANA.intent}'; {ONE}"
    ]
    moved = [replace(DANA, department="Network"), replace(DANA, intent="X", department="Network")]
    assert decide(home, *moved).changed == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"owner_email": "x@y.com"}, "owner_email is 'x@y.com', but there is no owner; name one, or leave it out"),
        ({"department": "IT"}, "department is 'IT', but there is no owner; name one, or leave it out"),
        (
            {"owner": "Dana Okafor", "department": "Dispatch"},
            "owner 'Dana Okafor' has no owner_email here, but dana@x.com elsewhere; name it here as well",
        ),
    ],
)
def test_an_owner_is_named_in_full(home: Home, given: dict[str, object], says: str) -> None:
    decide(home, DANA)
    assert problems(home, ("intents", {"intent": "A", **given})) == [f"intent 'A': {says}"]


def test_two_owners_may_share_a_name_and_an_owner_needs_no_address(home: Home) -> None:
    namesake = replace(DANA, intent="A", owner_email="other@example.com", department="Network")
    lone = IntentDecision("B", owner="The night shift")
    assert decide(home, DANA, namesake, lone, replace(lone, intent="C")).added == 4


def test_who_looked_at_older_decisions_saves_nothing(home: Home) -> None:
    decide(home, DANA)
    looked_at = present(home).stamp
    decide(home, replace(DANA, fcr_target=0.9))
    draft = deciding.Draft("intents", {"intent": DANA.intent, "fcr_target": 0.5}, "1")
    with pytest.raises(StoreError, match="nothing was saved"), home.session() as session:
        deciding.save(session, [draft], actor="ben", since=looked_at)
    assert present(home).targets == {DANA.intent: 0.9}
    with home.session() as session:
        deciding.save(session, [draft], actor="ben", since=present(home).stamp)
    assert present(home).targets == {DANA.intent: 0.5}


def test_of_two_who_save_at_once_the_second_one_is_told(home: Home) -> None:
    decide(home, DANA)
    looked_at = present(home).stamp
    told: list[str] = []

    def late() -> None:
        try:
            with home.session() as session:
                draft = deciding.Draft("intents", {"intent": "Late"}, "1")
                deciding.save(session, [draft], actor="ben", since=looked_at)
        except StoreError as error:
            told.append(str(error))

    with home.session() as session:
        draft = deciding.Draft("intents", {"intent": "Early"}, "1")
        deciding.save(session, [draft], actor="ana", since=looked_at)
        other = Thread(target=late)
        other.start()
        time.sleep(0.2)
        assert other.is_alive()
    other.join(20)
    assert len(told) == 1
    assert set(present(home).by_intent) == {DANA.intent, "Early"}


def test_the_demos_decisions_go_but_not_those_somebody_changed(home: Home) -> None:
    bill = IntentDecision("Bill")
    decide(home, DANA, bill, PHONE, ORDERS, actor=deciding.DEMO)
    decide(home, replace(bill, category="Billing"), replace(ORDERS, name="mine"))
    with home.session() as session:
        assert deciding.remove_demo(session, actor="ana").removed == 3
    found = present(home)
    assert found.intents == (replace(bill, category="Billing"),)
    assert (found.rates, [entry.name for entry in found.x_units]) == ((), ["mine"])
    stamp = found.stamp
    with home.session() as session:
        assert deciding.remove_demo(session, actor="ana").removed == 0
    assert present(home).stamp == stamp


@given(st.decimals(0, 10**9, places=6), st.floats(0, 1, exclude_min=True), st.floats(1e-9, 10_000))
def test_the_rules_keep_what_they_have_accepted(money: Decimal, share: float, hours: float) -> None:
    entry = asdict(replace(DANA, downstream_cost=money, fcr_target=share, expected_hours=hours))
    for rule in RULES["intents"]:
        assert rule.parse(rule.parse(entry[rule.name])) == entry[rule.name]
