"""An S3-compatible server of the tests' own on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from pyarrow import fs

KEYS = {
    "AWS_ACCESS_KEY_ID": "tester",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}
START_SECONDS = 60


@contextmanager
def s3_server(**environment: str) -> Iterator[str]:
    """The server's address; it is gone when the block ends, with all that it held."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={"PATH": "", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.kill()
        server.wait()


def new_bucket(address: str) -> str:
    """The name of a bucket made for one test."""
    name = f"lake-{uuid4().hex[:12]}"
    store = fs.S3FileSystem(
        access_key=KEYS["AWS_ACCESS_KEY_ID"],
        secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region=KEYS["AWS_REGION"],
        endpoint_override=address,
        scheme="http",
        allow_bucket_creation=True,
    )
    store.create_dir(name)
    return name


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/moto-api/data.json", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the object store did not start")
