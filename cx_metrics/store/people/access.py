"""Who may do what: the roles, the actions, and the one table that says which role may do which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cx_metrics.errors import NotAllowed


class Role(StrEnum):
    """What somebody is here, from the least to the most that may be done."""

    VIEWER = "viewer"
    OWNER = "owner"
    ANALYST = "analyst"
    ADMIN = "admin"


class Action(StrEnum):
    """One thing that can be seen or done."""

    SEE_NUMBERS = "see numbers"
    SEE_CONTACTS = "see contact rows"
    EXPORT_CONTACTS = "export contact rows"
    LOAD = "load extracts"
    WITHDRAW = "withdraw loads"
    SAVE_MAPPING = "save mappings"
    FLAG = "flag intents"
    STEP = "work on reviews"
    TELL = "send messages again"
    FOLLOW_UP = "work off follow-ups"
    NOTE_ALERT = "note alerts"
    DISPUTE = "dispute bills"
    SETTLE = "answer disputes"
    CLOSE = "close months"
    DECIDE = "set decisions"
    GIVE_ROLES = "give roles"
    READ_AUDIT = "read the audit trail"
    ERASE = "erase customers"


class Right(StrEnum):
    """How far a role may do something."""

    YES = "yes"
    OWN = "own intents"
    NO = "no"


def _row(viewer: Right, owner: Right, analyst: Right, admin: Right) -> Mapping[Role, Right]:
    return MappingProxyType(dict(zip(Role, (viewer, owner, analyst, admin), strict=True)))


_EVERYBODY = _row(Right.YES, Right.YES, Right.YES, Right.YES)
_OWN_INTENTS = _row(Right.NO, Right.OWN, Right.YES, Right.YES)
_ANALYSTS = _row(Right.NO, Right.NO, Right.YES, Right.YES)
_ADMINS = _row(Right.NO, Right.NO, Right.NO, Right.YES)

MATRIX: Mapping[Action, Mapping[Role, Right]] = MappingProxyType(
    {
        Action.SEE_NUMBERS: _EVERYBODY,
        Action.SEE_CONTACTS: _OWN_INTENTS,
        Action.EXPORT_CONTACTS: _OWN_INTENTS,
        Action.LOAD: _ANALYSTS,
        Action.WITHDRAW: _ANALYSTS,
        Action.SAVE_MAPPING: _ANALYSTS,
        Action.FLAG: _OWN_INTENTS,
        Action.STEP: _OWN_INTENTS,
        Action.TELL: _ANALYSTS,
        Action.FOLLOW_UP: _OWN_INTENTS,
        Action.NOTE_ALERT: _OWN_INTENTS,
        Action.DISPUTE: _OWN_INTENTS,
        Action.SETTLE: _ANALYSTS,
        Action.CLOSE: _ADMINS,
        Action.DECIDE: _ADMINS,
        Action.GIVE_ROLES: _ADMINS,
        Action.READ_AUDIT: _ADMINS,
        Action.ERASE: _ADMINS,
    }
)
"""Role by action. Who may do more in one line may do no less in any other: analysts whatever owners may, and so on."""


@dataclass(frozen=True)
class Person:
    """Who asks.

    Attributes:
        email: Their address; where nobody signs in, the local user's name.
        role: What they are here; None: nothing may be seen or done.
        intents: The intents they own; None: every intent.
        origin: From where they ask, in words.
        ask: Whom to ask for more.
    """

    email: str
    role: Role | None
    intents: frozenset[str] | None
    origin: str
    ask: str = "an admin"


def allowed(person: Person, action: Action, *, intent: str | None = None) -> bool:
    """Whether somebody may do something.

    Args:
        person: Who.
        action: What.
        intent: About which intent; None: whatever it is about.
    """
    right = _right(person, action)
    return right is Right.YES or (right is Right.OWN and _owns(person, intent))


def allowed_somewhere(person: Person, action: Action) -> bool:
    """Whether somebody may do something at least about one intent."""
    right = _right(person, action)
    return right is Right.YES or (right is Right.OWN and (person.intents is None or bool(person.intents)))


def require(person: Person, action: Action, *, intent: str | None = None) -> None:
    """Go on only where somebody may do something.

    Args:
        person: Who.
        action: What.
        intent: About which intent; None: whatever it is about.

    Raises:
        NotAllowed: They may not; the message says who may, and whom to ask.
    """
    if allowed(person, action, intent=intent):
        return
    who = f"{person.email or 'Who is not signed in'}{f' ({person.role})' if person.role else ''}"
    about = f" of '{intent}'" if intent is not None and _right(person, action) is Right.OWN else ""
    raise NotAllowed(f"{who} may not {action}{about}. {who_may(action)} may. Ask {person.ask}.")


def who_may(action: Action) -> str:
    """Which roles may do something, as the beginning of a sentence."""
    words = {Right.YES: "{}s", Right.OWN: "{}s of the intent"}
    named = [words[right].format(role) for role, right in MATRIX[action].items() if right is not Right.NO]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return listed.capitalize()


def _right(person: Person, action: Action) -> Right:
    return Right.NO if person.role is None else MATRIX[action][person.role]


def _owns(person: Person, intent: str | None) -> bool:
    return person.intents is None or (intent is not None and intent in person.intents)
