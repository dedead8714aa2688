"""The demo company's contacts: times, shares, repeats and silence as in a real company."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.demo import END_ON, START_ON, STORIES, TIMEZONE
from tests.demo.written import Demo


def test_times_are_in_order_and_inside_the_period(demo: Demo) -> None:
    contacts = demo.contacts
    assert contacts["started"].min().date() == START_ON
    assert contacts["started"].max() > pd.Timestamp(END_ON) + pd.Timedelta(hours=19)
    assert contacts[["started", "ended", "offered", "answered"]].max().max() < pd.Timestamp("2026-10-31 20:00")
    assert (contacts["ended"].dropna() >= contacts["started"][contacts["ended"].notna()]).all()
    asked = contacts.dropna(subset="offered")
    assert (asked["offered"] > asked["ended"]).all()
    told = contacts.dropna(subset="answered")
    assert (told["answered"] > told["offered"]).all()


def test_no_local_time_is_missing_or_doubled_by_the_clock_change(demo: Demo) -> None:
    for column in ("started", "ended", "offered", "answered"):
        local = demo.contacts[column].dropna().drop_duplicates()
        local.dt.tz_localize(TIMEZONE, ambiguous="raise", nonexistent="raise")


def test_days_weeks_and_years_have_their_pattern(demo: Demo) -> None:
    per_day = demo.contacts.groupby(demo.contacts["started"].dt.normalize()).size()
    by_weekday = per_day.groupby(pd.DatetimeIndex(per_day.index).day_of_week).median()
    assert by_weekday.idxmax() == 0
    assert by_weekday[6] < 0.7 * by_weekday[0]
    assert per_day[pd.Timestamp("2025-12-25")] < 0.55 * by_weekday[3]
    assert per_day[pd.Timestamp("2026-05-01")] < 0.65 * by_weekday[4]
    calls = demo.contacts.loc[demo.contacts["channel"] == "Phone", "started"].dt.hour
    assert calls.between(7, 21).all()
    calm = demo.contacts[~demo.contacts["intent"].isin([story.intent for story in STORIES])]
    same_months = calm[calm["started"].dt.month.between(5, 10)].groupby(calm["started"].dt.year).size()
    assert same_months[2026] / same_months[2025] == pytest.approx(1.15, abs=0.05)


def test_dimensions_and_shares(demo: Demo) -> None:
    contacts = demo.contacts
    assert set(contacts["channel"]) == {"Phone", "Live chat", "Mail", "Web", "Social media"}
    assert contacts["team"].nunique() == 8
    assert contacts["region"].nunique() == 5
    assert 0.03 < contacts["customer"].isna().mean() < 0.05
    assert contacts["article"].notna().mean() == pytest.approx(0.20, abs=0.03)
    assert 0.02 < contacts["money"].notna().mean() < 0.05
    assert contacts["offered"].notna().sum() / contacts["ended"].notna().sum() == pytest.approx(0.40, abs=0.02)
    assert contacts["answered"].notna().sum() / contacts["offered"].notna().sum() == pytest.approx(0.21, abs=0.02)
    assert contacts["csat"].notna().equals(contacts["answered"].notna())


def test_a_repeat_is_the_same_customer_with_the_same_intent(truth: pd.DataFrame) -> None:
    known = truth[truth["customer"].notna()]
    earlier = known.groupby(["customer", "intent"], observed=True).cumcount()
    repeats = known["step"] > 0
    # the rest lost its earlier contact to a missing customer id
    assert (earlier[repeats] > 0).mean() > 0.94
    assert 0.15 < repeats.mean() < 0.30
    kept = known.drop_duplicates("customer")[["customer", "segment", "product", "region"]]
    assert len(known[["customer", "segment", "product", "region"]].drop_duplicates()) == len(kept)


def test_most_repeats_come_within_seven_days(demo: Demo) -> None:
    known = demo.contacts.dropna(subset="customer").sort_values("started")
    gap = known.groupby(["customer", "intent"])["started"].diff()
    soon = gap[gap < pd.Timedelta(days=30)]
    assert (soon <= pd.Timedelta(days=7)).mean() > 0.85


def test_repeats_take_30_to_50_percent_longer(truth: pd.DataFrame) -> None:
    minutes = truth.groupby(["intent", "channel", truth["step"] > 0], observed=True)["handle_minutes"].agg(
        ["mean", "size"]
    )
    mean, size = minutes["mean"].unstack(), minutes["size"].unstack()
    ratio = np.average((mean[True] / mean[False]).fillna(1.4), weights=size[True].fillna(0))
    assert ratio == pytest.approx(1.40, abs=0.05)


def test_a_few_customers_ask_much(demo: Demo) -> None:
    per_customer = demo.contacts["customer"].value_counts()
    assert per_customer.head(len(per_customer) // 10).sum() / per_customer.sum() > 0.28


def test_unhappy_customers_stay_silent(demo: Demo, truth: pd.DataFrame) -> None:
    assert truth["csat"].mean() > truth["felt"].mean() + 0.2
    asked = truth[truth["survey_offered_at"].notna()]
    rate = asked["survey_answered_at"].notna().groupby(asked["felt"]).mean()
    assert rate[1] < 0.5 * rate[5]
    # visible in any extract: who answers comes back less often than everybody
    known = demo.contacts.dropna(subset="customer").sort_values("started")
    after = known.groupby(["customer", "intent"])["started"].shift(-1) - known["started"]
    back = after <= pd.Timedelta(days=7)
    assert back[known["answered"].notna()].mean() < back.mean() - 0.015
