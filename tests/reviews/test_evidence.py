"""Evidence: what was known at the flag, the same for ever, whatever is loaded or withdrawn after."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.reasons.trend import trend
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.fcr_weeks import fcr_weeks
from cx_metrics.reviews.evidence import (
    MOST_CONTACTS,
    NUMBERS,
    evidence,
    evidence_frame,
    freeze,
    numbers,
    recent_contacts,
)
from cx_metrics.store.home import Home
from cx_metrics.store.lake.drilldown import Drilldown
from cx_metrics.store.lake.intake import take_back
from cx_metrics.store.marts.freshness import bring_up_to_date, fresh_mart
from cx_metrics.store.marts.mart import Mart, read_manifest
from tests.reviews.flagging import flagged, went
from tests.store.extracts import Row, bring_in, row

FIRST = date(2026, 1, 5)


def test_numbers_are_those_of_the_last_four_full_weeks(company: Mart) -> None:
    kept = freeze(company, "Bill", [("desk", "3")])
    period = Slice.parse(from_on="2026-03-02", to_on="2026-03-29", where=["intent=Bill"])
    assert (kept["from_on"], kept["to_on"], kept["cutoff_at"]) == ("2026-03-02", "2026-03-29", "2026-03-30T00:00:00")
    assert (kept["data_version"], kept["decisions_stamp"]) == (company.facts.version, "a")
    assert tuple(each["metric"] for each in kept["numbers"]) == NUMBERS
    for each in kept["numbers"]:
        (shown,) = rows(metric(company, each["metric"], period))
        assert {name: each[name] for name in shown} == shown
    # Every 21 hours from 1 January, 9:00, on: the 69th is the first on or after 2 March, the 100th the last of all.
    assert next(each["value"] for each in kept["numbers"] if each["metric"] == "volume") == 31
    assert kept["contacts"] == [["desk", "3"]]
    assert numbers(company, "Bill") == kept["numbers"]


def test_pictures_are_those_of_eight_weeks(company: Mart) -> None:
    kept = freeze(company, "Bill")
    drawn = Slice.parse(from_on="2026-02-02", to_on="2026-03-29", where=["intent=Bill"], grain="day")
    assert json.dumps(kept["days"]) == json.dumps(rows(trend(company, drawn)))
    assert len(kept["days"]) == 56
    weeks = Slice.parse(from_on="2026-02-02", to_on="2026-03-29", where=["intent=Bill"])
    assert json.dumps(kept["fcr_weeks"]) == json.dumps(rows(fcr_weeks(company, weeks)))
    assert [week["period"] for week in kept["cost_weeks"]] == [f"{FIRST + timedelta(weeks=n)}" for n in range(4, 12)]
    assert evidence_frame(kept, "days")["value"].sum() == sum(day["value"] for day in kept["days"])


def test_at_most_200_contacts_are_kept(company: Mart) -> None:
    many = [("desk", str(number)) for number in range(MOST_CONTACTS + 1)]
    assert freeze(company, "Bill", many)["contacts"] == [["desk", str(number)] for number in range(200)]


def test_evidence_stays_whatever_is_loaded_or_withdrawn_after(home: Home) -> None:
    first = bring_in(home, _extract(days=60, a_day=5), name="first.csv")
    mart, drilldown = _ready(home)
    contacts = recent_contacts(drilldown, mart, "Billing")
    with home.session() as session:
        review = flagged(session, mart, "Billing", contact_ids=contacts)
        kept = json.dumps(evidence(session, review.id))
    assert len(contacts) == 29 * 5
    assert contacts[0] == ("desk", "59-4")
    assert json.loads(kept)["contacts"] == [list(key) for key in contacts]

    bring_in(home, _extract(days=66, a_day=9), name="second.csv")
    assert _now(home) != json.loads(kept)["numbers"]
    with home.session() as session:
        went(session, review, "acknowledged", "investigating")
        assert json.dumps(evidence(session, review.id)) == kept
    for load in (2, first.load):
        assert load is not None
        take_back(home, load)
        with home.session() as session:
            assert json.dumps(evidence(session, review.id)) == kept
    bring_in(home, _extract(days=60, a_day=5), name="first.csv")
    assert _now(home) == json.loads(kept)["numbers"]


def test_there_is_no_evidence_without_a_review(home: Home) -> None:
    with home.session() as session, pytest.raises(BadUse, match="there is no review 7"):
        evidence(session, 7)


def _extract(*, days: int, a_day: int) -> list[Row]:
    return [
        row(f"{day}-{number}", f"{FIRST + timedelta(days=day)} 1{number}:00:00", customer_id=f"c{number}-{day % 11}")
        for day in range(days)
        for number in range(a_day)
    ]


def _ready(home: Home) -> tuple[Mart, Drilldown]:
    mart = fresh_mart(home)
    manifest = read_manifest(home.mart)
    assert manifest is not None
    return mart, Drilldown(manifest.lake_files, zone=home.settings.zone)


def _now(home: Home) -> list[dict[str, object]]:
    bring_up_to_date(home)
    with fresh_mart(home) as mart:
        found: list[dict[str, object]] = json.loads(json.dumps(numbers(mart, "Billing")))
        return found
