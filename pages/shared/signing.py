"""Whether people sign in here, through which providers, and whether anybody may be let in at all."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cx_metrics.config import settings
from cx_metrics.errors import CxError

DEFAULT = "default"
CALLBACK = "/oauth2callback"
SHORTEST_SECRET = 32
_NEEDED = ("client_id", "client_secret", "server_metadata_url")


def signs_in() -> bool:
    """Whether people sign in: a secrets file has a section ``[auth]``, or can't be read."""
    return _is_broken() or "auth" in _secrets()


def providers() -> dict[str, Mapping[str, Any]]:
    """The sign-in providers by name; the only one of a simple secrets file is called ``default``."""
    section = _secrets().get("auth", {})
    found = {name: part for name, part in section.items() if isinstance(part, Mapping) and "client_id" in part}
    return {DEFAULT: section, **found} if "client_id" in section else found


def problem() -> str | None:
    """What is wrong with the section ``[auth]``, as a sentence; None where nothing is."""
    if _is_broken():
        return "The secrets file can't be read: mend it, or take it away if nobody shall sign in."
    section, found = _secrets().get("auth", {}), providers()
    missing = [name for name in ("redirect_uri", "cookie_secret") if not section.get(name)]
    missing += [f"{key} ({name})" for name, part in found.items() for key in _NEEDED if not part.get(key)]
    if missing or not found:
        return f"The secrets file's section [auth] lacks {', '.join(missing) or 'client_id'}."
    if not str(section["redirect_uri"]).endswith(CALLBACK):
        return f"redirect_uri in the secrets file must end with {CALLBACK}."
    if len(str(section["cookie_secret"])) < SHORTEST_SECRET:
        return f"cookie_secret in the secrets file must have at least {SHORTEST_SECRET} random characters."
    return None


def refusal() -> str | None:
    """Why the dashboard must not be shown, as a sentence: it is open to others, and nobody signs in.

    Asked when the server starts, and at every click: then also by the address under which it was reached.
    """
    if signs_in():
        return problem()
    address = st.get_option("server.address")
    reached = [address or "every address", *_reached()]
    others = [each for each in reached if not _is_own(each)]
    if not others or settings().open_to_all:
        return None
    return (
        f"Nobody signs in here, and other machines can reach this dashboard ({', '.join(dict.fromkeys(others))}): it "
        "is not shown. Set up sign-in in .streamlit/secrets.toml, or listen on 127.0.0.1 only, or say with "
        "CX_OPEN_TO_ALL=yes that everybody may see and change everything."
    )


def stop_if_refused() -> None:
    """End a server that must not show the dashboard before it listens, with a sentence and exit status 1."""
    try:
        refused = refusal()
    except CxError as error:
        refused = str(error)
    if refused:
        print(refused, file=sys.stderr)
        raise SystemExit(1)


def _reached() -> list[str]:
    """The host's name in the visitor's address line, and the visitor's own address; empty outside a visit."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return []
    host = urlsplit(f"//{st.context.headers.get('Host', '')}").hostname
    return [each for each in (host, st.context.ip_address) if each]


def _is_own(address: str) -> bool:
    """Whether only this machine is meant."""
    if address == "localhost" or address.startswith("unix:"):
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _secrets() -> Mapping[str, Any]:
    return st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}


def _is_broken() -> bool:
    there = any(Path(name).is_file() for name in st.get_option("secrets.files"))
    return there and not st.secrets.load_if_toml_exists()
