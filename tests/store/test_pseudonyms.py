"""Customer ids that rest as pseudonyms: the numbers are the same, and the ids stand nowhere."""

from __future__ import annotations

import hashlib
import hmac
import random
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pydantic import SecretStr, ValidationError

from cx_metrics.config import Settings
from cx_metrics.contacts.mapping import parse_mapping
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided import alerts, deciding
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.home import Home
from cx_metrics.store.lake.loading import load
from cx_metrics.store.marts.freshness import fresh_mart
from cx_metrics.store.privacy import pseudonyms
from tests.store.extracts import Row, bring_in, lake_rows, row, write
from tests.store.person import BROKEN, FIRST, PERSON, SECOND, extract, places_with

KEY = "a key of more than sixteen letters"


def with_key(home: Home, key: str = KEY) -> Home:
    return Home(home.settings.model_copy(update={"pseudonym_key": SecretStr(key)}))


def tickets(n: int = 1_500) -> list[Row]:
    """Contacts of 200 customers over 90 days, some of them of nobody; intents and channels by chance."""
    chance = random.Random(5)
    return [
        row(
            str(number),
            str(datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(90 * 24 * 60))),
            customer_id=f"customer {chance.randrange(200)}" if chance.random() < 0.9 else "",
            intent=chance.choice(["Billing", "Visit", "Parcel"]),
            channel=chance.choice(["phone", "chat"]),
            handle_minutes=str(chance.randrange(1, 40)),
        )
        for number in range(n)
    ]


def hashed(customer_id: str) -> str:
    """By the definition: the first 128 bits of HMAC-SHA256, in hexadecimal."""
    return "p-" + hmac.new(KEY.encode(), customer_id.encode(), hashlib.sha256).digest()[:16].hex()


def test_a_pseudonym_is_the_keyed_hash() -> None:
    assert pseudonyms.pseudonyms(["Zoë 7", "", "Zoë 7"], key=KEY.encode()) == [
        hashed("Zoë 7"),
        hashed(""),
        hashed("Zoë 7"),
    ]
    assert pseudonyms.pseudonyms(["Zoë 7"], key=b"another key of 16 letters") != [hashed("Zoë 7")]
    assert pseudonyms.fingerprint(KEY.encode()) not in hashed("Zoë 7")


def test_numbers_are_those_of_the_plain_load(tmp_path: Path) -> None:
    plain, hidden = (_answers(tmp_path / name, key=key) for name, key in (("plain", ""), ("hidden", KEY)))
    for name, frame in plain.items():
        assert len(frame) == 3
        pd.testing.assert_frame_equal(frame, hidden[name], check_exact=True, obj=name)


def _answers(folder: Path, *, key: str) -> dict[str, pd.DataFrame]:
    home = Home(Settings(home=folder, memory="500MB", user="ana", pseudonym_key=SecretStr(key)))
    bring_in(home, tickets())
    names = ("recontact_rate", "repeat_share", "fcr", "contacts_per_customer", "cost", "volume")
    with fresh_mart(home) as mart:
        return {name: metric(mart, name, Slice(by=("intent",))) for name in names}


def test_the_ids_stand_nowhere(home: Home) -> None:
    """Lake, logs, superseded rows, rejected rows, alerts, scratch: every file and every table is searched."""
    hidden = with_key(home)
    extract(hidden, tuple(cells for cells in FIRST if cells[1] != "CUST-B"), broken=BROKEN)
    extract(hidden, SECOND)
    with hidden.session() as session:
        deciding.save_alerts(session, [Alert("Mail", "Visit", sent_at=datetime(2026, 2, 9), n_sent=2)], actor="ana")
    customers = "customer_id,group\nCUST-D,sent\nCUST-C,sent\n"
    counted = alerts.take_customers(hidden, "Mail", customers, origin="mail.csv", actor="ana")
    assert (counted.n_sent, counted.contacted_sent) == (2, 1)
    for customer in (PERSON, "CUST-C", "CUST-D"):
        assert places_with(hidden, customer) == []
    ids = [cells[1] for cells in lake_rows(hidden, ("customer_id",))]
    assert sorted(each[:2] for each in ids if each) == ["p-"] * 4
    rejected = hidden.rejects_file(1).read_text(encoding="utf-8")
    assert rejected.splitlines()[1:3] == [
        "3,handle_minutes,xxxx,not a number",
        "4,started_at,xxxxx,not a date",
    ]


def test_what_is_made_from_the_id_is_hidden_too(sqlite_home: Home) -> None:
    mapping = parse_mapping(
        "name = 'calls'\ntimezone = 'UTC'\n[columns]\n"
        "contact_id = { columns = ['customer_id', 'contact_id'], join = '-' }\n"
        "customer_id = 'customer_id'\nstarted_at = 'started_at'\nsegment = 'customer_id'\nintent = 'intent'",
        origin="calls",
    )
    hidden = with_key(sqlite_home)
    path = write(hidden.folder / "calls.csv", [row("1", "2026-01-05 10:00:00", customer_id="Gwendolyn")])
    load(hidden, path, source="calls", mapping=mapping, actor="ana")
    path.unlink()
    assert places_with(hidden, "Gwendolyn") == []
    ((_, contact, customer, segment),) = lake_rows(hidden, ("contact_id", "customer_id", "segment"))
    assert segment == customer == hashed("Gwendolyn")
    assert contact == hashed("Gwendolyn-1")


def test_the_same_extract_again_changes_nothing(sqlite_home: Home) -> None:
    hidden = with_key(sqlite_home)
    rows = [row("1", "2026-01-05 10:00:00", customer_id="a"), row("2", "2026-01-05 10:00:00")]
    bring_in(hidden, rows)
    again = bring_in(hidden, rows)
    assert (again.added, again.replaced, again.unchanged) == (0, 0, 2)


def test_many_customers_get_each_their_own(sqlite_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one batch of them."""
    monkeypatch.setattr(pseudonyms, "_BATCH", 3)
    hidden = with_key(sqlite_home)
    bring_in(hidden, [row(str(number), "2026-01-05 10:00:00", customer_id=f"c{number // 2}") for number in range(20)])
    expected = {str(number): hashed(f"c{number // 2}") for number in range(20)}
    assert {cells[1]: cells[2] for cells in lake_rows(hidden, ("contact_id", "customer_id"))} == expected


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 16 characters"):
        Settings(pseudonym_key=SecretStr("short"))
