"""Every metric on eight contacts that can be counted on one's fingers, and the words where there is no number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.returning.customers import contacts_distribution
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.store.decided.decisions import Decisions, IntentDecision
from cx_metrics.store.marts.mart import Mart
from tests.metrics.small_mart import Ticket, small_mart

T = datetime(2024, 3, 20)

NAMES = ("volume", "recontact_rate", "repeat_share", "fcr", "contacts_per_customer")


def bill(number: int, customer: str | None, day: str, **other: Any) -> Ticket:
    return Ticket("crm", str(number), customer, datetime.fromisoformat(f"2024-{day}T10:00"), **other)


CONTACTS = [
    bill(0, None, "02-01"),  # the data starts here
    bill(1, "Ann", "03-01", resolved=True, confirmed=False, channel="phone"),  # not solved: she comes back
    bill(2, "Ann", "03-05", resolved=True, channel="chat"),  # the repeat
    bill(3, "Bob", "03-02", resolved=True, confirmed=True, channel="phone"),  # solved
    bill(4, "Cid", "03-03", channel="chat"),  # solved, nobody asked
    bill(5, None, "03-03"),  # nobody knows who
    bill(6, "Dee", "03-15"),  # too young for 7 days
    bill(7, "Eve", "03-21"),  # after the cut-off
    bill(8, "Fay", "02-03"),  # too early in the data
]


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with small_mart(CONTACTS, watermark=T, timezone="UTC") as opened:
        yield opened


def test_volume(mart: Mart) -> None:
    assert rows(metric(mart, "volume", Slice())) == [{"value": 9, "low": None, "high": None, "n": 9, "reason": None}]


def test_volume_by_week_has_no_gaps_and_marks_what_is_not_complete(mart: Mart) -> None:
    found = rows(metric(mart, "volume", Slice(grain="week")))
    assert [(row["period"], row["value"], row["complete"]) for row in found] == [
        ("2024-01-29", 2, False),  # the data starts on the Thursday
        ("2024-02-05", 0, True),
        ("2024-02-12", 0, True),
        ("2024-02-19", 0, True),
        ("2024-02-26", 4, True),
        ("2024-03-04", 1, True),
        ("2024-03-11", 1, True),
        ("2024-03-18", 1, False),  # the cut-off is its Wednesday
    ]


def test_recontact_rate(mart: Mart) -> None:
    assert rows(metric(mart, "recontact_rate", Slice())) == [
        {
            "value": 1 / 5,  # of 1, 2, 3, 4 and 8, one was followed
            "low": pytest.approx(0.0362, abs=5e-5),  # Wilson for 1 of 5; the design effect is below 1, so 1
            "high": pytest.approx(0.6245, abs=5e-5),
            "n": 5,
            "reason": None,
            "followed": 1,
            "mature": 5,
        }
    ]


def test_repeat_share(mart: Mart) -> None:
    assert rows(metric(mart, "repeat_share", Slice())) == [
        {
            "value": 1 / 6,  # 2, of all but the two nobody knows and the one after the cut-off
            "low": pytest.approx(0.0301, abs=5e-5),  # Wilson for 1 of 6
            "high": pytest.approx(0.5635, abs=5e-5),
            "n": 6,
            "reason": None,
            "repeats": 1,
        }
    ]


def test_fcr(mart: Mart) -> None:
    assert rows(metric(mart, "fcr", Slice(by=("intent",)))) == [
        {
            "intent": "Bill",
            "value": 2 / 3,  # Ann, Bob and Cid came with an issue, Ann came back
            # deff = G / (G - 1) = 1.5 for three customers with one issue each, so n_eff = 2, and by hand
            # (2 n p + z^2 -+ z sqrt(z^2 + 4 n p (1 - p))) / (2 (n + z^2)) = (6.5081 -+ 4.6461) / 11.6829
            "low": pytest.approx(0.15938, abs=2e-5),
            "high": pytest.approx(0.95474, abs=2e-5),
            "n": 3,
            "reason": None,
            "target": None,
            "verdict": None,
            "claimed": 1.0,  # Ann's and Bob's
            "confirmed": 0.5,  # Bob's, of those two
            "immature": 1,
            "left_edge": 1,
            "no_customer_id": 2,
            "window": 7,
        }
    ]


def test_fcr_with_a_shorter_window(mart: Mart) -> None:
    (row,) = rows(metric(mart, "fcr", Slice(window=3)))
    # Ann's contacts lie four days apart, so both are issues, and Dee's is old enough. Fay came 2 days after the start.
    assert (row["value"], row["n"], row["immature"], row["left_edge"], row["window"]) == (1.0, 5, 0, 1, 3)


def test_contacts_per_customer(mart: Mart) -> None:
    assert rows(metric(mart, "contacts_per_customer", Slice())) == [
        {
            "value": 7 / 6,
            "low": None,
            "high": None,
            "n": 6,
            "reason": None,
            "contacts": 7,
            "customers": 6,
            "no_customer_id": 2,
        }
    ]


def test_a_customer_of_two_groups_counts_in_each(mart: Mart) -> None:
    found = rows(metric(mart, "contacts_per_customer", Slice(by=("channel",))))
    assert [(row["channel"], row["customers"]) for row in found] == [("(none)", 3), ("chat", 2), ("phone", 2)]


def test_contacts_distribution(mart: Mart) -> None:
    assert rows(contacts_distribution(mart, Slice())) == [
        {"contacts": "1", "customers": 5, "share": 5 / 6},
        {"contacts": "2", "customers": 1, "share": 1 / 6},
        *({"contacts": size, "customers": 0, "share": 0.0} for size in ("3", "4", "5-9", "10+")),
    ]


def test_contacts_distribution_has_the_classes_of_the_definition() -> None:
    contacts = [
        bill(100 * number + i, f"c{number}", "03-01") for number in (1, 2, 3, 4, 5, 9, 10, 11) for i in range(number)
    ]
    with small_mart(contacts, watermark=T, timezone="UTC") as mart:
        found = contacts_distribution(mart, Slice(by=("intent",), grain="day"))
    assert list(found["customers"]) == [1, 1, 1, 1, 2, 2]


def test_several_values_are_alternatives_and_several_dimensions_must_all_hold(mart: Mart) -> None:
    def count(*filters: str) -> Any:
        return rows(metric(mart, "volume", Slice.parse(where=filters)))[0]["value"]

    assert count("channel=phone", "channel=chat") == 4
    assert count("channel=phone", "channel=chat", "intent=Bill") == 4
    assert count("channel=(none)") == 5


def reason(name: str, mart: Mart, **slice: Any) -> str:
    (row,) = rows(metric(mart, name, Slice(**slice)))
    assert (row["value"], row["low"], row["high"], row["n"]) == (None, None, None, 0)
    return str(row["reason"])


def only(day: str) -> dict[str, Any]:
    return {"from_on": date.fromisoformat(f"2024-{day}"), "to_on": date.fromisoformat(f"2024-{day}")}


def test_reasons_of_rates(mart: Mart) -> None:
    for name in ("recontact_rate", "repeat_share", "fcr"):
        assert reason(name, mart, **only("02-02")) == "no contacts here"
        assert reason(name, mart, **only("02-01")) == "no customer ids in this data"
        assert reason(name, mart, **only("03-21")) == "no contact with a customer id is before the data cut-off"
    days = "older than 7 days at the data cut-off"
    assert reason("recontact_rate", mart, **only("03-15")) == f"too early: no contact is {days}"
    assert reason("fcr", mart, **only("03-15")) == f"too early: no first contact is {days}"
    assert reason("fcr", mart, **only("02-03")) == "too early in the data: no contact has 7 days of data before it"
    assert reason("fcr", mart, **only("03-05")) == (
        "no first contacts here: every contact follows another within 7 days"
    )


def test_reasons_of_counts(mart: Mart) -> None:
    outside = {"from_on": date(2024, 3, 22)}
    assert reason("volume", mart, **outside) == "no data in this period: it covers 2024-02-01 to 2024-03-21"
    assert reason("contacts_per_customer", mart, **outside) == "no contacts here"
    assert reason("contacts_per_customer", mart, **only("02-01")) == "no customer ids in this data"


def test_a_day_without_contacts_has_0_of_them(mart: Mart) -> None:
    (row,) = rows(metric(mart, "volume", Slice(**only("02-02"))))
    assert (row["value"], row["n"], row["reason"]) == (0, 0, None)


def test_an_empty_mart_says_so() -> None:
    with small_mart([], watermark=None, timezone="UTC") as mart:
        assert reason("volume", mart) == "no contacts in the data yet"
        for name in NAMES[1:]:
            assert reason(name, mart) == "no contacts here"
        for name in NAMES:
            assert rows(metric(mart, name, Slice(by=("intent",)))) == []
            assert rows(metric(mart, name, Slice(grain="day"))) == []
        assert list(contacts_distribution(mart, Slice())["customers"]) == [0] * 6


def test_one_contact() -> None:
    with small_mart([bill(1, "Ann", "03-01")], watermark=T, timezone="UTC") as mart:
        values = {name: rows(metric(mart, name, Slice()))[0]["value"] for name in NAMES}
        assert values == {
            "volume": 1,
            "recontact_rate": 0.0,
            "repeat_share": 0.0,
            "fcr": None,  # it starts the data, so it may be a repeat
            "contacts_per_customer": 1.0,
        }


@pytest.mark.parametrize(
    ("n_customers", "target", "expected"),
    [
        (9, 0.5, "too early"),
        (20, 0.5, "too few"),
        (100, 0.8, "met"),
        (100, 0.9, "too close to call"),
        (100, 0.96, "missed"),
        (100, None, None),
    ],
)
def test_the_verdict_compares_the_interval_with_the_target(
    n_customers: int, target: float | None, expected: str | None
) -> None:
    """Of each ten customers one comes back; Wilson 1927 for 90 of 100 is 0.826 to 0.945 (Newcombe's method 3)."""
    start = datetime(2024, 2, 1)
    contacts = [Ticket("crm", "start", None, start - timedelta(days=30))]
    for number in range(n_customers):
        contacts.append(Ticket("crm", f"a{number}", f"c{number}", start, channel="first"))
        if number % 10 == 5:
            contacts.append(Ticket("crm", f"b{number}", f"c{number}", start + timedelta(days=2)))
    with small_mart(contacts, watermark=T, timezone="UTC") as undecided:
        mart = undecided.under(Decisions(intents=(IntentDecision("Bill", fcr_target=target),)))
        filtered = (("channel", ("first",)),)
        for asked in (
            Slice(by=("intent",), where=filtered),
            Slice(where=(*filtered, ("intent", ("Bill",)))),
        ):
            (row,) = rows(fcr(mart, asked))
            assert (row["target"], row["verdict"]) == (target, expected)
        (mixed,) = rows(fcr(mart, Slice()))
        assert (mixed["target"], mixed["verdict"]) == (None, None)
