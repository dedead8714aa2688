"""The server answers to its own names and pages only, and says nothing of its inside; asked over real connections."""

from __future__ import annotations

import base64
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.config import Settings, settings
from cx_metrics.errors import BadInput
from pages.shared.server import LOOPBACK, allowed_hosts, safe_headers
from tests.browser.dashboard import PROJECT, START_SECONDS

pytestmark = pytest.mark.xdist_group("hardened_server")

WAYS = {
    "serve": ["-m", "cx_metrics", "serve", "--port"],
    "streamlit run": ["-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port"],
}
NAMES = {"CX_PUBLIC_URL": "https://cx.example.com", "CX_ALLOWED_HOSTS": "desk.example.com, *.inside.example.com"}
CLOSED = ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/script-health-check")


@pytest.fixture(scope="module", params=WAYS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A dashboard on an empty home, served in each way there is."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listening = int(free.getsockname()[1])
    command = [sys.executable, *WAYS[request.param], str(listening)]
    env = {**os.environ, **NAMES, "CX_HOME": str(folder / "home")}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                assert asked(listening, "/_stcore/health")[0] == 200
                break
            except OSError:
                time.sleep(0.2)
        yield listening
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def asked(port: int, path: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers in lower case, and text of an answer; a header ``Host`` replaces the usual one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    text = "" if answer.status == 101 else answer.read().decode(errors="replace")
    connection.close()
    return answer.status, found, text


def handshake(port: int, *, host: str, origin: str | None) -> int:
    """The status that a websocket's first request gets."""
    headers = {
        "Host": host.format(port=port),
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec_WebSocket_Protocol": "streamlit",
    }
    own = {} if origin is None else {"Origin": origin.format(port=port)}
    return asked(port, "/_stcore/stream", **headers, **own)[0]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:{port}", 200),
        ("cx.example.com", 200),
        ("desk.example.com:8443", 200),
        ("a.b.inside.example.com", 200),
        ("evil.example", 400),
        ("cx.example.com.evil.example", 400),
        ("evil.example:{port}", 400),
        ("evil-inside.example.com", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost@evil.example", 400),
        ("169.254.169.254", 400),
        ("", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/_stcore/health"])
def test_it_answers_to_its_own_names_only(port: int, host: str, status: int, path: str) -> None:
    assert asked(port, path, Host=host.format(port=port))[0] == status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", 101),
        ("localhost:{port}", "http://localhost:{port}", 101),
        ("cx.example.com", "https://cx.example.com", 101),
        ("127.0.0.1:{port}", "https://cx.example.com", 101),
        ("127.0.0.1:{port}", None, 101),
        ("evil.example:{port}", "http://evil.example:{port}", 400),
        ("evil.example", None, 400),
        ("127.0.0.1:{port}", "http://evil.example", 403),
        ("127.0.0.1:{port}", "http://localhost:3000", 403),
        ("127.0.0.1:{port}", "http://127.0.0.1:1", 403),
        ("127.0.0.1:{port}", "https://cx.example.com.evil.example", 403),
        ("127.0.0.1:{port}", "null", 403),
        ("127.0.0.1:{port}", "file://", 403),
        ("127.0.0.1:{port}", "", 403),
    ],
)
def test_a_websocket_is_for_its_own_pages_only(port: int, host: str, origin: str | None, status: int) -> None:
    assert handshake(port, host=host, origin=origin) == status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/intent?intent=x",
        "/nowhere",
        "/_stcore/health",
        "/_stcore/host-config",
        "/media/none.csv",
        "/_stcore/none",
    ],
)
def test_every_answer_has_safe_headers(port: int, path: str) -> None:
    found = asked(port, path)[1]
    assert {name.lower(): value for name, value in safe_headers(secure=True).items()}.items() <= found.items()
    assert found["strict-transport-security"].startswith("max-age=")


def test_a_refusal_has_safe_headers_too(port: int) -> None:
    for found in (asked(port, "/", Host="evil.example")[1], asked(port, "/../../etc/passwd")[1]):
        assert found["x-content-type-options"] == "nosniff"


def test_the_policy_lets_no_script_of_others_in(port: int) -> None:
    policy = dict(part.split(" ", 1) for part in asked(port, "/")[1]["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert re.fullmatch(r"'self' 'wasm-unsafe-eval' 'sha256-[A-Za-z0-9+/=]+'", policy["script-src"])
    assert policy["connect-src"] == policy["form-action"] == "'self'"
    assert "http" not in "".join(policy.values())


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_nobody_needs_is_shut(port: int, path: str, method: str) -> None:
    status, _, text = asked(port, path, method=method, Content_Length="0")
    assert (status, text) == (404, "Not Found")


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/media/..%2f..%2fetc%2fpasswd",
        "/media/%00",
        "//evil.example/x",
        "/component/../../etc/passwd",
        "/_stcore/upload_file/../../x",
        "/app.py",
        "/.streamlit/secrets.toml",
        "/cx_metrics/config.py",
    ],
)
def test_no_path_leads_to_a_file_or_an_inside(port: int, path: str) -> None:
    text = asked(port, path)[2]
    assert not re.search(r"root:|Traceback|File \"|site-packages|import streamlit|BaseSettings", text)
    assert str(PROJECT) not in text


def test_an_upload_needs_a_session(port: int) -> None:
    status, _, text = asked(port, "/_stcore/upload_file/none/none", method="PUT", Content_Length="0")
    assert status in (400, 403)
    assert "Traceback" not in text


def test_the_names_it_answers_to() -> None:
    told = Settings(public_url="https://[2001:db8::1]:8443", allowed_hosts=" A.example.com ,*.b.example.com")
    named = ["[2001:db8::1]", "10.0.0.5", "a.example.com", "*.b.example.com"]
    assert allowed_hosts(told, address="10.0.0.5") == [*LOOPBACK, *named]
    for everywhere in ("0.0.0.0", "::", ""):
        assert allowed_hosts(Settings(public_url="", allowed_hosts=""), address=everywhere) == list(LOOPBACK)


@pytest.mark.parametrize("name", ["https://a.com", "a.com:8501", "a b", "*a.com", "a.*.com", "a/b", "[x]"])
def test_a_name_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CX_ALLOWED_HOSTS", name)
    with pytest.raises(BadInput, match=r"CX_ALLOWED_HOSTS: .* is no host name"):
        settings()


def test_without_https_nothing_is_promised() -> None:
    assert "Strict-Transport-Security" not in safe_headers(secure=False)


@pytest.mark.parametrize(("told", "said"), [("", "1024"), ("7", "7")], ids=["by default", "as set"])
def test_the_server_takes_uploads_as_large_as_the_settings_say(tmp_path: Path, told: str, said: str) -> None:
    code = "import app, streamlit.config as c; print(c.get_option('server.maxUploadSize'))"
    env = {**os.environ, "CX_HOME": str(tmp_path)} | ({"CX_MAX_UPLOAD_MB": told} if told else {})
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == said
