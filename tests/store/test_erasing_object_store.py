"""A customer who is erased stands in no object of an object store any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.config import Settings
from cx_metrics.store.home import Home
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.privacy import asking as privacy
from cx_metrics.store.privacy.proof import prove
from tests.store.extracts import lake_rows
from tests.store.person import PERSON, known_everywhere, places_with
from tests.store.s3_server import KEYS, new_bucket, s3_server

pytestmark = pytest.mark.xdist_group("object store")


def test_nothing_is_left_in_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server() as address:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        place = f"s3://{new_bucket(address)}/cx/lake"
        home = Home(Settings(home=tmp_path / "home", lake_url=place, memory="500MB", user="tester"))
        known_everywhere(home)
        before = prove(home, [PERSON])
        assert sum(name.startswith(place) and "_delta_log" in name for name in before.found) >= 2
        done = privacy.erase_customer(home, PERSON, actor="dpo")
        bring_up_to_date(home)
        after = prove(home, [PERSON], contacts=done.keys)
        assert after.found == ()
        assert after.bytes > 10_000
        assert places_with(home, PERSON) == []
        assert len(lake_rows(home)) == 4
