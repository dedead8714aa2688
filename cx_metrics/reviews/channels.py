"""Whom messages go to: the Apprise URLs of the settings, and one attempt to send through one of them."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cx_metrics.config import Settings
from cx_metrics.errors import BadInput

OWNER = "{owner}"
"""In a URL: where the e-mail address of the intent's owner goes."""

APPLICATION = "CX Insight"
_ANYBODY = "owner@example.com"
_MOST_CHARACTERS = 500
_BETWEEN = re.compile(r"[,\s]+(?=[a-z][a-z0-9+.-]*://)", re.IGNORECASE)


@dataclass(frozen=True)
class Channel:
    """One configured way to tell people.

    Attributes:
        target: What tells it from others, now and later; it stays when a password changes.
        service: The service's name.
        url: The Apprise URL with its secrets: never shown, logged or kept.
    """

    target: str
    service: str
    url: str = field(repr=False)

    @property
    def asks_for_owner(self) -> bool:
        """Whether it writes to the owner of the intent."""
        return OWNER in self.url


def channels(settings: Settings) -> tuple[Channel, ...]:
    """The ways that are configured, in their order; none by default.

    Raises:
        BadInput: One of the URLs is none that Apprise knows; it is named by its position only.
    """
    found: list[Channel] = []
    urls = [url for url in _BETWEEN.split(settings.notify_urls.get_secret_value().strip(" ,")) if url]
    for number, url in enumerate(urls, start=1):
        plugin = _plugin(url, owner=_ANYBODY)
        if plugin is None:
            raise BadInput(
                f"CX_NOTIFY_URLS: address {number} of {len(urls)} is none that Apprise can send to. "
                "Write for example mailtos://user:secret@mail.example.com?from=cx@example.com&to={owner}"
            )
        known = _fingerprint(plugin.url(privacy=True))
        alike = sum(other.target.startswith(known) for other in found)
        found.append(Channel(f"{known}-{alike}" if alike else known, str(plugin.service_name), url))
    return tuple(found)


def send(channel: Channel, *, title: str, body: str, recipient: str | None) -> str | None:
    """Send one message.

    Args:
        channel: Through what.
        title: A subject in one line.
        body: Plain text.
        recipient: The owner's e-mail address, for a channel that asks for it.

    Returns:
        None where the service took it, else why not, without any secret of the URL.
    """
    from apprise import Apprise, AppriseAsset

    plugin = _plugin(channel.url, owner=recipient or _ANYBODY)
    if plugin is None:
        return "The owner's e-mail address makes no address that Apprise can send to."
    sender = Apprise(asset=AppriseAsset(app_id=APPLICATION, app_desc=APPLICATION, storage_mode="memory"))
    sender.add(plugin)
    with sender.notify(body=body, title=title, body_format="text") as result:
        if result:
            return None
        said = " ".join(str(entry.message) for entry in result.logs())
    return redacted(said, plugin.url(), shown=plugin.url(privacy=True)) or f"{channel.service} did not take it."


def redacted(text: str, url: str, *, shown: str) -> str:
    """A text in which nothing of a URL stands that opens a door: user, password, path, values of its query.

    Args:
        text: What a service said.
        url: The URL in full.
        shown: The same as Apprise shows it; a host that it hides is a key.
    """
    parts = urlsplit(url)
    secrets = {parts.username, parts.password, *parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))}
    if parts.hostname and parts.hostname not in shown.lower():
        secrets.add(parts.hostname)
    words = {form for secret in secrets if secret for form in (secret, unquote(secret), _quoted(unquote(secret)))}
    for word in sorted(words, key=len, reverse=True):
        if len(word) > 2 and not _is_email(word):
            text = re.sub(re.escape(word), "***", text, flags=re.IGNORECASE)
    return " ".join(text.split())[:_MOST_CHARACTERS]


def _plugin(url: str, *, owner: str) -> Any:
    from apprise import Apprise

    log = logging.getLogger("apprise")  # it would write URLs with their secrets
    log.propagate = False
    log.setLevel(logging.WARNING)
    return Apprise.instantiate(url.replace(OWNER, _quoted(owner)), suppress_exceptions=True)


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _is_email(word: str) -> bool:
    return "@" in unquote(word) and "." in word


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
