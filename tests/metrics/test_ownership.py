"""Who answers for which intents: decided where somebody decided, by the data's own categories where nobody did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.chart_data import chart_data
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.ownership import COLUMNS, Unowned, ownership, unowned
from cx_metrics.metrics.slice import Slice
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

START = datetime(2026, 3, 1, 10)
DECIDED = Decisions(
    stamp="1",
    intents=(
        IntentDecision("Bill", category="Money", owner="Dana", owner_email="dana@x.com", department="Billing"),
        IntentDecision("Outage", fcr_target=0.8),
        IntentDecision("Never heard", owner="Eve"),
    ),
)


def ticket(number: int, intent: str, category: str | None, *, day: int = 0, channel: str = "phone") -> Ticket:
    at = START + timedelta(days=day, minutes=number)
    return Ticket("crm", str(number), f"c{number}", at, intent=intent, category=category, channel=channel)


CONTACTS = [
    *(ticket(n, "Bill", "Accounts") for n in range(4)),
    *(ticket(n, "Outage", "Network", day=1) for n in range(10, 12)),
    *(ticket(n, "Outage", "Access", day=1) for n in range(12, 14)),
    ticket(14, "Outage", None, day=1),
    ticket(20, "New", None, day=2, channel="chat"),
]


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with small_mart(CONTACTS, watermark=START + timedelta(days=30), timezone="UTC") as opened:
        yield opened.under(DECIDED)


def test_each_intent_of_the_data_has_its_owner_or_none(mart: Mart) -> None:
    assert rows(ownership(mart, Slice())) == [
        dict(zip(COLUMNS, ("Outage", "Access", 5, None, None, None), strict=True)),
        dict(zip(COLUMNS, ("Bill", "Money", 4, "Dana", "dana@x.com", "Billing"), strict=True)),
        dict(zip(COLUMNS, ("New", "(none)", 1, None, None, None), strict=True)),
    ]
    assert unowned(mart, Slice()) == Unowned(2, 6, 0.6)


def test_only_the_slice_counts(mart: Mart) -> None:
    phone = Slice(where=(("channel", ("phone",)),), by=("team",), grain="week")
    assert list(ownership(mart, phone)["intent"]) == ["Outage", "Bill"]
    assert unowned(mart, phone) == Unowned(1, 5, 5 / 9)
    first = Slice(from_on=date(2026, 3, 1), to_on=date(2026, 3, 1))
    assert unowned(mart, first) == Unowned(0, 0, 0.0)


def test_without_contacts_there_is_no_share(mart: Mart) -> None:
    nothing = Slice(from_on=date(2020, 1, 1), to_on=date(2020, 1, 2))
    assert list(ownership(mart, nothing).columns) == list(COLUMNS)
    assert len(ownership(mart, nothing)) == 0
    assert unowned(mart, nothing) == Unowned(0, 0, None)


def test_where_nothing_is_decided_everything_is_unowned(mart: Mart) -> None:
    assert unowned(mart.under(Decisions()), Slice()) == Unowned(3, 10, 1.0)


def test_the_command_line_has_the_same_rows(mart: Mart) -> None:
    assert rows(chart_data(mart, "ownership", Slice())) == rows(ownership(mart, Slice()))


_rows = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C"]), st.sampled_from([None, "x", "y", "z"])), min_size=1, max_size=30
)


@given(_rows, st.sets(st.sampled_from(["A", "B", "C"])), st.sampled_from([None, "decided"]))
@settings(max_examples=15)
def test_ownership_agrees_with_counting_in_plain_loops(
    found: list[tuple[str, str | None]], owned: set[str], category: str | None
) -> None:
    contacts = [ticket(number, *row) for number, row in enumerate(found)]
    decided = Decisions(intents=tuple(IntentDecision(name, category=category, owner="O") for name in sorted(owned)))
    with small_mart(contacts, watermark=START, timezone="UTC") as opened:
        got = ownership(opened.under(decided), Slice())
        lone = unowned(opened.under(decided), Slice())
    expected = []
    for intent in {name for name, _ in found}:
        named = Counter(group or "(none)" for name, group in found if name == intent)
        usual = min(named, key=lambda group: (-named[group], group))
        is_owned = intent in owned
        expected.append(
            (intent, category if category and is_owned else usual, named.total(), "O" if is_owned else None, None, None)
        )
    expected.sort(key=lambda row: (-row[2], row[0]))
    assert [tuple(row.values()) for row in rows(got)] == expected
    n_contacts = sum(row[2] for row in expected if row[3] is None)
    assert lone == Unowned(sum(row[3] is None for row in expected), n_contacts, n_contacts / len(found))
