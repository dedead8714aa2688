"""How things stand: the answers are the metrics', each with its line and its own period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cx_metrics.errors import BadUse
from cx_metrics.metrics.catalogue import metric
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.fcr_weeks import fcr_weeks
from cx_metrics.metrics.solved.standing import days_before, standing, usual_period
from cx_metrics.store.decided.decisions import NOTHING_DECIDED, XUnits
from cx_metrics.store.marts.mart import Mart
from tests.metrics.brief_company import BEFORE, DECIDED, FIRST, NOW, company, contacts


@pytest.fixture(scope="module")
def mart() -> Iterator[Mart]:
    with company() as opened:
        yield opened


def test_answers_are_the_metrics(mart: Mart) -> None:
    stands = standing(mart, NOW, BEFORE)
    for told in (stands.volume, stands.cost, stands.cpx, stands.fcr, stands.reach):
        assert told.asked == NOW
        assert rows(told.now) == rows(metric(mart, told.name, NOW))
        assert told.before is not None
        assert rows(told.before) == rows(metric(mart, told.name, BEFORE))
    assert (stands.mover, stands.has_owners, stands.has_targets, stands.currency) == ("Bill", True, True, "EUR")
    only = replace(NOW, where=(("intent", ("Bill",)),))
    assert stands.again is not None
    assert rows(stands.again) == rows(metric(mart, "recontact_rate", only))


def test_lines_are_the_last_full_weeks(mart: Mart) -> None:
    """The 15 weeks from Monday 4 December to Sunday 17 March: 20 contacts a day, then 30."""
    stands = standing(mart, NOW, BEFORE)
    assert stands.volume.line == (*[140.0] * 11, 40 + 150.0, *[210.0] * 3)
    assert stands.cost.line == (*[1260.0] * 11, 1260 + 250.0, *[1260 + 350.0] * 3)
    assert stands.cpx.line[0] == 140 / 7000
    assert stands.cpx.line[-1] == 210 / 7700
    assert stands.fcr.line == tuple(fcr_weeks(mart, NOW)["value"].dropna())
    assert standing(mart, Slice(from_on=FIRST, to_on=date(2023, 12, 20)), None).volume.line == ()


def test_units_known_by_months_answer_for_the_last_whole_month() -> None:
    months = [date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]
    by_month = tuple(XUnits("customers", on, Decimal(10_000)) for on in months)
    with company(decisions=replace(DECIDED, x_units=by_month)) as mart:
        told = standing(mart, NOW, BEFORE).cpx
        alone = standing(mart, NOW, None).cpx
        nothing = standing(mart.under(NOTHING_DECIDED), NOW, BEFORE).cpx
    assert (told.asked.from_on, told.asked.to_on) == (date(2024, 2, 1), date(2024, 2, 29))
    assert told.before is not None
    # February: 29 days of 20, and 10 more on nine of them; January: 31 days of 20.
    assert (told.now["value"].iloc[0], told.before["value"].iloc[0]) == (670 / 10_000, 620 / 10_000)
    assert (alone.asked, alone.before) == (told.asked, None)
    assert (nothing.asked, nothing.now["reason"].iloc[0] is not None) == (NOW, True)


def test_the_mover_is_the_one_that_moved_most_the_way_all_did(mart: Mart) -> None:
    assert standing(mart, BEFORE, NOW).mover == "Bill"
    quiet = Slice(from_on=date(2024, 1, 24), to_on=date(2024, 2, 6))
    assert standing(mart, quiet, quiet.previous()).mover is None
    assert standing(mart, NOW, None).mover is None
    with company(contacts(priced=False), decisions=NOTHING_DECIDED) as unpriced:
        stands = standing(unpriced, NOW, BEFORE)
    assert (stands.mover, stands.has_owners, stands.has_targets) == ("Bill", False, False)


def test_the_usual_period_is_four_full_weeks_or_less(mart: Mart) -> None:
    assert usual_period(mart.facts) == NOW
    assert days_before(mart.facts, NOW) == BEFORE
    assert days_before(mart.facts, Slice(from_on=date(2023, 12, 15), to_on=date(2024, 1, 31))) is None
    with company(contacts(first=date(2024, 3, 10))) as young:
        assert usual_period(young.facts) == Slice(from_on=date(2024, 3, 10), to_on=date(2024, 3, 19))
    with company([]) as empty:
        assert usual_period(empty.facts) == Slice()


def test_a_period_needs_both_ends(mart: Mart) -> None:
    with pytest.raises(BadUse, match="a first and a last day"):
        standing(mart, Slice(from_on=FIRST), None)
