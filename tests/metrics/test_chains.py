"""Chains and returning customers: equal to the definitions in the order of contacts' times, which the mart drops."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning import chains as module
from cx_metrics.metrics.returning.chains import longest_chains, returners
from cx_metrics.metrics.slice import Slice
from tests.metrics.by_definition import Company
from tests.metrics.repeats_by_definition import chains, decided_company, is_asked, own_fates
from tests.metrics.resolution_by_definition import ROME
from tests.metrics.small_mart import Ticket, small_mart
from tests.metrics.test_metrics_by_definition import companies, mart_of, slices

SOME = Slice(from_on=date(2024, 2, 1), to_on=date(2024, 3, 15), where=(("channel", ("chat",)),))
CODE = re.compile(r"C-[0-9A-F]{8}")
KEYS = ("intent", "first_on", "last_on", "days", "contacts", "channels", "minutes", "unmeasured")


def timed(company: Company) -> Company:
    """The company with minutes on two contacts of three."""
    contacts = [
        replace(c, handle_minutes=None if at % 3 == 0 else Decimal(at % 17) / 4)
        for at, c in enumerate(company.contacts)
    ]
    return replace(company, contacts=tuple(contacts))


def told(company: Company, chain: list[Ticket]) -> tuple[Any, ...]:
    """A chain as the metric tells it, without its customer."""
    days = [company.day(c.started_at) for c in chain]
    known = [c.handle_minutes for c in chain if c.handle_minutes is not None]
    return (
        chain[0].intent,
        str(days[0]),
        str(days[-1]),
        (days[-1] - days[0]).days,
        len(chain),
        ", ".join(sorted({c.channel or "(none)" for c in chain})),
        pytest.approx(float(sum(known)), abs=1e-9) if known else None,
        len(chain) - len(known),
    )


def agree(found: list[dict[str, Any]], company: Company, wanted: list[list[Ticket]]) -> None:
    """The same chains, of the same customers, each with a pseudonym of its own."""
    ours = sorted((tuple(row[name] for name in KEYS) for row in found), key=lambda chain: (chain[:6], chain[7]))
    theirs = sorted((told(company, chain) for chain in wanted), key=lambda chain: (chain[:6], chain[7]))
    assert [chain[:6] + chain[7:] for chain in ours] == [chain[:6] + chain[7:] for chain in theirs]
    assert sum(chain[6] or 0 for chain in ours) == pytest.approx(
        float(sum(c.handle_minutes or 0 for chain in wanted for c in chain)), abs=1e-6
    )
    assert all(CODE.fullmatch(row["customer"]) for row in found)
    assert sorted(Counter(row["customer"] for row in found).values()) == sorted(
        Counter(chain[0].customer_id for chain in wanted).values()
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("asked", [Slice(), SOME, Slice(window=30)], ids=["all", "some", "window"])
def test_chains_equal_the_definitions(seed: int, asked: Slice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHAINS", 10_000)
    company = timed(decided_company(seed, n=900, customers=60))
    with mart_of(company) as mart:
        found = rows(longest_chains(mart, asked))
    wanted = chains(company, asked)
    agree(found, company, wanted)
    assert max(len(chain) for chain in wanted) > 3
    lengths = [row["contacts"] for row in found]
    assert lengths == sorted(lengths, reverse=True)


@settings(max_examples=25)
@given(data=st.data())
def test_chains_equal_the_definitions_on_anything(data: st.DataObject) -> None:
    company = timed(data.draw(companies()))
    with mart_of(company) as mart, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_CHAINS", 10_000)
        for _ in range(3):
            asked = data.draw(slices(company))
            agree(rows(longest_chains(mart, asked)), company, chains(company, asked))


def test_the_longest_twenty_first() -> None:
    company = decided_company(3, n=900, customers=60)
    with mart_of(company) as mart:
        found = longest_chains(mart, Slice())
    lengths = sorted((len(chain) for chain in chains(company, Slice())), reverse=True)
    assert found["contacts"].tolist() == lengths[:20]
    starts = found.loc[found["contacts"] == found["contacts"].iloc[-1], "first_on"].tolist()
    assert starts == sorted(starts, reverse=True)


def test_by_hand() -> None:
    """Ann: three within days, then a new issue; Bob: two on one day, the first of them a new issue."""
    old = Ticket("crm", "0", "old", datetime(2024, 1, 1))
    ann = [
        Ticket("crm", "1", "Ann", datetime(2024, 2, 1, 9), channel="phone", handle_minutes=Decimal("2.5")),
        Ticket("crm", "2", "Ann", datetime(2024, 2, 6, 9), channel="chat", handle_minutes=Decimal(4)),
        Ticket("crm", "3", "Ann", datetime(2024, 2, 12, 9), channel="phone"),
        Ticket("crm", "4", "Ann", datetime(2024, 2, 20, 9), channel="phone"),
    ]
    bob = [Ticket("crm", f"b{n}", "Bob", datetime(2024, 2, 3, 9 + n), channel="chat") for n in range(2)]
    with small_mart([old, *ann, *bob], watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        found = rows(longest_chains(mart, Slice()))
        phone = rows(longest_chains(mart, Slice(where=(("channel", ("phone",)),))))
        february = rows(longest_chains(mart, Slice(from_on=date(2024, 2, 2), to_on=date(2024, 2, 3))))
    first, second = found
    assert tuple(first[name] for name in KEYS) == (
        "Bill", "2024-02-01", "2024-02-12", 11, 3, "chat, phone", 6.5, 1
    )  # fmt: skip
    assert tuple(second[name] for name in KEYS) == (
        "Bill", "2024-02-03", "2024-02-03", 0, 2, "chat", None, 2
    )  # fmt: skip
    # Ann's began by phone, and goes on by chat; Bob's began on a day asked for, Ann's did not.
    assert phone == [first]
    assert february == [second]
    assert (first["edge"], second["edge"]) == (False, False)


def test_a_chain_that_may_have_begun_before_the_data_says_so() -> None:
    contacts = [Ticket("crm", str(n), "Ann", datetime(2024, 1, 1) + timedelta(days=n)) for n in range(3)]
    with small_mart(contacts, watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        (found,) = rows(longest_chains(mart, Slice()))
    assert (found["contacts"], found["edge"]) == (3, True)


@pytest.mark.parametrize("asked", [Slice(), SOME], ids=["all", "some"])
def test_returners_equal_the_definitions(asked: Slice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RETURNERS", 10_000)
    company = timed(decided_company(4, n=900, customers=60))
    with mart_of(company) as mart:
        found = rows(returners(mart, asked))
    customers: dict[str, list[Any]] = defaultdict(list)
    for fate in own_fates(company, asked):
        if fate.contact.customer_id is not None and is_asked(company, fate.contact, asked):
            customers[fate.contact.customer_id].append(fate)
    wanted = []
    for fates in customers.values():
        repeats, intents = sum(f.repeat for f in fates), Counter(f.contact.intent for f in fates)
        known = [f.contact.handle_minutes for f in fates if f.contact.handle_minutes is not None]
        if repeats:
            about = "; ".join(sorted(intents, key=lambda name: (-intents[name], name)))
            minutes = float(sum(known)) if known else None
            wanted.append((repeats, len(fates), len(intents), about, minutes, len(fates) - len(known)))
    names = ("repeats", "contacts", "intents", "about", "minutes", "unmeasured")
    assert sorted(map(str, (tuple(row[name] for name in names) for row in found))) == sorted(map(str, wanted))
    assert len({row["customer"] for row in found}) == len(found)
    assert [row["repeats"] for row in found] == sorted((row["repeats"] for row in found), reverse=True)


def test_no_customer_is_told_by_id() -> None:
    contacts = [Ticket("crm", str(n), "anna@example.com", datetime(2024, 2, 1) + timedelta(days=n)) for n in range(3)]
    with small_mart(contacts, watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        key = mart.query("SELECT DISTINCT CAST(customer_key AS VARCHAR) AS k FROM touches")["k"][0]
        said = f"{rows(longest_chains(mart, Slice()))}{rows(returners(mart, Slice()))}"
    assert "anna" not in said
    assert key not in said


def test_nothing_at_all_and_nobody_known() -> None:
    nobody = [Ticket("crm", str(n), None, datetime(2024, 1, 1) + timedelta(days=n)) for n in range(5)]
    for contacts, watermark in (([], None), (nobody, datetime(2024, 3, 1))):
        with small_mart(contacts, watermark=watermark, timezone=ROME) as mart:
            assert longest_chains(mart, Slice()).empty
            assert returners(mart, Slice()).empty
