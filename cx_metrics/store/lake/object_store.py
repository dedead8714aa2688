"""An object store as a place for the lake: an ``s3://bucket/prefix`` instead of a folder.

What speaks S3 is reached by the usual variables: ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``,
``AWS_ENDPOINT_URL`` and ``AWS_ALLOW_HTTP``. Delta tables read them themselves. DuckDB reads its Parquet files through
Arrow's file system, a range at a time, which takes no extension and no network of DuckDB's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
from deltalake.exceptions import DeltaError
from fsspec.implementations.arrow import ArrowFSWrapper
from pyarrow import fs

from cx_metrics.errors import StoreError

SCHEME = "s3://"
PATIENCE = {"connect_timeout": "5s", "max_retries": "4", "retry_timeout": "30s"}
"""How long Delta tables wait for a store that doesn't answer."""

_FROM_STORE = re.compile("AWS Error|S3 error")
_IN_WORDS = (
    ("NoSuchBucket|NO_SUCH_BUCKET", "there is no such bucket; make it, or set CX_LAKE_URL to one there is"),
    (
        r"InvalidAccessKeyId|SignatureDoesNotMatch|Access_?Denied|status 403|ExpiredToken|credentials|lacked",
        "the store refused the credentials; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
    ),
    ("URL scheme is not allowed", "AWS_ENDPOINT_URL is plain http; set AWS_ALLOW_HTTP=true if that is meant"),
    (
        r"\(Connect\)|NETWORK_CONNECTION|Connection refused|dns error|timed out|Could not connect",
        "the store doesn't answer; check AWS_ENDPOINT_URL and the network",
    ),
)


def is_url(place: Path | str) -> bool:
    """Whether a place is one in an object store, not a path of this machine."""
    return str(place).startswith(SCHEME)


@dataclass(frozen=True)
class StoredFile:
    """One file of an object store, with those methods of a path that the lake needs.

    Attributes:
        url: ``s3://bucket/name``.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def exists(self) -> bool:
        """Whether it is there."""
        with saying():
            return bool(file_system().fs.get_file_info(self._key).type == fs.FileType.File)

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove it."""
        if missing_ok and not self.exists():
            return
        file_system().fs.delete_file(self._key)

    def open(self, mode: str) -> Any:
        """Its bytes, to be read."""
        return file_system().open(self.url, mode)

    def replace(self, target: str) -> None:
        """Give it another URL, where it appears as a whole or not at all."""
        file_system().fs.move(self._key, target.removeprefix(SCHEME))

    def with_suffix(self, suffix: str) -> StoredFile:
        """The file of the same name with another ending."""
        return StoredFile(self.url.rpartition(".")[0] + suffix)

    @property
    def _key(self) -> str:
        return self.url.removeprefix(SCHEME)


def file_at(place: str) -> Path | StoredFile:
    """A file by its path or URL."""
    return StoredFile(place) if is_url(place) else Path(place)


def make_room(file: Path | StoredFile) -> None:
    """Make the folder a file is to lie in; an object store has none."""
    if isinstance(file, Path):
        file.parent.mkdir(parents=True, exist_ok=True)


def reach(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a DuckDB connection read and write URLs of the object store; which of them, its own settings say."""
    connection.register_filesystem(file_system())


def file_system() -> ArrowFSWrapper:
    """The object store as DuckDB and Arrow see it."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    allow_http = os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"true", "1"}
    return _file_system(os.environ.get("AWS_ENDPOINT_URL"), region, allow_http)


@contextmanager
def saying(place: str = "") -> Iterator[None]:
    """Turn what an object store refuses into one sentence; what anything else refuses stays as it is.

    Args:
        place: Where the work is done; empty: it may be done in several places, and the error tells.

    Raises:
        StoreError: The store refused, or doesn't answer.
    """
    try:
        yield
    except (OSError, DeltaError, duckdb.Error) as error:
        text = str(error)
        if not (is_url(place) or (not place and _FROM_STORE.search(text))):
            raise
        said = (words for pattern, words in _IN_WORDS if re.search(pattern, text, re.IGNORECASE))
        where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
        raise StoreError(f"The lake at {where} can't be used: {next(said, _last_line(text))}.") from error


def _last_line(text: str) -> str:
    plain = re.sub(r"\x1b\[\d+m", "", text).splitlines()
    return [line.strip(" ↳") for line in plain if line.strip()][-1].rstrip(".")


@lru_cache(maxsize=4)
def _file_system(endpoint: str | None, region: str | None, allow_http: bool) -> ArrowFSWrapper:
    settings: dict[str, Any] = {"region": region} if region else {}
    if endpoint:
        scheme = endpoint.partition("://")[0]
        if scheme == "http" and not allow_http:
            raise StoreError("AWS_ENDPOINT_URL is plain http; set AWS_ALLOW_HTTP=true if that is meant.")
        settings |= {"endpoint_override": endpoint, "scheme": scheme}
    return _Files(
        fs.S3FileSystem(
            connect_timeout=5,
            request_timeout=60,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=4),
            **settings,
        ),
        skip_instance_cache=True,
    )


class _Files(ArrowFSWrapper):  # type: ignore[misc]
    """The store's files; a data file of a Delta table never changes, so its size is asked for once."""

    def __init__(self, files: fs.S3FileSystem, **options: Any) -> None:
        super().__init__(files, **options)
        self._lasting = lru_cache(maxsize=20_000)(super().info)

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._lasting(path) if "/month=" in path else super().info(path, **options)
        return found
