"""Sending through real services on this machine, and keeping their secrets."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from cx_metrics.config import Settings, settings
from cx_metrics.errors import BadInput
from cx_metrics.reviews.channels import Channel, channels, redacted, send
from tests.reviews.endpoints import mail_server, web_hook

SECRET = "hunter2hunter2"


def configured(tmp_path: Path, urls: str) -> tuple[Channel, ...]:
    return channels(Settings(home=tmp_path, notify_urls=SecretStr(urls)))


def test_nothing_is_configured_by_default(tmp_path: Path) -> None:
    assert channels(Settings(home=tmp_path)) == ()


def test_urls_are_separated_by_commas_and_keep_their_order(tmp_path: Path) -> None:
    found = configured(
        tmp_path, "mailto://127.0.0.1:2525?from=cx@example.com&to={owner},json://127.0.0.1:8080/a, json://b.example"
    )
    assert [channel.service for channel in found] == ["E-Mail", "JSON", "JSON"]
    assert [channel.asks_for_owner for channel in found] == [True, False, False]
    assert len({channel.target for channel in found}) == 3


def test_a_new_password_is_the_same_channel_and_a_twin_is_another(tmp_path: Path) -> None:
    old = configured(tmp_path, f"json://me:{SECRET}@b.example")
    new = configured(tmp_path, "json://me:other@b.example,json://me:third@b.example")
    assert old[0].target == new[0].target
    assert new[1].target == f"{old[0].target}-1"


def test_a_wrong_url_is_named_by_its_position_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(BadInput, match=r"address 2 of 2 is none") as told:
        configured(tmp_path, f"json://b.example,nonsense://me:{SECRET}@c.example")
    assert SECRET not in str(told.value) + caplog.text


def test_secrets_are_not_in_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (channel,) = configured(tmp_path, f"json://me:{SECRET}@b.example")
    assert SECRET not in repr(channel)
    monkeypatch.setenv("CX_NOTIFY_URLS", f"json://me:{SECRET}@b.example")
    assert SECRET not in f"{settings()!r} {settings().notify_urls}"


def test_a_mail_arrives_at_the_owner(tmp_path: Path) -> None:
    with mail_server() as box:
        (channel,) = configured(
            tmp_path, f"mailto://127.0.0.1:{box.port}?from=cx@example.com&to={{owner}}&mode=insecure"
        )
        problem = send(channel, title="Router: flagged", body="One & <two>\n\nthree", recipient="dana+x@example.com")
    assert problem is None
    assert box.to == [["dana+x@example.com"]]
    assert box.got[0]["Subject"] == "Router: flagged"
    text = box.got[0].get_body(("plain",))
    assert text is not None
    assert "One & <two>" in text.get_content()


def test_a_refusing_mail_server_is_told(tmp_path: Path) -> None:
    with mail_server() as box:
        box.refuses = True
        (channel,) = configured(
            tmp_path, f"mailto://127.0.0.1:{box.port}?from=cx@example.com&to={{owner}}&mode=insecure"
        )
        problem = send(channel, title="t", body="b", recipient="dana@example.com")
    assert problem
    assert box.got == []


def test_a_web_endpoint_gets_title_and_text(tmp_path: Path) -> None:
    with web_hook() as hook:
        (channel,) = configured(tmp_path, f"json://127.0.0.1:{hook.port}/hook")
        assert send(channel, title="Router: flagged", body="Said so", recipient=None) is None
    assert [(body["title"], body["message"]) for body in hook.got] == [("Router: flagged", "Said so")]


def test_a_failing_endpoint_is_told_without_its_secrets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with web_hook() as hook, caplog.at_level(logging.DEBUG):
        hook.status = 500
        (channel,) = configured(tmp_path, f"json://me:{SECRET}@127.0.0.1:{hook.port}/T0KEN/path?+X-Key={SECRET}")
        problem = send(channel, title="t", body="b", recipient=None)
    assert problem is not None
    assert "500" in problem
    assert SECRET not in problem + caplog.text
    assert hook.n_requests == 1


def test_nobody_at_the_address_is_told(tmp_path: Path) -> None:
    (channel,) = configured(tmp_path, "json://127.0.0.1:9")
    problem = send(channel, title="t", body="b", recipient=None)
    assert problem is not None
    assert "127.0.0.1" in problem


def test_redacted_leaves_hosts_and_mail_addresses() -> None:
    url = "slack://AAAA1111/BBBB%2F2222/CCCC3333?to=dana@example.com&key=k3y%20k3y"
    said = "aaaa1111 said no to BBBB/2222 and k3y k3y for dana@example.com"
    assert redacted(said, url, shown="slack://A...1/") == "*** said no to *** and *** for dana@example.com"
