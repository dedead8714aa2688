"""The Spark cluster that the tests share: one master, two workers and a Spark Connect server on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from benchmarks.cluster import CantStart, Cluster, spark_cluster
from tests.missing import missing

_SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
QUICK = (
    "spark.sql.shuffle.partitions=2",
    "spark.connect.progress.reportInterval=500ms",
    "spark.network.timeout=20s",
    "spark.network.timeoutInterval=10s",
    "spark.executor.heartbeatInterval=5s",
    f"spark.driver.extraJavaOptions={_SHORT_LIVED}",
    f"spark.executor.extraJavaOptions={_SHORT_LIVED}",
)
"""Settings for little data: few partitions, little compiling, and a lost worker is noticed soon."""


@contextmanager
def running_cluster(*, workers: int = 2, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A cluster that runs; skipped with a reason where it can't be started."""
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(spark_cluster(workers=workers, conf=QUICK, environment=environment))
        except CantStart as error:
            missing(str(error))
        yield cluster
