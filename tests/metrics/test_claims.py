"""Claimed, observed, confirmed: by hand, contact by contact from the definitions, and one with the metric."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from cx_metrics.metrics.outcomes import count_outcomes
from cx_metrics.metrics.output import rows
from cx_metrics.metrics.slice import Slice
from cx_metrics.metrics.solved.claims import CLAIM_COLUMNS, OVERCLAIM_COLUMNS, claims, overclaims
from cx_metrics.metrics.solved.resolution import fcr
from cx_metrics.statistics.intervals import wilson
from cx_metrics.statistics.shrinkage import shrunken
from tests.metrics.by_definition import Fate
from tests.metrics.resolution_by_definition import DECIDED, ROME, busy, fates_of
from tests.metrics.small_mart import Ticket, small_mart

OLD = Ticket("crm", "old", "old", datetime(2024, 1, 1))


def test_by_hand() -> None:
    """Of 40 issues, 36 are claimed; 30 stay quiet, 28 of them claimed; 20 of these answer, 15 with yes.

    Claimed 90 %, observed 75 %, lower end 28/40 x the lower Wilson limit of 15/20 at a design effect of 40/39 =
    .7 x .5284 = .3699; of 36 claimed ones 8 were followed.
    """
    contacts = [OLD]
    for n in range(40):
        at, quiet = datetime(2024, 2, 1) + timedelta(hours=n), n < 30
        claimed = n < 28 or n >= 32
        said = n < 15 if n < 20 else None
        contacts.append(Ticket("crm", f"{n}", f"c{n}", at, resolved=claimed, confirmed=said))
        if not quiet:
            contacts.append(Ticket("crm", f"{n}b", f"c{n}", at + timedelta(days=2), resolved=True))
    with small_mart(contacts, watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        (row,) = rows(claims(mart, Slice(from_on=date(2024, 1, 20))))
    assert (row["n"], row["claims"], row["claimed_quiet"], row["answers_claimed_quiet"]) == (40, 36, 28, 20)
    assert (row["claimed"], row["observed"], row["confirmed"]) == (0.9, 0.75, 0.75)
    assert row["range_low"] == pytest.approx(0.3699, abs=5e-5)
    assert (row["range_high"], row["overclaim"]) == (0.75, 8 / 36)


def test_below_ten_answers_no_share_and_no_lower_end() -> None:
    contacts = [OLD]
    for n in range(20):
        at = datetime(2024, 2, 1) + timedelta(hours=n)
        contacts.append(Ticket("crm", f"{n}", f"c{n}", at, resolved=True, confirmed=True if n < 9 else None))
    with small_mart(contacts, watermark=datetime(2024, 4, 1), timezone=ROME) as mart:
        (row,) = rows(claims(mart, Slice(from_on=date(2024, 1, 20))))
    assert (row["answers"], row["confirmed"], row["range_low"], row["range_high"]) == (9, None, None, 1.0)


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("by", [(), ("intent",), ("channel", "intent")], ids=["all", "intent", "both"])
def test_counts_equal_the_definitions(seed: int, by: tuple[str, ...]) -> None:
    company = busy(seed, n=900)
    asked = Slice(from_on=date(2024, 1, 20), to_on=date(2024, 3, 30), by=by)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = rows(claims(mart.under(DECIDED), asked))
        metric = rows(fcr(mart.under(DECIDED), asked))
    groups: dict[tuple[str, ...], list[Fate]] = {}
    for fate in fates_of(company, asked):
        groups.setdefault(tuple(getattr(fate.contact, name) for name in by), []).append(fate)
    assert [tuple(row[name] for name in by) for row in found] == sorted(groups)
    for row, said, key in zip(found, metric, sorted(groups), strict=True):
        assert (row["observed"], row["observed_low"], row["n"]) == (said["value"], said["low"], said["n"])
        assert row["claimed"] == said["claimed"]
        check_counts(row, [f for f in groups[key] if f.eligible])


def check_counts(row: dict[str, float], eligible: list[Fate]) -> None:
    known = [f for f in eligible if f.contact.resolved is not None]
    claimed = [f for f in known if f.contact.resolved]
    quiet = [f for f in claimed if not f.followed]
    answers = [f.contact.confirmed for f in eligible if f.contact.confirmed is not None]
    of_quiet = [f.contact.confirmed for f in quiet if f.contact.confirmed is not None]
    assert (row["claims_known"], row["claims"], row["claimed_quiet"]) == (len(known), len(claimed), len(quiet))
    assert (row["answers"], row["answers_claimed_quiet"]) == (len(answers), len(of_quiet))
    assert row["overclaim"] == (len(claimed) - len(quiet)) / len(claimed)
    if len(answers) >= 10:
        assert row["confirmed"] == sum(answers) / len(answers)
        assert row["confirmed_low"] <= wilson(sum(answers), len(answers))[0] + 1e-12
    if len(of_quiet) >= 10:
        most = len(quiet) / len(known) * float(wilson(sum(of_quiet), len(of_quiet))[0])
        assert row["range_low"] <= min(most, row["observed"]) + 1e-12
        assert row["range_low"] > 0.7 * min(most, row["observed"])
    table = [[0, 0], [0, 0]]
    for f in known:
        table[not f.contact.resolved][f.followed] += 1
    assert row["kappa"] == pytest.approx(float(cohens_kappa(np.array(table)).kappa), abs=1e-9)


def test_overclaims_are_counts_by_team_shrunken() -> None:
    company = busy(13, n=900)
    asked = Slice(by=("segment",), window=7)
    with small_mart(company.contacts, watermark=company.watermark, timezone=ROME) as mart:
        found = rows(overclaims(mart.under(DECIDED), asked))
        effect = count_outcomes(mart, asked, counts=("resolved",), n="resolved", unit="issue").frame["deff"]
    assert [row["segment"] for row in found] == ["(none)", "East", "West"]
    for row in found:
        asked_one = replace(asked, where=(("segment", (row["segment"],)),))
        claimed = [f for f in fates_of(company, asked_one) if f.eligible and f.contact.resolved]
        assert (row["n"], row["followed"]) == (len(claimed), sum(f.followed for f in claimed))
        assert row["raw"] == row["followed"] / row["n"]
    assert (effect > 1).all()
    counts = ([row[name] for row in found] / effect for name in ("followed", "n"))
    alone = shrunken(*counts)
    assert [row["value"] for row in found] == pytest.approx(list(alone.value))
    assert [row["high"] for row in found] == pytest.approx(list(alone.high))


def test_nothing_at_all_and_no_claims() -> None:
    with small_mart([], watermark=None, timezone=ROME) as mart:
        assert list(claims(mart, Slice(by=("intent",))).columns) == ["intent", *CLAIM_COLUMNS]
        assert list(overclaims(mart, Slice(by=("team",))).columns) == ["team", *OVERCLAIM_COLUMNS]
        (row,) = rows(claims(mart, Slice()))
    assert (row["n"], row["observed"], row["reason"]) == (0, None, "no contacts here")
    with small_mart(
        [OLD, Ticket("crm", "1", "a", datetime(2024, 2, 1))], watermark=datetime(2024, 4, 1), timezone=ROME
    ) as mart:
        (row,) = rows(claims(mart, Slice(from_on=date(2024, 1, 20))))
        (team,) = rows(overclaims(mart, Slice(from_on=date(2024, 1, 20))))
    assert (row["observed"], row["claimed"], row["kappa"], row["range_low"]) == (1.0, None, None, None)
    assert (team["value"], team["reason"]) == (None, "no first contact here is known to be marked solved")
