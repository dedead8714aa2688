"""The records file: one fixed format in and out, every failure at once, nothing lost and nothing half done."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.contacts.mapping_checks import Problems
from cx_metrics.errors import BadInput
from cx_metrics.store.decided import deciding, records_file
from cx_metrics.store.decided.decision_rules import read_fields
from cx_metrics.store.decided.decisions import Decisions, IntentDecision, Rate, XUnits
from cx_metrics.store.home import Home

FILE = """\
[[intents]]
intent = "Where is my technician?"
category = "Visits"
owner = "Dana Okafor"
owner_email = "dana@example.com"
department = "Dispatch"
fcr_target = 0.75
window_days = 7
downstream_cost = 12.50
expected_hours = 24
value_to_customer = "low"
value_to_company = "low"

[[intents]]
intent = "Why \\"extra\\"?"

[[rates]]
channel = "phone"
from = 2026-01-01
per_minute = 1.10
per_contact = 0.50
assumed_minutes = 6

[[x_units]]
name = "orders"
on = 2026-01-01
units = 1200
"""


def take_in(home: Home, text: str) -> deciding.Saved:
    with home.session() as session:
        return records_file.import_records(session, text, origin="records.toml", actor="ana")


def present(home: Home) -> Decisions:
    with home.session() as session:
        return deciding.decisions(session, currency="EUR")


def refused(home: Home, text: str) -> list[str]:
    """The lines of the error; nothing was saved."""
    before = present(home).stamp
    with pytest.raises(BadInput) as raised:
        take_in(home, text)
    assert present(home).stamp == before
    return str(raised.value).splitlines()


def test_the_file_says_what_was_decided(home: Home) -> None:
    saved = take_in(home, FILE)
    assert (saved.added, saved.changed, saved.unchanged) == (4, 0, 0)
    found = present(home)
    assert found.intents == (
        IntentDecision(
            "Where is my technician?",
            category="Visits",
            owner="Dana Okafor",
            owner_email="dana@example.com",
            department="Dispatch",
            fcr_target=0.75,
            window_days=7,
            downstream_cost=Decimal("12.5"),
            expected_hours=24.0,
            value_to_customer="low",
            value_to_company="low",
        ),
        IntentDecision('Why "extra"?'),
    )
    assert found.rates == (Rate("phone", date(2026, 1, 1), Decimal("1.1"), Decimal("0.5"), Decimal(6)),)
    assert found.x_units == (XUnits("orders", date(2026, 1, 1), Decimal(1200)),)


def test_a_file_comes_out_as_it_went_in_byte_for_byte(home: Home) -> None:
    take_in(home, FILE)
    assert records_file.to_toml(present(home)) == FILE
    saved = take_in(home, FILE)
    assert (saved.added, saved.changed, saved.unchanged) == (0, 0, 4)


def test_nothing_decided_is_an_empty_file(home: Home) -> None:
    assert records_file.to_toml(present(home)) == ""
    assert take_in(home, "") == deciding.Saved()


def test_an_import_adds_and_updates_and_removes_nothing(home: Home) -> None:
    take_in(home, FILE)
    saved = take_in(
        home,
        '[[intents]]\nintent = "Where is my technician?"\nfcr_target = 0.8\ndownstream_cost = ""\n'
        '[[intents]]\nintent = "New"\n[[rates]]\nchannel = "phone"\nfrom = "2026-01-01"\nassumed_minutes = 7.5\n',
    )
    assert (saved.added, saved.changed, saved.unchanged) == (1, 2, 0)
    found = present(home)
    dana = found.by_intent["Where is my technician?"]
    assert (dana.fcr_target, dana.downstream_cost, dana.owner) == (0.8, None, "Dana Okafor")
    assert found.rates == (Rate("phone", date(2026, 1, 1), Decimal("1.1"), Decimal("0.5"), Decimal("7.5")),)
    assert len(found.intents) == 3


def test_every_problem_is_listed_with_what_where_value_and_what_is_allowed(home: Home) -> None:
    assert refused(
        home,
        """
        title = "x"
        [[intnts]]
        intent = "lost"
        [[intents]]
        intent = "Bill"
        owner_mail = "x@y.com"
        window_days = 5
        [[intents]]
        fcr_target = 0.5
        [[rates]]
        channel = "phone"
        from = 2026-01-01T10:00:00
        per_minute = nan
        [[x_units]]
        name = "orders"
        on = "tomorrow"
        units = "many"
        [[intents]]
        intent = "Good"
        """,
    ) == [
        "The records file records.toml has 9 problems; nothing was saved:",
        "  - title: unknown table 'title'; allowed: intents, rates, x_units, alerts",
        "  - intnts: unknown table 'intnts'; did you mean 'intents'?",
        "  - intents 1 'Bill': unknown key 'owner_mail'; did you mean 'owner_email'?",
        "  - intents 1 'Bill', window_days: must be one of 1, 3, 7, 14, 30 days, not 5",
        "  - intents 2: lacks 'intent'",
        "  - rates 1 'phone', from: must be a day of the calendar such as 2026-01-31, not 2026-01-01 10:00:00",
        "  - rates 1 'phone', per_minute: must be an amount of money from 0 to 1000000000, not NaN",
        "  - x_units 1 'orders', on: must be a day of the calendar such as 2026-01-31, not 'tomorrow'",
        "  - x_units 1 'orders', units: must be a number from 0 to 1000000000000, not 'many'",
    ]


def test_what_is_no_records_file_is_one_sentence(home: Home, tmp_path: Path) -> None:
    assert refused(home, "[[intents]\n")[0].startswith("The records file records.toml is not valid TOML: ")
    assert refused(home, "units = 1e99999999999999999999")[0].startswith("The records file records.toml is not valid")
    assert refused(home, "intents = 5")[1:] == ["  - intents: must be a list of [[intents]] entries, not 5"]
    with pytest.raises(BadInput, match=r"nope\.toml can't be read: No such file"):
        records_file.read_text(tmp_path / "nope.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfea")
    with pytest.raises(BadInput, match=r"bad\.toml is not UTF-8 text"):
        records_file.read_text(tmp_path / "bad.toml")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + FILE.encode())
    assert records_file.read_text(tmp_path / "bom.toml") == FILE


@pytest.mark.parametrize(
    "text",
    [
        "name,on,units\norders,2026-01-01,1200\norders,2026-01-02,5.5\n",
        "\n Units ;ON;name\r\n1200;2026-01-01;orders\r\n\r\n5.50;2026-01-02; orders \r\n",
        '"name"\t"on"\t"units"\n"orders"\t2026-01-01\t1200\norders\t2026-01-02\t5.5',
    ],
    ids=["comma", "semicolon", "tab"],
)
def test_units_come_in_as_a_csv(home: Home, text: str) -> None:
    assert take_in(home, text).added == 2
    assert present(home).x_units == (
        XUnits("orders", date(2026, 1, 1), Decimal(1200)),
        XUnits("orders", date(2026, 1, 2), Decimal("5.5")),
    )


def test_a_csv_with_mistakes_says_them_all(home: Home) -> None:
    text = 'name,on,units\norders,2026-01-01,"1,200"\n,2026-01-01,1\norders,01.02.2026,-1\norders,2026-01-03\n'
    assert refused(home, text) == [
        "The records file records.toml has 5 problems; nothing was saved:",
        "  - line 5: must have 3 cells, not 2",
        "  - line 2, units: must be a number from 0 to 1000000000000, not '1,200'",
        "  - line 3: lacks 'name'",
        "  - line 4, on: must be a day of the calendar such as 2026-01-31, not '01.02.2026'",
        "  - line 4, units: must be a number from 0 to 1000000000000, not -1",
    ]
    assert refused(home, "name,day,units\n")[1:] == [
        "  - line 1: the columns must be name, on, units, not name, day, units"
    ]
    assert "line 3: says the same again as line 2" in refused(home, "name,on,units\na,2026-01-01,1\na,2026-01-01,2")[1]


_texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20).map(str.strip)
_days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
_money = st.none() | st.decimals(0, 10**9, places=6)
_entries = st.builds(
    IntentDecision,
    intent=_texts.filter(bool),
    category=st.none() | _texts.filter(bool),
    fcr_target=st.none() | st.floats(0, 1, exclude_min=True),
    window_days=st.none() | st.sampled_from([1, 3, 7, 14, 30]),
    downstream_cost=_money,
    expected_hours=st.none() | st.floats(1e-6, 10_000),
    value_to_customer=st.sampled_from([None, "low", "high"]),
)


@given(st.lists(_entries, unique_by=lambda entry: entry.intent, max_size=4), _days)
def test_any_decision_survives_the_file(entries: list[IntentDecision], on: date) -> None:
    units = tuple(XUnits("x", on, entry.downstream_cost) for entry in entries[:1] if entry.downstream_cost)
    problems = Problems()
    text = records_file.to_toml(Decisions(intents=tuple(entries), x_units=units))
    drafts = records_file.read_drafts(text, origin="x", problems=problems)
    read = [read_fields(each.table, each.given, where="", problems=problems) for each in drafts]
    assert problems.found == []
    everything: list[IntentDecision | XUnits] = [*entries, *units]
    assert read == [
        {field.name: value for field in fields(entry) if (value := getattr(entry, field.name)) is not None}
        for entry in everything
    ]


def test_export_is_sorted_by_key(home: Home) -> None:
    phone = Rate("phone", date(2026, 1, 1), Decimal(1), Decimal(0))
    with home.session() as session:
        deciding.save_rates(session, [phone, replace(phone, from_on=date(2025, 1, 1))], actor="ana")
        deciding.save_rates(session, [replace(phone, channel="chat")], actor="ana")
    text = records_file.to_toml(present(home))
    assert [line for line in text.splitlines() if line.startswith(("channel", "from"))] == [
        'channel = "chat"',
        "from = 2026-01-01",
        'channel = "phone"',
        "from = 2025-01-01",
        'channel = "phone"',
        "from = 2026-01-01",
    ]
