"""An OpenID provider of the tests' own, on loopback: it shows who can sign in, and tells of them what a test wants."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "cx-insight", "a-secret-of-the-tests"


@dataclass
class Provider:
    """A running provider.

    Attributes:
        people: Who can sign in: by name, the claims that differ from the usual ones; None takes one away.
        foreign_key: Whether tokens are signed with a key that the provider does not publish.
    """

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    foreign_key: bool = False
    address: str = ""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))

    def secrets_file(self, cookie_secret: str) -> str:
        """What stands in the secrets file of a dashboard whose people sign in here."""
        return f"""
            [auth]
            redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
            cookie_secret = "{cookie_secret}"
            client_id = "{CLIENT_ID}"
            client_secret = "{CLIENT_SECRET}"
            server_metadata_url = "{self.address}/.well-known/openid-configuration"
            """

    def app(self) -> Starlette:
        """Its endpoints."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/chosen", self._chosen),
                Route("/token", self._token, methods=["POST"]),
                Route("/leave", self._leave),
            ]
        )

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "end_session_endpoint": f"{self.address}/leave",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self._key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        links = "".join(
            f'<p><a href="/chosen?{urlencode({**asked, "name": name})}">{name}</a></p>' for name in self.people
        )
        return HTMLResponse(f"<h1>Who are you?</h1>{links}")

    async def _chosen(self, request: Request) -> Response:
        asked, code = dict(request.query_params), secrets.token_urlsafe()
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        """A token for a code, once, to who knows the client's secret and the word that the code was asked for with."""
        basic = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        word = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            basic != f"{CLIENT_ID}:{CLIENT_SECRET}"
            or asked is None
            or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(word).rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        token = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": self._id_token(asked)}
        return JSONResponse(token)

    async def _leave(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])

    def _id_token(self, asked: dict[str, str]) -> str:
        now, given = int(time.time()), self.people[asked["name"]]
        usual = {
            "iss": self.address,
            "sub": asked["name"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 3600,
            "nonce": asked["nonce"],
            "email": f"{asked['name']}@example.com",
            "email_verified": True,
        }
        in_seconds = given.get("exp_in")
        claims = usual | {name: value for name, value in given.items() if name != "exp_in"}
        if in_seconds is not None:
            claims["exp"] = now + in_seconds
        claims = {name: value for name, value in claims.items() if value is not None}
        key = RSAKey.generate_key(2048) if self.foreign_key else self._key
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, key)


@contextmanager
def providing(people: dict[str, dict[str, Any]]) -> Iterator[Provider]:
    """A provider that answers when the block starts and is gone when it ends."""
    provider = Provider(people)
    server = uvicorn.Server(uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the provider did not start"
        time.sleep(0.02)
    provider.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=10)
