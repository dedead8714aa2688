"""Who is looking, and what they may do: the one place that knows, asked by every door to contact rows and records."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cx_metrics.store.people import access, roles
from cx_metrics.store.people.access import Action, Person, Role
from cx_metrics.store.people.origin import act_from
from pages.shared.loaders import home
from pages.shared.signing import DEFAULT, providers, signs_in

SIGNED_OUT = "Sign in to see the dashboard."
ENDED = "Your sign-in has ended: sign in again."
NO_EMAIL = "The sign-in provider does not tell your e-mail address. It must be among the claims of its token."
NOT_FOR_US = "You were signed in to another application, not to this one: sign in again."
UNVERIFIED = "The sign-in provider has not verified the address {}: have it verified there, then sign in again."
_SECONDS_KEPT = 1.0


@dataclass(frozen=True)
class Visitor:
    """Who looks, as the sign-in provider says; what they may do stands in the records.

    Attributes:
        name: The e-mail address; where nobody signs in, the local user's name.
        groups: The groups the provider says they are in.
        ends_at: When the sign-in ends, in seconds since 1970.
        origin: From where they look, in words.
        is_local: Whether nobody signs in here.
        trouble: Why they are not let in; empty where they are.
    """

    name: str
    groups: tuple[str, ...]
    ends_at: float
    origin: str
    is_local: bool = False
    trouble: str = ""


def visitor() -> Visitor:
    """Who is looking at the page that is being drawn."""
    context, now = get_script_run_ctx(suppress_warning=True), time.monotonic()
    session = context.session_id if context else ""
    if _SEEN.visitor is None or _SEEN.session != session or now >= _SEEN.visitor_until:
        _SEEN.visitor, _SEEN.session, _SEEN.visitor_until = _read(), session, now + _SECONDS_KEPT
    return _SEEN.visitor


def _read() -> Visitor:
    settings = home().settings
    origin = f"browser at {st.context.ip_address or 'this machine'}"
    # The audit trail asks for it; a thread that only draws a part of a page has not been through the frame.
    act_from(origin)
    if not signs_in():
        return Visitor(settings.actor, (), math.inf, origin, is_local=True)
    claims = st.user.to_dict()
    if not claims.get("is_logged_in"):
        return Visitor("", (), 0.0, origin, trouble=SIGNED_OUT)
    email = str(claims.get("email") or "").strip()
    ends_at = _ends_at(claims, hours=settings.sign_in_hours)
    return Visitor(
        email, _groups(claims, settings.group_claim), ends_at, origin, trouble=_trouble(claims, email, ends_at)
    )


def person(of: Visitor | None = None) -> Person:
    """Who is looking with their role, as the records have it now, at most a second old.

    Args:
        of: Who looked when a file was offered that is made now; None: who looks at the page that is being drawn.
    """
    asking = of or visitor()
    if asking.is_local:
        return Person(asking.name, Role.ADMIN, None, asking.origin)
    if asking.trouble or time.time() >= asking.ends_at:
        return Person("", None, frozenset(), asking.origin)
    now = time.monotonic()
    if _SEEN.person is None or _SEEN.of != asking or now >= _SEEN.person_until:
        _SEEN.person, _SEEN.of, _SEEN.person_until = _looked_up(asking), asking, now + _SECONDS_KEPT
    return _SEEN.person


def may(action: Action, *, intent: str | None = None) -> bool:
    """Whether who is looking may do something, about one intent or whatever it is about."""
    return access.allowed(person(), action, intent=intent)


def may_somewhere(action: Action) -> bool:
    """Whether who is looking may do something about some intent at least."""
    return access.allowed_somewhere(person(), action)


def acting(action: Action, *, intent: str | None = None) -> str:
    """The name under which who is looking does something, as the records keep it.

    Raises:
        NotAllowed: They may not do it.
    """
    asking = person()
    access.require(asking, action, intent=intent)
    return asking.email[:200]


def stay(is_allowed: bool) -> None:
    """Go on with a part of a page that is drawn alone, or draw the page anew where its right to stand is gone."""
    if not is_allowed:
        st.rerun()


def look_again() -> None:
    """Find out anew what who is looking may do: when a page begins, and after roles changed."""
    _SEEN.visitor = _SEEN.person = None


class _Seen(threading.local):
    """Whom a thread saw last, in which session, and what they may do: a run of a page asks often."""

    session = ""
    visitor: Visitor | None = None
    visitor_until = 0.0
    of: Visitor | None = None
    person: Person | None = None
    person_until = 0.0


_SEEN = _Seen()


def _looked_up(asking: Visitor) -> Person:
    opened = home()
    with opened.session() as session:
        return roles.person(
            session, email=asking.name, groups=asking.groups, settings=opened.settings, origin=asking.origin
        )


def _trouble(claims: Mapping[str, Any], email: str, ends_at: float) -> str:
    if not _is_for_us(claims):
        return NOT_FOR_US
    if time.time() >= ends_at:
        return ENDED
    if not email:
        return NO_EMAIL
    if str(claims.get("email_verified", True)).casefold() != "true":
        return UNVERIFIED.format(email)
    return ""


def _is_for_us(claims: Mapping[str, Any]) -> bool:
    """Whether the token names this application as its audience: neither Streamlit nor its library asks for that."""
    provider = providers().get(str(claims.get("provider") or DEFAULT), {})
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return bool(provider) and provider.get("client_id") in named


def _ends_at(claims: Mapping[str, Any], *, hours: float) -> float:
    """When the token ends, or the sign-in has lasted its time; a token that says neither has ended already."""
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int | float) or not isinstance(issued, int | float):
        return 0.0
    return min(float(expires), issued + hours * 3600)


def _groups(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The groups of a claim: a list or one text; ``a.b`` also finds ``b`` inside of ``a``."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    return tuple(map(str, found)) if isinstance(found, list) else (found,) if isinstance(found, str) else ()
