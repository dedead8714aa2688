"""Rules that give roles: by e-mail address or by group, each change audited; and what they make of somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from cx_metrics.config import Settings
from cx_metrics.errors import BadInput, did_you_mean
from cx_metrics.store import ledger
from cx_metrics.store.people.access import Person, Role
from cx_metrics.store.records import Intent, RoleRow

Kind = Literal["email", "group"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_CHARACTERS = 320


@dataclass(frozen=True)
class Rule:
    """Whoever has this address, or is in this group, has this role.

    Attributes:
        kind: email or group.
        value: The address in lower case, or the group as the provider names it.
        role: Which.
        given_by: Who made the rule.
        given_at: When, UTC.
    """

    kind: Kind
    value: str
    role: Role
    given_by: str
    given_at: datetime


def rules(session: Session) -> tuple[Rule, ...]:
    """Every rule, addresses first, each kind by name."""
    rows = session.scalars(select(RoleRow).order_by(RoleRow.kind, RoleRow.value))
    return tuple(
        Rule("email" if row.kind == "email" else "group", row.value, Role(row.role), row.given_by, row.given_at)
        for row in rows
    )


def give(session: Session, *, kind: str, value: str, role: str, actor: str) -> bool:
    """Give a role to an address or a group; it takes the place of the one they had.

    Returns:
        Whether that changed anything.

    Raises:
        BadInput: It is no address, no group or no role.
    """
    key = _key(kind, value)
    if role not in {str(each) for each in Role}:
        raise BadInput(f"'{role}' is no role; {did_you_mean(role, Role)}")
    present = session.get(RoleRow, key)
    before = _state(present)
    if present is None:
        present = RoleRow(kind=key[0], value=key[1])
        session.add(present)
    elif present.role == role:
        return False
    present.role, present.given_by, present.given_at = role, actor, ledger.utc_now()
    session.flush()
    _audit(session, present, before=before, after=_state(present), actor=actor)
    return True


def take_away(session: Session, *, kind: str, value: str, actor: str, lasting: Collection[str]) -> bool:
    """Take a rule away.

    Args:
        session: On the records.
        kind: email or group.
        value: The address or the group.
        actor: Who does it.
        lasting: Addresses that are admins whatever the rules say (``CX_ADMINS``).

    Returns:
        Whether there was one.

    Raises:
        BadInput: Nobody would be left who may give roles.
    """
    present = session.get(RoleRow, _key(kind, value))
    if present is None:
        return False
    others = [rule for rule in rules(session) if (rule.kind, rule.value) != (present.kind, present.value)]
    if present.role == Role.ADMIN and not lasting and not any(rule.role is Role.ADMIN for rule in others):
        raise BadInput("This is the last rule that makes an admin: give the role to somebody else first.")
    session.delete(present)
    session.flush()
    _audit(session, present, before=_state(present), after=None, actor=actor)
    return True


def person(session: Session, *, email: str, groups: Iterable[str], settings: Settings, origin: str) -> Person:
    """Somebody who signed in, with the highest role that a rule gives them.

    Args:
        session: On the records.
        email: Their address, verified by who signed them in.
        groups: The groups the provider says they are in.
        settings: With the first admins, and the role of those for whom there is no rule.
        origin: From where they ask, in words.
    """
    key, named = email.strip().casefold(), frozenset(groups)
    found = {Role(settings.default_role)} if settings.default_role else set()
    if key in settings.admin_emails:
        found.add(Role.ADMIN)
    for rule in rules(session):
        if rule.value == key if rule.kind == "email" else rule.value in named:
            found.add(rule.role)
    highest = max(found, key=list(Role).index, default=None)
    owned = owned_intents(session, key) if highest is Role.OWNER else frozenset() if highest is None else None
    ask = ", ".join(sorted(settings.admin_emails)) or "an admin"
    return Person(email.strip(), highest, owned, origin, ask)


def owned_intents(session: Session, email: str) -> frozenset[str]:
    """The intents whose owner has this address, in whatever case."""
    rows = session.execute(select(Intent.intent, Intent.owner_email).where(Intent.owner_email.is_not(None)))
    return frozenset(intent for intent, owner in rows if (owner or "").strip().casefold() == email.casefold())


def _key(kind: str, value: str) -> tuple[Kind, str]:
    value = value.strip()
    if kind not in KINDS:
        raise BadInput(f"A role is given by email or group, not by '{kind}'.")
    if not value or len(value) > MOST_CHARACTERS:
        raise BadInput(f"Name an e-mail address or a group, of at most {MOST_CHARACTERS} characters.")
    if kind == "group":
        return "group", value
    name, at, domain = value.partition("@")
    if not (name and at and domain) or any(each.isspace() for each in value):
        raise BadInput(f"'{value}' is no e-mail address; write for example ann@example.com")
    return "email", value.casefold()


def _state(row: RoleRow | None) -> dict[str, str] | None:
    return None if row is None else {"role": row.role}


def _audit(
    session: Session, row: RoleRow, *, before: dict[str, str] | None, after: dict[str, str] | None, actor: str
) -> None:
    subject = f"{row.kind} {row.value}"
    ledger.audit(session, actor=actor, action="give role", subject=subject, before=before, after=after)
