"""What stands between the network and the dashboard: which names it answers to, and the headers of each answer.

Pure ASGI: works wherever ``app.py`` is served, by ``serve`` and by ``streamlit run`` alike.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from cx_metrics.config import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names under which a machine knows itself."""

_EVERYWHERE = ("0.0.0.0", "::")
_CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_NO_DEVICES = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")


def doors(settings: Settings) -> list[Middleware]:
    """What every request passes on its way in, outermost first; lets Streamlit's own checks know the settings."""
    config.set_option("server.maxUploadSize", settings.max_upload_mb)
    if settings.public_url:
        public = urlsplit(settings.public_url)
        config.set_option("server.corsAllowedOrigins", [f"{public.scheme}://{public.netloc}"])
    hosts = allowed_hosts(settings, address=str(config.get_option("server.address") or ""))
    return [
        Middleware(SafeAnswers, headers=safe_headers(secure=settings.public_url.startswith("https://"))),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(OwnPages, origin=settings.public_url),
    ]


def allowed_hosts(settings: Settings, *, address: str) -> list[str]:
    """The names the dashboard answers to, without ports.

    A page of somebody else whose name is made to point here (DNS rebinding) asks under its own name, and is refused.

    Args:
        settings: ``CX_ALLOWED_HOSTS`` and ``CX_PUBLIC_URL`` count.
        address: The address the server listens on.
    """
    public = urlsplit(settings.public_url).hostname or ""
    listening = "" if address in _EVERYWHERE else address
    named = [f"[{name}]" if ":" in name else name for name in (public, listening) if name]
    return [*LOOPBACK, *named, *settings.host_names]


def safe_headers(*, secure: bool) -> dict[str, str]:
    """The headers of every answer.

    Args:
        secure: Whether people open the dashboard by https only.
    """
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", "'wasm-unsafe-eval'", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "media-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _NO_DEVICES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})


class SafeAnswers:
    """Adds headers to every answer, keeps downloads out of caches, and tells no one how the server failed."""

    def __init__(self, app: ASGIApp, *, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if scope["path"].startswith("/media/"):
                    headers["Cache-Control"] = "private, no-store"
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            if scope["type"] == "http" and not started:
                failed = PlainTextResponse("The dashboard failed; its log says why.", status_code=500)
                await failed(scope, receive, with_headers)
            raise


class OwnPages:
    """Lets only the dashboard's own pages talk to it, and shuts what nobody who looks at it needs.

    A browser says which page a request comes from. A websocket is not bound to one origin by the browser, so it is
    checked here, before anything else looks at it.
    """

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._public = urlsplit(origin).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and f"{scope['path']}/".startswith(tuple(f"{path}/" for path in _CLOSED)):
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
        elif scope["type"] == "websocket" and not self._is_own(Headers(scope=scope)):
            await PlainTextResponse("This page may not talk to the dashboard.", status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        if (origin := headers.get("origin")) is None:
            return True
        asking = urlsplit(origin).netloc.lower()
        return bool(asking) and asking in (headers.get("host", "").lower(), self._public)


def _inline_scripts() -> Sequence[str]:
    """The hashes of the scripts inside the page that Streamlit ships."""
    page = Path(st.__file__).parent / "static" / "index.html"
    found = _INLINE.findall(page.read_text(encoding="utf-8"))
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found]
