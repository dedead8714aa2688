"""The contacts themselves: by business day, newest first, page by page."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from cx_metrics.store.home import Home
from cx_metrics.store.lake.drilldown import Drilldown
from tests.store.extracts import bring_in, row

ROME = ZoneInfo("Europe/Rome")
Filters = tuple[tuple[str, tuple[str, ...]], ...]


def every_day(drilldown: Drilldown, where: Filters = (), *, limit: int | None = None, offset: int = 0) -> pd.DataFrame:
    return drilldown.contacts(where=where, from_on=date(2025, 1, 1), to_on=date(2027, 1, 1), limit=limit, offset=offset)


@pytest.fixture
def drilldown(home: Home) -> Drilldown:
    rows = [
        row("last minute of May", "2026-05-31 21:59:59", intent="Billing"),
        row("first minute of June", "2026-05-31 22:00:00", intent="Billing"),
        row("June", "2026-06-15 12:00:00", intent="It's <b>slow</b>", channel="phone"),
        row("last minute of June", "2026-06-30 21:59:59", intent="Billing", channel="chat"),
        row("first minute of July", "2026-06-30 22:00:00", intent="Billing"),
    ]
    bring_in(home, rows)
    return Drilldown(home.lake.contacts.files(), zone=ROME)


def test_days_are_business_days_newest_first(drilldown: Drilldown) -> None:
    june = drilldown.contacts(where=(), from_on=date(2026, 6, 1), to_on=date(2026, 6, 30))
    assert list(june["contact_id"]) == ["last minute of June", "June", "first minute of June"]


def test_filters_take_any_text_and_none(drilldown: Drilldown) -> None:
    slow = every_day(drilldown, (("intent", ("It's <b>slow</b>",)),))
    assert list(slow["contact_id"]) == ["June"]
    where = (("channel", ("(none)", "chat")), ("intent", ("Billing",)))
    assert len(every_day(drilldown, where)) == 4


def test_pages_join_to_the_whole(drilldown: Drilldown) -> None:
    whole = list(every_day(drilldown)["contact_id"])
    pages = [every_day(drilldown, limit=2, offset=at) for at in (0, 2, 4)]
    assert [name for page in pages for name in page["contact_id"]] == whole
    assert len(whole) == 5


def test_only_columns_with_values_are_given(drilldown: Drilldown) -> None:
    assert list(every_day(drilldown).columns) == ["source", "contact_id", "started_at", "intent", "channel"]


def test_an_empty_lake_has_no_contacts() -> None:
    assert every_day(Drilldown([], zone=ROME)).empty
