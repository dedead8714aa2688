"""The way to a Spark cluster: a session on its Spark Connect server, and what goes wrong there in one sentence."""

from __future__ import annotations

import logging
import re
import socket
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cx_metrics.errors import BadUse, StoreError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

SCHEME = "sc://"
DEFAULT_PORT = 15002

_RETRIES = 6
_MOST_WAIT_MS = 4000
"""About a quarter of a minute in all, after which a server that doesn't answer is lost."""
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.requireAllClusterKeysForCoPartition": "false",
}
"""What the SQL relies on, whatever the cluster's own settings are. And: no job to list files that are named; no second
shuffle of rows that lie by customer, where they are joined by customer and time."""
_IN_WORDS = (
    (
        r"PATH_NOT_FOUND|FileNotFoundException|FAILED_READ_FILE.FILE_NOT_EXIST",
        "doesn't see the lake's files: its machines need them under the same path, or an object store (CX_LAKE_URL)",
    ),
    (
        r"Connection refused|failed to connect|Socket closed|Connection reset|UNAVAILABLE|SESSION_(NOT_FOUND|CHANGED)",
        "stopped answering",
    ),
    (r"SparkContext was shut down|SparkContext has been shutdown|Master removed our application", "was shut down"),
    (
        r"OutOfMemoryError|maxResultSize|No space left on device",
        "ran out of memory or disk; see README, A cluster, for the sizes that it needs",
    ),
)


class _NoWorkers(Exception):
    """The cluster has run no task for long."""


class _Watch:
    """Hears how a query is getting on: without workers it would wait for ever."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._seen: object = None
        self._since = time.monotonic()

    def __call__(self, stages: Iterable[Any] | None, inflight_tasks: int, operation_id: str | None, done: bool) -> None:
        seen = (operation_id, [(stage.stage_id, stage.num_completed_tasks) for stage in stages or ()])
        if done or inflight_tasks or seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        elif time.monotonic() - self._since > self._patience:
            raise _NoWorkers(f"has run nothing for {self._patience:.0f} seconds: it has no workers, or none is free")


def opened(url: str, *, patience: float) -> SparkSession:
    """A new session, in UTC.

    Args:
        url: ``sc://host:port``, with what Spark Connect takes besides.
        patience: Seconds without a task that runs, after which a query ends.

    Raises:
        BadUse: pyspark is not installed.
        StoreError: Nothing answers there.
    """
    _hush()
    try:
        import pyspark.sql.connect.session  # noqa: F401
    except ImportError as error:
        raise BadUse(
            f"The engine {place_of(url)} needs a package that is not installed ({error.name}). Install it with: "
            "pip install -r requirements-scale.txt"
        ) from error
    _knock(url)
    with asking(url):
        session = _session(url)
        session.client.register_progress_handler(_Watch(patience))  # type: ignore[arg-type]
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
    return session


@contextmanager
def asking(url: str) -> Iterator[None]:
    """Turns what goes wrong on the way to the cluster, or there, into one sentence.

    Raises:
        StoreError: The cluster is lost, or could not do it.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, _NoWorkers) as error:
        raise StoreError(_sentence(url, _reason(error))) from error


def _knock(url: str) -> None:
    """Whether a server answers there at all: the client itself would go on trying for minutes."""
    import grpc
    from pyspark.sql.connect.client import DefaultChannelBuilder

    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or DEFAULT_PORT), timeout=10).close()
        with DefaultChannelBuilder(url).toChannel() as channel:
            grpc.channel_ready_future(channel).result(timeout=10)
    except (OSError, grpc.FutureTimeoutError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "what listens there is no Spark Connect server"
        raise StoreError(_sentence(url, f"can't be reached: {reason}")) from error


def place_of(url: str) -> str:
    """A cluster's URL without the token that may stand in it."""
    return url.partition("/;")[0].rstrip("/")


def _session(url: str) -> SparkSession:
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession(connection=url)
    session.client.set_retry_policies(
        [DefaultPolicy(max_retries=_RETRIES, initial_backoff=100, max_backoff=_MOST_WAIT_MS)]
    )
    return session


def _hush() -> None:
    """Keeps what the client says by itself from the terminal: a failure is one sentence, of ours."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    warnings.filterwarnings("ignore", message=r"\[RETRIES_EXCEEDED\]")
    logging.getLogger("pyspark").setLevel(logging.CRITICAL)


def _sentence(url: str, reason: str) -> str:
    return (
        f"The Spark cluster at {place_of(url)} {reason}. The mart is as it was. Look after the cluster and refresh "
        "again, or refresh on this machine: python -m cx_metrics refresh --engine duckdb"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, _NoWorkers):
        return str(error)
    text = str(error)
    for pattern, words in _IN_WORDS:
        if re.search(pattern, text):
            return words
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [type(error).__name__]
    # What a worker's Python raises comes with its traceback, whose last line says it.
    said = next((line for line in reversed(lines) if re.match(r"[\w.]+(Error|Exception): ", line)), lines[0])
    return f"could not do it: {said.rstrip('.')}"
