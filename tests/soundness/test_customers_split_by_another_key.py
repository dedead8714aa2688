"""One customer could become two, silently: loaded under one key of pseudonyms, and later under another, or none.

Each was then a customer of their own, and nobody came back any more. Such a load stops now, and so does a list of an
alert's customers, of whom none would be found.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from cx_metrics.config import Settings
from cx_metrics.errors import BadInput
from cx_metrics.store.decided import alerts, deciding
from cx_metrics.store.decided.decisions import Alert
from cx_metrics.store.home import Home
from cx_metrics.store.lake.intake import take_back
from tests.store.extracts import bring_in, lake_rows, row

FIRST, SECOND = "the first key of this home", "the second key of this home"
ROWS = [row("1", "2026-01-05 10:00:00", customer_id="a")]
MORE = [row("2", "2026-01-06 10:00:00", customer_id="a")]


def home_with(folder: Path, key: str) -> Home:
    return Home(Settings(home=folder, memory="500MB", user="tester", pseudonym_key=SecretStr(key)))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", FIRST, "holds customer ids as they came"),
        (FIRST, "", "set CX_PSEUDONYM_KEY to that key"),
        (FIRST, SECOND, "is another key"),
    ],
    ids=["a key comes", "the key goes", "another key"],
)
def test_a_load_under_another_key_stops(tmp_path: Path, before: str, after: str, said: str) -> None:
    bring_in(home_with(tmp_path, before), ROWS)
    with pytest.raises(BadInput, match=said):
        bring_in(home_with(tmp_path, after), MORE)
    assert len(lake_rows(home_with(tmp_path, before))) == 1
    bring_in(home_with(tmp_path, before), MORE)
    assert len({cells[1] for cells in lake_rows(home_with(tmp_path, before), ("customer_id",))}) == 1


def test_an_alert_under_another_key_stops(tmp_path: Path) -> None:
    home, other = home_with(tmp_path, FIRST), home_with(tmp_path, SECOND)
    bring_in(home, ROWS)
    with home.session() as session:
        deciding.save_alerts(session, [Alert("Mail", "Billing", sent_at=datetime(2026, 1, 4), n_sent=1)], actor="ana")
    customers = "customer_id,group\na,sent\n"
    with pytest.raises(BadInput, match="is another key"):
        alerts.take_customers(other, "Mail", customers, origin="mail.csv", actor="ana")
    assert alerts.take_customers(home, "Mail", customers, origin="mail.csv", actor="ana").contacted_sent == 1


def test_an_empty_home_may_begin_anew(tmp_path: Path) -> None:
    for key in (FIRST, SECOND, ""):
        home = home_with(tmp_path, key)
        number = bring_in(home, ROWS).load
        assert number is not None
        take_back(home, number)
