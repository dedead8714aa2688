"""A Spark cluster gives the mart that DuckDB gives, whatever happens to a worker, and says in words what went wrong."""

from __future__ import annotations

import random
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.cluster import Cluster, end
from cx_metrics.config import Settings, settings
from cx_metrics.contacts.progress import Progress, silent
from cx_metrics.demo.filling import fill
from cx_metrics.errors import BadInput, BadUse, StoreError
from cx_metrics.store.engines import spark_engine
from cx_metrics.store.engines.duckdb_engine import DuckDBEngine
from cx_metrics.store.engines.spark_engine import SparkEngine
from cx_metrics.store.home import Home
from cx_metrics.store.marts.changed import LAKE_COLUMNS
from cx_metrics.store.marts.freshness import bring_up_to_date
from cx_metrics.store.marts.mart import open_mart, read_manifest
from cx_metrics.store.marts.refresh import RefreshReport, refresh
from tests.store.extracts import bring_in, row
from tests.store.mart_lake import Contact, write_file, write_lake
from tests.store.s3_server import KEYS, new_bucket, s3_server
from tests.store.same_mart import assert_same
from tests.store.spark import running_cluster
from tests.store.test_mart_engine import instants

pytestmark = pytest.mark.xdist_group("spark")

TIMEZONE = "America/St_Johns"
T = datetime(2024, 6, 15, 12, 30, 0, 250_000)
CUSTOMERS = ("Ann", "ann", "Zoë", "李", "20240101-0000007", "20240101-0000008", "", "O'Neill")


@dataclass(frozen=True)
class Rig:
    """A cluster, and an object store whose credentials its workers hold."""

    cluster: Cluster
    store: str


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with s3_server() as store, running_cluster(environment={**KEYS, "AWS_ENDPOINT_URL": store}) as cluster:
        yield Rig(cluster, store)


@pytest.fixture(scope="module")
def cluster(rig: Rig) -> Cluster:
    return rig.cluster


@contextmanager
def engines(
    folder: Path, url: str, *, timezone: str = TIMEZONE, **other: Any
) -> Iterator[tuple[DuckDBEngine, SparkEngine]]:
    with (
        DuckDBEngine(
            memory="500MB", threads=2, timezone=timezone, scratch=folder / "scratch", folders=[folder]
        ) as here,
        SparkEngine(url, local=here, **other) as there,
    ):
        yield here, there


def rebuilt(
    mart: Path, files: list[str], engine: DuckDBEngine | SparkEngine, *, progress: Progress = silent, at: datetime = T
) -> RefreshReport:
    return refresh(
        mart,
        lake_files=files,
        watermark=at,
        lagging=(),
        timezone=engine.timezone,
        engine=engine,
        progress=progress,
    )


def same(one: Path, other: Path) -> int:
    with open_mart(one) as first, open_mart(other) as second:
        return assert_same(first, second)


def random_contacts(seed: int, *, count: int) -> list[Contact]:
    """Contacts with ties, ends before their start, parts of seconds, odd names, amounts of all sizes, and gaps."""
    chance = random.Random(seed)
    start = datetime(2023, 10, 1)

    def maybe(*values: Any) -> Any:
        return chance.choice((None, *values))

    def one(number: int) -> Contact:
        moment = timedelta(days=chance.choice((0, 3, 30, chance.randrange(260))), microseconds=chance.randrange(2))
        at = start + moment + timedelta(hours=chance.choice((0, 2, 3, 4, 23)), milliseconds=chance.choice((0, 0, 900)))
        lasts = maybe(-1, 0, 0.5, 1, 7, 29, 30, 31, 100)
        money = ("0", "4.25", "0.000001", "1000000000")
        return Contact(
            source=chance.choice(("x", "y")),
            contact_id=str(number),
            customer_id=maybe(*CUSTOMERS, *CUSTOMERS),
            started_at=at,
            ended_at=None if lasts is None else at + timedelta(days=lasts, microseconds=chance.randrange(3) * 400_000),
            intent=chance.choice(("Bill", "Bill", "Box")),
            channel=maybe("phone", "Ohrfeige"),
            resolved=maybe(True, False),
            confirmed=maybe(True),
            urgency=maybe("high"),
            self_help=maybe("Pay a bill", "Réset"),
            handle_minutes=maybe(*map(Decimal, money)),
            direct_cost=maybe(*map(Decimal, money)),
            downstream_cost=maybe(*map(Decimal, money)),
            survey_offered_at=maybe(at),
            csat=maybe(1, 4, 5),
            nps=maybe(0, 6, 7, 9),
            ces=maybe(1, 7),
            outcome=maybe(2, 5),
            feeling=maybe(3, 4),
            follow_up=maybe(True, False),
        )

    return [one(number) for number in range(count)]


def column_file(folder: Path, name: str, values: pa.Array) -> str:
    """One column of a lake's layout."""
    file = folder / "month=2024-01" / f"{name}.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({name: values}), file)
    return str(file)


@pytest.mark.parametrize("timezone", ["America/St_Johns", "Australia/Lord_Howe"])
def test_local_date_is_the_zones_own(tmp_path: Path, cluster: Cluster, timezone: str) -> None:
    asked = sorted(set(instants(ZoneInfo(timezone))))
    file = column_file(tmp_path, "instant", pa.array(asked, pa.timestamp("us")))
    with engines(tmp_path, cluster.url, timezone=timezone) as (_, spark):
        spark.files("t", files=[file], columns={"instant": "TIMESTAMP"})
        found = spark.rows("SELECT instant, local_date(instant) FROM t ORDER BY instant")
    assert found == [(at, at.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()) for at in asked]


def test_keys_tell_texts_apart(tmp_path: Path, cluster: Cluster) -> None:
    start = date(2026, 1, 1)
    dated = [f"{start + timedelta(days=day):%Y%m%d}-{number:07}" for day in range(200) for number in range(100)]
    file = column_file(tmp_path, "id", pa.array(dated))
    parts = ["'a', 'b'", "'b', 'a'", "'a', NULL", "NULL, 'a'", "NULL, NULL", "'a', 'a'", "'ab', ''", "'a', ''"]
    with engines(tmp_path, cluster.url) as (_, spark):
        listed = spark.rows(f"SELECT {', '.join(f'key64({part})' for part in parts)}")[0]
        spark.files("ids", files=[file], columns={"id": "VARCHAR"})
        keys = "count(DISTINCT key64(id)), count(DISTINCT key64(id, 'Bill')), count(DISTINCT key64('Bill', id))"
        distinct = spark.rows(f"SELECT {keys} FROM ids")[0]
    assert len(set(listed)) == len(parts)
    assert distinct == (len(dated),) * 3


def test_files_are_read_whatever_their_folder_is_called(tmp_path: Path, cluster: Cluster) -> None:
    file = column_file(tmp_path / "it's [new] 100%" / "what?*{a,b}", "n", pa.array([7]))
    with engines(tmp_path, cluster.url) as (_, spark):
        spark.files("t", files=[file], columns={"month": "VARCHAR", "n": "BIGINT"})
        assert spark.rows("SELECT month, n FROM t") == [("2024-01", 7)]
        spark.files("t", files=[], columns=LAKE_COLUMNS)
        assert spark.rows("SELECT * FROM t") == []


def test_seconds_are_counted_as_clocks_show_them(tmp_path: Path, cluster: Cluster) -> None:
    early, late = "TIMESTAMP '2024-01-01 00:00:00.900'", "TIMESTAMP '2024-01-01 00:00:02.100'"
    asked = f"SELECT date_diff('second', {early}, {late}), date_diff('second', {late}, {early})"
    with engines(tmp_path, cluster.url) as (duckdb, spark):
        assert spark.rows(asked) == duckdb.rows(asked) == [(2, -2)]


def test_random_contacts_give_the_same_mart_also_step_by_step(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_engine, "ROWS_AT_ONCE", 700)  # a mart in several parts
    contacts = random_contacts(1, count=1200)
    late = [replace(c, contact_id=f"{c.contact_id} late") for c in contacts if c.started_at >= datetime(2024, 6, 1)]
    files = write_lake(tmp_path / "lake", contacts)
    more = [*files, write_file(tmp_path / "lake", late)]
    with engines(tmp_path, cluster.url) as (duckdb, spark):
        rebuilt(tmp_path / "spark", files, spark, at=T - timedelta(days=10))
        report = rebuilt(tmp_path / "spark", more, spark)
        expected = rebuilt(tmp_path / "steps", files, duckdb, at=T - timedelta(days=10))
        again = rebuilt(tmp_path / "steps", more, duckdb)
        rebuilt(tmp_path / "duckdb", more, duckdb)
    assert not report.full
    assert report.months_rebuilt == again.months_rebuilt != expected.months_rebuilt
    assert same(tmp_path / "spark", tmp_path / "duckdb") > 10_000


def test_an_empty_lake_gives_an_empty_mart(tmp_path: Path, cluster: Cluster) -> None:
    with engines(tmp_path, cluster.url) as (_, spark):
        refresh(tmp_path / "m", lake_files=[], watermark=None, lagging=(), timezone=TIMEZONE, engine=spark)
    with open_mart(tmp_path / "m") as mart:
        assert mart.facts.contacts == 0


def test_the_demo_company_s_mart_is_the_same(tmp_path: Path, cluster: Cluster) -> None:
    home = Home(Settings(home=tmp_path / "home", timezone="Europe/Berlin", user="tester"))
    fill(home)
    bring_up_to_date(home)
    home.mart.rename(tmp_path / "duckdb")
    bring_up_to_date(Home(home.settings.model_copy(update={"engine": cluster.url})))
    manifest = read_manifest(home.mart)
    assert manifest is not None
    assert manifest.engine.startswith("spark 4.3")
    assert same(home.mart, tmp_path / "duckdb") > 10_000_000


def test_a_lake_in_an_object_store_is_read_by_the_workers(
    tmp_path: Path, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": rig.store}.items():
        monkeypatch.setenv(name, value)
    url = f"s3://{new_bucket(rig.store)}/cx/lake"
    home = Home(Settings(home=tmp_path / "home", lake_url=url, engine=rig.cluster.url, user="tester"))
    bring_in(home, [row(str(n), f"2026-0{1 + n % 3}-05 10:00:00", customer_id=f"c{n % 7}") for n in range(60)])
    bring_up_to_date(home)
    home.mart.rename(tmp_path / "spark")
    bring_up_to_date(Home(home.settings.model_copy(update={"engine": "duckdb"})))
    assert same(tmp_path / "spark", home.mart) > 1_000


def at_step(step: str, do: Callable[[], object]) -> Progress:
    """Does something once, when a refresh comes to a step."""
    done: list[object] = []

    def progress(message: str, share: float) -> None:
        if message == step and not done:
            done.append(do())

    return progress


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path, cluster: Cluster) -> None:
    files = write_lake(tmp_path / "lake", random_contacts(3, count=2000))
    with engines(tmp_path, cluster.url) as (duckdb, spark):
        rebuilt(tmp_path / "duckdb", files, duckdb)
        # By then the touches are kept, half of them by the worker that dies.
        rebuilt(tmp_path / "spark", files, spark, progress=at_step("writing counts", lambda: end(cluster.workers[0])))
    assert cluster.workers[0].poll() is not None
    assert same(tmp_path / "spark", tmp_path / "duckdb") > 10_000


def test_a_cluster_lost_in_the_middle_leaves_the_old_mart(tmp_path: Path) -> None:
    files = write_lake(tmp_path / "lake", random_contacts(4, count=200))
    mart = tmp_path / "mart"
    with running_cluster(workers=1) as cluster:
        with engines(tmp_path, cluster.url, patience=10) as (duckdb, spark):
            version = rebuilt(mart, files[:-1], duckdb).version
            with pytest.raises(StoreError) as without_workers:
                rebuilt(mart, files, spark, progress=at_step("writing counts", lambda: end(cluster.workers[0])))
        with engines(tmp_path, cluster.url) as (_, spark), pytest.raises(StoreError) as without_server:
            rebuilt(mart, files, spark, progress=at_step("finding what changed", lambda: end(cluster.server)))
    for error, reason in ((without_workers, "has run nothing for 10 seconds"), (without_server, "stopped answering")):
        assert str(error.value).startswith(f"The Spark cluster at {cluster.url} {reason}")
        assert "The mart is as it was. Look after the cluster and refresh again" in str(error.value)
    with open_mart(mart) as old:
        assert (old.facts.version, old.facts.contacts) == (version, len_of(files[:-1]))


def len_of(files: list[str]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


def test_an_address_that_nobody_answers_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as silent_server:
        silent_server.bind(("127.0.0.1", 0))
        port = silent_server.getsockname()[1]
        with pytest.raises(StoreError, match=rf"sc://127.0.0.1:{port} can't be reached: Connection refused\."):
            engines(tmp_path, f"sc://127.0.0.1:{port}/;token=secret").__enter__()
        silent_server.listen()
        with pytest.raises(StoreError, match="can't be reached: what listens there is no Spark Connect server"):
            engines(tmp_path, f"sc://127.0.0.1:{port}").__enter__()


def test_a_machine_without_pyspark_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    with pytest.raises(BadUse, match=r"sc://nowhere needs a package .*pip install -r requirements-scale.txt"):
        engines(tmp_path, "sc://nowhere").__enter__()


@pytest.mark.parametrize("url", ["spark://host:7077", "sc://", "sc://host:port", "DuckDB"])
def test_an_engine_that_does_not_exist_is_a_sentence(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CX_ENGINE", url)
    with pytest.raises(BadInput, match=r"CX_ENGINE: .* is no engine; write duckdb, or for example sc://"):
        settings()
